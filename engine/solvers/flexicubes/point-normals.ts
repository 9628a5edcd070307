/**
 * Normals of points on a surface: the direction in which the 12 nearest points spread least, turned outward by carrying
 * the choice from point to point over the neighbours whose normals agree best, starting from a point on the outside.
 * H. Hoppe, T. DeRose, T. Duchamp, J. McDonald, W. Stuetzle, "Surface reconstruction from unorganized points", 1992.
 */
import { checkpoint, type RunContext } from '../../context.ts';
import { symmetricEigen } from '../../linear/dense.ts';
import { pointGrid } from './point-grid.ts';

const neighbourCount = 12;

/** points: [n, 3], n > 12. Unit normals, [n, 3]. */
export async function estimateNormals(
  points: Float64Array,
  context: Pick<RunContext, 'signal'>,
): Promise<Float64Array> {
  const count = points.length / 3;
  const grid = pointGrid(points);
  const normals = new Float64Array(points.length);
  const neighbours: number[][] = [];
  for (let i = 0; i < count; i++) {
    if (i % 500 === 0) await checkpoint(context);
    const near = grid.nearestFew(points[3 * i], points[3 * i + 1], points[3 * i + 2], neighbourCount + 1);
    neighbours.push(near.filter((j) => j !== i));
    normals.set(leastSpread(points, near), 3 * i);
  }
  await orient(points, normals, neighbours, context);
  return normals;
}

function leastSpread(points: Float64Array, indices: readonly number[]): Float64Array {
  const mean = [0, 1, 2].map((axis) => indices.reduce((sum, j) => sum + points[3 * j + axis], 0) / indices.length);
  const covariance = new Float64Array(9);
  for (const j of indices)
    for (let r = 0; r < 3; r++)
      for (let c = 0; c < 3; c++)
        covariance[3 * r + c] += (points[3 * j + r] - mean[r]) * (points[3 * j + c] - mean[c]);
  const { vectors } = symmetricEigen(covariance, 3);
  return Float64Array.of(vectors[2], vectors[5], vectors[8]);
}

interface Step {
  cost: number;
  from: number;
  to: number;
}

/** Least first; equal ones by index, so that the outcome does not depend on the order of entry. */
class Steps {
  private readonly heap: Step[] = [];

  private static before(a: Step, b: Step): boolean {
    return a.cost < b.cost || (a.cost === b.cost && (a.to < b.to || (a.to === b.to && a.from < b.from)));
  }

  push(step: Step): void {
    const heap = this.heap;
    let at = heap.push(step) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!Steps.before(step, heap[parent])) break;
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = step;
  }

  pop(): Step | undefined {
    const heap = this.heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && Steps.before(heap[child + 1], heap[child])) child++;
      if (!Steps.before(heap[child], last)) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

async function orient(
  points: Float64Array,
  normals: Float64Array,
  neighbours: readonly number[][],
  context: Pick<RunContext, 'signal'>,
): Promise<void> {
  const count = normals.length / 3;
  const done = new Uint8Array(count);
  const dot = (i: number, j: number) =>
    normals[3 * i] * normals[3 * j] + normals[3 * i + 1] * normals[3 * j + 1] + normals[3 * i + 2] * normals[3 * j + 2];
  const flip = (i: number) => {
    for (let axis = 0; axis < 3; axis++) normals[3 * i + axis] = -normals[3 * i + axis];
  };
  // Neighbours both ways, so that no point is cut off.
  const both = neighbours.map((near) => [...near]);
  for (const [i, near] of neighbours.entries()) for (const j of near) both[j].push(i);
  const byHeight = Uint32Array.from({ length: count }, (_, i) => i).sort(
    (i, j) => points[3 * j + 2] - points[3 * i + 2],
  );
  let work = 0;
  for (const start of byHeight) {
    if (done[start] === 1) continue;
    // The highest point of a part looks up.
    if (normals[3 * start + 2] < 0) flip(start);
    const steps = new Steps();
    const enter = (i: number) => {
      done[i] = 1;
      for (const j of both[i]) if (done[j] === 0) steps.push({ cost: 1 - Math.abs(dot(i, j)), from: i, to: j });
    };
    enter(start);
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
      if (++work % 20_000 === 0) await checkpoint(context);
      if (done[step.to] === 1) continue;
      if (dot(step.from, step.to) < 0) flip(step.to);
      enter(step.to);
    }
  }
}
