import { describe, expect, test } from 'vitest';
import type { CtGeometry } from '../../../engine/physics/ct/ct-geometry.ts';
import { fanAngle, fanBeamGeometry } from '../../../engine/physics/ct/fan-geometry.ts';
import { coverage, fbp } from '../../../engine/physics/ct/fbp.ts';
import { parallelBeamGeometry, uniformAngles } from '../../../engine/physics/ct/geometry.ts';
import { type RampWindow, rampFilter, rampWindows } from '../../../engine/physics/ct/ramp-filter.ts';
import { parkerWeight, viewArc } from '../../../engine/physics/ct/view-weights.ts';
import { type Ellipsoid, ellipses, exactSinogram, noise, rasterise, relativeError } from './ct-fixtures.ts';

const disk = (radius: number): Ellipsoid => ({ centre: [0, 0, 0], axes: [radius, radius, 1e6], value: 1 });

/** Mean, spread and worst of the image within `radius` of the centre. */
function inside(image: Float32Array, n: number, centre: number, radius: number) {
  let [sum, squares, count] = [0, 0, 0];
  for (let y = 0; y < n; y++)
    for (let x = 0; x < n; x++) {
      if (Math.hypot(x - centre, y - centre) > radius) continue;
      sum += image[y * n + x];
      squares += image[y * n + x] ** 2;
      count++;
    }
  const mean = sum / count;
  return { mean, deviation: Math.sqrt(Math.max(0, squares / count - mean * mean)) };
}

function fan(n: number, anglesDeg: ArrayLike<number>, detector: 'flat' | 'curved', change = {}): CtGeometry {
  const common = { size: n, anglesDeg, detector, sourceOrigin: 2 * n, sourceDetector: 3 * n };
  return fanBeamGeometry({ ...common, detectors: Math.ceil(2.2 * n), detectorSpacing: 1, ...change });
}

describe('ramp filter', () => {
  test.each([1, 2, 7, 64, 97])('equals the direct convolution for %i elements', (d) => {
    const rows = 5;
    const values = noise(rows * d, d);
    const got = rampFilter(values, rows, d);
    for (let r = 0; r < rows; r++)
      for (let i = 0; i < d; i++) {
        let sum = values[r * d + i] / 4;
        for (let k = 0; k < d; k++) if ((i - k) % 2 !== 0) sum -= values[r * d + k] / (Math.PI * (i - k)) ** 2;
        expect(Math.abs(got[r * d + i] - sum)).toBeLessThan(2e-6);
      }
  });

  test('windows keep slow waves, damp fast ones as their formula says, and nothing passes the cut-off', () => {
    const d = 512;
    // A wave of frequency f comes back times |f|·window(f) away from the ends.
    const gain = (f: number, window: RampWindow, cutoff: number): number => {
      const wave = Float32Array.from({ length: d }, (_, i) => Math.cos(2 * Math.PI * f * (i - d / 2)));
      return rampFilter(wave, 1, d, { window, cutoff })[d / 2];
    };
    const r = 0.6;
    const expected: Record<RampWindow, number> = {
      ramp: 1,
      'shepp-logan': Math.sin((Math.PI * r) / 2) / ((Math.PI * r) / 2),
      cosine: Math.cos((Math.PI * r) / 2),
      hamming: 0.54 + 0.46 * Math.cos(Math.PI * r),
      hann: 0.5 + 0.5 * Math.cos(Math.PI * r),
    };
    for (const window of rampWindows)
      for (const cutoff of [1, 0.5]) {
        const f = 0.5 * cutoff * r;
        expect(gain(f, window, cutoff) / f).toBeCloseTo(expected[window], 2);
        if (cutoff < 1) expect(Math.abs(gain(0.4, window, cutoff))).toBeLessThan(0.01);
      }
    expect(() => rampFilter(new Float32Array(4), 1, 4, { cutoff: 0 })).toThrow(/cut-off/);
    expect(() => rampFilter(new Float32Array(4), 1, 5)).toThrow(/4 elements/);
  });
});

describe('view weights', () => {
  test('uniform views share the period, whatever their order; doubled views share their place', () => {
    for (const weight of viewArc([90, 0, 135, 45], 180).weights) expect(weight).toBeCloseTo(Math.PI / 4, 12);
    expect(viewArc([0], 180).weights[0]).toBeCloseTo(Math.PI, 12);
    const { weights } = viewArc([0, 0, 60, 120, 180], 180);
    expect(weights[0] + weights[1] + weights[4]).toBeCloseTo(Math.PI / 3, 12);
    expect(weights[2]).toBeCloseTo(Math.PI / 3, 12);
  });

  test('a missing arc is not spread over the views beside it', () => {
    const angles = Float64Array.from({ length: 121 }, (_, v) => 350 + v / 2);
    const { weights, closed, firstDeg, spanDeg } = viewArc(angles, 360);
    expect(closed).toBe(false);
    expect(firstDeg).toBeCloseTo(350, 9);
    expect(spanDeg).toBeCloseTo(60, 9);
    for (const weight of weights) expect(weight).toBeCloseTo(Math.PI / 360, 9);
  });

  test("Parker's weights of both measurements of a line add up to 1", () => {
    const gammaMax = 0.25;
    for (const delta of [gammaMax, 0.4, 1.2])
      for (let gamma = -0.24; gamma < 0.245; gamma += 0.02)
        for (let turn = 0; turn <= Math.PI + 2 * delta; turn += 0.03) {
          const again = turn + Math.PI + 2 * gamma;
          const before = turn - Math.PI + 2 * gamma;
          let sum = parkerWeight(turn, gamma, delta);
          if (again <= Math.PI + 2 * delta) sum += parkerWeight(again, -gamma, delta);
          else if (before >= 0) sum += parkerWeight(before, -gamma, delta);
          expect(sum).toBeCloseTo(1, 9);
        }
    expect(parkerWeight(0.3, 0.1, -1)).toBe(1);
  });

  test('coverage tells full, short and limited scans apart', () => {
    const n = 64;
    const steps = (count: number, from: number, to: number) =>
      Float64Array.from({ length: count }, (_, v) => from + ((to - from) * v) / (count - 1));
    const parallel = (anglesDeg: ArrayLike<number>) => coverage(parallelBeamGeometry({ size: n, anglesDeg }));
    expect(parallel(uniformAngles(8))).toBe('full');
    expect(parallel(steps(181, 0, 179.006))).toBe('full');
    expect(parallel(uniformAngles(30, 360))).toBe('full');
    expect(parallel(steps(90, 0, 120))).toBe('limited');
    // Rays of the image's inscribed circle leave the central one by asin(¼) = 14.5°.
    const fanOf = (anglesDeg: ArrayLike<number>) => coverage(fan(n, anglesDeg, 'flat'));
    expect(fanOf(uniformAngles(90, 360))).toBe('full');
    expect(fanOf(steps(210, 0, 210))).toBe('short');
    expect(fanOf(steps(300, 30, 330))).toBe('short');
    expect(fanOf(steps(190, 0, 190))).toBe('limited');
    expect(fanOf(steps(121, 0, 60))).toBe('limited');
  });
});

