import { describe, expect, it } from 'vitest';
import { ndarray } from '../../../engine/arrays/ndarray.ts';
import { createRandom } from '../../../engine/arrays/random.ts';
import { quietContext } from '../../../engine/context.ts';
import type { Artifact } from '../../../engine/solvers/artifact.ts';
import { deviationLoss, distanceLoss, signLoss, weightLoss } from '../../../engine/solvers/flexicubes/fit-loss.ts';
import { centresToVertices, meshWithCentres } from '../../../engine/solvers/flexicubes/fit-mesh.ts';
import {
  backPropagate,
  type FlexibleGrid,
  flexibleSurface,
  parameterNames,
  plainGrid,
  zeroGradients,
} from '../../../engine/solvers/flexicubes/flexible-surface.ts';
import { sampleMesh } from '../../../engine/solvers/flexicubes/mesh-samples.ts';
import { flexicubes } from '../../../engine/solvers/flexicubes/solver.ts';
import { badEdges, cross, dot, meshOf, minus, type Point, signedVolume, volumeOf } from './fields.ts';

const context = quietContext();

function randomGrid(seed: number, scale = 0.5): FlexibleGrid {
  const random = createRandom(seed);
  const grid = plainGrid(
    Float64Array.from({ length: 5 ** 3 }, () => random.normal()),
    [5, 5, 5],
  );
  for (const name of ['a', 'b', 'g', 'delta'] as const)
    for (let i = 0; i < grid[name].length; i++) grid[name][i] = scale * random.normal();
  return grid;
}

describe('vertices with weights', () => {
  it('stay in their cubes, whose points keep their order, for the wildest parameters', async () => {
    for (const scale of [1, 10, 1000]) {
      const { surface, vertices } = await flexibleSurface(randomGrid(3, scale), context);
      for (let i = 0; i < surface.vertexSlot.length; i++) {
        const cube = surface.cubes[surface.vertexSlot[i]];
        const origin = [cube % 5, Math.floor(cube / 5) % 5, Math.floor(cube / 25)];
        for (let axis = 0; axis < 3; axis++) {
          // Corners move by less than half a cube.
          expect(vertices[3 * i + axis]).toBeGreaterThan(origin[axis] - 0.5);
          expect(vertices[3 * i + axis]).toBeLessThan(origin[axis] + 1.5);
        }
      }
    }
  });
});

describe('the gradient of the loss', () => {
  it('agrees with differences in every kind of parameter, correspondences held', async () => {
    const grid = randomGrid(11);
    const first = await flexibleSurface(grid, context);
    const samples = sampleMesh(meshWithCentres(grid, first), 60, createRandom(1));
    const random = createRandom(2);
    const point = samples.points.map((value) => value + 0.3 * random.normal());
    const normal = Float64Array.from({ length: 180 }, () => random.normal());
    const pairs = { sample: Uint32Array.from({ length: 60 }, (_, i) => (7 * i) % 60), point, normal };
    const gradients = zeroGradients(grid);

    const evaluate = async (back: boolean): Promise<number> => {
      const found = await flexibleSurface(grid, context);
      const mesh = meshWithCentres(grid, found);
      const points = new Float64Array(180);
      for (let i = 0; i < 180; i++)
        for (let c = 0; c < 3; c++)
          points[i] +=
            samples.weights[3 * Math.floor(i / 3) + c] *
            mesh.vertices[3 * mesh.faces[3 * samples.triangle[Math.floor(i / 3)] + c] + (i % 3)];
      const ofMesh = new Float64Array(mesh.vertices.length);
      const ofPlain = new Float64Array(found.plain.length);
      const out = back ? gradients : zeroGradients(grid);
      const distance = distanceLoss(ofMesh, mesh, { ...samples, points }, pairs);
      centresToVertices(out, grid, found, mesh, ofMesh);
      const deviation = deviationLoss(ofMesh, ofPlain, found, 0.7);
      const rest = 0.9 * weightLoss(out, grid, found, 0.9) + 0.4 * signLoss(out, grid, 0.4);
      backPropagate(out, grid, found, ofMesh, ofPlain);
      return distance + 0.7 * deviation + rest;
    };
    await evaluate(true);
    for (const name of parameterNames) {
      const largest = Math.max(...gradients[name].map(Math.abs));
      expect(largest).toBeGreaterThan(1e-4);
      const order = createRandom(9).shuffle(Array.from(grid[name].keys()));
      for (const i of order.slice(0, 60)) {
        const held = grid[name][i];
        const step = 1e-6;
        grid[name][i] = held + step;
        const above = await evaluate(false);
        grid[name][i] = held - step;
        const below = await evaluate(false);
        grid[name][i] = held;
        expect(Math.abs((above - below) / (2 * step) - gradients[name][i])).toBeLessThan(1e-6 * (1 + largest));
      }
    }
  });
});

