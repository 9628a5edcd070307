/** A field and its uncertainty at all points by the chosen method. */
import { type RunContext, subContext } from '../../context.ts';
import { ambientField, inverseDistanceField } from './baselines.ts';
import { carried, type Placement } from './elsewhere.ts';
import { projected } from './evaluate.ts';
import { type Geometry, spectrum } from './geometry.ts';
import type { RvgpParameters } from './manifest.ts';
import type { PointSet } from './point-set.ts';
import { rvgpError } from './rvgp-error.ts';
import { type Observations, scalarField, tangentField } from './spectral-field.ts';

export interface Prediction {
  /** [N, D]. */
  field: Float64Array;
  /** Latent covariance [N, D, D]; absent from idw. */
  covariance?: Float64Array;
  std?: Float64Array;
  /** Of the connection and of the scalar Laplacian, where they were found. */
  eigenvalues?: { connection: Float64Array; scalar: Float64Array };
  figures: Record<'nu' | 'kappa' | 'signal' | 'noise' | 'log_likelihood' | 'eigenpairs', number | null>;
}

export interface Setting {
  points: PointSet;
  diameter: number;
  /** Which points are nodes. */
  nodes: Uint32Array;
  geometry: Geometry;
  placement: Placement;
  /** By number among the points. */
  observed: Observations;
}

const none = { nu: null, kappa: null, signal: null, noise: null, log_likelihood: null, eigenpairs: null };

export async function predict(setting: Setting, parameters: RvgpParameters, context: RunContext): Promise<Prediction> {
  if (parameters.method === 'idw') return byInverseDistance(setting, context);
  if (parameters.method === 'rbf') return bySpace(setting, context);
  return bySpectrum(setting, parameters, context);
}

async function byInverseDistance({ points, observed, placement, geometry }: Setting, context: RunContext) {
  const { ambient, tangent } = geometry.frames;
  const raw = await inverseDistanceField(points, observed, context);
  return { field: projected(raw, placement.frames, ambient, tangent), figures: none };
}

async function bySpace({ points, observed, diameter }: Setting, context: RunContext): Promise<Prediction> {
  const { count, dimensions } = points;
  const found = await ambientField(points, observed, diameter, context);
  const covariance = new Float64Array(count * dimensions * dimensions);
  for (let i = 0; i < count; i++)
    for (let a = 0; a < dimensions; a++) covariance[(i * dimensions + a) * dimensions + a] = found.variance[i];
  return {
    field: found.values,
    covariance,
    std: found.variance.map((value) => Math.sqrt(dimensions * value)),
    figures: { ...none, signal: found.signal, noise: found.noise, log_likelihood: found.logLikelihood },
  };
}

async function bySpectrum(
  { nodes, geometry, placement, observed }: Setting,
  parameters: RvgpParameters,
  context: RunContext,
): Promise<Prediction> {
  const { eigenpairs, kernel, nu, kappa, signal, noise, optimise, method } = parameters;
  const { ambient: D, tangent: m } = geometry.frames;
  const rows = geometry.points.count * m;
  if (eigenpairs >= rows)
    throw rvgpError(
      'E_PARAM',
      `${eigenpairs} eigenpairs of a Laplacian of ${rows} rows`,
      'eigenpairs',
      `Ask for fewer than ${rows}.`,
    );
  const bound = 2 * geometry.largestDegree;
  const stage = (from: number, to: number, name: string) => subContext(context, from, to, name);
  context.progress({ fraction: 0, stage: 'eigenvectors' });
  const connection = await spectrum(geometry.connection, eigenpairs, bound, stage(0, 0.5, 'eigenvectors'));
  context.progress({ fraction: 0.5, stage: 'eigenvectors' });
  const most = Math.min(eigenpairs, geometry.points.count);
  const scalar = await spectrum(geometry.scalar, most, bound, stage(0.5, 0.7, 'eigenvectors'));
  context.progress({ fraction: 0.7, stage: 'regression' });
  const nodeOf = new Map(Array.from(nodes, (point, node) => [point, node]));
  const atNodes = { ...observed, index: observed.index.map((point) => nodeOf.get(point) ?? 0) };
  const options = { kernel, optimise, start: { nu, kappa, signal, noise } };
  const tangential = method === 'rvgp';
  const found = tangential
    ? await tangentField(geometry, connection, atNodes, options, stage(0.7, 0.95, 'regression'))
    : await scalarField(geometry, scalar, atNodes, options, stage(0.7, 0.95, 'regression'));
  context.progress({ fraction: 0.95, stage: 'regression' });
  const everywhere = tangential
    ? lifted(carried(placement, geometry, found.values, found.covariance), placement.frames, D, m)
    : { field: mean(placement, found.values, D), covariance: mean(placement, found.covariance, D * D) };
  return {
    ...everywhere,
    std: traceRoots(everywhere.covariance, D),
    eigenvalues: { connection: connection.values, scalar: scalar.values },
    figures: {
      ...found.hyperparameters,
      log_likelihood: found.logLikelihood,
      eigenpairs: (tangential ? connection : scalar).count,
    },
  };
}

/** From local coordinates to those of the space: T x and T C Tᵀ. */
function lifted(
  { values, covariance }: { values: Float64Array; covariance: Float64Array },
  frames: Float64Array,
  D: number,
  m: number,
): { field: Float64Array; covariance: Float64Array } {
  const count = values.length / m;
  const field = new Float64Array(count * D);
  const full = new Float64Array(count * D * D);
  const half = new Float64Array(D * m);
  for (let i = 0; i < count; i++) {
    for (let a = 0; a < D; a++) {
      const row = (i * D + a) * m;
      for (let q = 0; q < m; q++) {
        field[i * D + a] += frames[row + q] * values[i * m + q];
        half[a * m + q] = 0;
        for (let p = 0; p < m; p++) half[a * m + q] += frames[row + p] * covariance[(i * m + p) * m + q];
      }
    }
    for (let a = 0; a < D; a++)
      for (let b = 0; b < D; b++)
        for (let q = 0; q < m; q++) full[(i * D + a) * D + b] += half[a * m + q] * frames[(i * D + b) * m + q];
  }
  return { field, covariance: full };
}

function mean({ near, weight }: Placement, values: Float64Array, width: number): Float64Array {
  const count = near.length / 3;
  const out = new Float64Array(count * width);
  for (let i = 0; i < count; i++)
    for (let r = 0; r < 3; r++)
      for (let a = 0; a < width; a++) out[i * width + a] += weight[3 * i + r] * values[near[3 * i + r] * width + a];
  return out;
}

function traceRoots(covariance: Float64Array, D: number): Float64Array {
  return Float64Array.from({ length: covariance.length / (D * D) }, (_, i) => {
    let trace = 0;
    for (let a = 0; a < D; a++) trace += covariance[(i * D + a) * D + a];
    return Math.sqrt(Math.max(0, trace));
  });
}
