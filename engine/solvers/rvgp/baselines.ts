/** What the method is compared with: inverse-distance weights, and a Gaussian process on the coordinates in space. */
import { checkpoint, type RunContext } from '../../context.ts';
import { EngineError } from '../../errors.ts';
import { lbfgs } from '../../linear/lbfgs.ts';
import { inverseDistance } from './elsewhere.ts';
import { type PointSet, squaredDistance, subset } from './point-set.ts';
import { cholesky, choleskyRow, invertLower, solveLower, solveUpper } from './positive-definite.ts';
import { type Observations, rootMeanSquare } from './spectral-field.ts';

/** [N, D] mean of the three nearest observed points, weighted by inverse distance; an observed point keeps its own vector. */
export async function inverseDistanceField(
  points: PointSet,
  { index, vectors }: Observations,
  context: RunContext,
): Promise<Float64Array> {
  const { count, dimensions } = points;
  const field = new Float64Array(count * dimensions);
  const order = new Int32Array(count).fill(-1);
  for (const [k, i] of index.entries()) order[i] = k;
  const candidates = [...index];
  const near = new Uint32Array(3);
  const weight = new Float64Array(3);
  for (let i = 0; i < count; i++) {
    if (i % 32 === 31) await checkpoint(context);
    if (order[i] >= 0) {
      field.set(vectors.subarray(order[i] * dimensions, (order[i] + 1) * dimensions), i * dimensions);
      continue;
    }
    inverseDistance(points, i, candidates, near, weight, 0);
    for (let r = 0; r < 3; r++)
      for (let a = 0; a < dimensions; a++)
        field[i * dimensions + a] += weight[r] * vectors[order[near[r]] * dimensions + a];
  }
  return field;
}

export interface AmbientField {
  /** [N, D]. */
  values: Float64Array;
  /** [N] latent variance of each component. */
  variance: Float64Array;
  lengthScale: number;
  signal: number;
  noise: number;
  logLikelihood: number;
}

/** Most observations the length scale is fitted to, and most used. */
const fitted = 300;
const used = 1500;

/** Evenly spread over the order of the observations. */
function thinned({ index, vectors }: Observations, most: number, dimensions: number): Observations {
  if (index.length <= most) return { index, vectors };
  const kept = Array.from({ length: most }, (_, k) => Math.floor((k * index.length) / most));
  return {
    index: Uint32Array.from(kept, (k) => index[k]),
    vectors: subset({ data: vectors, count: index.length, dimensions }, kept).data,
  };
}

/**
 * Isotropic squared exponential k = σ² exp(−d²/2ℓ²) shared by the components, hyperparameters by likelihood from ℓ = a tenth
 * and a half of the diameter. Predictions are not made tangent.
 */
