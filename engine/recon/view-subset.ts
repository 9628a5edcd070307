/** Some of the views of a CT measurement as a measurement of their own. */
import { ndarray } from '../arrays/ndarray.ts';
import type { CtData } from '../physics/ct/ct-data.ts';

/** Copies the views at `indices`, in that order. The views are axis 1 of the sinogram, of a cone beam axis 0. */
export function viewSubset({ sinogram, geometry, ...rest }: CtData, indices: readonly number[]): CtData {
  const axis = geometry.kind === 'cone' ? 0 : 1;
  const stacks = axis === 1 ? sinogram.shape[0] : 1;
  const views = sinogram.shape[axis];
  const line = sinogram.data.length / (stacks * views);
  const data = new Float32Array(stacks * indices.length * line);
  for (let s = 0; s < stacks; s++)
    indices.forEach((view, i) => {
      const from = (s * views + view) * line;
      data.set(sinogram.data.subarray(from, from + line), (s * indices.length + i) * line);
    });
  const shape = axis === 1 ? [stacks, indices.length, line] : [indices.length, ...sinogram.shape.slice(1)];
  const anglesDeg = Float64Array.from(indices, (view) => geometry.anglesDeg[view]);
  return { ...rest, geometry: { ...geometry, anglesDeg }, sinogram: ndarray('float32', shape, data) };
}
