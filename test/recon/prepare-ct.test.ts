import { describe, expect, test } from 'vitest';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import type { SinogramScan } from '../../engine/io/scan.ts';
import { uniformAngles } from '../../engine/physics/ct/geometry.ts';
import { prepareCt } from '../../engine/recon/prepare-ct.ts';
import { engineErrorOf } from '../io/engine-error-of.ts';

const [views, detectors] = [12, 24];

/** Line integrals that name their slice, view and detector. */
function scan(changes: Partial<SinogramScan> = {}): SinogramScan {
  const data = Float32Array.from({ length: 2 * views * detectors }, (_, i) => i);
  return {
    kind: 'sinogram',
    format: 'npz',
    digest: 'ab',
    notes: [],
    sinogram: ndarray('float32', [2, views, detectors], data),
    anglesDeg: uniformAngles(views, 180),
    ...changes,
  };
}

describe('units', () => {
  test('without lengths an element is a pixel, and the image is per pixel', () => {
    const { data, unit, pixel, spacingMm, waterPerPixel, beam } = prepareCt(scan(), {}, 0);
    expect(data.geometry).toMatchObject({
      kind: 'parallel',
      size: 16,
      detectors,
      detectorSpacing: 1,
      detectorCentre: 12,
    });
    expect({ unit, pixel, spacingMm, waterPerPixel }).toEqual({
      unit: '1/pixel',
      pixel: 1,
      spacingMm: undefined,
      waterPerPixel: undefined,
    });
    expect(beam).toMatchObject({ kind: 'parallel', views, measuredViews: views, centreFrom: 'middle', pixelMm: null });
  });

  test('lengths in mm become pixels, and water makes Hounsfield units', () => {
    const lengths = { detectorSpacingMm: 1, pixelSpacingMm: 0.5, sliceSpacingMm: 3, waterPerMm: 0.02 };
    const { data, unit, pixel, spacingMm, waterPerPixel } = prepareCt(scan(lengths), {}, 0);
    expect(data.geometry).toMatchObject({ detectorSpacing: 2, size: Math.floor((24 * 2) / Math.SQRT2) });
    expect({ unit, pixel, spacingMm, waterPerPixel }).toEqual({
      unit: 'HU',
      pixel: 0.5,
      spacingMm: [3, 0.5, 0.5],
      waterPerPixel: 0.01,
    });
    expect(prepareCt(scan({ pixelSpacingMm: 0.5 }), {}, 0)).toMatchObject({ unit: '1/mm' });
    expect(prepareCt(scan(lengths), { pixelMm: 0.25, imageSize: 10 }, 0).data.geometry).toMatchObject({
      detectorSpacing: 4,
      size: 10,
    });
  });

  test('a fan beam: a pixel is an element at the axis, the image holds the circle every view sees', () => {
    const fan = { sourceOriginMm: 100, sourceDetectorMm: 200 };
    const { data, beam } = prepareCt(scan({ fan, detectorSpacingMm: 2 }), {}, 0);
    expect(data.geometry).toMatchObject({
      kind: 'fan',
      detector: 'flat',
      sourceOrigin: 100,
      sourceDetector: 200,
      detectorSpacing: 2,
      detectorCentre: 11.5,
      size: Math.floor(200 * Math.sin(Math.atan(24 / 200))),
    });
    expect(beam).toMatchObject({ sourceOriginMm: 100, sourceDetectorMm: 200, pixelMm: 1 });
  });

  test('a cone beam: rows, and as many slices as the panel shows unless the file says', () => {
    const fan = { sourceOriginMm: 100, sourceDetectorMm: 200 };
    const data = new Float32Array(views * 8 * detectors);
    const cone = scan({
      fan,
      detectorSpacingMm: 2,
      sliceSpacingMm: 2,
      cone: { rowSpacingMm: 4 },
      sinogram: ndarray('float32', [views, 8, detectors], data),
    });
    const found = prepareCt(cone, {}, 0);
    expect(found.data.slices).toBe(8);
    expect(found.data.geometry).toMatchObject({
      kind: 'cone',
      rows: 8,
      rowCentre: 3.5,
      rowSpacing: 4,
      sliceSpacing: 2,
    });
    const stated = prepareCt({ ...cone, cone: { rowSpacingMm: 4, slices: 5, rowCentre: 3 } }, {}, 0);
    expect(stated.data).toMatchObject({ slices: 5, geometry: { rowCentre: 3 } });
    const some = prepareCt(cone, { views: { from: 0, to: 6, step: 2 } }, 0).data;
    expect(some.sinogram.shape).toEqual([3, 8, detectors]);
  });
});

