import { describe, expect, test } from 'vitest';
import type { CtGeometry } from '../../../engine/physics/ct/ct-geometry.ts';
import { fanBeamGeometry } from '../../../engine/physics/ct/fan-geometry.ts';
import { parallelBeamGeometry, uniformAngles } from '../../../engine/physics/ct/geometry.ts';
import { createProjector } from '../../../engine/physics/ct/projector.ts';
import { centreOf, dot, ellipses, exactSinogram, noise, norm, rasterise, relativeError } from './ct-fixtures.ts';

const beams: Record<string, (size: number, anglesDeg: ArrayLike<number>) => CtGeometry> = {
  parallel: (size, anglesDeg) => parallelBeamGeometry({ size, anglesDeg }),
  'parallel, axis off the middle': (size, anglesDeg) =>
    parallelBeamGeometry({ size, anglesDeg, detectors: 2 * size + 3, detectorCentre: 0.8 * size + 0.3 }),
  'fan, flat': (size, anglesDeg) => fan(size, anglesDeg, 'flat'),
  'fan, curved': (size, anglesDeg) => fan(size, anglesDeg, 'curved'),
};

function fan(size: number, anglesDeg: ArrayLike<number>, detector: 'flat' | 'curved'): CtGeometry {
  const [sourceOrigin, sourceDetector] = [2 * size + 4, 3 * size + 6];
  const detectors = Math.ceil(1.6 * size) + 3;
  return fanBeamGeometry({ size, anglesDeg, detectors, detectorSpacing: 1.4, detector, sourceOrigin, sourceDetector });
}

describe.each(Object.entries(beams))('%s', (name, beam) => {
  const arc = name.startsWith('fan') ? 360 : 180;

  // T1: ten random pairs per size; even, odd; one, few and many views; single slices, blocks of four and both.
  test.each([
    { size: 16, views: 1, slices: 1 },
    { size: 17, views: 7, slices: 1 },
    { size: 32, views: 60, slices: 1 },
    { size: 33, views: 60, slices: 1 },
    { size: 33, views: 7, slices: 3 },
    { size: 12, views: 60, slices: 6 },
    { size: 1, views: 7, slices: 1 },
    { size: 2, views: 1, slices: 5 },
  ])('is exactly adjoint: $size², $views views, $slices slices', ({ size, views, slices }) => {
    const a = createProjector(beam(size, uniformAngles(views, arc)), slices);
    for (let trial = 0; trial < 10; trial++) {
      const u = noise(a.domain.length, trial);
      const v = noise(a.range.length, 100 + trial);
      const au = a.apply(u);
      expect(Math.abs(dot(au, v) - dot(u, a.adjoint(v)))).toBeLessThanOrEqual(1e-5 * norm(au) * norm(v));
    }
  });

  test('a slice alone, among four and in two stacks gives the same sinogram, image and normal image', () => {
    for (const [size, views] of [
      [20, 12],
      [21, 36],
    ]) {
      const geometry = beam(size, [...uniformAngles(views, arc), 33.3, 0, 190, 359]);
      const one = createProjector(geometry);
      for (const slices of [2, 4, 5]) {
        const a = createProjector(geometry, slices);
        const x = noise(a.domain.length, 4);
        const y = noise(a.range.length, 5);
        const [ax, aty, ahax] = [a.apply(x), a.adjoint(y), a.normal(x)];
        expect(relativeError(ahax, a.adjoint(ax))).toBeLessThan(1e-6);
        for (let z = 0; z < slices; z++) {
          const part = (all: Float32Array) => all.subarray((z * all.length) / slices, ((z + 1) * all.length) / slices);
          expect(relativeError(part(ax), one.apply(part(x)))).toBeLessThan(2e-6);
          expect(relativeError(part(aty), one.adjoint(part(y)))).toBeLessThan(2e-6);
          expect(relativeError(part(ahax), one.normal(part(x)))).toBeLessThan(2e-6);
        }
      }
    }
  });

  test('line integrals of ellipses are within 1 % of the closed-form chords at 256²', () => {
    const n = 256;
    const geometry = beam(n, uniformAngles(24, arc));
    const image = rasterise(ellipses(n), n, centreOf(geometry));
    const a = createProjector(geometry);
    const got = a.apply(image).map((value) => value / a.scaling);
    const error = relativeError(got, exactSinogram(ellipses(n), geometry));
    expect(error).toBeLessThan(0.01);
  });
});

test('threads change no bit, and the projector works on after many products', async () => {
  const geometry = parallelBeamGeometry({ size: 96, anglesDeg: uniformAngles(30) });
  const slices = 21;
  const one = createProjector(geometry, slices);
  const x = noise(one.domain.length, 8);
  const y = noise(one.range.length, 9);
  for (const threads of [2, 3]) {
    const a = createProjector(geometry, slices, { threads });
    // Gives the threads time to come up, so that they take part.
    await new Promise((resolve) => setTimeout(resolve, 100));
    for (let turn = 0; turn < 3; turn++) {
      expect(a.apply(x)).toEqual(one.apply(x));
      expect(a.adjoint(y)).toEqual(one.adjoint(y));
      expect(a.normal(x)).toEqual(one.normal(x));
    }
    a.dispose();
  }
});

test('the central ray of a fan sums a column at 0°, a row at 90°, from the source outwards', () => {
  const n = 9;
  const x = noise(n * n, 3);
  const common = { size: n, anglesDeg: [0, 90], sourceOrigin: 40, sourceDetector: 60, detectorSpacing: 1 };
  for (const detector of ['flat', 'curved'] as const) {
    const a = createProjector(fanBeamGeometry({ ...common, detectors: 5, detector }));
    const y = a.apply(x);
    let column = 0;
    let row = 0;
    for (let i = 0; i < n; i++) {
      column += x[i * n + 4];
      row += x[4 * n + i];
    }
    expect(y[2] / a.scaling).toBeCloseTo(column, 5);
    expect(y[7] / a.scaling).toBeCloseTo(row, 5);
  }
});

test('nonsense fan geometry is refused with the field named', () => {
  const good = {
    size: 8,
    anglesDeg: [0],
    detectors: 9,
    detectorSpacing: 1,
    detector: 'flat' as const,
    sourceOrigin: 20,
    sourceDetector: 30,
  };
  const made = (change: object) => () => fanBeamGeometry({ ...good, ...change });
  expect(made({})).not.toThrow();
  expect(made({ sourceOrigin: 5 })).toThrow(/source is 5 pixels/);
  expect(made({ sourceDetector: -1 })).toThrow(/source to detector/);
  expect(made({ detectorSpacing: 0 })).toThrow(/detector spacing/);
  expect(made({ detector: 'round' })).toThrow(/"round"/);
  expect(made({ detector: 'curved', detectorSpacing: 40 })).toThrow(/less than 90°/);
  expect(made({ imageCentre: Number.NaN })).toThrow(/image centre/);
});
