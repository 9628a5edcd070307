/**
 * Gaussian process regression with a kernel of n_e terms, through n_e × n_e systems. With B = Φ diag(√S):
 *
 *   M = s² I + BᵀB = R Rᵀ,   w = M⁻¹ Bᵀ y,   mean = P √S w,   covariance = s² (P √S) M⁻¹ (P √S)ᵀ,
 *   −log likelihood = ½ [ (yᵀy − yᵀB w)/s² + 2 Σ log R_qq + (rows − n_e) log s² + rows log 2π ].
 *
 * Derivatives: ∂/∂log S_l = ½ [1 − s² (M⁻¹)_ll − w_l²];  ∂/∂log s² = ½ [rows − n_e + s² tr M⁻¹ − (yᵀy − yᵀBw)/s² + wᵀw].
 */
import { cholesky, invertLower, solveLower, solveUpper } from './positive-definite.ts';

export interface RegressionData {
  /** n_e. */
  count: number;
  /** ΦᵀΦ [n_e, n_e]. */
  gram: Float64Array;
  /** Φᵀy of each output, which are modelled as independent draws. */
  cross: readonly Float64Array[];
  /** yᵀy, summed over outputs. */
  energy: number;
  /** Observed numbers of each output. */
  rows: number;
}

export interface Posterior {
  /** √S [n_e]. */
  root: Float64Array;
  /** w of each output. */
  coefficients: readonly Float64Array[];
  /** R⁻¹, lower triangular. */
  inverse: Float64Array;
  noise: number;
  /** −log likelihood. */
  loss: number;
  /** ∂ loss / ∂ log S_l. */
  byWeight: Float64Array;
  /** ∂ loss / ∂ log s². */
  byNoise: number;
}

/** Throws `numerical` when the system is singular to rounding. */
export function regress(
  { count, gram, cross, energy, rows }: RegressionData,
  weights: Float64Array,
  noise: number,
): Posterior {
  const root = weights.map(Math.sqrt);
  const system = new Float64Array(count * count);
  for (let p = 0; p < count; p++) {
    for (let q = 0; q <= p; q++) system[p * count + q] = root[p] * gram[p * count + q] * root[q];
    system[p * count + p] += noise;
  }
  const factor = cholesky(system, count);
  const inverse = invertLower(factor, count);
  let logDeterminant = 0;
  for (let p = 0; p < count; p++) logDeterminant += 2 * Math.log(factor[p * count + p]);
  /** Diagonal of M⁻¹. */
  const diagonal = new Float64Array(count);
  for (let i = 0; i < count; i++) for (let j = 0; j <= i; j++) diagonal[j] += inverse[i * count + j] ** 2;
  let explained = 0;
  let squares = 0;
  const byWeight = diagonal.map((value) => (cross.length * (1 - noise * value)) / 2);
  const coefficients = cross.map((right) => {
    const scaled = right.map((value, l) => value * root[l]);
    const w = solveUpper(factor, count, solveLower(factor, count, Float64Array.from(scaled)));
    for (let l = 0; l < count; l++) {
      explained += scaled[l] * w[l];
      squares += w[l] * w[l];
      byWeight[l] -= (w[l] * w[l]) / 2;
    }
    return w;
  });
  const outputs = cross.length;
  const misfit = (energy - explained) / noise;
  const trace = diagonal.reduce((a, b) => a + b, 0);
  return {
    root,
    coefficients,
    inverse,
    noise,
    loss: (misfit + outputs * (logDeterminant + (rows - count) * Math.log(noise) + rows * Math.log(2 * Math.PI))) / 2,
    byWeight,
    byNoise: (outputs * (rows - count + noise * trace) - misfit + squares) / 2,
  };
}

/** out [m, m] ← s² (U √S) M⁻¹ (U √S)ᵀ for the m rows of an encoding that begin at `from`; encoding [·, n_e]. */
export function latentCovariance(
  out: Float64Array,
  { root, inverse, noise }: Posterior,
  encoding: Float64Array,
  from: number,
  m: number,
): void {
  const count = root.length;
  const images = Array.from({ length: m }, (_, p) => {
    const at = (from + p) * count;
    const image = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      let sum = 0;
      for (let l = 0; l <= i; l++) sum += inverse[i * count + l] * root[l] * encoding[at + l];
      image[i] = sum;
    }
    return image;
  });
  for (let p = 0; p < m; p++)
    for (let q = 0; q < m; q++) {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += images[p][i] * images[q][i];
      out[p * m + q] = noise * sum;
    }
}
