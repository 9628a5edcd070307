import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ndarray } from '../../../engine/arrays/ndarray.ts';
import { quietContext } from '../../../engine/context.ts';
import type { Artifact } from '../../../engine/solvers/artifact.ts';
import { flexicubes } from '../../../engine/solvers/flexicubes/solver.ts';
import {
  badEdges,
  cross,
  dot,
  meshOf,
  minus,
  type Point,
  signedVolume,
  surfaceArea,
  volumeOf,
  whiteNoise,
} from './fields.ts';

const spacing = [0.7, 0.9, 1.5];
const centre: Point = [14.2, 17.9, 21.4];
const radius = 9;
/** A smooth edge around a ball, 0.5 on its surface; millimetres by `spacing`. */
const ball = volumeOf(
  [42, 41, 30],
  (x, y, z) => 1 / (1 + Math.exp(Math.hypot(...minus([x * 0.7, y * 0.9, z * 1.5], centre)) - radius)),
);
const run = (volume: Artifact, settings: Record<string, unknown>) =>
  flexicubes.run({ volume }, settings, quietContext());

describe('the surface of a ball with voxels of unequal sides', () => {
  it.each([
    // Crossings on voxel edges of length h are off by up to h²/8r = 0.03 mm.
    ['qef', 0.06, 0.02, 0.01],
    ['centroid', 0.25, 0.12, 0.05],
  ])('%s: closed, in mm, outward, as far from the sphere as its method allows', async (placement, far, mean, volumeError) => {
    const { artifacts, metrics } = await run(ball, { iso: 0.5, spacing, placement });
    const { points, triangles } = meshOf(artifacts.mesh);
    expect(badEdges(triangles)).toEqual([]);
    expect(points.length - 1.5 * triangles.length + triangles.length).toBe(2);
    const distances = points.map((point) => Math.abs(Math.hypot(...minus(point, centre)) - radius));
    expect(Math.max(...distances)).toBeLessThan(far);
    expect(distances.reduce((a, b) => a + b) / distances.length).toBeLessThan(mean);
    const exact = (4 / 3) * Math.PI * radius ** 3;
    const volume = signedVolume(points, triangles);
    expect(Math.abs(volume / exact - 1)).toBeLessThan(volumeError);
    for (const [a, b, c] of triangles) {
      const normal = cross(minus(points[b], points[a]), minus(points[c], points[a]));
      expect(dot(normal, minus(points[a], centre))).toBeGreaterThan(0);
    }
    expect(metrics).toMatchObject({
      vertices: points.length,
      faces: triangles.length,
      components: 1,
      euler_characteristic: 2,
      watertight: 1,
      nonmanifold_edges: 0,
    });
    expect(metrics.volume_ml).toBeCloseTo(volume / 1000, 9);
    expect(metrics.area_mm2).toBeCloseTo(surfaceArea(points, triangles), 6);
  });

  it('marching cubes puts its vertices on the grid lines, close to the sphere', async () => {
    const { artifacts } = await run(ball, { iso: 0.5, spacing, method: 'marching-cubes' });
    const { points, triangles } = meshOf(artifacts.mesh);
    expect(badEdges(triangles)).toEqual([]);
    for (const point of points) {
      const onGrid = point.map((value, axis) => Math.abs(value / spacing[axis] - Math.round(value / spacing[axis])));
      expect(onGrid.filter((distance) => distance < 1e-5).length).toBeGreaterThanOrEqual(2);
      expect(Math.abs(Math.hypot(...minus(point, centre)) - radius)).toBeLessThan(0.05);
    }
  });

  it('turns inside out with inside=below', async () => {
    const { artifacts } = await run(ball, { iso: 0.5, spacing, inside: 'below', closeBoundary: false });
    const { points, triangles } = meshOf(artifacts.mesh);
    expect(signedVolume(points, triangles)).toBeLessThan(0);
  });

  it('writes the same triangles as obj and stl, and only what was asked for', async () => {
    const both = await run(ball, { iso: 0.5, format: 'both' });
    expect(meshOf(both.artifacts.mesh)).toEqual(meshOf(both.artifacts.mesh_stl));
    expect(both.artifacts.mesh_stl).toMatchObject({ format: 'stl', file: 'mesh' });
    expect(Object.keys((await run(ball, { iso: 0.5, format: 'stl' })).artifacts)).not.toContain('mesh');
    expect(Object.keys((await run(ball, { iso: 0.5 })).artifacts)).toEqual(['mesh', 'mesh_picture']);
  });
});

