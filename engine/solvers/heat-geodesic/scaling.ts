/**
 * Metric multidimensional scaling: points whose distances follow d. Classical scaling (W. S. Torgerson, 1952) to start, then
 * SMACOF (J. de Leeuw, 1977) on Σ_{i<j} w_ij (d_ij − ‖y_i − y_j‖)².
 */
import { checkpoint, type RunContext } from '../../context.ts';
import { EngineError } from '../../errors.ts';
import { symmetricEigen } from '../../linear/dense.ts';
import { lanczos } from '../../linear/lanczos.ts';
import { cholesky, solveCholesky } from '../../linear/positive-definite.ts';
import { heatError } from './heat-error.ts';

const smallestFall = 1e-6;
const mostIterations = 300;
const coincident = 1e-12;

export interface Scaling {
  /** [n, dim], centred, along principal axes. */
  points: Float64Array;
  /** At the start and after every iteration kept. */
  stress: number[];
  /** sqrt(Σ (d − ‖·‖)² / Σ d²), without weights. */
  normalizedStress: number;
}

/** d: symmetric [n, n], zero diagonal; `weights` likewise, at least 0. Throws E_PARAM where weights leave points loose. */
export async function metricScaling(
  d: Float64Array,
  n: number,
  dim: number,
  weights: Float64Array | undefined,
  context: RunContext,
): Promise<Scaling> {
  let now = await classicalScaling(d, n, dim, context);
  context.progress({ fraction: 0.2, stage: 'embed' });
  const solve = weights === undefined ? undefined : await weightedSolver(weights, n, context);
  let image = new Float64Array(n * dim);
  let held = transform(d, weights, now, n, dim, image);
  const stress = [held];
  for (let iteration = 1; iteration <= mostIterations && held > 0; iteration++) {
    await checkpoint(context);
    // `image` is B(Y) Y: the majorised stress is least at V⁺ B(Y) Y.
    const next = image;
    if (solve === undefined) for (let i = 0; i < next.length; i++) next[i] /= n;
    else solve(next, dim);
    image = new Float64Array(n * dim);
    const value = transform(d, weights, next, n, dim, image);
    // It falls in exact arithmetic; a rise is rounding at the end.
    if (!(value <= held)) break;
    now = next;
    stress.push(value);
    const fall = (held - value) / held;
    held = value;
    context.progress({ fraction: 0.2 + (0.8 * iteration) / mostIterations, stage: 'embed' });
    if (fall < smallestFall) break;
  }
  const points = alongPrincipalAxes(now, n, dim);
  return { points, stress, normalizedStress: normalizedStress(d, points, n, dim) };
}

/** Leading eigenvectors of −½ J d² J times the roots of their eigenvalues. */
async function classicalScaling(d: Float64Array, n: number, dim: number, context: RunContext): Promise<Float64Array> {
  const centred = new Float64Array(n);
  const centre = (x: Float64Array) => {
    let sum = 0;
    for (const value of x) sum += value;
    for (let i = 0; i < n; i++) x[i] -= sum / n;
  };
  const apply = (x: Float64Array, out: Float64Array) => {
    centred.set(x);
    centre(centred);
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = 0, at = i * n; j < n; j++, at++) sum += d[at] * d[at] * centred[j];
      out[i] = -sum / 2;
    }
    centre(out);
  };
  const { values, vectors } = await lanczos(apply, n, dim, {
    steps: 250,
    tolerance: 1e-12,
    acceptUnconverged: true,
    context,
  });
  const points = new Float64Array(n * dim);
  for (let l = 0; l < dim; l++) {
    const root = Math.sqrt(Math.max(0, values[l]));
    for (let i = 0; i < n; i++) points[i * dim + l] = root * vectors[l * n + i];
  }
  return points;
}

