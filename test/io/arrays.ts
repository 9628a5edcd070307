/** Arbitrary arrays of every type, values included that float conversion could lose. */
import fc from 'fast-check';
import { type Dtype, elements, type NdArray, ndarray } from '../../engine/arrays/ndarray.ts';

const shape = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 });

const fill = (dtype: Dtype, n: number, numbers: readonly number[]): NdArray['data'] => {
  const values = Array.from({ length: n }, (_, i) => numbers[i % numbers.length]);
  switch (dtype) {
    case 'float32':
    case 'complex64':
      return Float32Array.from(values);
    case 'float64':
      return Float64Array.from(values);
    case 'int8':
      return Int8Array.from(values);
    case 'uint8':
      return Uint8Array.from(values);
    case 'int16':
      return Int16Array.from(values);
    case 'uint16':
      return Uint16Array.from(values);
    case 'int32':
      return Int32Array.from(values);
    case 'uint32':
      return Uint32Array.from(values);
  }
};

export const DTYPES: readonly Dtype[] = [
  ...(['float32', 'float64', 'complex64', 'int8', 'uint8'] as const),
  ...(['int16', 'uint16', 'int32', 'uint32'] as const),
];

export const anyArray: fc.Arbitrary<NdArray> = fc
  .record({
    dtype: fc.constantFrom(...DTYPES),
    shape,
    numbers: fc.array(fc.double({ noDefaultInfinity: false }), { minLength: 1, maxLength: 20 }),
  })
  .map(({ dtype, shape: sizes, numbers }) => {
    const n = elements(sizes) * (dtype === 'complex64' ? 2 : 1);
    return ndarray(dtype, sizes, fill(dtype, n, numbers) as never);
  });

/** Deterministic complex array whose values tell their place: re = element, im = −element/2. */
export function numbered(shape: readonly number[]): NdArray<'complex64'> {
  const n = elements(shape);
  return ndarray(
    'complex64',
    shape,
    Float32Array.from({ length: 2 * n }, (_, i) => (i % 2 === 0 ? i / 2 + 1 : -(i - 1) / 4)),
  );
}
