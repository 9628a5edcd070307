/** Points that are not nodes: a tangent plane of their own, and the mean of their three nearest nodes carried into it. */
import { checkpoint, type RunContext } from '../../context.ts';
import { NeighbourSearch } from '../../linear/nearest-neighbours.ts';
import { transport } from './connection-laplacian.ts';
import type { Geometry } from './geometry.ts';
import { nearestOf, type PointSet } from './point-set.ts';
import { frameOf, orient } from './tangent-frames.ts';

export interface Placement {
  /** Of all points [N, D, m]. */
  frames: Float64Array;
  /** [N, 3] nodes and their weights, which sum to 1; a node has itself alone. */
  near: Uint32Array;
  weight: Float64Array;
}

/**
 * `nodes`: which points are nodes. `region`, of a mesh: the node each vertex is nearest to along edges, −1 for none. Neighbours
 * are sought among the nodes that made the nearest node's tangent plane, so that they lie on the same sheet.
 */
export async function placePoints(
  all: PointSet,
  nodes: Uint32Array,
  { frames: { ambient, tangent: m, data }, neighbourhoods, points }: Geometry,
  region: Int32Array | undefined,
  normals: Float64Array | undefined,
  context: RunContext,
): Promise<Placement> {
  const frames = new Float64Array(all.count * ambient * m);
  const near = new Uint32Array(3 * all.count);
  const weight = new Float64Array(3 * all.count);
  const nodeOf = new Int32Array(all.count).fill(-1);
  for (const [node, i] of nodes.entries()) nodeOf[i] = node;
  const search = new NeighbourSearch(points.data, points.count, ambient);
  const [nearest, distance] = [new Uint32Array(1), new Float64Array(1)];
  // Nodes, and behind them the place of one further point.
  const extended: PointSet = {
    data: new Float64Array(points.data.length + ambient),
    count: points.count + 1,
    dimensions: ambient,
  };
  extended.data.set(points.data);
  const size = ambient * m;
  for (let i = 0; i < all.count; i++) {
    if (i % 128 === 127) await checkpoint(context);
    const own = nodeOf[i];
    if (own >= 0) {
      frames.set(data.subarray(own * size, (own + 1) * size), i * size);
      near.fill(own, 3 * i, 3 * i + 3);
      weight[3 * i] = 1;
      continue;
    }
    const place = all.data.subarray(i * ambient, (i + 1) * ambient);
    let home = region === undefined ? -1 : region[i];
    if (home < 0) {
      search.nearest(place, 1, -1, nearest, distance);
      home = nearest[0];
    }
    extended.data.set(place, points.data.length);
    const around = [...neighbourhoods[home]];
    frames.set(frameOf(extended, [points.count, ...around], m), i * size);
    if (normals !== undefined && m === 2) orient(frames, i, normals.subarray(3 * i, 3 * i + 3));
    inverseDistance(extended, points.count, around, near, weight, 3 * i);
  }
  return { frames, near, weight };
}

/** Three nearest of the candidates and their inverse distances, scaled to sum 1; a point in the same place takes all. */
export function inverseDistance(
  points: PointSet,
  i: number,
  candidates: readonly number[],
  near: Uint32Array,
  weight: Float64Array,
  at: number,
): void {
  const chosen = nearestOf(points, i, candidates, 3);
  const inverse = chosen.map((j) => {
    let sum = 0;
    for (let k = 0; k < points.dimensions; k++)
      sum += (points.data[i * points.dimensions + k] - points.data[j * points.dimensions + k]) ** 2;
    return 1 / Math.sqrt(sum);
  });
  const same = inverse.indexOf(Number.POSITIVE_INFINITY);
  const total = inverse.reduce((a, b) => a + b, 0);
  for (let r = 0; r < 3; r++) {
    near[at + r] = chosen[Math.min(r, chosen.length - 1)];
    weight[at + r] = r >= chosen.length ? 0 : same >= 0 ? Number(r === same) : inverse[r] / total;
  }
}

/** Local values [n, m] and covariances [n, m, m] of the nodes at all points, in each point's own coordinates. */
export function carried(
  { frames, near, weight }: Placement,
  { frames: { ambient, tangent: m, data } }: Geometry,
  values: Float64Array,
  covariance: Float64Array,
): { values: Float64Array; covariance: Float64Array } {
  const count = near.length / 3;
  const outValues = new Float64Array(count * m);
  const outCovariance = new Float64Array(count * m * m);
  const o = new Float64Array(m * m);
  const turned = new Float64Array(m * m);
  for (let i = 0; i < count; i++)
    for (let r = 0; r < 3; r++) {
      const factor = weight[3 * i + r];
      if (factor === 0) continue;
      const node = near[3 * i + r];
      if (factor === 1 && isSameFrame(frames, i, data, node, ambient * m)) {
        outValues.set(values.subarray(node * m, (node + 1) * m), i * m);
        outCovariance.set(covariance.subarray(node * m * m, (node + 1) * m * m), i * m * m);
        continue;
      }
      transport(o, { frames: data, offset: node * ambient * m }, { frames, offset: i * ambient * m }, ambient, m);
      for (let p = 0; p < m; p++)
        for (let q = 0; q < m; q++) {
          outValues[i * m + p] += factor * o[p * m + q] * values[node * m + q];
          let sum = 0;
          for (let s = 0; s < m; s++) sum += o[p * m + s] * covariance[(node * m + s) * m + q];
          turned[p * m + q] = sum;
        }
      for (let p = 0; p < m; p++)
        for (let q = 0; q < m; q++) {
          let sum = 0;
          for (let s = 0; s < m; s++) sum += turned[p * m + s] * o[q * m + s];
          outCovariance[(i * m + p) * m + q] += factor * sum;
        }
    }
  return { values: outValues, covariance: outCovariance };
}

function isSameFrame(a: Float64Array, i: number, b: Float64Array, j: number, size: number): boolean {
  for (let k = 0; k < size; k++) if (a[i * size + k] !== b[j * size + k]) return false;
  return true;
}
