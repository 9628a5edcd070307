/**
 * A field on all nodes from vectors at some, by Gaussian process regression in the eigenvectors of a Laplacian: `rvgp` with
 * the connection Laplacian, in coordinates of the tangent planes; `scalar-gp` with the scalar one, a component at a time.
 */
import { checkpoint, type RunContext } from '../../context.ts';
import { fitHyperparameters, posteriorOf, type SpectralData } from './fit-hyperparameters.ts';
import type { Geometry } from './geometry.ts';
import type { Eigenpairs } from './lowest-eigenpairs.ts';
import { latentCovariance } from './regression.ts';
import type { Hyperparameters, KernelKind } from './spectral-kernel.ts';
import { toLocal } from './tangent-frames.ts';

export interface Observations {
  /** Nodes. */
  index: Uint32Array;
  /** [n, D]. */
  vectors: Float64Array;
}

export interface SpectralOptions {
  kernel: KernelKind;
  /** Used exactly, or, when optimising, where the search starts for vectors of unit root mean square. */
  start: Hyperparameters;
  optimise: boolean;
}

export interface SpectralField {
  /** [N, c]: c = m coordinates in the tangent plane, or the D components of scalar-gp. */
  values: Float64Array;
  /** Latent covariance [N, c, c]. */
  covariance: Float64Array;
  /** In units of the vectors. */
  hyperparameters: Hyperparameters;
  logLikelihood: number;
}

/** Root mean square length of [n, D] vectors. */
export function rootMeanSquare(vectors: ArrayLike<number>, dimensions: number): number {
  let sum = 0;
  for (let i = 0; i < vectors.length; i++) sum += vectors[i] ** 2;
  return Math.sqrt((sum * dimensions) / vectors.length);
}

/** Rows `at · block + p` of the eigenvectors times √rows, as encodings. */
function encodings({ vectors, count }: Eigenpairs): Float64Array {
  const scale = Math.sqrt(vectors.length / count);
  return vectors.map((value) => value * scale);
}

/** gram += Σ rows of the encoding of one node, outer products; lower triangle. */
function addOuter(gram: Float64Array, encoding: Float64Array, row: number, count: number): void {
  const at = row * count;
  for (let p = 0; p < count; p++) {
    const factor = encoding[at + p];
    for (let q = 0; q <= p; q++) gram[p * count + q] += factor * encoding[at + q];
  }
}

export async function tangentField(
  geometry: Geometry,
  pairs: Eigenpairs,
  observed: Observations,
  options: SpectralOptions,
  context: RunContext,
): Promise<SpectralField> {
  const { ambient, tangent: m, data: frames } = geometry.frames;
  const { count } = pairs;
  const encoding = encodings(pairs);
  const gram = new Float64Array(count * count);
  const cross = new Float64Array(count);
  const local = new Float64Array(m);
  let energy = 0;
  for (const [k, node] of observed.index.entries()) {
    if (k % 64 === 63) await checkpoint(context);
    const vector = observed.vectors.subarray(k * ambient, (k + 1) * ambient);
    for (const value of vector) energy += value * value;
    toLocal(local, frames, node * ambient * m, vector);
    for (let p = 0; p < m; p++) {
      const row = node * m + p;
      addOuter(gram, encoding, row, count);
      for (let l = 0; l < count; l++) cross[l] += encoding[row * count + l] * local[p];
    }
  }
  const data = {
    count,
    gram,
    cross: [cross],
    energy,
    rows: observed.index.length * ambient,
    values: pairs.values,
    encodingRows: geometry.points.count * ambient,
  };
  const scale = rootMeanSquare(observed.vectors, ambient);
  const fitted = await chosen(data, scale, options, context);
  const posterior = posteriorOf(data, options.kernel, fitted);
  const nodes = geometry.points.count;
  const values = new Float64Array(nodes * m);
  const covariance = new Float64Array(nodes * m * m);
  const observedComponents = new Set(Array.from(observed.index, (node) => geometry.label[node]));
  const [w] = posterior.coefficients;
  for (let i = 0; i < nodes; i++) {
    if (i % 64 === 63) await checkpoint(context);
    latentCovariance(covariance.subarray(i * m * m, (i + 1) * m * m), posterior, encoding, i * m, m);
    // A component that nothing was seen of keeps the prior, whose mean is zero to the last bit.
    if (!observedComponents.has(geometry.label[i])) continue;
    for (let p = 0; p < m; p++) values[i * m + p] = weighted(encoding, i * m + p, posterior.root, w);
  }
  return { values, covariance, hyperparameters: fitted, logLikelihood: -posterior.loss };
}

export async function scalarField(
  geometry: Geometry,
  pairs: Eigenpairs,
  observed: Observations,
  options: SpectralOptions,
  context: RunContext,
): Promise<SpectralField> {
  const dimensions = geometry.points.dimensions;
  const { count } = pairs;
  const encoding = encodings(pairs);
  const gram = new Float64Array(count * count);
  const cross = Array.from({ length: dimensions }, () => new Float64Array(count));
  let energy = 0;
  for (const [k, node] of observed.index.entries()) {
    if (k % 64 === 63) await checkpoint(context);
    addOuter(gram, encoding, node, count);
    for (let a = 0; a < dimensions; a++) {
      const value = observed.vectors[k * dimensions + a];
      energy += value * value;
      for (let l = 0; l < count; l++) cross[a][l] += encoding[node * count + l] * value;
    }
  }
  const nodes = geometry.points.count;
  const data = {
    count,
    gram,
    cross,
    energy,
    rows: observed.index.length,
    values: pairs.values,
    encodingRows: nodes,
  };
  const scale = rootMeanSquare(observed.vectors, dimensions);
  const fitted = await chosen(data, scale, options, context);
  const posterior = posteriorOf(data, options.kernel, fitted);
  const values = new Float64Array(nodes * dimensions);
  const covariance = new Float64Array(nodes * dimensions * dimensions);
  const variance = new Float64Array(1);
  for (let i = 0; i < nodes; i++) {
    if (i % 64 === 63) await checkpoint(context);
    latentCovariance(variance, posterior, encoding, i, 1);
    for (let a = 0; a < dimensions; a++) {
      values[i * dimensions + a] = weighted(encoding, i, posterior.root, posterior.coefficients[a]);
      covariance[(i * dimensions + a) * dimensions + a] = variance[0];
    }
  }
  return { values, covariance, hyperparameters: fitted, logLikelihood: -posterior.loss };
}

function weighted(encoding: Float64Array, row: number, root: Float64Array, w: Float64Array): number {
  let sum = 0;
  for (let l = 0, at = row * root.length; l < root.length; l++, at++) sum += encoding[at] * root[l] * w[l];
  return sum;
}

/** Found for vectors divided by `scale`, then in units of the vectors. */
async function chosen(
  data: SpectralData,
  scale: number,
  { kernel, start, optimise }: SpectralOptions,
  context: RunContext,
): Promise<Hyperparameters> {
  if (!optimise) return start;
  const unit = {
    ...data,
    cross: data.cross.map((right) => right.map((value) => value / scale)),
    energy: data.energy / scale ** 2,
  };
  const found = await fitHyperparameters(unit, kernel, start, context);
  return { ...found, signal: found.signal * scale ** 2, noise: found.noise * scale ** 2 };
}
