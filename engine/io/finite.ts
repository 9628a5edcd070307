/** Refuses data that hold NaN or infinities, naming where the first one lies. */
import type { NdArray } from '../arrays/ndarray.ts';
import { EngineError } from '../errors.ts';

/** Throws `bad-input` with the index of the first value that is not finite. */
export function checkFinite(a: NdArray, field: string, path?: string): void {
  if (a.dtype !== 'float32' && a.dtype !== 'float64' && a.dtype !== 'complex64') return;
  const { data } = a;
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i])) continue;
    let rest = a.dtype === 'complex64' ? Math.floor(i / 2) : i;
    const index: number[] = [];
    for (let axis = a.shape.length - 1; axis >= 0; axis--) {
      index.unshift(rest % a.shape[axis]);
      rest = Math.floor(rest / a.shape[axis]);
    }
    throw new EngineError('bad-input', `${field} holds ${data[i]} at [${index}], expected finite numbers`, {
      ...(path === undefined ? {} : { path }),
      hint: 'Repair or remove the slice that holds it.',
    });
  }
}
