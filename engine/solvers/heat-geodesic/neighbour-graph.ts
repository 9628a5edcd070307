/** Weights between near points, and what hangs together. */
import { checkpoint, type RunContext } from '../../context.ts';
import { type CsrMatrix, csrFromEntries } from '../../linear/csr.ts';
import { NeighbourSearch } from '../../linear/nearest-neighbours.ts';
import type { PointCloud } from './inputs.ts';
import type { HeatParameters } from './manifest.ts';

/** One-sided weights below this are dropped. */
const smallestWeight = 1e-4;
const largestExponent = 700;

type Entry = [row: number, column: number, value: number];

export interface KNearest {
  /** [count, k], nearest first. */
  index: Uint32Array;
  distance: Float64Array;
}

export async function kNearest(
  search: NeighbourSearch,
  { data, count, dimensions }: PointCloud,
  k: number,
  context: RunContext,
): Promise<KNearest> {
  const index = new Uint32Array(count * k);
  const distance = new Float64Array(count * k);
  for (let i = 0; i < count; i++) {
    if (i % 128 === 127) await checkpoint(context);
    const place = data.subarray(i * dimensions, (i + 1) * dimensions);
    search.nearest(place, k, i, index.subarray(i * k, (i + 1) * k), distance.subarray(i * k, (i + 1) * k));
  }
  return { index, distance };
}

/** W [count, count]: symmetric, zero diagonal. */
export async function neighbourGraph(
  points: PointCloud,
  { graph, k, alpha, anisotropy }: Pick<HeatParameters, 'graph' | 'k' | 'alpha' | 'anisotropy'>,
  context: RunContext,
): Promise<CsrMatrix> {
  const search = new NeighbourSearch(points.data, points.count, points.dimensions);
  const nearest = await kNearest(search, points, k, context);
  const weights =
    graph === 'knn' ? knnGraph(points.count, k, nearest) : await alphaGraph(points, k, alpha, search, nearest, context);
  return withoutDensity(weights, anisotropy);
}

async function alphaGraph(
  { data, count, dimensions }: PointCloud,
  k: number,
  alpha: number,
  search: NeighbourSearch,
  nearest: KNearest,
  context: RunContext,
): Promise<CsrMatrix> {
  let smallest = Number.POSITIVE_INFINITY;
  for (const distance of nearest.distance) if (distance > 0 && distance < smallest) smallest = distance;
  // All neighbours coincide: a width that joins coinciding points alone.
  if (smallest === Number.POSITIVE_INFINITY) smallest = 1e-12 * diameterBound({ data, count, dimensions });
  const reach = (-Math.log(smallestWeight)) ** (1 / alpha);
  const rowStart = new Uint32Array(count + 1);
  const [column, value]: [number[], number[]] = [[], []];
  for (let i = 0; i < count; i++) {
    if (i % 128 === 127) await checkpoint(context);
    const sigma = nearest.distance[i * k + k - 1] || smallest;
    const place = data.subarray(i * dimensions, (i + 1) * dimensions);
    // A little further than the reach: the weight itself decides.
    for (const j of search.within(place, sigma * reach * (1 + 1e-9))) {
      if (j === i) continue;
      let sum = 0;
      for (let c = 0; c < dimensions; c++) sum += (data[j * dimensions + c] - place[c]) ** 2;
      const weight = Math.exp(-Math.min(largestExponent, (Math.sqrt(sum) / sigma) ** alpha));
      if (weight < smallestWeight) continue;
      column.push(j);
      value.push(weight);
    }
    rowStart[i + 1] = column.length;
  }
  return symmetricMean({
    rows: count,
    columns: count,
    rowStart,
    column: Uint32Array.from(column),
    value: Float64Array.from(value),
  });
}

/** (A + Aᵀ)/2 for a square A with sorted columns. */
function symmetricMean(a: CsrMatrix): CsrMatrix {
  const { rows, rowStart, column, value } = a;
  const start = new Uint32Array(rows + 1);
  for (const j of column) start[j + 1]++;
  for (let j = 0; j < rows; j++) start[j + 1] += start[j];
  const next = start.slice(0, rows);
  const [origin, back] = [new Uint32Array(column.length), new Float64Array(column.length)];
  for (let i = 0; i < rows; i++)
    for (let at = rowStart[i]; at < rowStart[i + 1]; at++) {
      const to = next[column[at]]++;
      origin[to] = i;
      back[to] = value[at];
    }
  const sum = { rowStart: new Uint32Array(rows + 1), column: [] as number[], value: [] as number[] };
  for (let i = 0; i < rows; i++) {
    let [p, q] = [rowStart[i], start[i]];
    while (p < rowStart[i + 1] || q < start[i + 1]) {
      const left = p < rowStart[i + 1] ? column[p] : rows;
      const right = q < start[i + 1] ? origin[q] : rows;
      sum.column.push(Math.min(left, right));
      const there = left <= right ? value[p++] : 0;
      sum.value.push((there + (right <= left ? back[q++] : 0)) / 2);
    }
    sum.rowStart[i + 1] = sum.column.length;
  }
  return {
    rows,
    columns: rows,
    rowStart: sum.rowStart,
    column: Uint32Array.from(sum.column),
    value: Float64Array.from(sum.value),
  };
}

