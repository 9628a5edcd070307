/**
 * A Gaussian model of feature vectors: k directions of largest variance, equal variance in all others (M. E. Tipping,
 * C. M. Bishop, "Probabilistic principal component analysis", J. R. Stat. Soc. B 61, 1999). With standardised features
 * f = (x − mean)/spread, scores z = Vᵀ f and rest r = f − V z, the distance is
 *   d² = [ Σ_j z_j²/λ_j + ‖r‖²/ρ ] / n,   ρ = mean variance outside the directions, n = length of x,
 * about 1 for what the model was fitted to. Every λ is shrunk towards the mean variance by the share `shrinkage`, since few
 * samples show too little variance in some directions.
 */
import type { Random } from '../../arrays/random.ts';
import { check } from '../../errors.ts';

export interface LayoutGaussian {
  /** float32 [n]. */
  mean: Float32Array;
  /** float32 [n], standard deviations, positive. */
  spread: Float32Array;
  /** float32 [k, n], orthonormal rows. */
  directions: Float32Array;
  /** float32 [k], positive, descending. */
  variances: Float32Array;
  /** Positive. */
  rest: number;
}

export interface GaussianOptions {
  /** k, at most a third of the number of samples. */
  directions: number;
  shrinkage: number;
  random: Random;
}

/** Passes of subspace iteration; the directions only have to span what matters. */
const passes = 12;
/** Features that vary less than this are taken to vary so much: none is infinitely telling. */
const leastSpread = 0.02;

/** Fits the model to rows [count, n]. Throws `bad-input` for fewer than four rows. */
export function fitLayoutGaussian(rows: readonly Float32Array[], options: GaussianOptions): LayoutGaussian {
  const count = rows.length;
  check(count >= 4, () => `a layout model needs at least four examples, found ${count}`);
  const n = rows[0].length;
  const mean = new Float32Array(n);
  const spread = new Float32Array(n);
  for (let j = 0; j < n; j++) {
    let sum = 0;
    let squares = 0;
    for (const row of rows) sum += row[j];
    const centre = sum / count;
    for (const row of rows) squares += (row[j] - centre) ** 2;
    mean[j] = centre;
    spread[j] = Math.max(leastSpread, Math.sqrt(squares / (count - 1)));
  }
  const standard = rows.map((row) => row.map((value, j) => (value - mean[j]) / spread[j]));
  const k = Math.max(1, Math.min(options.directions, Math.floor(count / 3), n - 1));
  const { directions, variances, total } = principal(standard, n, k, options.random);
  const explained = variances.reduce((sum, value) => sum + value, 0);
  const average = total / n;
  const { shrinkage } = options;
  return {
    mean,
    spread,
    directions,
    variances: variances.map((value) => (1 - shrinkage) * value + shrinkage * average),
    // As float32, so that a model equals the one read back from its file.
    rest: Math.fround(
      Math.max(1e-3, (1 - shrinkage) * Math.max(0, (total - explained) / (n - k)) + shrinkage * average),
    ),
  };
}

/** The k leading eigenvectors of the covariance by subspace iteration with Gram–Schmidt, and the trace. */
function principal(rows: readonly Float32Array[], n: number, k: number, random: Random) {
  const basis = Float64Array.from({ length: k * n }, () => random.normal());
  orthonormalise(basis, k, n);
  const next = new Float64Array(k * n);
  const values = new Float32Array(k);
  let total = 0;
  for (const row of rows) for (const value of row) total += value * value;
  for (let pass = 0; pass < passes; pass++) {
    next.fill(0);
    values.fill(0);
    for (const row of rows)
      for (let c = 0; c < k; c++) {
        const at = c * n;
        let z = 0;
        for (let j = 0; j < n; j++) z += row[j] * basis[at + j];
        values[c] += (z * z) / (rows.length - 1);
        for (let j = 0; j < n; j++) next[at + j] += z * row[j];
      }
    if (pass === passes - 1) break;
    basis.set(next);
    orthonormalise(basis, k, n);
  }
  const order = Array.from(values.keys()).sort((a, b) => values[b] - values[a]);
  const directions = new Float32Array(k * n);
  order.forEach((c, i) => {
    directions.set(basis.subarray(c * n, (c + 1) * n), i * n);
  });
  return { directions, variances: Float32Array.from(order, (c) => values[c]), total: total / (rows.length - 1) };
}

function orthonormalise(basis: Float64Array, k: number, n: number): void {
  for (let c = 0; c < k; c++) {
    // Twice, because once loses digits where rows are nearly parallel.
    for (let again = 0; again < 2; again++)
      for (let b = 0; b < c; b++) {
        let product = 0;
        for (let j = 0; j < n; j++) product += basis[b * n + j] * basis[c * n + j];
        for (let j = 0; j < n; j++) basis[c * n + j] -= product * basis[b * n + j];
      }
    let squares = 0;
    for (let j = 0; j < n; j++) squares += basis[c * n + j] ** 2;
    const length = Math.sqrt(squares);
    // A direction in which nothing varies: any vector does, it gets no variance.
    for (let j = 0; j < n; j++) basis[c * n + j] = length > 1e-9 ? basis[c * n + j] / length : 0;
  }
}

/** d of the header: a root mean square, 1 for typical examples of the model. */
export function layoutDistance(model: LayoutGaussian, features: Float32Array): number {
  const { mean, spread, directions, variances, rest } = model;
  const n = mean.length;
  const standard = new Float64Array(n);
  let left = 0;
  for (let j = 0; j < n; j++) {
    standard[j] = (features[j] - mean[j]) / spread[j];
    left += standard[j] ** 2;
  }
  let sum = 0;
  for (let c = 0; c < variances.length; c++) {
    let z = 0;
    for (let j = 0; j < n; j++) z += standard[j] * directions[c * n + j];
    sum += (z * z) / variances[c];
    left -= z * z;
  }
  return Math.sqrt((sum + Math.max(0, left) / rest) / n);
}
