import { describe, expect, test } from 'vitest';
import { coneBeamGeometry } from '../../../engine/physics/ct/cone-geometry.ts';
import { fbp } from '../../../engine/physics/ct/fbp.ts';
import { uniformAngles } from '../../../engine/physics/ct/geometry.ts';
import { createProjector } from '../../../engine/physics/ct/projector.ts';
import { dot, type Ellipsoid, exactCone, noise, norm, rasterise, relativeError } from './ct-fixtures.ts';

function cone(size: number, anglesDeg: ArrayLike<number>, change = {}) {
  return coneBeamGeometry({
    size,
    anglesDeg,
    detectors: Math.ceil(1.6 * size) + 3,
    detectorSpacing: 1.4,
    sourceOrigin: 2 * size + 4,
    sourceDetector: 3 * size + 6,
    rows: size + 2,
    rowSpacing: 1.3,
    ...change,
  });
}

const ball = (n: number): Ellipsoid => ({
  centre: [0.12 * n, -0.08 * n, 0.05 * n],
  axes: [0.2 * n, 0.2 * n, 0.2 * n],
  value: 1,
});

describe('cone-beam projector', () => {
  // T1
  test.each([
    { size: 8, views: 1, slices: 8 },
    { size: 9, views: 7, slices: 5 },
    { size: 12, views: 60, slices: 4 },
    { size: 1, views: 7, slices: 1 },
    { size: 7, views: 7, slices: 20, change: { rowCentre: 1.2, sliceSpacing: 0.6, detectorCentre: 3.3 } },
  ])('is exactly adjoint: $size², $views views, $slices slices', ({ size, views, slices, change }) => {
    const a = createProjector(cone(size, uniformAngles(views, 360), change), slices);
    for (let trial = 0; trial < 10; trial++) {
      const u = noise(a.domain.length, trial);
      const v = noise(a.range.length, 100 + trial);
      const au = a.apply(u);
      expect(Math.abs(dot(au, v) - dot(u, a.adjoint(v)))).toBeLessThanOrEqual(1e-5 * norm(au) * norm(v));
    }
    const x = noise(a.domain.length, 3);
    expect(relativeError(a.normal(x), a.adjoint(a.apply(x)))).toBeLessThan(1e-6);
  });

  test('the row in the plane of the source is the fan beam of the middle slice', () => {
    const geometry = cone(16, uniformAngles(9, 360), { rows: 3 });
    const a = createProjector(geometry, 5);
    const x = noise(a.domain.length, 2);
    const d = geometry.detectors;
    const got = a.apply(x);
    const fan = createProjector({ ...geometry, kind: 'fan' }).apply(x.subarray(512, 768));
    for (let v = 0; v < 9; v++)
      for (let j = 0; j < d; j++) expect(Math.abs(got[(3 * v + 1) * d + j] - fan[v * d + j])).toBeLessThan(1e-4);
  });

  test('line integrals of an ellipsoid are within 1 % of the closed-form chords at 256²', () => {
    const n = 256;
    const [slices, sliceSpacing] = [148, 1.3];
    const geometry = cone(n, [0, 37], { sliceSpacing, detectors: 50, detectorSpacing: 7.5, rows: 40, rowSpacing: 8 });
    const body: Ellipsoid = { centre: [6, -4, 2], axes: [108, 96, 88], value: 0.8, turn: 25 };
    const a = createProjector(geometry, slices);
    const volume = rasterise([body], n, geometry.imageCentre, slices, sliceSpacing);
    const got = a.apply(volume).map((value) => value / a.scaling);
    expect(relativeError(got, exactCone([body], geometry))).toBeLessThan(0.01);
  });
});

describe('FDK', () => {
  const n = 64;
  const full = uniformAngles(90, 360);
  const short = Float64Array.from({ length: 80 }, (_, v) => 20 + 3 * v);

  test.each([
    ['a full turn', full],
    ['a short scan', short],
  ])('finds a small ball and its value from %s', (_, anglesDeg) => {
    const geometry = cone(n, anglesDeg, { detectors: 100, detectorSpacing: 1.4, rows: 70, rowSpacing: 1.3 });
    const slices = 48;
    const volume = fbp(exactCone([ball(n)], geometry), geometry, { slices });
    const truth = rasterise([ball(n)], n, geometry.imageCentre, slices);
    expect(relativeError(volume, truth)).toBeLessThan(0.2);
    const [cx, cy, cz] = ball(n).centre;
    let sum = 0;
    let count = 0;
    for (let k = 0; k < slices; k++)
      for (let y = 0; y < n; y++)
        for (let x = 0; x < n; x++) {
          const middle = geometry.imageCentre;
          if (Math.hypot(x - middle - cx, y - middle - cy, k - (slices - 1) / 2 - cz) > 0.15 * n) continue;
          sum += volume[(k * n + y) * n + x];
          count++;
        }
    expect(Math.abs(sum / count - 1)).toBeLessThan(0.01);
  });

  test('a scan of the wrong size is refused', () => {
    const geometry = cone(8, [0, 90]);
    expect(() => fbp(new Float32Array(7), geometry)).toThrow(/7 elements, expected 2×10×/);
    expect(() => cone(8, [0], { rows: 0 })).toThrow(/detector rows is 0/);
    expect(() => cone(8, [0], { sliceSpacing: 0 })).toThrow(/slice spacing/);
  });
});