/** Points on a box of half sides 30, 24, 20 mm, turned and moved; and how far any point is from it. */
const half: Point = [30, 24, 20];
const middle: Point = [5, -40, 12];
const axes: Point[] = [
  [0.8, 0.6, 0],
  [-0.36, 0.48, 0.8],
  [0.48, -0.64, 0.6],
];
function box(count: number, withNormals: boolean): Artifact {
  const random = createRandom(21);
  const rows = Array.from({ length: count }, () => {
    const areas = [half[1] * half[2], half[0] * half[2], half[0] * half[1]];
    let share = random.uniform() * (areas[0] + areas[1] + areas[2]);
    const face = areas.findIndex((area) => (share -= area) < 0);
    const local = half.map((side) => side * (2 * random.uniform() - 1));
    const sign = random.uniform() < 0.5 ? -1 : 1;
    local[face] = sign * half[face];
    const position = [0, 1, 2].map(
      (k) => middle[k] + local.reduce((sum, value, axis) => sum + value * axes[axis][k], 0),
    );
    return [...position, ...(withNormals ? axes[face].map((value) => sign * value) : [])];
  });
  return { type: 'points', array: ndarray('float64', [count, withNormals ? 6 : 3], Float64Array.from(rows.flat())) };
}
function boxDistance(p: Point): { distance: number; normal: Point } {
  const local = axes.map((axis) => dot(minus(p, middle), axis));
  const over = local.map((value, k) => Math.abs(value) - half[k]);
  const face = over.indexOf(Math.max(...over));
  const out = Math.hypot(...over.map((value) => Math.max(0, value)));
  const sign = Math.sign(local[face]);
  return {
    distance: out > 0 ? out : -over[face],
    normal: [sign * axes[face][0], sign * axes[face][1], sign * axes[face][2]],
  };
}

/** Mean distance of the triangles' corners and middles, and share of area more than 5° off. */
function boxError(artifact: Artifact | undefined) {
  const { points, triangles } = meshOf(artifact);
  let [area, off, sum] = [0, 0, 0];
  for (const [a, b, c] of triangles) {
    const normal = cross(minus(points[b], points[a]), minus(points[c], points[a]));
    const size = Math.hypot(...normal);
    const mean = [0, 1, 2].map((k) => (points[a][k] + points[b][k] + points[c][k]) / 3) as unknown as Point;
    const found = boxDistance(mean);
    area += size;
    sum += size * (found.distance + [a, b, c].reduce((s, i) => s + boxDistance(points[i]).distance, 0));
    if (dot(normal, found.normal) < Math.cos(Math.PI / 36) * size) off += size;
  }
  return { mean: sum / (4 * area), off: off / area };
}

