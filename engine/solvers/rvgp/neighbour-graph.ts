/** The graph on the nodes: k nearest neighbours, each edge kept when either end names the other, weights 1. */
import type { RunContext } from '../../context.ts';
import { checkpoint } from '../../context.ts';
import { nearestNeighbours } from '../../linear/nearest-neighbours.ts';
import { nearestOf, type PointSet, squaredDistance } from './point-set.ts';

export interface NeighbourGraph {
  count: number;
  /** Neighbours of i, ascending. */
  neighbours: readonly (readonly number[])[];
}

function symmetric(directed: readonly (readonly number[])[]): NeighbourGraph {
  const sets = directed.map((list) => new Set(list));
  for (const [i, list] of directed.entries()) for (const j of list) sets[j].add(i);
  return { count: directed.length, neighbours: sets.map((set) => [...set].sort((a, b) => a - b)) };
}

/**
 * `adjacent`, of a mesh: which nodes touch on the surface. Neighbours then lie at most four such steps away, so that no edge
 * jumps between sheets that are close in space alone.
 */
export async function neighbourGraph(
  points: PointSet,
  k: number,
  adjacent: readonly (readonly number[])[] | undefined,
  context: RunContext,
): Promise<NeighbourGraph> {
  if (adjacent === undefined) {
    const { index } = nearestNeighbours(points.data, points.count, points.dimensions, k);
    return symmetric(Array.from({ length: points.count }, (_, i) => [...index.subarray(i * k, (i + 1) * k)]));
  }
  const directed: number[][] = [];
  for (let i = 0; i < points.count; i++) {
    if (i % 256 === 255) await checkpoint(context);
    directed.push(nearestOf(points, i, withinHops(adjacent, i, 4), k));
  }
  return symmetric(directed);
}

function withinHops(adjacent: readonly (readonly number[])[], from: number, hops: number): number[] {
  const seen = new Set([from]);
  let ring = [from];
  for (let hop = 0; hop < hops && ring.length > 0; hop++) {
    const next: number[] = [];
    for (const i of ring)
      for (const j of adjacent[i])
        if (!seen.has(j)) {
          seen.add(j);
          next.push(j);
        }
    ring = next;
  }
  return [...seen];
}

/** The first `size` nodes by hops from i, then distance, then index, i itself first; nodes out of reach come last. */
export function neighbourhood({ neighbours, count }: NeighbourGraph, points: PointSet, i: number, size: number) {
  const squared = new Map<number, number>();
  const ordered = (ring: number[]) => {
    for (const j of ring) squared.set(j, squaredDistance(points, i, j));
    return ring.sort((a, b) => (squared.get(a) ?? 0) - (squared.get(b) ?? 0) || a - b);
  };
  const seen = new Set([i]);
  const found = [i];
  for (let ring: readonly number[] = [i]; found.length < size && ring.length > 0; ) {
    const next: number[] = [];
    for (const a of ring)
      for (const b of neighbours[a])
        if (!seen.has(b)) {
          seen.add(b);
          next.push(b);
        }
    found.push(...ordered(next));
    ring = next;
  }
  if (found.length < size)
    found.push(...ordered(Array.from({ length: count }, (_, j) => j).filter((j) => !seen.has(j))));
  return Uint32Array.from(found.slice(0, size));
}

/** Number of each node's component, in order of their smallest nodes. */
export function componentLabels({ neighbours, count }: NeighbourGraph): { label: Int32Array; components: number } {
  const label = new Int32Array(count).fill(-1);
  let components = 0;
  for (let root = 0; root < count; root++) {
    if (label[root] >= 0) continue;
    label[root] = components;
    const open = [root];
    for (let i = open.pop(); i !== undefined; i = open.pop())
      for (const j of neighbours[i])
        if (label[j] < 0) {
          label[j] = components;
          open.push(j);
        }
    components++;
  }
  return { label, components };
}