describe('any field', () => {
  it('white noise: every edge has two triangles, in opposite directions', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(1e6),
        fc.tuple(...[2, 2, 2].map((least) => fc.integer({ min: least, max: 11 }))),
        fc.constantFrom('qef', 'centroid'),
        async (seed, size, placement) => {
          const volume = whiteNoise(size as [number, number, number], seed);
          const { artifacts, metrics } = await run(volume, { iso: 0, placement });
          expect(badEdges(meshOf(artifacts.mesh).triangles)).toEqual([]);
          expect(metrics.watertight).toBe(1);
        },
      ),
      { numRuns: 25, examples: [[3, [12, 12, 12], 'qef']] },
    );
  });

  it('whole numbers, with plateaus and values equal to iso: closed too', async () => {
    const volume = whiteNoise([9, 8, 7], 5);
    volume.array.data.forEach((value, i) => {
      volume.array.data[i] = Math.round(2 * value);
    });
    const { artifacts, metrics, warnings } = await run(volume, { iso: 1 });
    expect(badEdges(meshOf(artifacts.mesh).triangles)).toEqual([]);
    expect(metrics.iso).toBe(1.5);
    expect(warnings.map(({ code }) => code)).toEqual(['iso-moved']);
  });

  it('keeps qef vertices within their cubes, on the noise that throws them about', async () => {
    const { artifacts } = await run(whiteNoise([9, 9, 9], 8), { iso: 0 });
    for (const point of meshOf(artifacts.mesh).points)
      for (const value of point) {
        expect(value).toBeGreaterThanOrEqual(-1);
        expect(value).toBeLessThanOrEqual(9);
      }
  });

  it('a plane comes out as a plane, its edge at the border sharp', async () => {
    const tilted = volumeOf([10, 10, 10], (x, y, z) => 3.3 - (0.4 * x + 0.5 * y + 0.76 * z));
    const { artifacts } = await run(tilted, { iso: 0, closeBoundary: false });
    for (const [x, y, z] of meshOf(artifacts.mesh).points)
      expect(Math.abs(0.4 * x + 0.5 * y + 0.76 * z - 3.3)).toBeLessThan(1e-5);
  });
});

describe('parts', () => {
  const two = volumeOf([30, 14, 14], (x, y, z) =>
    Math.max(4.2 - Math.hypot(x - 7, y - 7, z - 7), 2.6 - Math.hypot(x - 22, y - 7, z - 7)),
  );
  it('are counted, and kept by size', async () => {
    const all = await run(two, { iso: 0 });
    expect(all.metrics).toMatchObject({ components: 2, euler_characteristic: 4 });
    const largest = await run(two, { iso: 0, largestComponent: true });
    expect(largest.metrics).toMatchObject({ components: 1, euler_characteristic: 2, watertight: 1 });
    for (const [x] of meshOf(largest.artifacts.mesh).points) expect(x).toBeLessThan(14);
    const small = await run(two, { iso: 0, minTriangles: (largest.metrics.faces ?? 0) - 1 });
    expect(small.metrics.faces).toBe(largest.metrics.faces);
    await expect(run(two, { iso: 0, minTriangles: 1e6 })).rejects.toThrow(/^E_EMPTY_SURFACE/);
  });
});

describe('where the volume lies', () => {
  const shape = volumeOf([12, 14, 10], (x, y, z) => 3 - Math.hypot(x - 5, y - 6, z - 4));
  const geometry = (row: Point, column: Point, step: Point) =>
    ndarray(
      'float64',
      [10, 9],
      Float64Array.from(
        Array.from({ length: 10 }, (_, k) => [
          ...[100, -50, 30].map((value, axis) => value + k * step[axis]),
          ...row,
          ...column,
        ]).flat(),
      ),
    );
  it.each([
    ['along the axes', [1, 0, 0], [0, 1, 0], [0, 0, 3]],
    ['slices downward', [1, 0, 0], [0, 1, 0], [0, 0, -3]],
    ['sagittal', [0, 1, 0], [0, 0, -1], [-3, 0, 0]],
    ['oblique', [0.8, 0.6, 0], [0, 0, 1], [1.8, -2.4, 0]],
  ] as [
    string,
    Point,
    Point,
    Point,
  ][])('%s: patient coordinates, outward in any case', async (_, row, column, step) => {
    const companions = {
      slice_geometry: geometry(row, column, step),
      spacing_mm: ndarray('float64', [3], Float64Array.of(3, 0.5, 2)),
    };
    const { artifacts, metrics } = await run({ ...shape, companions }, { iso: 0 });
    const { points, triangles } = meshOf(artifacts.mesh);
    // Columns are 2 mm apart along a row, rows 0.5 mm, slices 3 mm.
    const at = [0, 1, 2].map(
      (k) => [100, -50, 30][k] + 5 * 2 * row[k] + 6 * 0.5 * column[k] + 4 * step[k],
    ) as unknown as Point;
    const mean = [0, 1, 2].map((k) => points.reduce((sum, point) => sum + point[k], 0) / points.length);
    for (let k = 0; k < 3; k++) expect(mean[k]).toBeCloseTo(at[k], 1);
    expect(signedVolume(points, triangles)).toBeGreaterThan(0);
    // A radius of three voxels: the mesh lacks some percent.
    expect((metrics.volume_ml ?? 0) / (0.108 * Math.PI)).toBeCloseTo(0.93, 1);
  });

  it('a chosen spacing goes before that of the file', async () => {
    const companions = { spacing_mm: ndarray('float64', [3], Float64Array.of(3, 0.5, 2)) };
    const given = await run({ ...shape, companions }, { iso: 0, spacing: [1, 1, 1] });
    expect((given.metrics.volume_ml ?? 0) / (0.036 * Math.PI)).toBeCloseTo(0.93, 1);
  });
});

