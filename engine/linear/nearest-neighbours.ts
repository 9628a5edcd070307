/**
 * Exact nearest neighbours in Euclidean distance by a k-d tree (J. H. Friedman, J. L. Bentley, R. A. Finkel, ACM Trans. Math.
 * Softw. 3, 1977), split at the median of the widest axis. Equally near points come in the order of their indices. Many
 * dimensions cost no more than trying every pair.
 */
import { check } from '../errors.ts';

export interface Neighbours {
  /** [count, k], nearest first; a point is not its own neighbour. */
  index: Uint32Array;
  /** [count, k], Euclidean. */
  distance: Float64Array;
}

const leafSize = 12;

/**
 * The k nearest others of every point [count, dimensions]. Throws `mismatch` for a wrong size, `bad-usage` unless
 * 1 ≤ k < count.
 */
export function nearestNeighbours(points: Float64Array, count: number, dimensions: number, k: number): Neighbours {
  check(
    Number.isInteger(k) && k >= 1 && k < count,
    () => `${k} neighbours among ${count} points: expected 1 to ${count - 1}`,
    {
      code: 'bad-usage',
      path: 'k',
    },
  );
  const search = new NeighbourSearch(points, count, dimensions);
  const index = new Uint32Array(count * k);
  const distance = new Float64Array(count * k);
  for (let i = 0; i < count; i++) {
    const row = points.subarray(i * dimensions, (i + 1) * dimensions);
    search.nearest(row, k, i, index.subarray(i * k, (i + 1) * k), distance.subarray(i * k, (i + 1) * k));
  }
  return { index, distance };
}

/** The tree, for queries one at a time. */
export class NeighbourSearch {
  private readonly points: Float64Array;
  private readonly dimensions: number;
  private readonly order: Uint32Array;
  /** Of node v: its part of `order` from first[v] up to last[v], and its box; its halves are 2 v + 1 and 2 v + 2. */
  private readonly first: number[] = [];
  private readonly last: number[] = [];
  private readonly box: Float64Array[] = [];
  private best = new Float64Array(0);
  private bestIndex = new Uint32Array(0);
  private held = 0;

  constructor(points: Float64Array, count: number, dimensions: number) {
    check(
      points.length === count * dimensions,
      () => `${count} points of ${dimensions} coordinates need ${count * dimensions} numbers, found ${points.length}`,
      { code: 'mismatch' },
    );
    this.points = points;
    this.dimensions = dimensions;
    this.order = Uint32Array.from({ length: count }, (_, i) => i);
    if (count > 0) this.build(0, 0, count);
  }

  /**
   * index, distance ← the k points nearest to a place, nearest first, the point `except` left out. Both must hold k numbers,
   * and as many points must be there.
   */
  nearest(place: Float64Array, k: number, except: number, index: Uint32Array, distance: Float64Array): void {
    if (this.best.length < k) {
      this.best = new Float64Array(k);
      this.bestIndex = new Uint32Array(k);
    }
    this.held = 0;
    this.descend(0, place, k, except);
    for (let r = 0; r < k; r++) {
      index[r] = this.bestIndex[r];
      distance[r] = Math.sqrt(this.best[r]);
    }
  }

  /** Indices, ascending, of the points at most `radius` away from a place. */
  within(place: Float64Array, radius: number): number[] {
    const found: number[] = [];
    if (this.order.length > 0) this.collect(0, place, radius * radius, found);
    return found.sort((a, b) => a - b);
  }

  private build(node: number, first: number, last: number): void {
    const points = this.points;
    const dimensions = this.dimensions;
    const order = this.order;
    const box = new Float64Array(2 * dimensions);
    box.fill(Number.POSITIVE_INFINITY, 0, dimensions);
    box.fill(Number.NEGATIVE_INFINITY, dimensions);
    for (let at = first; at < last; at++)
      for (let c = 0, p = order[at] * dimensions; c < dimensions; c++, p++) {
        if (points[p] < box[c]) box[c] = points[p];
        if (points[p] > box[dimensions + c]) box[dimensions + c] = points[p];
      }
    this.first[node] = first;
    this.last[node] = last;
    this.box[node] = box;
    let axis = 0;
    let widest = 0;
    for (let c = 0; c < dimensions; c++)
      if (box[dimensions + c] - box[c] > widest) {
        widest = box[dimensions + c] - box[c];
        axis = c;
      }
    if (last - first <= leafSize || widest === 0) return;
    const middle = (first + last) >> 1;
    order.subarray(first, last).sort((a, b) => points[a * dimensions + axis] - points[b * dimensions + axis] || a - b);
    this.build(2 * node + 1, first, middle);
    this.build(2 * node + 2, middle, last);
  }

  private isLeaf(node: number): boolean {
    return this.first[2 * node + 1] === undefined;
  }

  /** Squared distance to the node's box: added up in the order of a point's, so that rounding cannot lift it above one. */
  private toBox(node: number, place: Float64Array): number {
    const dimensions = this.dimensions;
    const box = this.box[node];
    let sum = 0;
    for (let c = 0; c < dimensions; c++) {
      const x = place[c];
      const gap = x < box[c] ? box[c] - x : x > box[dimensions + c] ? x - box[dimensions + c] : 0;
      sum += gap * gap;
    }
    return sum;
  }

  private toPoint(index: number, place: Float64Array): number {
    const points = this.points;
    const dimensions = this.dimensions;
    let sum = 0;
    for (let c = 0, p = index * dimensions; c < dimensions; c++, p++) sum += (points[p] - place[c]) ** 2;
    return sum;
  }

  private descend(node: number, place: Float64Array, k: number, except: number): void {
    if (this.isLeaf(node)) {
      for (let at = this.first[node]; at < this.last[node]; at++) {
        const index = this.order[at];
        if (index !== except) this.offer(index, this.toPoint(index, place), k);
      }
      return;
    }
    const left = 2 * node + 1;
    const [toLeft, toRight] = [this.toBox(left, place), this.toBox(left + 1, place)];
    const leftFirst = toLeft <= toRight;
    // A box as far as the worst point held may still hold an equally near one of smaller index.
    if ((leftFirst ? toLeft : toRight) <= this.worst(k)) this.descend(leftFirst ? left : left + 1, place, k, except);
    if ((leftFirst ? toRight : toLeft) <= this.worst(k)) this.descend(leftFirst ? left + 1 : left, place, k, except);
  }

  private worst(k: number): number {
    return this.held < k ? Number.POSITIVE_INFINITY : this.best[k - 1];
  }

  private offer(index: number, squared: number, k: number): void {
    const best = this.best;
    const bestIndex = this.bestIndex;
    let at = this.held;
    if (at === k) {
      if (squared > best[k - 1] || (squared === best[k - 1] && index > bestIndex[k - 1])) return;
      at--;
    } else this.held++;
    for (; at > 0 && (best[at - 1] > squared || (best[at - 1] === squared && bestIndex[at - 1] > index)); at--) {
      best[at] = best[at - 1];
      bestIndex[at] = bestIndex[at - 1];
    }
    best[at] = squared;
    bestIndex[at] = index;
  }

  private collect(node: number, place: Float64Array, squared: number, found: number[]): void {
    if (this.toBox(node, place) > squared) return;
    if (!this.isLeaf(node)) {
      this.collect(2 * node + 1, place, squared, found);
      this.collect(2 * node + 2, place, squared, found);
      return;
    }
    for (let at = this.first[node]; at < this.last[node]; at++)
      if (this.toPoint(this.order[at], place) <= squared) found.push(this.order[at]);
  }
}