describe('views', () => {
  test('a range with a step takes views and angles of every slice, and is on record', () => {
    const { data, beam } = prepareCt(scan(), { views: { from: 2, to: -1, step: 4 } }, 0);
    expect([...data.geometry.anglesDeg]).toEqual([30, 90, 150]);
    expect(beam).toMatchObject({ views: 3, measuredViews: 12 });
    const firsts = [0, 1, 2, 3, 4, 5].map((k) => data.sinogram.data[k * detectors]);
    expect(firsts).toEqual([2, 6, 10, 14, 18, 22].map((view) => view * detectors));
  });

  test('outside the measured ones they are refused', () => {
    const error = engineErrorOf(() => prepareCt(scan(), { views: { from: 3, to: 13, step: 1 } }, 0));
    expect(error).toMatchObject({ code: 'bad-usage', path: '--views', message: 'views 3:13 are not inside 0:12' });
  });

  test('a part of the directions, and gaps, are warned about', () => {
    const codes = (found: ReturnType<typeof prepareCt>) => found.warnings.map(({ code }) => code);
    expect(codes(prepareCt(scan(), {}, 0))).toEqual([]);
    expect(codes(prepareCt(scan({ anglesDeg: uniformAngles(views, 90) }), {}, 0))).toEqual(['ct-limited-angle']);
    const gap = Float64Array.from(uniformAngles(views, 180), (angle, v) => (v === 3 ? angle + 14 : angle));
    expect(codes(prepareCt(scan({ anglesDeg: gap }), {}, 0))).toEqual(['ct-uneven-angles']);
  });
});

describe('rotation centre', () => {
  test('as asked, else from the file', () => {
    expect(prepareCt(scan({ detectorCentre: 10.5 }), {}, 0).beam).toMatchObject({ centre: 10.5, centreFrom: 'file' });
    const asked = prepareCt(scan({ detectorCentre: 10.5 }), { centre: 9 }, 0);
    expect(asked.beam).toMatchObject({ centre: 9, centreFrom: 'option' });
    expect(asked.data.geometry).toMatchObject({ detectorCentre: 9 });
  });

  test('off the detector it is refused', () => {
    const error = engineErrorOf(() => prepareCt(scan(), { centre: 24 }, 0));
    expect(error).toMatchObject({ code: 'bad-usage', path: '--centre' });
    expect(error.message).toContain('0 to 23');
  });

  test('of a fan beam it cannot be found', () => {
    const fan = { sourceOriginMm: 100, sourceDetectorMm: 200 };
    const error = engineErrorOf(() => prepareCt(scan({ fan, detectorSpacingMm: 2 }), { centre: 'auto' }, 0));
    expect(error).toMatchObject({ code: 'unsupported', path: '--centre' });
  });
});

test('counted photons give the noise: the root mean square of e^p/N', () => {
  const data = Float32Array.from({ length: 2 * views * detectors }, (_, i) => (i % 2 === 0 ? 0 : Math.log(3)));
  const counted = scan({ photons: 50, sinogram: ndarray('float32', [2, views, detectors], data) });
  expect(prepareCt(counted, {}, 'auto').data.sigma).toBeCloseTo(Math.sqrt(2 / 50), 6);
  expect(prepareCt(counted, {}, 0.1).data.sigma).toBe(0.1);
});