describe('iso and smoothing', () => {
  it('takes the middle between two classes when none is given', async () => {
    const { metrics } = await run(
      volumeOf([20, 20, 20], (x, y, z) => (Math.hypot(x - 9, y - 9, z - 9) < 6 ? 110 + (x % 3) : 10 + (y % 3))),
      {},
    );
    expect(metrics.iso).toBeGreaterThan(60);
    expect(metrics.iso).toBeLessThan(62.5);
    expect(metrics.euler_characteristic).toBe(2);
  });

  it('smooths noise away and leaves the mean alone', async () => {
    const noise = whiteNoise([18, 18, 18], 3).array.data;
    const noisy = volumeOf([18, 18, 18], (x, y, z) => 5 - Math.hypot(x - 8.4, y - 8.6, z - 8.5));
    noisy.array.data.forEach((value, i) => {
      noisy.array.data[i] = value + 0.8 * noise[i];
    });
    const [rough, smooth] = [await run(noisy, { iso: 0 }), await run(noisy, { iso: 0, smooth: 1.2 })];
    expect(smooth.metrics.components).toBe(1);
    expect(rough.metrics.components ?? 0).toBeGreaterThan(1);
    // A Gaussian raises a distance by σ²/2 times its Laplacian, 2/radius.
    const radius = 5 - 1.2 ** 2 / 5;
    expect(Math.abs((smooth.metrics.volume_ml ?? 0) / ((0.004 / 3) * Math.PI * radius ** 3) - 1)).toBeLessThan(0.06);
  });
});

describe('bad input', () => {
  const flat = volumeOf([4, 4, 4], () => 7);
  const cube = volumeOf([4, 4, 4], (x) => x);
  const holding = (value: number) => {
    const volume = volumeOf([4, 3, 2], (x) => x);
    volume.array.data[17] = value;
    return volume;
  };
  it.each<[string, Artifact | undefined, Record<string, unknown>, RegExp]>([
    ['E_SHAPE', { type: 'image', array: ndarray('float64', [4, 4], new Float64Array(16)) }, {}, /\[4, 4\]/],
    ['E_SHAPE', volumeOf([4, 1, 4], (x) => x), {}, /at least 2/],
    ['E_EMPTY_SURFACE', flat, {}, /from 7 to 7/],
    ['E_EMPTY_SURFACE', cube, { iso: 9 }, /from 0 to 3/],
    ['E_EMPTY_SURFACE', cube, { iso: 3 }, /from 0 to 3/],
    ['E_INPUT_VALUE', holding(Number.NaN), {}, /NaN at \[1, 1, 1\]/],
    ['E_INPUT_VALUE', holding(Number.NEGATIVE_INFINITY), {}, /-Infinity/],
    ['E_PARAM', cube, { spacing: [1, 0, 1] }, /1,0,1/],
    ['E_PARAM', cube, { spacing: [1, 1] }, /three/],
    ['E_INPUT_MISSING', undefined, {}, /volume/],
    ['E_PARAM_CONFLICT', cube, { adaptive: true, placement: 'fit' }, /fit/],
    ['E_PARAM_CONFLICT', cube, { adaptive: true, tetrahedra: true }, /tetrahedra/],
    ['E_PARAM_CONFLICT', cube, { method: 'marching-cubes', tetrahedra: true }, /tetrahedra/],
  ])('%s', async (code, volume, settings, message) => {
    const refusal = await flexicubes.run(volume === undefined ? {} : { volume }, settings, quietContext()).then(
      () => 'accepted',
      (error: Error) => error.message,
    );
    expect(refusal).toMatch(new RegExp(`^${code}: `));
    expect(refusal).toMatch(message);
  });

  it('refuses a claimed size before anything is allocated', async () => {
    const shape = [3000, 3000, 300];
    const array = { dtype: 'float32' as const, shape, data: new Float32Array(0) };
    await expect(run({ type: 'volume', array }, {})).rejects.toThrow(/^E_TOO_LARGE/);
  });

  it('refuses values out of range by name', async () => {
    for (const [name, value] of [
      ['smooth', 4],
      ['gridResolution', 7],
      ['iterations', 0],
      ['samples', 100],
      ['placement', 'middle'],
      ['splitTolerance', 2],
    ] as const)
      await expect(run(cube, { [name]: value })).rejects.toMatchObject({ code: 'bad-usage', path: name });
  });
});

it('stops when cancelled, and repeats itself bit for bit', async () => {
  const abort = new AbortController();
  abort.abort();
  await expect(
    flexicubes.run({ volume: ball }, { iso: 0.5 }, quietContext({ signal: abort.signal })),
  ).rejects.toMatchObject({ code: 'cancelled' });
  const [a, b] = [await run(ball, { iso: 0.5 }), await run(ball, { iso: 0.5 })];
  expect(meshOf(a.artifacts.mesh)).toEqual(meshOf(b.artifacts.mesh));
});
