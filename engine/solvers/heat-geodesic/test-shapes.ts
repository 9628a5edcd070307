/** The two data sets of the paper's comparisons, with the distances along them. */
import { createRandom } from '../../arrays/random.ts';
import type { RunContext } from '../../context.ts';
import { bridgeComponents } from './dissimilarity.ts';
import type { PointCloud } from './inputs.ts';
import { componentsOf } from './neighbour-graph.ts';
import { rowDistances } from './row-distances.ts';
import { neighbourLengths, shortestPaths } from './shortest-paths.ts';

export interface Shape {
  points: PointCloud;
  /** True distances [count, count]. */
  geodesic: Float64Array;
}

/** (t cos t, h, t sin t) + noise, t from 1.5π to 4.5π, h from 0 to 5; flat in (arc length, h). */
export async function swissRoll(count: number, noise: number, seed: number, context: RunContext): Promise<Shape> {
  const random = createRandom(seed);
  const data = new Float64Array(3 * count);
  const flat = new Float64Array(2 * count);
  for (let i = 0; i < count; i++) {
    const t = 1.5 * Math.PI * (1 + 2 * random.uniform());
    const h = 5 * random.uniform();
    data.set([t * Math.cos(t), h, t * Math.sin(t)], 3 * i);
    flat.set([(t * Math.sqrt(1 + t * t) + Math.asinh(t)) / 2, h], 2 * i);
  }
  for (let i = 0; i < data.length; i++) data[i] += noise * random.normal();
  return { points: { data, count, dimensions: 3 }, geodesic: await rowDistances(flat, count, 2, context) };
}

/** Random walks, each from a random point of those before; true distances on the graph of 10 neighbours without noise. */
export async function branchingTree(
  branches: number,
  perBranch: number,
  noise: number,
  seed: number,
  context: RunContext,
  dimensions = 10,
): Promise<Shape> {
  const random = createRandom(seed, 1);
  const count = branches * perBranch;
  const data = new Float64Array(count * dimensions);
  for (let branch = 0; branch < branches; branch++) {
    const first = branch * perBranch;
    let from = branch === 0 ? -1 : random.integer(first);
    for (let i = first; i < first + perBranch; i++) {
      for (let c = 0; c < dimensions; c++)
        data[i * dimensions + c] = (from < 0 ? 0 : data[from * dimensions + c]) + 2 * random.uniform() - 1;
      from = i;
    }
  }
  const graph = await neighbourLengths({ data, count, dimensions }, 10, context);
  const geodesic = await shortestPaths(graph, context);
  bridgeComponents(geodesic, componentsOf(graph).label);
  return { points: { data: data.map((x) => x + noise * random.normal()), count, dimensions }, geodesic };
}