describe('filtered back-projection', () => {
  const short = Float64Array.from({ length: 320 }, (_, v) => 40 + v * 0.75);
  const half = uniformAngles(180);
  const turn = uniformAngles(360, 360);
  const offset = { detectors: 300, detectorCentre: 120.4, detectorSpacing: 1.25 };
  const cases: [string, (n: number) => CtGeometry][] = [
    ['parallel beam', (n) => parallelBeamGeometry({ size: n, anglesDeg: half })],
    ['parallel beam over a full turn', (n) => parallelBeamGeometry({ size: n, anglesDeg: turn })],
    ['parallel beam, detector off the middle', (n) => parallelBeamGeometry({ size: n, anglesDeg: half, ...offset })],
    ['flat fan, full turn', (n) => fan(n, turn, 'flat')],
    ['curved fan, full turn', (n) => fan(n, turn, 'curved')],
    ['flat fan, short scan', (n) => fan(n, short, 'flat')],
    ['curved fan, short scan backwards', (n) => fan(n, short.toReversed(), 'curved')],
    ['flat fan, 300°', (n) => fan(n, uniformAngles(300, 300), 'flat')],
    ['flat fan, detector off the middle', (n) => fan(n, turn, 'flat', { detectorCentre: 1.1 * n - 20.3 })],
  ];

  // T11, for every beam, from closed-form line integrals.
  test.each(cases)('of a disk has mean 1 ± 0.002 inside: %s', (_, beam) => {
    const n = 256;
    const geometry = beam(n);
    const centre = geometry.kind === 'parallel' ? 128 : 127.5;
    const image = fbp(exactSinogram([disk(80)], geometry), geometry);
    const { mean, deviation } = inside(image, n, centre, 70);
    expect(Math.abs(mean - 1)).toBeLessThan(0.002);
    expect(deviation).toBeLessThan(0.01);
  });

  test.each(cases)('of ellipses finds them where they are: %s', (_, beam) => {
    const n = 128;
    const geometry = beam(n);
    const centre = geometry.kind === 'parallel' ? 64 : 63.5;
    const image = fbp(exactSinogram(ellipses(n), geometry), geometry);
    expect(relativeError(image, rasterise(ellipses(n), n, centre))).toBeLessThan(0.15);
  });

  test('views at uneven angles are weighted by their neighbourhood', () => {
    const n = 128;
    // Dense over the first 60°, three times sparser over the rest.
    const anglesDeg = [
      ...Array.from({ length: 120 }, (_, v) => v / 2),
      ...Array.from({ length: 80 }, (_, v) => 60 + 1.5 * v),
    ];
    const geometry = parallelBeamGeometry({ size: n, anglesDeg });
    const image = fbp(exactSinogram(ellipses(n), geometry), geometry);
    expect(relativeError(image, rasterise(ellipses(n), n, 64))).toBeLessThan(0.15);
  });

  test('slices do not mix, and a window smooths', () => {
    const geometry = fan(33, uniformAngles(40, 360), 'flat');
    const plane = 40 * geometry.detectors;
    const sinogram = noise(10 * plane, 6);
    const all = fbp(sinogram, geometry);
    for (const z of [0, 7, 8, 9]) {
      const alone = fbp(sinogram.subarray(z * plane, (z + 1) * plane), geometry);
      expect(relativeError(all.subarray(z * 33 * 33, (z + 1) * 33 * 33), alone)).toBeLessThan(1e-6);
    }
    const energy = (window: RampWindow) =>
      fbp(sinogram, geometry, { window }).reduce((sum, value) => sum + value * value, 0);
    expect(energy('hann')).toBeLessThan(0.5 * energy('ramp'));
    expect(() => fbp(new Float32Array(plane + 1), geometry)).toThrow(/expected slices of 40×/);
  });

  test('fan angles: equal arcs on a curved detector, equal lengths on a flat one', () => {
    const curved = fan(16, [0], 'curved');
    const flat = fan(16, [0], 'flat');
    if (curved.kind !== 'fan' || flat.kind !== 'fan') throw new Error('not a fan');
    expect(fanAngle(curved, curved.detectorCentre + 10)).toBeCloseTo(10 / 48, 12);
    expect(Math.tan(fanAngle(flat, flat.detectorCentre + 10))).toBeCloseTo(10 / 48, 12);
  });
});
