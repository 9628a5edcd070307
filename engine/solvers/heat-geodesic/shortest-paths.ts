/** Isomap's distances: shortest paths along the union of k-nearest-neighbour edges (Dijkstra with a binary heap). */
import { checkpoint, type RunContext } from '../../context.ts';
import { type CsrMatrix, csrFromEntries } from '../../linear/csr.ts';
import { NeighbourSearch } from '../../linear/nearest-neighbours.ts';
import type { PointCloud } from './inputs.ts';
import { kNearest } from './neighbour-graph.ts';

/** Edge lengths; coinciding points are joined by edges of length 0. */
export async function neighbourLengths(points: PointCloud, k: number, context: RunContext): Promise<CsrMatrix> {
  const { count } = points;
  const search = new NeighbourSearch(points.data, count, points.dimensions);
  const { index, distance } = await kNearest(search, points, k, context);
  const lengths = Array.from({ length: count }, () => new Map<number, number>());
  for (let at = 0; at < index.length; at++) {
    const i = Math.floor(at / k);
    lengths[i].set(index[at], distance[at]);
    lengths[index[at]].set(i, distance[at]);
  }
  return csrFromEntries(
    count,
    count,
    lengths.flatMap((row, i) => Array.from(row, ([j, length]): [number, number, number] => [i, j, length])),
  );
}

/** [n, n]; infinite between components. */
export async function shortestPaths(graph: CsrMatrix, context: RunContext): Promise<Float64Array> {
  const n = graph.rows;
  const out = new Float64Array(n * n).fill(Number.POSITIVE_INFINITY);
  const heap = new Heap(graph.column.length + 1);
  for (let source = 0; source < n; source++) {
    if (source % 32 === 31) {
      await checkpoint(context);
      context.progress({ fraction: source / n, stage: 'shortest paths' });
    }
    const distance = out.subarray(source * n, (source + 1) * n);
    distance[source] = 0;
    heap.push(0, source);
    while (heap.size > 0) {
      const { key, item } = heap.pop();
      if (key > distance[item]) continue;
      for (let at = graph.rowStart[item]; at < graph.rowStart[item + 1]; at++) {
        const through = key + graph.value[at];
        const j = graph.column[at];
        if (!(through < distance[j])) continue;
        distance[j] = through;
        heap.push(through, j);
      }
    }
  }
  // Sums of the same lengths from either end differ in rounding.
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) {
      const least = Math.min(out[i * n + j], out[j * n + i]);
      out[i * n + j] = least;
      out[j * n + i] = least;
    }
  return out;
}

class Heap {
  size = 0;
  private readonly keys: Float64Array;
  private readonly items: Uint32Array;

  constructor(capacity: number) {
    this.keys = new Float64Array(capacity);
    this.items = new Uint32Array(capacity);
  }

  push(key: number, item: number): void {
    let at = this.size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.keys[parent] <= key) break;
      this.keys[at] = this.keys[parent];
      this.items[at] = this.items[parent];
      at = parent;
    }
    this.keys[at] = key;
    this.items[at] = item;
  }

  pop(): { key: number; item: number } {
    const first = { key: this.keys[0], item: this.items[0] };
    const last = --this.size;
    const [key, item] = [this.keys[last], this.items[last]];
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= last) break;
      if (child + 1 < last && this.keys[child + 1] < this.keys[child]) child++;
      if (this.keys[child] >= key) break;
      this.keys[at] = this.keys[child];
      this.items[at] = this.items[child];
      at = child;
    }
    this.keys[at] = key;
    this.items[at] = item;
    return first;
  }
}
