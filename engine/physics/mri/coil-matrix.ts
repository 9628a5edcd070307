/** Mixing of coils: y'_k(s) = Σ_c M[k, c] y_c(s) for every sample s. */
import { type NdArray, ndarray } from '../../arrays/ndarray.ts';
import { check } from '../../errors.ts';
import type { LinearOperator } from '../../linear/operator.ts';
import { complexSpace } from '../../linear/typed-space.ts';

/**
 * matrix: complex64 [K, C]; kspace: complex64 [C, ky, kx] or [slices, C, ky, kx] → the same with K coils.
 * Throws `mismatch` when the coil counts differ. Sums in float64.
 */
export function mixCoils(matrix: NdArray<'complex64'>, kspace: NdArray<'complex64'>): NdArray<'complex64'> {
  const rank = kspace.shape.length;
  check(
    rank === 3 || rank === 4,
    () => `k-space must be [coils, ky, kx] or [slices, coils, ky, kx], found [${kspace.shape}]`,
    {
      code: 'mismatch',
      path: 'kspace',
    },
  );
  const [coils, height, width] = kspace.shape.slice(-3);
  const [outCoils, inCoils] = matrix.shape;
  check(
    matrix.shape.length === 2 && inCoils === coils,
    () => `a coil matrix [${matrix.shape}] does not fit ${coils} coils`,
    {
      code: 'mismatch',
      path: 'kspace',
    },
  );
  const slices = rank === 4 ? kspace.shape[0] : 1;
  const samples = 2 * height * width;
  const out = new Float32Array(slices * outCoils * samples);
  for (let s = 0; s < slices; s++) {
    const source = kspace.data.subarray(s * coils * samples, (s + 1) * coils * samples);
    mix(matrix.data, coils, source, out.subarray(s * outCoils * samples, (s + 1) * outCoils * samples), false);
  }
  return ndarray('complex64', [...kspace.shape.slice(0, -3), outCoils, height, width], out);
}

/** The mixing of one slice [C, h, w] as an operator; its adjoint mixes with Mᴴ. */
export function coilMixing(
  matrix: NdArray<'complex64'>,
  [height, width]: readonly [number, number],
): LinearOperator<Float32Array, Float32Array> {
  const [outCoils, inCoils] = matrix.shape;
  const domain = complexSpace([inCoils, height, width]);
  const range = complexSpace([outCoils, height, width]);
  return {
    name: `coil mixing ${inCoils} → ${outCoils}`,
    domain,
    range,
    apply: (x, out = range.zeros()) => mix(matrix.data, inCoils, x, out, false),
    adjoint: (y, out = domain.zeros()) => mix(matrix.data, inCoils, y, out, true),
  };
}

/** out ← M x, or Mᴴ x; samples interleaved, coil by coil. */
function mix(m: Float32Array, columns: number, x: Float32Array, out: Float32Array, adjoint: boolean): Float32Array {
  const rows = m.length / (2 * columns);
  const [outCoils, inCoils] = adjoint ? [columns, rows] : [rows, columns];
  const samples = out.length / outCoils;
  const sums = new Float64Array(samples);
  for (let k = 0; k < outCoils; k++) {
    sums.fill(0);
    for (let c = 0; c < inCoils; c++) {
      const at = 2 * (adjoint ? c * columns + k : k * columns + c);
      const re = m[at];
      const im = adjoint ? -m[at + 1] : m[at + 1];
      const from = c * samples;
      for (let i = 0; i < samples; i += 2) {
        sums[i] += re * x[from + i] - im * x[from + i + 1];
        sums[i + 1] += re * x[from + i + 1] + im * x[from + i];
      }
    }
    out.set(sums, k * samples);
  }
  return out;
}
