import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ndarray } from '../../../engine/arrays/ndarray.ts';
import { quietContext } from '../../../engine/context.ts';
import type { Artifact } from '../../../engine/solvers/artifact.ts';
import { flexicubes } from '../../../engine/solvers/flexicubes/solver.ts';
import { cross, dot, meshOf, minus, type Point, signedVolume, volumeOf, whiteNoise } from './fields.ts';

function tetsOf(artifact: Artifact | undefined): { points: Point[]; tets: number[][] } {
  if (artifact?.type !== 'model' || artifact.arrays === undefined) throw new Error('no tetrahedra');
  const { vertices, tets } = artifact.arrays;
  return {
    points: Array.from({ length: vertices.shape[0] }, (_, i): Point => {
      const [x, y, z] = vertices.data.subarray(3 * i, 3 * i + 3);
      return [x, y, z];
    }),
    tets: Array.from({ length: tets.shape[0] }, (_, i) => [...tets.data.subarray(4 * i, 4 * i + 4)]),
  };
}

const name = (corners: readonly number[]) => [...corners].sort((a, b) => a - b).join();

/** Every face in two tetrahedra, or in one and on the mesh; volumes add up. */
function checkConforming(artifacts: Record<string, Artifact>): { inverted: number; ratio: number } {
  const mesh = meshOf(artifacts.mesh);
  const { points, tets } = tetsOf(artifacts.tetmesh);
  expect(points.slice(0, mesh.points.length)).toEqual(mesh.points);
  const uses = new Map<string, number>();
  let [signed, absolute, inverted] = [0, 0, 0];
  for (const tet of tets) {
    expect(new Set(tet).size).toBe(4);
    for (let k = 0; k < 4; k++) {
      const face = name(tet.filter((_, i) => i !== k));
      uses.set(face, (uses.get(face) ?? 0) + 1);
    }
    const [a, b, c, d] = tet.map((i) => points[i]);
    const volume = dot(minus(b, a), cross(minus(c, a), minus(d, a))) / 6;
    signed += volume;
    absolute += Math.abs(volume);
    if (volume < 0) inverted++;
  }
  const surface = new Set(mesh.triangles.map(name));
  expect(surface.size).toBe(mesh.triangles.length);
  const boundary = [...uses].filter(([, count]) => count === 1).map(([face]) => face);
  expect(new Set(boundary)).toEqual(surface);
  expect([...uses.values()].every((count) => count <= 2)).toBe(true);
  const volume = signedVolume(mesh.points, mesh.triangles);
  expect(Math.abs(signed / volume - 1)).toBeLessThan(1e-6);
  return { inverted, ratio: absolute / volume };
}

const run = (volume: Artifact, settings: Record<string, unknown> = {}) =>
  flexicubes.run({ volume }, { iso: 0, tetrahedra: true, ...settings }, quietContext());

describe('tetrahedra of the inside', () => {
  it('of a torus: conforming, all upright', async () => {
    const torus = volumeOf([21, 21, 21], (x, y, z) => 2.2 - Math.hypot(Math.hypot(x - 10, y - 10) - 5.4, z - 10));
    for (const placement of ['centroid', 'qef']) {
      const { artifacts, metrics } = await run(torus, { placement });
      const { inverted, ratio } = checkConforming(artifacts);
      expect(metrics).toMatchObject({ inverted_tets: inverted, euler_characteristic: 0 });
      expect(ratio).toBeLessThan(1.001);
    }
  });

  it('of white noise: conforming whatever comes, absolute volumes within one percent of the mesh', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(1e6), async (seed) => {
        const { artifacts, metrics } = await run(whiteNoise([10, 9, 11], seed), { placement: 'centroid' });
        const { inverted, ratio } = checkConforming(artifacts);
        expect(metrics.inverted_tets).toBe(inverted);
        expect(ratio).toBeGreaterThanOrEqual(1 - 1e-6);
        expect(ratio).toBeLessThan(1.01);
      }),
      { numRuns: 12 },
    );
  });

  it('in mm, upright in a left-handed volume too', async () => {
    const ball = volumeOf([12, 12, 12], (x, y, z) => 3.4 - Math.hypot(x - 5, y - 6, z - 5.5));
    const place = Float64Array.from(Array.from({ length: 12 }, (_, k) => [7, 8, -2 * k, 1, 0, 0, 0, 1, 0]).flat());
    const companions = {
      slice_geometry: ndarray('float64', [12, 9], place),
      spacing_mm: ndarray('float64', [3], Float64Array.of(2, 0.5, 1.5)),
    };
    const { artifacts, metrics } = await run({ ...ball, companions });
    expect(checkConforming(artifacts).inverted).toBe(0);
    expect(metrics.tet_volume_ml).toBeCloseTo(metrics.volume_ml ?? 0, 6);
    expect((metrics.volume_ml ?? 0) / (0.002 * Math.PI * 3.4 ** 3)).toBeCloseTo(0.96, 1);
  });

  it('of a fitted surface: conforming with moved grid points', async () => {
    const ball = volumeOf([26, 26, 26], (x, y, z) => 9 - Math.hypot(x - 12, y - 12.5, z - 13));
    const settings = { placement: 'fit', gridResolution: 12, iterations: 30 };
    const { artifacts, metrics } = await run(ball, settings);
    expect(checkConforming(artifacts).inverted).toBe(metrics.inverted_tets);
  });

  it('need a closed surface', async () => {
    const slope = volumeOf([6, 6, 6], (x) => x - 2.5);
    await expect(run(slope, { closeBoundary: false })).rejects.toThrow(/^E_PARAM_CONFLICT: /);
    checkConforming((await run(slope)).artifacts);
  });
});
