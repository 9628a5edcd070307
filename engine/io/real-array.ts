/** Conversions of stored arrays to the types scans are made of. */
import { elements, type NdArray, ndarray } from '../arrays/ndarray.ts';
import { EngineError } from '../errors.ts';

/** Any real array as float32. Complex ones are refused. */
export function toFloat32(a: NdArray, field: string, path?: string): NdArray<'float32'> {
  if (a.dtype === 'complex64')
    throw new EngineError(
      'bad-input',
      `${field} is complex, expected real numbers`,
      path === undefined ? {} : { path },
    );
  return ndarray('float32', a.shape, a.data instanceof Float32Array ? a.data : Float32Array.from(a.data));
}

/** A complex array as it is; a real one with imaginary part 0. */
export function toComplex64(a: NdArray): NdArray<'complex64'> {
  if (a.dtype === 'complex64') return ndarray('complex64', a.shape, a.data as Float32Array);
  const n = elements(a.shape);
  const data = new Float32Array(2 * n);
  for (let i = 0; i < n; i++) data[2 * i] = a.data[i];
  return ndarray('complex64', a.shape, data);
}

/** The one number of a scalar or one-element array. */
export function toScalar(a: NdArray, field: string, path?: string): number {
  const value = a.dtype === 'complex64' || a.data.length !== 1 ? Number.NaN : a.data[0];
  if (!Number.isFinite(value))
    throw new EngineError('bad-input', `${field} is ${a.dtype} [${a.shape}], expected one finite number`, {
      ...(path === undefined ? {} : { path }),
    });
  return value;
}

/** Adds leading axes of size 1 up to `axes`; refuses more axes and empty arrays. */
export function leadingAxes<A extends NdArray>(a: A, axes: number, expected: string, field: string, path?: string): A {
  const where = path === undefined ? {} : { path };
  if (a.shape.length > axes || a.shape.length < 2)
    throw new EngineError('bad-input', `${field} has shape [${a.shape}], expected ${expected}`, where);
  if (elements(a.shape) === 0)
    throw new EngineError('bad-input', `${field} [${a.shape}] is empty, expected ${expected}`, where);
  return { ...a, shape: [...new Array<number>(axes - a.shape.length).fill(1), ...a.shape] };
}