describe('placement fit', () => {
  const settings = { placement: 'fit', gridResolution: 16 };

  it('follows points with normals onto sharp edges, far closer than its cubes', async () => {
    const result = await flexicubes.run({ target: box(20_000, true) }, settings, context);
    const { points, triangles } = meshOf(result.artifacts.mesh);
    expect(badEdges(triangles)).toEqual([]);
    expect(result.metrics).toMatchObject({ euler_characteristic: 2, watertight: 1, components: 1 });
    const exact = 8 * half[0] * half[1] * half[2];
    expect(Math.abs(signedVolume(points, triangles) / exact - 1)).toBeLessThan(0.01);
    const { mean, off } = boxError(result.artifacts.mesh);
    const cube = result.metrics.cube_mm ?? 0;
    expect(cube).toBeGreaterThan(4);
    expect(mean).toBeLessThan(0.015 * cube);
    expect(off).toBeLessThan(0.12);
    expect(result.metrics.loss_first ?? 0).toBeGreaterThan(4 * (result.metrics.loss_last ?? 1));
    expect(Object.keys(result.artifacts).sort()).toEqual(['loss', 'mesh', 'mesh_picture', 'parameters']);
  });

  it('writes parameters within their bounds and the loss of every step', async () => {
    const { artifacts, metrics } = await flexicubes.run(
      { target: box(2000, true) },
      { ...settings, iterations: 12 },
      context,
    );
    const { parameters, loss } = artifacts;
    if (parameters.type !== 'model' || parameters.arrays === undefined || loss.type !== 'curve')
      throw new Error('types');
    const { s, alpha, beta, gamma, deform } = parameters.arrays;
    const [nz, ny, nx] = s.shape;
    expect(Math.max(nz, ny, nx)).toBe(17);
    expect(alpha.shape).toEqual([nz - 1, ny - 1, nx - 1, 8]);
    expect(beta.shape).toEqual([nz - 1, ny - 1, nx - 1, 12]);
    expect(gamma.shape).toEqual([nz - 1, ny - 1, nx - 1]);
    expect(deform.shape).toEqual([nz, ny, nx, 3]);
    for (const weight of [...alpha.data, ...beta.data]) expect(Math.abs(weight - 1)).toBeLessThan(0.99);
    for (const value of gamma.data) expect(Math.abs(value - 0.5)).toBeLessThan(0.495);
    for (const value of deform.data) expect(Math.abs(value)).toBeLessThan(0.5);
    expect(loss.columns.loss).toHaveLength(12);
    expect(metrics.iterations).toBe(12);
  });

  it('estimates normals where there are none, and says so', async () => {
    const result = await flexicubes.run({ target: box(20_000, false) }, settings, context);
    expect(result.warnings.map(({ code }) => code)).toEqual(['normals-estimated']);
    expect(result.metrics).toMatchObject({ euler_characteristic: 2, watertight: 1 });
    expect(boxError(result.artifacts.mesh).mean).toBeLessThan(0.03 * (result.metrics.cube_mm ?? 0));
  });

  it('follows a mesh, and the fine surface of a volume, with few triangles', async () => {
    const ball = volumeOf([44, 44, 30], (x, y, z) => 15 - Math.hypot(x - 21, y - 22, 1.5 * (z - 14)));
    const fine = await flexicubes.run({ volume: ball }, { iso: 0, spacing: [1, 1, 1.5] }, context);
    const short = { ...settings, iterations: 60 };
    const fromVolume = await flexicubes.run({ volume: ball }, { ...short, iso: 0, spacing: [1, 1, 1.5] }, context);
    const fromMesh = await flexicubes.run({ target: fine.artifacts.mesh }, short, context);
    for (const { artifacts, metrics } of [fromVolume, fromMesh]) {
      expect(metrics).toMatchObject({ euler_characteristic: 2, watertight: 1 });
      expect(metrics.faces ?? 0).toBeLessThan((fine.metrics.faces ?? 0) / 3);
      for (const point of meshOf(artifacts.mesh).points)
        expect(Math.abs(Math.hypot(...minus(point, [21, 22, 21])) - 15)).toBeLessThan(0.3);
      expect(metrics.mean_distance_mm).toBeLessThan(0.1);
    }
  });

  it.each<[string, Artifact]>([
    ['E_TOO_FEW_POINTS', box(99, true)],
    ['E_SHAPE', { type: 'points', array: ndarray('float64', [200, 4], new Float64Array(800)) }],
    ['E_INPUT_VALUE', { type: 'points', array: ndarray('float64', [200, 6], new Float64Array(1200)) }],
    ['E_INPUT_VALUE', { type: 'points', array: ndarray('float64', [200, 3], new Float64Array(600).fill(Number.NaN)) }],
  ])('refuses a target by %s', async (code, target) => {
    await expect(flexicubes.run({ target }, settings, context)).rejects.toThrow(new RegExp(`^${code}: `));
  });

  it('needs a volume or a target', async () => {
    await expect(flexicubes.run({}, settings, context)).rejects.toThrow(/^E_INPUT_MISSING: /);
  });

  it('stops when cancelled in the middle, progress never falls, the same seed gives the same bytes', async () => {
    const abort = new AbortController();
    const fractions: number[] = [];
    const progress = ({ fraction }: { fraction: number }) => {
      fractions.push(fraction);
      if (fractions.length > 6) abort.abort();
    };
    const target = box(2000, true);
    await expect(
      flexicubes.run({ target }, settings, quietContext({ signal: abort.signal, progress })),
    ).rejects.toMatchObject({ code: 'cancelled' });
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    const short = { ...settings, iterations: 8 };
    const [a, b, c] = [
      await flexicubes.run({ target }, short, context),
      await flexicubes.run({ target }, short, context),
      await flexicubes.run({ target }, { ...short, seed: 1 }, context),
    ];
    expect(meshOf(a.artifacts.mesh)).toEqual(meshOf(b.artifacts.mesh));
    expect(meshOf(a.artifacts.mesh).points).not.toEqual(meshOf(c.artifacts.mesh).points);
  });
});
