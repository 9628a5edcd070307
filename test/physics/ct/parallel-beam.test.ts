import { describe, expect, test } from 'vitest';
import { fbp } from '../../../engine/physics/ct/fbp.ts';
import { uniformAngles } from '../../../engine/physics/ct/geometry.ts';
import { parallelBeam } from '../../../engine/physics/ct/parallel-beam.ts';

/** Repeatable numbers in [−1, 1) for test inputs. */
function noise(length: number, seed: number): Float32Array {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

const norm = (a: Float32Array): number => Math.sqrt(dot(a, a));

/** The transform by its definition, one ray sample after another. */
function slowRadon(x: Float32Array, n: number, angleDeg: number): Float64Array {
  const d = Math.ceil(Math.SQRT2 * n);
  const half = Math.floor(d / 2);
  const c = Math.floor(n / 2);
  const theta = (angleDeg * Math.PI) / 180;
  const pixel = (row: number, column: number): number =>
    row >= 0 && column >= 0 && row < n && column < n ? x[row * n + column] : 0;
  return Float64Array.from({ length: d }, (_, j) => {
    let sum = 0;
    for (let i = 0; i < d; i++) {
      const s = j - half;
      const t = i - half;
      const column = c + s * Math.cos(theta) + t * Math.sin(theta);
      const row = c - s * Math.sin(theta) + t * Math.cos(theta);
      const q = Math.floor(column);
      const p = Math.floor(row);
      const u = column - q;
      const v = row - p;
      sum += (1 - v) * ((1 - u) * pixel(p, q) + u * pixel(p, q + 1));
      sum += v * ((1 - u) * pixel(p + 1, q) + u * pixel(p + 1, q + 1));
    }
    return sum;
  });
}

describe('parallel-beam projector', () => {
  // T1: ten random pairs per size; even, odd; one, few and many views; one slice and slice blocks.
  test.each([
    { size: 16, views: 1, slices: 1 },
    { size: 17, views: 7, slices: 1 },
    { size: 32, views: 60, slices: 1 },
    { size: 33, views: 7, slices: 3 },
    { size: 12, views: 60, slices: 6 },
    { size: 1, views: 7, slices: 1 },
    { size: 2, views: 1, slices: 5 },
  ])('is exactly adjoint: $size², $views views, $slices slices', ({ size, views, slices }) => {
    {
      const a = parallelBeam({ size, anglesDeg: uniformAngles(views), slices });
      const d = a.geometry.detectors;
      expect(a.range.shape).toEqual([slices, views, d]);
      for (let trial = 0; trial < 10; trial++) {
        const u = noise(slices * size * size, trial);
        const v = noise(slices * views * d, 100 + trial);
        const au = a.apply(u);
        const atv = a.adjoint(v);
        expect(au.length).toBe(v.length);
        expect(atv.length).toBe(u.length);
        expect(Math.abs(dot(au, v) - dot(u, atv))).toBeLessThanOrEqual(1e-5 * norm(au) * norm(v));
      }
    }
  });

  test('is exactly adjoint on another detector: offset centre, coarse and fine pitch, views beyond 180°', () => {
    for (const detectorSpacing of [0.7, 1, 1.9]) {
      const a = parallelBeam({
        size: 21,
        anglesDeg: [0, 10.5, 90, 179.9, 200, 359, -33],
        detectors: 40,
        detectorCentre: 17.3,
        detectorSpacing,
      });
      const u = noise(441, 1);
      const v = noise(280, 2);
      const au = a.apply(u);
      expect(Math.abs(dot(au, v) - dot(u, a.adjoint(v)))).toBeLessThanOrEqual(1e-5 * norm(au) * norm(v));
    }
  });

  test('follows the definition, ray by ray', () => {
    for (const n of [9, 16]) {
      const angles = [0, 22.5, 45, 90, 133.7, 180];
      const a = parallelBeam({ size: n, anglesDeg: angles });
      const x = noise(n * n, 5);
      const got = a.apply(x);
      const d = a.geometry.detectors;
      angles.forEach((angle, view) => {
        slowRadon(x, n, angle).forEach((expected, j) => {
          expect(Math.abs(got[view * d + j] / a.scaling - expected)).toBeLessThan(2e-5);
        });
      });
    }
  });

  test('angle 0 sums over the rows and angle 90 over the columns', () => {
    const n = 8;
    const x = noise(n * n, 3);
    const a = parallelBeam({ size: n, anglesDeg: [0, 90] });
    const d = a.geometry.detectors; // 12, centre 6
    const got = a.apply(x);
    for (let k = 0; k < n; k++) {
      let column = 0;
      let row = 0;
      for (let i = 0; i < n; i++) {
        column += x[i * n + k];
        row += x[k * n + i];
      }
      expect(got[6 + k - 4] / a.scaling).toBeCloseTo(column, 5);
      expect(got[d + 6 - (k - 4)] / a.scaling).toBeCloseTo(row, 5);
    }
  });

  test('the fused normal equals adjoint after forward, and slices do not mix', () => {
    const size = 19;
    const anglesDeg = uniformAngles(11);
    const a = parallelBeam({ size, anglesDeg, slices: 6 });
    const one = parallelBeam({ size, anglesDeg });
    const x = noise(6 * size * size, 9);
    const fused = a.normal(x);
    const plain = a.adjoint(a.apply(x));
    const scale = norm(plain);
    for (let i = 0; i < x.length; i++) expect(Math.abs(fused[i] - plain[i])).toBeLessThan(1e-6 * scale);
    for (let slice = 0; slice < 6; slice++) {
      const alone = one.normal(x.subarray(slice * size * size, (slice + 1) * size * size));
      for (let i = 0; i < alone.length; i++)
        expect(Math.abs(alone[i] - fused[slice * size * size + i])).toBeLessThan(1e-6 * scale);
    }
  });

  test('nonsense geometry is refused with the field named', () => {
    expect(() => parallelBeam({ size: 0, anglesDeg: [0] })).toThrow(/image size is 0/);
    expect(() => parallelBeam({ size: 8, anglesDeg: [] })).toThrow(/no view angles/);
    expect(() => parallelBeam({ size: 8, anglesDeg: [0, Number.NaN] })).toThrow(/view angle 1 is NaN/);
    expect(() => parallelBeam({ size: 8, anglesDeg: [0], detectors: 2 ** 40 })).toThrow(/detector elements/);
    expect(() => parallelBeam({ size: 8, anglesDeg: [0], detectorSpacing: -1 })).toThrow(/detector spacing/);
    expect(() => parallelBeam({ size: 8192, anglesDeg: [0], slices: 64 })).toThrow(/exceed/);
    expect(() => parallelBeam({ size: 8, anglesDeg: [0] }).apply(new Float32Array(63))).toThrow(/63 elements/);
  });
});

// T11
describe('CT geometry at 256²', () => {
  const n = 256;

  test('a pixel projects to 181 + (column − 128) cos θ − (row − 128) sin θ, mass within the known ripple', () => {
    const anglesDeg = [...uniformAngles(60), ...uniformAngles(8)];
    const a = parallelBeam({ size: n, anglesDeg });
    expect(a.geometry.detectors).toBe(363);
    const x = new Float32Array(n * n);
    x[100 * n + 40] = 1;
    const y = a.apply(x);
    anglesDeg.forEach((angle, view) => {
      let mass = 0;
      let moment = 0;
      for (let j = 0; j < 363; j++) {
        mass += y[view * 363 + j] / a.scaling;
        moment += (j * y[view * 363 + j]) / a.scaling;
      }
      const theta = (angle * Math.PI) / 180;
      // The ripple depends on the angle: 0.84 … 1.02 at multiples of 22.5°; it reaches 1.17 in views between.
      expect(mass).toBeGreaterThan(0.84);
      expect(mass).toBeLessThan(angle % 22.5 === 0 ? 1.02 : 1.17);
      const expected = 181 + (40 - 128) * Math.cos(theta) - (100 - 128) * Math.sin(theta);
      expect(Math.abs(moment / mass - expected)).toBeLessThan(0.1);
    });
  });

  test('a Gaussian blob of σ = 3 keeps its mass to 2e-3 in every view', () => {
    const a = parallelBeam({ size: n, anglesDeg: uniformAngles(60) });
    const x = new Float32Array(n * n);
    let total = 0;
    for (let row = 0; row < n; row++)
      for (let column = 0; column < n; column++) {
        x[row * n + column] = Math.exp(-((row - 100.3) ** 2 + (column - 70.7) ** 2) / 18);
        total += x[row * n + column];
      }
    const y = a.apply(x);
    for (let view = 0; view < 60; view++) {
      let mass = 0;
      for (let j = 0; j < 363; j++) mass += y[view * 363 + j] / a.scaling;
      expect(Math.abs(mass / total - 1)).toBeLessThan(2e-3);
    }
  });

  test('filtered back-projection of a disk from 180 views has mean 1 inside', () => {
    const a = parallelBeam({ size: n, anglesDeg: uniformAngles(180) });
    const x = new Float32Array(n * n);
    for (let row = 0; row < n; row++)
      for (let column = 0; column < n; column++)
        x[row * n + column] = (row - 128) ** 2 + (column - 128) ** 2 <= 80 ** 2 ? 1 : 0;
    const sinogram = a.apply(x).map((value) => value / a.scaling);
    const image = fbp(sinogram, a.geometry);
    let sum = 0;
    let count = 0;
    for (let row = 0; row < n; row++)
      for (let column = 0; column < n; column++)
        if ((row - 128) ** 2 + (column - 128) ** 2 <= 70 ** 2) {
          sum += image[row * n + column];
          count++;
        }
    expect(Math.abs(sum / count - 1)).toBeLessThan(0.002);
  });

  test.each([8, 60, 120])('largest eigenvalue of AᴴA is 390 ± 3 % from %i views', (views) => {
    const a = parallelBeam({ size: n, anglesDeg: uniformAngles(views) });
    let x = new Float32Array(n * n).fill(1 / n);
    let eigenvalue = 0;
    for (let i = 0; i < 20; i++) {
      const z = a.normal(x);
      eigenvalue = norm(z);
      x = z.map((value) => value / eigenvalue);
    }
    expect(Math.abs(eigenvalue / 390 - 1)).toBeLessThan(0.03);
  });
});
