/** `tangent solve heat-geodesic`: points, frames or patches laid out by distance along the data. */
import { type NdArray, ndarray } from '../../arrays/ndarray.ts';
import { type RunContext, subContext } from '../../context.ts';
import type { Artifact } from '../artifact.ts';
import { defineSolver, type Inputs, type SolverResult } from '../sdk.ts';
import { precisionAt, relativeDifference, rowAgreement } from './agreement.ts';
import { demo } from './demo.ts';
import { checkParameters, type Estimate, estimateDistances } from './estimate.ts';
import type { Warnings } from './heat-error.ts';
import { readSource, type Source } from './inputs.ts';
import { farthestPoints, placedBetween, subset } from './landmarks.ts';
import { type HeatParameters, heatManifest } from './manifest.ts';
import { reduced } from './principal-components.ts';
import { rowDistances } from './row-distances.ts';
import { distanceWeights, metricScaling, type Scaling } from './scaling.ts';
import { scatterPicture } from './scatter-picture.ts';

type Run = Omit<SolverResult, 'parameters'>;

function pairWeights({ values, heat }: Estimate, { weights, weightsArg }: HeatParameters): Float64Array | undefined {
  if (weights === 'none') return undefined;
  if (weights === 'heat') return (heat ?? new Float64Array(values.length)).map((h) => Math.max(0, h) + 1e-5);
  return distanceWeights(values, weights, weightsArg);
}

/** [rows, columns, 2] from coordinates [rows × columns, dim]; 0 where there is no second coordinate. */
function patchMap(points: Float64Array, dim: number, [rows, columns]: readonly [number, number]): NdArray {
  const data = new Float64Array(rows * columns * 2);
  for (let i = 0; i < rows * columns; i++)
    for (let c = 0; c < Math.min(2, dim); c++) data[2 * i + c] = points[i * dim + c];
  return ndarray('float64', [rows, columns, 2], data);
}

async function comparison(
  estimate: Float64Array,
  { points }: Scaling,
  geodesic: Float64Array,
  n: number,
  dim: number,
  context: RunContext,
): Promise<Record<string, number>> {
  const ofD = await rowAgreement(estimate, geodesic, n, context);
  const ofEmbedding = await rowAgreement(await rowDistances(points, n, dim, context), geodesic, n, context);
  return {
    pearson: ofD.pearson,
    spearman: ofD.spearman,
    pearson_embedding: ofEmbedding.pearson,
    spearman_embedding: ofEmbedding.spearman,
    precision_at_10: await precisionAt(10, estimate, geodesic, n, context),
    frobenius: relativeDifference(estimate, geodesic, n),
  };
}

/** What the estimate stands on: all points, or landmarks of them. */
async function geometryOf(source: Source, { nPca, maxPoints }: HeatParameters, context: RunContext) {
  if (source.points === undefined) return { geometry: source };
  const points = await reduced(source.points, nPca, context);
  if (points.count <= maxPoints) return { geometry: { count: points.count, points } };
  const landmarks = await farthestPoints(points, maxPoints, context);
  return { geometry: { count: landmarks.length, points: subset(points, landmarks) }, landmarks, points };
}

function rowsAndColumns(full: Float64Array, count: number, index: Uint32Array): Float64Array {
  const out = new Float64Array(index.length ** 2);
  for (const [p, i] of index.entries())
    for (const [q, j] of index.entries()) out[p * index.length + q] = full[i * count + j];
  return out;
}

async function run(inputs: Inputs, parameters: HeatParameters, context: RunContext): Promise<Run> {
  const { dim } = parameters;
  const warnings: Warnings = [];
  const source = readSource(inputs, parameters);
  const used = Math.min(source.count, source.points === undefined ? source.count : parameters.maxPoints);
  checkParameters({ ...source, count: used }, parameters);
  const { geometry, landmarks, points } = await geometryOf(source, parameters, subContext(context, 0, 0.1));
  const n = geometry.count;
  const estimate = await estimateDistances(geometry, parameters, warnings, subContext(context, 0.1, 0.7));
  const scaling = await metricScaling(
    estimate.values,
    n,
    dim,
    pairWeights(estimate, parameters),
    subContext(context, 0.7, 0.95),
  );
  const embedding =
    landmarks === undefined || points === undefined
      ? scaling.points
      : await placedBetween(points, landmarks, scaling.points, dim, parameters, context);
  const truth =
    source.geodesic && landmarks ? rowsAndColumns(source.geodesic, source.count, landmarks) : source.geodesic;
  const shade = source.labels ?? Float64Array.from({ length: source.count }, (_, i) => i);
  const artifacts: Record<string, Artifact> = {
    embedding: { type: 'points', array: ndarray('float64', [source.count, dim], embedding) },
    dissimilarity: { type: 'matrix', array: ndarray('float64', [n, n], estimate.values) },
    ...(estimate.entropy && { entropy: { type: 'curve', columns: { ...estimate.entropy } } }),
    stress: stressCurve(scaling),
    embedding_picture: {
      type: 'picture',
      array: scatterPicture(embedding, source.count, dim, shade),
      file: 'embedding',
    },
    ...(source.grid && { map: { type: 'field', array: patchMap(embedding, dim, source.grid) } }),
    ...(landmarks && { landmarks: { type: 'labels', array: ndarray('uint32', [n], landmarks) } }),
  };
  const metrics: Record<string, number | null> = {
    ...estimate.metrics,
    components: estimate.components,
    ...(landmarks && { landmarks: n }),
    normalized_stress: scaling.normalizedStress,
    ...(truth && (await comparison(estimate.values, scaling, truth, n, dim, context))),
  };
  context.progress({ fraction: 1, stage: 'done' });
  return { artifacts, metrics, warnings };
}

export function stressCurve({ stress }: Scaling): Artifact {
  return { type: 'curve', columns: { iteration: stress.map((_, i) => i), stress } };
}

export const heatGeodesic = defineSolver<HeatParameters>({ manifest: heatManifest, run, demo });
