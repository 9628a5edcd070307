/** Nodes with their graph, tangent planes and Laplacians, and the smallest eigenpairs of these. */
import type { RunContext } from '../../context.ts';
import { type Laplacians, laplacians } from './connection-laplacian.ts';
import { type Eigenpairs, lowestEigenpairs } from './lowest-eigenpairs.ts';
import { componentLabels, neighbourGraph, neighbourhood } from './neighbour-graph.ts';
import type { PointSet } from './point-set.ts';
import { rvgpError } from './rvgp-error.ts';
import { orient, type TangentFrames, tangentFrames } from './tangent-frames.ts';

export interface Geometry extends Laplacians {
  points: PointSet;
  frames: TangentFrames;
  /** Of each node the floor(1.5 k) + 1 nodes that made its tangent plane, itself first. */
  neighbourhoods: readonly Uint32Array[];
  /** Connected component of each node. */
  label: Int32Array;
  components: number;
}

export interface GeometryOptions {
  /** k. */
  neighbours: number;
  /** m; 0 to estimate it. */
  dimension: number;
  explainedVariance: number;
  /** Of a mesh: which nodes touch on the surface. */
  adjacent?: readonly (readonly number[])[];
  /** Of a mesh: normal of each node [n, 3]. */
  normals?: Float64Array;
}

/** Throws E_TOO_FEW_POINTS, E_DIMENSION. */
export async function buildGeometry(
  points: PointSet,
  { neighbours: k, dimension, explainedVariance, adjacent, normals }: GeometryOptions,
  context: RunContext,
): Promise<Geometry> {
  if (points.count <= 1.5 * k)
    throw rvgpError(
      'E_TOO_FEW_POINTS',
      `${points.count} nodes for ${k} neighbours, more than ${1.5 * k} are needed`,
      'neighbours',
      'Give more points, use fewer neighbours or a smaller spacing.',
    );
  const graph = await neighbourGraph(points, k, adjacent, context);
  const size = Math.floor(1.5 * k) + 1;
  const neighbourhoods = Array.from({ length: points.count }, (_, i) => neighbourhood(graph, points, i, size));
  const frames = await tangentFrames(points, neighbourhoods, { dimension, explainedVariance }, context);
  if (normals !== undefined && frames.tangent === 2 && frames.ambient === 3)
    for (let i = 0; i < points.count; i++) orient(frames.data, i, normals.subarray(3 * i, 3 * i + 3));
  const found = laplacians(graph, frames);
  return { ...found, points, frames, neighbourhoods, ...componentLabels(found.graph) };
}

/** Eigenvalues this close belong together: the kernel must hold all of them or none. */
const together = 1e-6;

/**
 * At least `wanted` smallest eigenpairs, and as many more as it takes to end at a gap. `bound`: twice the largest degree, no
 * eigenvalue of either Laplacian is larger.
 */
export async function spectrum(
  matrix: Laplacians['connection'],
  wanted: number,
  bound: number,
  context: RunContext,
): Promise<Eigenpairs> {
  const rows = matrix.rows;
  for (let extra = 12; ; extra *= 3) {
    const pairs = await lowestEigenpairs(matrix, Math.min(rows, wanted + extra), Math.max(bound, 1e-300), context);
    let count = Math.min(wanted, rows);
    const joined = (l: number) =>
      pairs.values[l] - pairs.values[l - 1] < together * Math.max(0, pairs.values[l - 1]) + 1e-12 * bound;
    while (count < pairs.count && joined(count)) count++;
    if (count < pairs.count || count === rows) return firstPairs(pairs, count);
  }
}

/** The first `count` columns. */
export function firstPairs({ values, vectors, count: all }: Eigenpairs, count: number): Eigenpairs {
  const rows = vectors.length / all;
  const kept = new Float64Array(rows * count);
  for (let i = 0; i < rows; i++) kept.set(vectors.subarray(i * all, i * all + count), i * count);
  return { values: values.slice(0, count), vectors: kept, count };
}