/** out ← B(Y) Y with B_ij = −w_ij d_ij/‖y_i − y_j‖ (0 where they coincide), rows summing to 0; the stress at Y. */
function transform(
  d: Float64Array,
  weights: Float64Array | undefined,
  y: Float64Array,
  n: number,
  dim: number,
  out: Float64Array,
): number {
  let stress = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0, at = i * n, q = 0; j < i; j++, at++, q += dim) {
      const p = i * dim;
      let squared = 0;
      for (let c = 0; c < dim; c++) squared += (y[p + c] - y[q + c]) ** 2;
      const length = Math.sqrt(squared);
      const weight = weights === undefined ? 1 : weights[at];
      stress += weight * (d[at] - length) ** 2;
      if (length < coincident) continue;
      const factor = (weight * d[at]) / length;
      for (let c = 0; c < dim; c++) {
        const pull = factor * (y[p + c] - y[q + c]);
        out[p + c] += pull;
        out[q + c] -= pull;
      }
    }
  if (!Number.isFinite(stress)) throw new EngineError('numerical', 'the stress of the embedding is not finite');
  return stress;
}

/** X ← (V + 11ᵀ/N)⁻¹ X, V the Laplacian of the weights, factored once. */
async function weightedSolver(weights: Float64Array, n: number, context: RunContext) {
  const system = new Float64Array(n * n);
  // Scaled to a mean of 1, so that V stands to 11ᵀ/N alike whatever the unit of the weights.
  let total = 0;
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) if (i !== j) total += weights[i * n + j];
  const unit = total / (n * n) || 1;
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) {
      if (j === i) continue;
      system[i * n + j] = 1 / n - weights[i * n + j] / unit;
      sum += weights[i * n + j] / unit;
    }
    system[i * n + i] = sum + 1 / n;
  }
  const factor = await cholesky(system, n, context).catch((cause: unknown) => {
    if (cause instanceof EngineError && cause.code === 'cancelled') throw cause;
    throw heatError(
      'E_PARAM',
      'the weights of the embedding vanish between some points and all others',
      'weightsArg',
      'Choose a larger width, or weights=none.',
    );
  });
  return (x: Float64Array, dim: number) => {
    solveCholesky(factor, n, x, dim);
    for (let i = 0; i < x.length; i++) x[i] /= unit;
  };
}

/** Centred, variance falling from axis to axis, the coordinate of largest magnitude on each axis positive. */
function alongPrincipalAxes(y: Float64Array, n: number, dim: number): Float64Array {
  const centred = y.slice();
  for (let c = 0; c < dim; c++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += y[i * dim + c];
    for (let i = 0; i < n; i++) centred[i * dim + c] -= sum / n;
  }
  const covariance = new Float64Array(dim * dim);
  for (let i = 0; i < n; i++)
    for (let a = 0; a < dim; a++)
      for (let b = 0; b < dim; b++) covariance[a * dim + b] += centred[i * dim + a] * centred[i * dim + b];
  const { vectors } = symmetricEigen(covariance, dim);
  const out = new Float64Array(n * dim);
  for (let l = 0; l < dim; l++) {
    let extreme = 0;
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let c = 0; c < dim; c++) sum += centred[i * dim + c] * vectors[c * dim + l];
      out[i * dim + l] = sum;
      if (Math.abs(sum) > Math.abs(extreme)) extreme = sum;
    }
    if (extreme < 0) for (let i = 0; i < n; i++) out[i * dim + l] = -out[i * dim + l];
  }
  return out;
}

function normalizedStress(d: Float64Array, y: Float64Array, n: number, dim: number): number {
  let [error, total] = [0, 0];
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) {
      let squared = 0;
      for (let c = 0; c < dim; c++) squared += (y[i * dim + c] - y[j * dim + c]) ** 2;
      error += (d[i * n + j] - Math.sqrt(squared)) ** 2;
      total += d[i * n + j] ** 2;
    }
  return total > 0 ? Math.sqrt(error / total) : 0;
}

/** Weights of pairs from distances: exp(−d̃²/a) with d̃ in [0, 1], or d^(−a) with the largest finite one where d is 0. */
export function distanceWeights(d: Float64Array, kind: 'gaussian' | 'inverse', argument: number): Float64Array {
  let [smallest, largest] = [Number.POSITIVE_INFINITY, 0];
  for (const value of d) {
    if (value > 0 && value < smallest) smallest = value;
    if (value > largest) largest = value;
  }
  if (!(largest > 0)) return new Float64Array(d.length).fill(1);
  return d.map((value) =>
    kind === 'gaussian' ? Math.exp(-((value / largest) ** 2) / argument) : Math.max(value, smallest) ** -argument,
  );
}
