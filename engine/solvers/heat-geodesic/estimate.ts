/** From points or a graph to the dissimilarity of the chosen method, before it is embedded. */
import { type RunContext, subContext } from '../../context.ts';
import type { CsrMatrix } from '../../linear/csr.ts';
import { diffusionDistances, potentialDistances } from './diffusion-distances.ts';
import { type EntropyCurve, entropyCurve, kneeOf, triedTimes } from './diffusion-time.ts';
import { bridgeComponents, heatDissimilarity, refined, timesOf } from './dissimilarity.ts';
import { heatError, type Warnings } from './heat-error.ts';
import { checkExact, heatOperator } from './heat-kernel.ts';
import type { PointCloud } from './inputs.ts';
import type { HeatParameters } from './manifest.ts';
import { componentsOf, laplacian, neighbourGraph } from './neighbour-graph.ts';
import { principalComponents } from './principal-components.ts';
import { rowDistances } from './row-distances.ts';
import { neighbourLengths, shortestPaths } from './shortest-paths.ts';

export interface Estimate {
  /** Symmetric [n, n], zero diagonal. */
  values: Float64Array;
  components: number;
  entropy?: EntropyCurve;
  /** Of weights `heat`. */
  heat?: Float64Array;
  metrics: Record<string, number | null>;
}

/** Where the graph comes from. */
export interface Geometry {
  count: number;
  points?: PointCloud;
  affinity?: CsrMatrix;
}

/** Throws E_PARAM for settings that contradict each other or the input. */
export function checkParameters(geometry: Pick<Geometry, 'count' | 'points'>, parameters: HeatParameters): void {
  const { method, tau, weights, nTau, tauMin, tauMax, kernel } = parameters;
  if (tau !== 'auto' && !(tau > 0))
    throw heatError('E_PARAM', `tau is ${tau}, expected auto or a number above 0`, 'tau', 'allowed: auto or above 0');
  if ((method === 'phate' || method === 'diffusion-map') && tau !== 'auto' && !(Number.isInteger(tau) && tau <= 1000))
    throw heatError('E_PARAM', `tau is ${tau}; ${method} takes whole steps from 1 to 1000`, 'tau');
  if (geometry.points === undefined && (method === 'isomap' || method === 'pca'))
    throw heatError('E_PARAM', `method ${method} needs points, found an affinity`, 'method');
  if (weights === 'heat' && method !== 'heatgeo')
    throw heatError('E_PARAM', `weights heat need method heatgeo, found ${method}`, 'weights');
  if (nTau > 1 && !(tauMax > tauMin))
    throw heatError('E_PARAM', `tauMin is ${tauMin} and tauMax ${tauMax}; expected tauMin below tauMax`, 'tauMax');
  if (method === 'heatgeo' && kernel === 'exact') checkExact(geometry.count);
}

export async function estimateDistances(
  geometry: Geometry,
  parameters: HeatParameters,
  warnings: Warnings,
  context: RunContext,
): Promise<Estimate> {
  const { method } = parameters;
  const { count, points } = geometry;
  if (method === 'pca' && points !== undefined) {
    const { data, dimensions } = await principalComponents(points, parameters.dim, context);
    return { values: await rowDistances(data, count, dimensions, context), components: 1, metrics: {} };
  }
  const graph =
    method === 'isomap' && points !== undefined
      ? await neighbourLengths(points, parameters.k, context)
      : (geometry.affinity ?? (await neighbourGraph(points as PointCloud, parameters, context)));
  const { label, count: components } = componentsOf(graph);
  if (components > 1)
    warnings.push({
      code: 'components',
      message: `the graph falls into ${components} components; distances across them are 1.1 × the largest within one`,
      value: components,
    });
  const estimate = await distancesOn(graph, label, parameters, warnings, context);
  bridgeComponents(estimate.values, label);
  if (method === 'heatgeo') estimate.values = await refined(estimate.values, count, parameters, context);
  return { ...estimate, components };
}

async function distancesOn(
  graph: CsrMatrix,
  label: Int32Array,
  parameters: HeatParameters,
  warnings: Warnings,
  context: RunContext,
): Promise<Omit<Estimate, 'components'>> {
  const { method, tau, nTau } = parameters;
  const walk = (standard: number) => (tau === 'auto' ? standard : tau);
  switch (method) {
    case 'isomap':
      return { values: await shortestPaths(graph, context), metrics: {} };
    case 'phate':
      return { values: await potentialDistances(graph, walk(30), context), metrics: { tau: walk(30) } };
    case 'diffusion-map':
      return { values: await diffusionDistances(graph, walk(10), context), metrics: { tau: walk(10) } };
  }
  const operator = await heatOperator(laplacian(graph, parameters.laplacian), context);
  let times = nTau > 1 ? timesOf(parameters) : [tau as number];
  let entropy: EntropyCurve | undefined;
  if (nTau === 1 && tau === 'auto') {
    entropy = await entropyCurve(operator, triedTimes, parameters, subContext(context, 0, 0.6));
    times = [kneeOf(entropy, operator.matrix.rows, warnings)];
  }
  const from = entropy === undefined ? 0 : 0.6;
  const found = await heatDissimilarity(operator, label, times, parameters, subContext(context, from, 1));
  if (found.saturated > 0.01)
    warnings.push({
      code: 'saturated',
      message: `${(100 * found.saturated).toFixed(1)} % of the pairs receive no heat above 1e-16 and are all equally far; a larger tau helps`,
      value: found.saturated,
    });
  return {
    values: found.values,
    heat: found.heat,
    entropy: entropy ?? { tau: times, entropy: found.entropy },
    metrics: {
      tau: times.length === 1 ? times[0] : null,
      lambda_max: operator.lambdaMax,
      order: found.order,
      saturated_fraction: found.saturated,
    },
  };
}
