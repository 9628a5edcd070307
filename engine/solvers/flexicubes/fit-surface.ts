/** Fits a flexible grid to a surface given by its nearest points, by Adam on the loss of fit-loss.ts. */
import { createRandom, type Random } from '../../arrays/random.ts';
import { checkpoint, type RunContext } from '../../context.ts';
import { type Adam, createAdam } from '../../linear/adam.ts';
import type { SidedSurface } from './closest.ts';
import type { DualSurface } from './dual-surface.ts';
import { type Correspondences, deviationLoss, distanceLoss, signLoss, weightLoss } from './fit-loss.ts';
import { centresToVertices, meshWithCentres } from './fit-mesh.ts';
import {
  backPropagate,
  type FlexibleGrid,
  flexibleSurface,
  gammaOf,
  parameterNames,
  zeroGradients,
} from './flexible-surface.ts';
import { flexicubesError } from './flexicubes-error.ts';
import type { TriangleMesh } from './mesh-measures.ts';
import { type MeshSamples, sampleMesh } from './mesh-samples.ts';
import { pointGrid } from './point-grid.ts';
import { triangulate } from './triangulate.ts';

export interface FitTarget extends SidedSurface {
  /** `count` points spread over the target with unit normals, [count, 3] each. */
  draw(count: number, random: Random): { points: Float64Array; normals: Float64Array };
}

export interface FitOptions {
  iterations: number;
  samples: number;
  signWeight: number;
  seed: number;
  /** Keep the values at the border of the grid outside. */
  closed: boolean;
  /** Leave α, β, γ at one: for comparison. */
  frozenWeights?: boolean;
}

/** One entry per step. */
export interface FitHistory {
  loss: number[];
  distance: number[];
  deviation: number[];
  weights: number[];
  sign: number[];
}

export interface Fit {
  /** Grid coordinates. */
  mesh: TriangleMesh;
  surface: DualSurface;
  history: FitHistory;
  stopped: 'iterations' | 'converged';
}

const rates = { s: 0.02, a: 0.05, b: 0.05, g: 0.05, delta: 0.05 };
/** Steps over which the loss must still fall by one in a thousand. */
const patience = 50;
/** Values at the border are kept from here on. */
const outside = 0.01;

function borderPoints([nx, ny, nz]: FlexibleGrid['size']): Uint32Array {
  const border: number[] = [];
  for (let i = 0; i < nx * ny * nz; i++) {
    const [x, y, z] = [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))];
    if (x === 0 || y === 0 || z === 0 || x === nx - 1 || y === ny - 1 || z === nz - 1) border.push(i);
  }
  return Uint32Array.from(border);
}

function correspond(samples: MeshSamples, target: FitTarget, random: Random): Correspondences[] {
  const count = samples.triangle.length;
  const forth: Correspondences = {
    sample: Uint32Array.from({ length: count }, (_, i) => i),
    point: new Float64Array(3 * count),
    normal: new Float64Array(3 * count),
  };
  const found = new Float64Array(6);
  for (let i = 0; i < count; i++) {
    target.closest(found, samples.points[3 * i], samples.points[3 * i + 1], samples.points[3 * i + 2]);
    forth.point.set(found.subarray(0, 3), 3 * i);
    forth.normal.set(found.subarray(3), 3 * i);
  }
  const { points, normals } = target.draw(count, random);
  const grid = pointGrid(samples.points);
  const sample = Uint32Array.from({ length: points.length / 3 }, (_, i) =>
    grid.nearest(points[3 * i], points[3 * i + 1], points[3 * i + 2]),
  );
  return [forth, { sample, point: points, normal: normals }];
}

function settled(loss: readonly number[]): boolean {
  if (loss.length < 2 * patience) return false;
  // Means over ten steps: every step draws other points.
  const mean = (end: number) => loss.slice(end - 10, end).reduce((a, b) => a + b) / 10;
  return mean(loss.length) > 0.999 * mean(loss.length - patience);
}

/** Changes `grid`. Throws E_EMPTY_SURFACE when the surface vanishes. */
export async function fitSurface(
  grid: FlexibleGrid,
  target: FitTarget,
  options: FitOptions,
  context: RunContext,
): Promise<Fit> {
  const { iterations, samples: count, signWeight } = options;
  const random = createRandom(options.seed);
  const trained = parameterNames.filter((name) => !options.frozenWeights || name === 's' || name === 'delta');
  const optimisers = new Map<string, Adam>(trained.map((name) => [name, createAdam(grid[name].length)]));
  const border = options.closed ? borderPoints(grid.size) : new Uint32Array(0);
  const keepOutside = () => {
    for (const point of border) grid.s[point] = Math.max(grid.s[point], outside);
  };
  keepOutside();
  const history: FitHistory = { loss: [], distance: [], deviation: [], weights: [], sign: [] };
  let stopped: Fit['stopped'] = 'iterations';
  for (let step = 0; step < iterations; step++) {
    await checkpoint(context);
    const found = await flexibleSurface(grid, context);
    if (found.surface.quads.length === 0)
      throw flexicubesError('E_EMPTY_SURFACE', `the surface vanished in step ${step + 1} of the fit`, 'target');
    const gradients = zeroGradients(grid);
    const mesh = meshWithCentres(grid, found);
    const samples = sampleMesh(mesh, count, random);
    const ofMesh = new Float64Array(mesh.vertices.length);
    let distance = 0;
    for (const pairs of correspond(samples, target, random)) distance += distanceLoss(ofMesh, mesh, samples, pairs);
    await checkpoint(context);
    centresToVertices(gradients, grid, found, mesh, ofMesh);
    const ofPlain = new Float64Array(found.plain.length);
    const deviation = deviationLoss(ofMesh, ofPlain, found, 0.05);
    const weights = weightLoss(gradients, grid, found, 0.01);
    const sign = signWeight > 0 ? signLoss(gradients, grid, signWeight) : 0;
    backPropagate(gradients, grid, found, ofMesh, ofPlain);
    const loss = distance + 0.05 * deviation + 0.01 * weights + signWeight * sign;
    for (const [name, value] of Object.entries({ loss, distance, deviation, weights, sign }))
      history[name as keyof FitHistory].push(value);
    for (const name of trained)
      optimisers.get(name)?.step(grid[name], gradients[name], rates[name] * 10 ** (-step / iterations));
    keepOutside();
    context.progress({
      ...{ fraction: (step + 1) / iterations, stage: 'fit', step: { index: step, count: iterations } },
      ...{ note: `loss ${loss.toPrecision(3)}`, points: [{ curve: 'loss', x: step, y: loss }] },
    });
    if (!settled(history.loss)) continue;
    stopped = 'converged';
    break;
  }
  const { surface, vertices } = await flexibleSurface(grid, context);
  if (surface.quads.length === 0) throw flexicubesError('E_EMPTY_SURFACE', 'the surface vanished in the fit', 'target');
  const gamma = (vertex: number) => gammaOf(grid.g[surface.cubes[surface.vertexSlot[vertex]]]);
  const rule = (a: number, b: number, c: number, d: number) => gamma(a) * gamma(c) - gamma(b) * gamma(d);
  return {
    mesh: { vertices, faces: triangulate(surface.quads, vertices, rule, [1, 1, 1]) },
    ...{ surface, history, stopped },
  };
}
