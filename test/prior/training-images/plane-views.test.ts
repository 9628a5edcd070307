import { describe, expect, test } from 'vitest';
import { axisDirections, planeViews } from '../../../engine/prior/training/images/plane-views.ts';
import { copySlice, headThreshold, usableSlices } from '../../../engine/prior/training/images/training-volume.ts';
import { makeVolume } from './make-config.ts';

type Vector = [number, number, number];
const axial: [Vector, Vector, Vector] = [
  [0, 0, 1],
  [0, 1, 0],
  [1, 0, 0],
];
const shape = [20, 24, 28] as const;
/** The value tells the patient position: 10 000 z + 100 y + x, counted along LPS. */
const stored = makeVolume(shape, (z, y, x) => 10_000 * z + 100 * y + x).data;

function corner(view: ReturnType<typeof planeViews>[number], index: number, data = stored) {
  const out = new Float32Array(view.rows * view.columns);
  copySlice(data, view, index, out);
  return { first: out[0], right: out[1], below: out[view.columns], last: out[out.length - 1] };
}

test('axial, coronal and sagittal as radiologists look at them', () => {
  const [a, c, s] = planeViews(shape, [1, 1, 1], axial, 1.5);
  expect([a.name, c.name, s.name]).toEqual(['axial', 'coronal', 'sagittal']);
  // Rows to the back, columns to the left.
  expect(corner(a, 3)).toEqual({ first: 30_000, right: 30_001, below: 30_100, last: 32_327 });
  // Rows to the feet.
  expect(corner(c, 5)).toEqual({ first: 190_500, right: 190_501, below: 180_500, last: 527 });
  expect(corner(s, 7)).toEqual({ first: 190_007, right: 190_107, below: 180_007, last: 2307 });
});

test('the same views of a volume stored sagittally and upside down', () => {
  // Stored [x, z reversed, y]: slices to the left, rows to the feet, columns to the back.
  const data = makeVolume([28, 20, 24], (x, z, y) => 10_000 * (19 - z) + 100 * y + x).data;
  const views = planeViews(
    [28, 20, 24],
    [1, 1, 1],
    axisDirections(
      [0, 1].map((k) => ({ position: [k, 0, 0], rowCosines: [0, 1, 0.05], columnCosines: [0, 0.05, -1] })),
    ),
    1.5,
  );
  const upright = planeViews(shape, [1, 1, 1], axial, 1.5);
  for (const [i, view] of views.entries()) expect(corner(view, 5, data)).toEqual(corner(upright[i], 5));
});

describe('planes left out', () => {
  const names = (...args: Parameters<typeof planeViews>) => planeViews(...args).map((v) => v.name);

  test('with spacings too far apart', () => {
    expect(names(shape, [1.5, 1, 1], axial, 1.5)).toEqual(['axial', 'coronal', 'sagittal']);
    expect(names(shape, [1.6, 1, 1], axial, 1.5)).toEqual(['axial']);
    expect(names(shape, [5, 1, 1.6], axial, 1.5)).toEqual([]);
  });

  test('too narrow, or without orientation', () => {
    expect(names([12, 24, 28], [1, 1, 1], axial, 1.5)).toEqual(['axial']);
    expect(names([40, 200, 28], [1, 1, 1], axial, 1.5)).toEqual(['axial', 'coronal']);
    expect(names(shape, undefined, undefined, 1.5)).toEqual(['axial']);
  });
});

describe('usable slices', () => {
  const box = makeVolume([6, 40, 50], (z, y, x) => (z > 0 && y >= 10 && y < 30 && x >= 5 && x < 5 + 8 * z ? 100 : 1));
  const [view] = planeViews([6, 40, 50], undefined, undefined, 1.5);
  const usable = (minimum: number) => {
    const volume = { re: box.data };
    return usableSlices(volume, view, headThreshold(volume, { rule: 'quantile', quantile: 0.99 }), minimum);
  };

  test('hold head on more than the wished share of the plane, in a box', () => {
    // Shares 0, 0.08, 0.16, 0.24, 0.32, 0.4.
    expect(usable(0.15).map((s) => s.index)).toEqual([2, 3, 4, 5]);
    expect(usable(0.2).map((s) => s.index)).toEqual([3, 4, 5]);
    expect(usable(0.15)[0].box).toEqual({ top: 10, bottom: 29, left: 5, right: 20 });
  });

  test('single bright pixels do not widen the box', () => {
    const noisy = box.data.slice();
    noisy[2 * 2000] = 100;
    noisy[2 * 2000 + 1999] = 100;
    expect(usableSlices({ re: noisy }, view, 10, 0.15)[0].box).toEqual({ top: 10, bottom: 29, left: 5, right: 20 });
  });

  test('nothing positive: nothing usable', () => {
    expect(headThreshold({ re: new Float32Array(9) }, { rule: 'none' })).toBe(Number.POSITIVE_INFINITY);
  });
});