function knnGraph(count: number, k: number, { index, distance }: KNearest): CsrMatrix {
  const lengths = Array.from({ length: count }, () => new Map<number, number>());
  for (let at = 0; at < index.length; at++) {
    const [i, j] = [Math.floor(at / k), index[at]];
    lengths[i].set(j, distance[at]);
    lengths[j].set(i, distance[at]);
  }
  let [sum, edges] = [0, 0];
  for (const row of lengths)
    for (const length of row.values()) {
      sum += length * length;
      edges++;
    }
  const mean = sum / edges;
  const entries = lengths.flatMap((row, i) =>
    Array.from(row, ([j, length]): Entry => [i, j, mean > 0 ? Math.exp(-(length * length) / mean) : 1]),
  );
  return csrFromEntries(count, count, entries);
}

/** An upper bound on the diameter, at most twice it per axis: the diagonal of the box around the points. */
function diameterBound({ data, count, dimensions }: PointCloud): number {
  let sum = 0;
  for (let c = 0; c < dimensions; c++) {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = 0; i < count; i++) {
      low = Math.min(low, data[i * dimensions + c]);
      high = Math.max(high, data[i * dimensions + c]);
    }
    sum += (high - low) ** 2;
  }
  return Math.sqrt(sum);
}

/** W_ij / (s_i s_j)^q, s the row sums of W + I. */
function withoutDensity(weights: CsrMatrix, q: number): CsrMatrix {
  if (q === 0) return weights;
  const density = degrees(weights).map((sum) => (sum + 1) ** q);
  const value = weights.value.slice();
  for (let i = 0; i < weights.rows; i++)
    for (let at = weights.rowStart[i]; at < weights.rowStart[i + 1]; at++)
      value[at] /= density[i] * density[weights.column[at]];
  return { ...weights, value };
}

/** Row sums. */
export function degrees({ rows, rowStart, value }: CsrMatrix): Float64Array {
  const sums = new Float64Array(rows);
  for (let i = 0; i < rows; i++) for (let at = rowStart[i]; at < rowStart[i + 1]; at++) sums[i] += value[at];
  return sums;
}

/** Component of each vertex, numbered by their first vertices. */
export function componentsOf({ rows, rowStart, column }: CsrMatrix): { label: Int32Array; count: number } {
  const label = new Int32Array(rows).fill(-1);
  let count = 0;
  for (let root = 0; root < rows; root++) {
    if (label[root] >= 0) continue;
    label[root] = count;
    const open = [root];
    for (let i = open.pop(); i !== undefined; i = open.pop())
      for (let at = rowStart[i]; at < rowStart[i + 1]; at++) {
        const j = column[at];
        if (label[j] >= 0) continue;
        label[j] = count;
        open.push(j);
      }
    count++;
  }
  return { label, count };
}

/** L = D − W, or I − D^(−1/2) W D^(−1/2). */
export function laplacian(weights: CsrMatrix, kind: HeatParameters['laplacian']): CsrMatrix {
  const { rows } = weights;
  const degree = degrees(weights);
  const rowStart = new Uint32Array(rows + 1);
  const column = new Uint32Array(weights.column.length + rows);
  const value = new Float64Array(column.length);
  let to = 0;
  for (let i = 0; i < rows; i++) {
    const own = to++;
    // The diagonal comes first and is moved to its place among the sorted columns.
    let diagonal = kind === 'combinatorial' ? degree[i] : 1;
    let place = own;
    for (let at = weights.rowStart[i]; at < weights.rowStart[i + 1]; at++) {
      const j = weights.column[at];
      const entry = kind === 'combinatorial' ? weights.value[at] : weights.value[at] / Math.sqrt(degree[i] * degree[j]);
      if (j === i) {
        diagonal -= entry;
        continue;
      }
      if (j < i) {
        column[place] = j;
        value[place++] = -entry;
        to++;
      } else {
        column[to] = j;
        value[to++] = -entry;
      }
    }
    column[place] = i;
    value[place] = diagonal;
    rowStart[i + 1] = to;
  }
  return { rows, columns: rows, rowStart, column: column.slice(0, to), value: value.slice(0, to) };
}
