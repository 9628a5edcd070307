/** Points in any number of dimensions: distances, diameter, farthest-point sampling, nearest points. */
import { checkpoint, type RunContext } from '../../context.ts';

export interface PointSet {
  /** [count, dimensions]. */
  data: Float64Array;
  count: number;
  dimensions: number;
}

export function squaredDistance({ data, dimensions }: PointSet, i: number, j: number): number {
  let sum = 0;
  for (let k = 0, p = i * dimensions, q = j * dimensions; k < dimensions; k++, p++, q++) {
    const difference = data[p] - data[q];
    sum += difference * difference;
  }
  return sum;
}

export function subset({ data, dimensions }: PointSet, index: ArrayLike<number>): PointSet {
  const out = new Float64Array(index.length * dimensions);
  for (let k = 0; k < index.length; k++)
    out.set(data.subarray(index[k] * dimensions, (index[k] + 1) * dimensions), k * dimensions);
  return { data: out, count: index.length, dimensions };
}

/** Largest distance between two points. Pairs whose distances from the mean cannot reach the best so far are skipped. */
export async function diameterOf(points: PointSet, context: RunContext): Promise<number> {
  const { data, count, dimensions } = points;
  const mean = new Float64Array(dimensions);
  for (let i = 0; i < count; i++) for (let k = 0; k < dimensions; k++) mean[k] += data[i * dimensions + k] / count;
  const radius = Float64Array.from({ length: count }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < dimensions; k++) sum += (data[i * dimensions + k] - mean[k]) ** 2;
    return Math.sqrt(sum);
  });
  const order = Array.from({ length: count }, (_, i) => i).sort((i, j) => radius[j] - radius[i]);
  let best = 0;
  for (let a = 0; a < count; a++) {
    const i = order[a];
    if (2 * radius[i] <= best) break;
    if (a % 256 === 255) await checkpoint(context);
    for (let b = 0; b < a && radius[i] + radius[order[b]] > best; b++)
      best = Math.max(best, Math.sqrt(squaredDistance(points, i, order[b])));
  }
  return best;
}

/**
 * Indices in the order taken: first 0, then always the point farthest from those taken (the smallest index among equals).
 * Ends before the distance falls below `least`, or when `enough(i)` says so of the point about to be taken.
 */
export async function farthestPoints(
  points: PointSet,
  least: number,
  enough: (next: number) => boolean,
  context: RunContext,
): Promise<number[]> {
  const { count } = points;
  const distance = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const taken: number[] = [];
  let next = 0;
  while (taken.length < count) {
    if (taken.length > 0 && (distance[next] === 0 || Math.sqrt(distance[next]) < least)) break;
    if (enough(next)) break;
    taken.push(next);
    if (taken.length % 64 === 0) await checkpoint(context);
    const from = next;
    next = 0;
    for (let i = 0; i < count; i++) {
      distance[i] = Math.min(distance[i], squaredDistance(points, from, i));
      if (distance[i] > distance[next]) next = i;
    }
  }
  return taken;
}

/** The k nearest of `candidates` to a point i, which is left out; by distance, then index. */
export function nearestOf(points: PointSet, i: number, candidates: readonly number[], k: number): number[] {
  const squared = new Map(candidates.map((j) => [j, squaredDistance(points, i, j)]));
  const at = (j: number) => squared.get(j) ?? 0;
  return candidates
    .filter((j) => j !== i)
    .sort((a, b) => at(a) - at(b) || a - b)
    .slice(0, k);
}
