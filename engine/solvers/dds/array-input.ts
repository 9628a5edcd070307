/** Arrays among the inputs, checked for type and number of axes. */
import type { NdArray } from '../../arrays/ndarray.ts';
import { ndarray } from '../../arrays/ndarray.ts';
import { check } from '../../errors.ts';
import { isArrayArtifact } from '../artifact.ts';
import type { Inputs } from '../sdk.ts';

/** The array of an input, or what came with another input under that name. */
export function arrayInput(inputs: Inputs, name: string, from?: string): NdArray | undefined {
  const own = inputs[name];
  if (own && isArrayArtifact(own)) return own.array;
  const host = from === undefined ? undefined : inputs[from];
  return host && isArrayArtifact(host) ? host.companions?.[name] : undefined;
}

/** As float32 numbers of the same shape. Throws `bad-input` for complex arrays. */
export function asReal(array: NdArray, path: string): NdArray<'float32'> {
  check(array.dtype !== 'complex64', () => `${path} is complex, expected real numbers`, { path });
  const data = array.data instanceof Float32Array ? array.data : Float32Array.from(array.data);
  return ndarray('float32', array.shape, data);
}

/** As complex numbers of the same shape; real arrays get zero imaginary parts. */
export function asComplex(array: NdArray): NdArray<'complex64'> {
  if (array.dtype === 'complex64' && array.data instanceof Float32Array)
    return ndarray('complex64', array.shape, array.data);
  const data = new Float32Array(2 * array.data.length);
  for (let i = 0; i < array.data.length; i++) data[2 * i] = array.data[i];
  return ndarray('complex64', array.shape, data);
}

/** Puts axes of size one in front until there are `axes`. Throws `bad-input` naming the shapes accepted. */
export function withAxes<A extends NdArray>(array: A, axes: number, path: string, accepted: string): number[] {
  const { shape } = array;
  check(shape.length > 0 && shape.length <= axes && shape.every((size) => size > 0), () => `${path} is [${shape}]`, {
    path,
    hint: `expected ${accepted}`,
  });
  return [...Array.from({ length: axes - shape.length }, () => 1), ...shape];
}

/** Drops axes of size one in front of the last `kept`. */
export function squeezed(shape: readonly number[], kept: number): number[] {
  const front = shape.slice(0, shape.length - kept).filter((size) => size !== 1);
  return [...front, ...shape.slice(shape.length - kept)];
}
