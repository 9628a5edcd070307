/**
 * Smoothing of tangent vectors by diffusion: x ← exp(−t L_c) x in local coordinates, then each vector scaled to the length
 * (e^{−tL} |x|)_i / (e^{−tL} 1)_i, so that lengths diffuse as numbers do and do not shrink where directions disagree.
 */
import type { Eigenpairs } from './lowest-eigenpairs.ts';

/** exp(−t A) x from all eigenpairs of A. */
export function diffused({ values, vectors, count }: Eigenpairs, t: number, x: Float64Array): Float64Array {
  const rows = x.length;
  const coefficients = new Float64Array(count);
  for (let i = 0; i < rows; i++) for (let l = 0; l < count; l++) coefficients[l] += vectors[i * count + l] * x[i];
  for (let l = 0; l < count; l++) coefficients[l] *= Math.exp(-t * values[l]);
  const out = new Float64Array(rows);
  for (let i = 0; i < rows; i++) for (let l = 0; l < count; l++) out[i] += vectors[i * count + l] * coefficients[l];
  return out;
}

/** local [n, m]; all eigenpairs of the connection and of the scalar Laplacian. */
export function vectorDiffusion(
  connection: Eigenpairs,
  scalar: Eigenpairs,
  t: number,
  local: Float64Array,
  m: number,
): Float64Array {
  const count = local.length / m;
  const lengthsOf = (vectors: Float64Array) =>
    Float64Array.from({ length: count }, (_, i) => Math.hypot(...vectors.subarray(i * m, (i + 1) * m)));
  const out = diffused(connection, t, local);
  const wanted = diffused(scalar, t, lengthsOf(local));
  const ones = diffused(scalar, t, new Float64Array(count).fill(1));
  const reached = lengthsOf(out);
  for (let i = 0; i < count; i++)
    for (let p = 0; p < m; p++) out[i * m + p] *= reached[i] > 0 ? wanted[i] / ones[i] / reached[i] : 0;
  return out;
}
