/**
 * Weights of the eigenvectors in the kernel k(i, j) = P_i diag(S) P_jᵀ:
 *
 *   S_l = σ_f Nd s_l / Σ s,   Matérn s_l = (λ_l + 2ν/κ²)^(−ν),   squared exponential s_l = exp(−λ_l κ²/2),
 *
 * Nd the number of rows of the encoding (nodes times components). The exponent is −ν, as in the authors' code, without the
 * m/2 of Euclidean Matérn kernels.
 */

export interface Hyperparameters {
  nu: number;
  kappa: number;
  /** σ_f. */
  signal: number;
  /** s², a variance. */
  noise: number;
}

export type KernelKind = 'matern' | 'se';

export interface SpectralWeights {
  /** S [n_e]. */
  weights: Float64Array;
  /** ∂ log S_l / ∂ log ν and ∂ log S_l / ∂ log κ. */
  byNu: Float64Array;
  byKappa: Float64Array;
}

export function spectralWeights(
  values: Float64Array,
  rows: number,
  kind: KernelKind,
  { nu, kappa, signal }: Hyperparameters,
): SpectralWeights {
  const count = values.length;
  const [logs, byNu, byKappa] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
  for (let l = 0; l < count; l++) {
    // Rounding leaves zero eigenvalues at about −1e-15.
    const value = Math.max(0, values[l]);
    if (kind === 'se') {
      logs[l] = (-value * kappa * kappa) / 2;
      byKappa[l] = -value * kappa * kappa;
      continue;
    }
    const shift = (2 * nu) / (kappa * kappa);
    const base = value + shift;
    logs[l] = -nu * Math.log(base);
    byNu[l] = logs[l] - (nu * shift) / base;
    byKappa[l] = (2 * nu * shift) / base;
  }
  const top = logs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  let [sum, meanNu, meanKappa] = [0, 0, 0];
  for (let l = 0; l < count; l++) {
    const share = Math.exp(logs[l] - top);
    sum += share;
    meanNu += share * byNu[l];
    meanKappa += share * byKappa[l];
  }
  const weights = logs.map((log) => (signal * rows * Math.exp(log - top)) / sum);
  return {
    weights,
    byNu: byNu.map((value) => value - meanNu / sum),
    byKappa: byKappa.map((value) => value - meanKappa / sum),
  };
}
