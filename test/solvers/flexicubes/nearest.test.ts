import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../engine/arrays/random.ts';
import { quietContext } from '../../../engine/context.ts';
import { pointGrid } from '../../../engine/solvers/flexicubes/point-grid.ts';
import { estimateNormals } from '../../../engine/solvers/flexicubes/point-normals.ts';
import { closestOnTriangle, triangleSurface } from '../../../engine/solvers/flexicubes/triangle-grid.ts';

const normals = (seed: number, count: number) => {
  const random = createRandom(seed);
  return Float64Array.from({ length: count }, () => random.normal());
};

describe('nearest points', () => {
  it('are those of a search through all, near and far, with equal points too', () => {
    fc.assert(
      fc.property(
        fc.nat(1e6),
        fc.integer({ min: 1, max: 200 }),
        fc.double({ min: 0, max: 30, noNaN: true }),
        (seed, count, far) => {
          const points = normals(seed, 3 * count).map((value) => Math.round(4 * value) / 4);
          const grid = pointGrid(points);
          const random = createRandom(seed, 1);
          for (let trial = 0; trial < 10; trial++) {
            const [x, y, z] = [random.normal() * far, random.normal(), random.normal() * 2];
            const squares = Array.from({ length: count }, (_, i) => ({
              i,
              d: (points[3 * i] - x) ** 2 + (points[3 * i + 1] - y) ** 2 + (points[3 * i + 2] - z) ** 2,
            })).sort((a, b) => a.d - b.d || a.i - b.i);
            expect(grid.nearest(x, y, z)).toBe(squares[0].i);
            expect(grid.nearestFew(x, y, z, 5)).toEqual(squares.slice(0, 5).map(({ i }) => i));
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('of a triangle: no point of it is nearer, also where it has no area', () => {
    const out = new Float64Array(5);
    fc.assert(
      fc.property(fc.nat(1e6), fc.constantFrom('whole', 'line', 'point', 'double'), (seed, kind) => {
        const corners = normals(seed, 9);
        if (kind === 'line') for (let k = 0; k < 3; k++) corners[6 + k] = 0.3 * corners[k] + 0.7 * corners[3 + k];
        if (kind === 'point') for (let k = 3; k < 9; k++) corners[k] = corners[k % 3];
        if (kind === 'double') for (let k = 3; k < 6; k++) corners[k] = corners[k - 3];
        const [x, y, z] = normals(seed + 1, 3).map((value) => 2 * value);
        closestOnTriangle(out, corners, 0, 3, 6, x, y, z);
        const found = Math.hypot(x - out[0], y - out[1], z - out[2]);
        for (let i = 0; i <= 20; i++)
          for (let j = 0; i + j <= 20; j++) {
            const point = [0, 1, 2].map(
              (k) => ((20 - i - j) * corners[k] + i * corners[3 + k] + j * corners[6 + k]) / 20,
            );
            expect(found).toBeLessThan(Math.hypot(x - point[0], y - point[1], z - point[2]) + 1e-9);
          }
      }),
      { numRuns: 100 },
    );
  });

  it('of a mesh are those of a search through all triangles; degenerate ones do no harm', () => {
    const vertices = normals(4, 3 * 60);
    const random = createRandom(5);
    const faces = Uint32Array.from({ length: 3 * 90 }, () => random.integer(60));
    const surface = triangleSurface({ vertices, faces });
    const [out, one] = [new Float64Array(6), new Float64Array(5)];
    for (let trial = 0; trial < 200; trial++) {
      const [x, y, z] = [3 * random.normal(), random.normal(), 5 * random.normal()];
      surface.closest(out, x, y, z);
      let best = Number.POSITIVE_INFINITY;
      for (let k = 0; k < faces.length; k += 3) {
        closestOnTriangle(one, vertices, 3 * faces[k], 3 * faces[k + 1], 3 * faces[k + 2], x, y, z);
        best = Math.min(best, Math.hypot(x - one[0], y - one[1], z - one[2]));
      }
      expect(Math.hypot(x - out[0], y - out[1], z - out[2])).toBeCloseTo(best, 12);
    }
  });

  it('tell inside from outside of a sharp body', () => {
    // A tetrahedron: at its edges and corners the two or three faces disagree.
    const vertices = Float64Array.of(0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 3);
    const surface = triangleSurface({ vertices, faces: Uint32Array.of(0, 2, 1, 0, 1, 3, 0, 3, 2, 1, 2, 3) });
    const random = createRandom(6);
    for (let trial = 0; trial < 3000; trial++) {
      const [x, y, z] = [6 * random.uniform() - 1, 3 * random.uniform() - 1, 5 * random.uniform() - 1];
      const inside = x > 0 && y > 0 && z > 0 && x / 4 + y + z / 3 < 1;
      expect(surface.inside(x, y, z)).toBe(inside);
    }
  });
});

it('normals of points on a torus are found and turned outward', async () => {
  const random = createRandom(7);
  const exact: number[] = [];
  const points: number[] = [];
  for (let i = 0; i < 2000; i++) {
    const [a, b] = [2 * Math.PI * random.uniform(), 2 * Math.PI * random.uniform()];
    const n = [Math.cos(a) * Math.cos(b), Math.sin(a) * Math.cos(b), Math.sin(b)];
    points.push(3 * Math.cos(a) + n[0], 3 * Math.sin(a) + n[1], n[2]);
    exact.push(...n);
  }
  const found = await estimateNormals(Float64Array.from(points), quietContext());
  let worst = 1;
  for (let i = 0; i < found.length; i += 3)
    worst = Math.min(worst, found[i] * exact[i] + found[i + 1] * exact[i + 1] + found[i + 2] * exact[i + 2]);
  expect(worst).toBeGreaterThan(0.9);
});
