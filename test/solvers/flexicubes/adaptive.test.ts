import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../engine/arrays/random.ts';
import { quietContext } from '../../../engine/context.ts';
import { buildOctree } from '../../../engine/solvers/flexicubes/octree.ts';
import { octreeSurface } from '../../../engine/solvers/flexicubes/octree-surface.ts';
import { flexicubes } from '../../../engine/solvers/flexicubes/solver.ts';
import { badEdges, meshOf, minus, type Point, signedVolume, volumeOf } from './fields.ts';

const context = quietContext();

/** Field on a lattice of n points a side, its border outside. */
function lattice(n: number, f: (x: number, y: number, z: number) => number): Float64Array {
  return Float64Array.from({ length: n ** 3 }, (_, i) => {
    const [x, y, z] = [i % n, Math.floor(i / n) % n, Math.floor(i / (n * n))];
    const border = Math.min(x, y, z) === 0 || Math.max(x, y, z) === n - 1;
    return border ? Math.max(0.5, f(x, y, z)) : f(x, y, z);
  });
}
const trianglesOf = (faces: Uint32Array) =>
  Array.from({ length: faces.length / 3 }, (_, k): Point => [faces[3 * k], faces[3 * k + 1], faces[3 * k + 2]]);

describe('the octree', () => {
  it('tiles the lattice with leaves in their places, none beside one of a quarter of its side', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.double({ min: 0.01, max: 3, noNaN: true }), (seed, tolerance) => {
        const random = createRandom(seed);
        const n = 13;
        const s = lattice(n, (x, y) => random.normal() * (x > 7 ? 1 : 0.02) + 0.4 * (y - 6));
        const { leafPoint, leafSide, leafOf, strides } = buildOctree(s, [n, n, n], tolerance);
        let volume = 0;
        for (const side of leafSide) volume += side ** 3;
        expect(volume).toBe((n - 1) ** 3);
        for (let z = 0; z < n - 1; z++)
          for (let y = 0; y < n - 1; y++)
            for (let x = 0; x < n - 1; x++) {
              const own = leafOf[x + strides[1] * y + strides[2] * z];
              const low = leafPoint[own];
              const at = [low % n, Math.floor(low / n) % n, Math.floor(low / (n * n))];
              expect(at.every((value) => value % leafSide[own] === 0)).toBe(true);
              for (let dz = 0; dz < 2; dz++)
                for (let dy = 0; dy < 2; dy++)
                  for (let dx = 0; dx < 2; dx++) {
                    if (Math.max(x + dx, y + dy, z + dz) > n - 2) continue;
                    const other = leafOf[x + dx + strides[1] * (y + dy) + strides[2] * (z + dz)];
                    const ratio = leafSide[own] / leafSide[other];
                    expect(ratio >= 0.5 && ratio <= 2).toBe(true);
                  }
            }
      }),
      { numRuns: 20 },
    );
  });

  it('closes any surface: every edge two triangles, opposite directions', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(1e6),
        fc.double({ min: 0.05, max: 2.5, noNaN: true }),
        fc.double({ min: 0.1, max: 0.6, noNaN: true }),
        fc.constantFrom('centroid', 'qef'),
        async (seed, tolerance, slope, placement) => {
          const random = createRandom(seed);
          const n = 13;
          const s = lattice(n, (x, y) => random.normal() * (x > 5 ? 1 : 0.05) + slope * (y - 6));
          const octree = buildOctree(s, [n, n, n], tolerance);
          const { faces } = await octreeSurface(octree, s, placement, context);
          expect(badEdges(trianglesOf(faces))).toEqual([]);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('agrees with the uniform grid where every crossed cell is finest', async () => {
    const ball = (x: number, y: number, z: number) => Math.hypot(x - 8.2, y - 7.9, z - 8.1) - 4.7;
    const s = lattice(17, ball);
    const octree = buildOctree(s, [17, 17, 17], 0.001);
    const found = await octreeSurface(octree, s, 'centroid', context);
    const volume = volumeOf([17, 17, 17], (x, y, z) => -ball(x, y, z));
    const uniform = await flexicubes.run({ volume }, { iso: 0, placement: 'centroid', closeBoundary: false }, context);
    const points = Array.from({ length: found.vertices.length / 3 }, (_, i): Point => {
      const [x, y, z] = found.vertices.subarray(3 * i, 3 * i + 3);
      return [x, y, z];
    });
    // Values of points that hang on larger leaves are off by up to 1/radius = 0.21; at most half of a vertex's crossings.
    const same = meshOf(uniform.artifacts.mesh).points;
    expect(points.length).toBe(same.length);
    for (const point of points)
      expect(Math.min(...same.map((other) => Math.hypot(...minus(point, other))))).toBeLessThan(0.107);
  });
});

describe('adaptive extraction of a volume', () => {
  const centre: Point = [21, 25.5, 30];
  const ball = volumeOf([42, 51, 40], (x, y, z) => 400 - 25 * Math.hypot(...minus([x, y, 1.5 * z], centre)));
  it.each(['centroid', 'qef'])('%s: a ball in three levels, closed, in mm, with fewer leaves', async (placement) => {
    const settings = { iso: 0, spacing: [1, 1, 1.5], adaptive: true, gridResolution: 32, placement };
    const { artifacts, metrics } = await flexicubes.run({ volume: ball }, settings, context);
    const { points, triangles } = meshOf(artifacts.mesh);
    expect(badEdges(triangles)).toEqual([]);
    expect(metrics).toMatchObject({ euler_characteristic: 2, watertight: 1, components: 1 });
    expect(metrics.leaves ?? 1).toBeLessThan(0.5 * (metrics.uniform_leaves ?? 0));
    for (const point of points) expect(Math.abs(Math.hypot(...minus(point, centre)) - 16)).toBeLessThan(0.4);
    const share = signedVolume(points, triangles) / ((4 / 3) * Math.PI * 16 ** 3);
    expect(Math.abs(share - 1)).toBeLessThan(placement === 'qef' ? 0.01 : 0.06);
  });

  it('a torus keeps its hole', async () => {
    const torus = volumeOf([40, 40, 24], (x, y, z) => 4.5 - Math.hypot(Math.hypot(x - 19, y - 20) - 11, z - 11.5));
    const { metrics } = await flexicubes.run(
      { volume: torus },
      { iso: 0, adaptive: true, gridResolution: 40 },
      context,
    );
    expect(metrics).toMatchObject({ euler_characteristic: 0, watertight: 1, components: 1 });
  });

  it('a coarser tolerance gives fewer triangles', async () => {
    const faces = async (splitTolerance: number) =>
      (await flexicubes.run({ volume: ball }, { iso: 0, adaptive: true, splitTolerance }, context)).metrics.faces ?? 0;
    expect(await faces(1)).toBeLessThan((await faces(0.01)) / 1.5);
  });
});
