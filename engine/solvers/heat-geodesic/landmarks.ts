/** Few points that stand for many: each the farthest from those before it. */
import { checkpoint, type RunContext } from '../../context.ts';
import { NeighbourSearch } from '../../linear/nearest-neighbours.ts';
import type { PointCloud } from './inputs.ts';
import type { HeatParameters } from './manifest.ts';

/** Indices of `kept` points, ascending; the first is the one farthest from the mean. */
export async function farthestPoints(
  { data, count, dimensions }: PointCloud,
  kept: number,
  context: RunContext,
): Promise<Uint32Array> {
  let place = new Float64Array(dimensions);
  for (let i = 0; i < count; i++) for (let c = 0; c < dimensions; c++) place[c] += data[i * dimensions + c] / count;
  const nearest = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const chosen: number[] = [];
  const perCheckpoint = Math.max(1, Math.floor(2e7 / (count * dimensions)));
  for (let round = 0; round <= kept; round++) {
    if (round % perCheckpoint === 0) await checkpoint(context);
    let farthest = 0;
    for (let i = 0; i < count; i++) {
      let sum = 0;
      for (let c = 0, p = i * dimensions; c < dimensions; c++, p++) sum += (data[p] - place[c]) ** 2;
      // Round 0 measures from the mean, which is no landmark.
      if (round <= 1 || sum < nearest[i]) nearest[i] = sum;
      if (nearest[i] > nearest[farthest]) farthest = i;
    }
    if (chosen.length === kept) break;
    chosen.push(farthest);
    place = data.slice(farthest * dimensions, (farthest + 1) * dimensions);
  }
  return Uint32Array.from(chosen).sort();
}

export function subset({ data, dimensions }: PointCloud, index: Uint32Array): PointCloud {
  const out = new Float64Array(index.length * dimensions);
  for (const [k, i] of index.entries()) out.set(data.subarray(i * dimensions, (i + 1) * dimensions), k * dimensions);
  return { data: out, count: index.length, dimensions };
}

/** Coordinates of all points [count, dim] from those of landmarks: the weighted mean over their k nearest ones. */
export async function placedBetween(
  points: PointCloud,
  index: Uint32Array,
  embedded: Float64Array,
  dim: number,
  { k, alpha, graph }: Pick<HeatParameters, 'k' | 'alpha' | 'graph'>,
  context: RunContext,
): Promise<Float64Array> {
  const landmarks = subset(points, index);
  const search = new NeighbourSearch(landmarks.data, landmarks.count, landmarks.dimensions);
  const out = new Float64Array(points.count * dim);
  const [near, distance] = [new Uint32Array(k), new Float64Array(k)];
  const landmarkOf = new Map(Array.from(index, (i, l) => [i, l]));
  for (let i = 0; i < points.count; i++) {
    if (i % 256 === 255) await checkpoint(context);
    const row = out.subarray(i * dim, (i + 1) * dim);
    const own = landmarkOf.get(i);
    if (own !== undefined) {
      row.set(embedded.subarray(own * dim, (own + 1) * dim));
      continue;
    }
    search.nearest(points.data.subarray(i * points.dimensions, (i + 1) * points.dimensions), k, -1, near, distance);
    // The graph's weight with the distance to the k-th landmark as width, scaled to 1 for the nearest.
    const width = distance[k - 1] || 1;
    const exponents = distance.map((value) => Math.min(700, (value / width) ** (graph === 'alpha' ? alpha : 2)));
    let total = 0;
    for (let r = 0; r < k; r++) {
      const weight = Math.exp(exponents[0] - exponents[r]);
      total += weight;
      for (let c = 0; c < dim; c++) row[c] += weight * embedded[near[r] * dim + c];
    }
    for (let c = 0; c < dim; c++) row[c] /= total;
  }
  return out;
}