export async function ambientField(
  points: PointSet,
  observed: Observations,
  diameter: number,
  context: RunContext,
): Promise<AmbientField> {
  const { dimensions } = points;
  const scale = rootMeanSquare(observed.vectors, dimensions);
  const few = thinned(observed, fitted, dimensions);
  const objective = likelihood(points, few, scale);
  let best: { value: number; x: Float64Array } | undefined;
  for (const share of [0.1, 0.5]) {
    const found = await lbfgs(objective, [Math.log(share * diameter), 0, Math.log(1e-3)], {
      lower: [Math.log(1e-3 * diameter), Math.log(1e-4), Math.log(1e-6)],
      upper: [Math.log(10 * diameter), Math.log(1e4), Math.log(10)],
      onIteration: () => checkpoint(context),
    });
    if (best === undefined || found.value < best.value) best = found;
  }
  const [lengthScale, signal, noise] = Array.from(best?.x ?? [], Math.exp);
  const many = thinned(observed, used, dimensions);
  const n = many.index.length;
  const kernel = (i: number, j: number) =>
    signal * Math.exp(-squaredDistance(points, i, j) / (2 * lengthScale * lengthScale));
  const matrix = new Float64Array(n * n);
  const factor = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    if (i % 32 === 31) await checkpoint(context);
    for (let j = 0; j <= i; j++) matrix[i * n + j] = kernel(many.index[i], many.index[j]) + (i === j ? noise : 0);
    choleskyRow(factor, matrix, n, i);
  }
  const weights = columns(many.vectors, dimensions).map((y) => solveUpper(factor, n, solveLower(factor, n, y)));
  const values = new Float64Array(points.count * dimensions);
  const variance = new Float64Array(points.count);
  const row = new Float64Array(n);
  for (let i = 0; i < points.count; i++) {
    if (i % 16 === 15) await checkpoint(context);
    for (let k = 0; k < n; k++) row[k] = kernel(i, many.index[k]);
    for (let a = 0; a < dimensions; a++) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += row[k] * weights[a][k];
      values[i * dimensions + a] = sum;
    }
    let explained = 0;
    for (const value of solveLower(factor, n, row)) explained += value * value;
    variance[i] = scale * scale * Math.max(0, signal - explained);
  }
  return {
    values,
    variance,
    lengthScale,
    signal: signal * scale * scale,
    noise: noise * scale * scale,
    logLikelihood: -(best?.value ?? Number.NaN) - few.vectors.length * Math.log(scale),
  };
}

const columns = (vectors: Float64Array, dimensions: number) =>
  Array.from({ length: dimensions }, (_, a) =>
    Float64Array.from({ length: vectors.length / dimensions }, (_, k) => vectors[k * dimensions + a]),
  );

/** −log likelihood of vectors divided by `scale`, over log ℓ, log σ², log s². */
function likelihood(points: PointSet, { index, vectors }: Observations, scale: number) {
  const n = index.length;
  const { dimensions } = points;
  const squared = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) squared[i * n + j] = squaredDistance(points, index[i], index[j]);
  const outputs = columns(vectors, dimensions).map((y) => y.map((value) => value / scale));
  const matrix = new Float64Array(n * n);
  return (x: Float64Array, gradient: Float64Array): number => {
    const [lengthScale, signal, noise] = Array.from(x, Math.exp);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < i; j++)
        matrix[i * n + j] = signal * Math.exp(-squared[i * n + j] / (2 * lengthScale * lengthScale));
      matrix[i * n + i] = signal + noise;
    }
    let factor: Float64Array;
    try {
      factor = cholesky(matrix, n);
    } catch (error) {
      if (error instanceof EngineError && error.code === 'numerical') return Number.POSITIVE_INFINITY;
      throw error;
    }
    const inverse = invertLower(factor, n);
    const solved = outputs.map((y) => solveUpper(factor, n, solveLower(factor, n, Float64Array.from(y))));
    let value = (outputs.length * n * Math.log(2 * Math.PI)) / 2;
    for (let i = 0; i < n; i++) value += outputs.length * Math.log(factor[i * n + i]);
    for (const [a, y] of outputs.entries()) for (let i = 0; i < n; i++) value += (y[i] * solved[a][i]) / 2;
    gradient.fill(0);
    // K⁻¹ = L⁻ᵀ L⁻¹, one row of it at a time.
    const row = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      row.fill(0);
      for (let k = i; k < n; k++) {
        const outer = inverse[k * n + i];
        for (let j = 0, q = k * n; j <= i; j++, q++) row[j] += outer * inverse[q];
      }
      for (let j = 0; j <= i; j++) {
        let entry = outputs.length * row[j];
        for (const alpha of solved) entry -= alpha[i] * alpha[j];
        if (i === j) {
          gradient[1] += (entry * signal) / 2;
          gradient[2] += (entry * noise) / 2;
          continue;
        }
        gradient[1] += entry * matrix[i * n + j];
        gradient[0] += (entry * matrix[i * n + j] * squared[i * n + j]) / (lengthScale * lengthScale);
      }
    }
    return value;
  };
}
