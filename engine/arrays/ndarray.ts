/**
 * Dense arrays, C order. complex64 is stored as interleaved (re, im) float32: data.length = 2 · elements.
 * Shapes are checked here once, so that numerical code may index without checks.
 */
import { check } from '../errors.ts';

export interface DtypeData {
  float32: Float32Array;
  float64: Float64Array;
  complex64: Float32Array;
  int8: Int8Array;
  uint8: Uint8Array;
  int16: Int16Array;
  uint16: Uint16Array;
  int32: Int32Array;
  uint32: Uint32Array;
}
export type Dtype = keyof DtypeData;

export interface NdArray<D extends Dtype = Dtype> {
  readonly dtype: D;
  readonly shape: readonly number[];
  readonly data: DtypeData[D];
}

/** Product of the sizes; 1 for a scalar shape []. */
export function elements(shape: readonly number[]): number {
  let n = 1;
  for (const s of shape) n *= s;
  return n;
}

const constructors = {
  float32: Float32Array,
  float64: Float64Array,
  complex64: Float32Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
} as const;

/** Wraps data; throws `mismatch` when the length does not fit the shape. */
export function ndarray<D extends Dtype>(dtype: D, shape: readonly number[], data: DtypeData[D]): NdArray<D> {
  for (const s of shape)
    check(Number.isSafeInteger(s) && s >= 0, () => `array size ${s} in [${shape}] is not a count`, {
      code: 'mismatch',
    });
  const expected = elements(shape) * (dtype === 'complex64' ? 2 : 1);
  check(data.length === expected, () => `${dtype} array [${shape}] needs ${expected} numbers, found ${data.length}`, {
    code: 'mismatch',
  });
  return { dtype, shape: [...shape], data };
}

export function zeros<D extends Dtype>(dtype: D, shape: readonly number[]): NdArray<D> {
  const length = elements(shape) * (dtype === 'complex64' ? 2 : 1);
  return ndarray(dtype, shape, new constructors[dtype](length) as DtypeData[D]);
}

/** Same data under another shape of equal size. */
export function reshape<D extends Dtype>(a: NdArray<D>, shape: readonly number[]): NdArray<D> {
  return ndarray(a.dtype, shape, a.data);
}

/** Item `index` of the leading axis, a view on the same memory. */
export function item<D extends Dtype>(a: NdArray<D>, index: number): NdArray<D> {
  check(a.shape.length > 0 && index >= 0 && index < a.shape[0], () => `index ${index} is outside [${a.shape}]`, {
    code: 'mismatch',
  });
  const stride = a.data.length / a.shape[0];
  return ndarray(a.dtype, a.shape.slice(1), a.data.subarray(index * stride, (index + 1) * stride) as DtypeData[D]);
}

/** Equal arrays side by side along a new leading axis, copied. There must be at least one. */
export function stack<D extends Dtype>(items: readonly NdArray<D>[]): NdArray<D> {
  const [first] = items;
  const out = zeros(first.dtype, [items.length, ...first.shape]);
  items.forEach((a, i) => {
    out.data.set(a.data, i * first.data.length);
  });
  return out;
}
