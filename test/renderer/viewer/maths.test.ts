import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { colourMap, colourMapNames, lightness } from '../../../renderer/viewer/maths/colour-maps.ts';
import { linkedScale, linkedSlice, scrollPolicy } from '../../../renderer/viewer/maths/linked-views.ts';
import { numberText } from '../../../renderer/viewer/maths/number-text.ts';
import { directionLetters, edgeLetters } from '../../../renderer/viewer/maths/orientation-letters.ts';
import { mappingOf, quantise } from '../../../renderer/viewer/maths/quantise.ts';
import { regionArea, regionStatistics } from '../../../renderer/viewer/maths/region-statistics.ts';
import { applyMatrix, invertMatrix, viewMatrix } from '../../../renderer/viewer/maths/view-matrix.ts';
import { greyLevel, percentileWindow } from '../../../renderer/viewer/maths/window-level.ts';
import { measuredValues } from '../../../renderer/viewer/measure/measurement-values.ts';

const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 });

describe('floats as the 16 bits that are drawn', () => {
  test('come back within half a step, whatever the range', () => {
    fc.assert(
      fc.property(fc.array(finite, { minLength: 2, maxLength: 50 }), (values) => {
        const [low, high] = [Math.min(...values), Math.max(...values)];
        const mapping = mappingOf([low, high], false);
        const { stored, mask } = quantise(values, mapping);
        expect(mask).toBeNull();
        values.forEach((value, k) => {
          const back = stored[k] * mapping.slope + mapping.intercept;
          expect(Math.abs(back - value)).toBeLessThanOrEqual(mapping.slope * 0.500001);
        });
      }),
    );
  });

  test('whole numbers of up to 65536 levels are exact; what is not finite is marked', () => {
    const values = Float32Array.of(-1024, 0, 3071, Number.NaN, Number.POSITIVE_INFINITY);
    const mapping = mappingOf([-1024, 3071], true);
    const { stored, mask } = quantise(values, mapping);
    expect([...stored.subarray(0, 3)].map((level) => level * mapping.slope + mapping.intercept)).toEqual([
      -1024, 0, 3071,
    ]);
    expect([...(mask ?? [])]).toEqual([0, 0, 0, 1, 1]);
  });
});

describe('windows', () => {
  test('are LINEAR_EXACT: the centre is mid grey, the ends black and white', () => {
    expect(greyLevel(40, { centre: 40, width: 400 })).toBe(127.5);
    expect(greyLevel(-160, { centre: 40, width: 400 })).toBe(0);
    expect(greyLevel(240, { centre: 40, width: 400 })).toBe(255);
  });

  test('from percentiles leave an outlier out', () => {
    for (const outlier of [1e3, 1e6, -1e9]) {
      const values = Float32Array.from({ length: 10_000 }, (_, k) => (k === 5 ? outlier : k / 10_000));
      const window = percentileWindow(values, 0.01);
      expect(window?.width).toBeCloseTo(0.98, 2);
      expect(window?.centre).toBeCloseTo(0.5, 2);
    }
  });
});

describe('letters at the edges', () => {
  const axial = [
    [1, 0, 0],
    [0, 1, 0],
  ] as const;
  test('of an axial image: R left, L right, A top, P bottom', () => {
    expect(edgeLetters(...axial, 0, false, false)).toEqual({ left: 'R', right: 'L', top: 'A', bottom: 'P' });
  });
  test('follow flips and quarter turns', () => {
    expect(edgeLetters(...axial, 0, true, false)).toEqual({ left: 'L', right: 'R', top: 'A', bottom: 'P' });
    expect(edgeLetters(...axial, 0, false, true)).toEqual({ left: 'R', right: 'L', top: 'P', bottom: 'A' });
    // A quarter turn clockwise: what was left is on top.
    expect(edgeLetters(...axial, 90, false, false)).toEqual({ top: 'R', bottom: 'L', right: 'A', left: 'P' });
    expect(edgeLetters(...axial, 180, false, false)).toEqual({ left: 'L', right: 'R', top: 'P', bottom: 'A' });
  });
  test('agree with where the picture itself puts its sides, for every turn and flip', () => {
    const grid = { columns: 100, rows: 80, rowSpacing: 1, columnSpacing: 1 };
    for (const rotation of [0, 90, 180, 270] as const)
      for (const hflip of [false, true])
        for (const vflip of [false, true]) {
          const place = { scale: 1, pan: { x: 0, y: 0 }, rotation, hflip, vflip };
          const matrix = viewMatrix(place, grid, 400, 300);
          const [from, to] = [applyMatrix(matrix, { x: 10, y: 40 }), applyMatrix(matrix, { x: 90, y: 40 })];
          const letters = edgeLetters(...axial, rotation, hflip, vflip);
          const [dx, dy] = [to.x - from.x, to.y - from.y];
          const edge = Math.abs(dx) > Math.abs(dy) ? (dx > 0 ? 'right' : 'left') : dy > 0 ? 'bottom' : 'top';
          expect([rotation, hflip, vflip, letters[edge]]).toEqual([rotation, hflip, vflip, 'L']);
        }
  });
  test('of oblique directions name each side they lean to, most first', () => {
    expect(directionLetters([0.8, 0.6, 0])).toBe('LP');
    expect(directionLetters([-0.1, 0, 0.99])).toBe('HR');
  });
});

test('screen and picture are inverse to each other', () => {
  const grid = { columns: 64, rows: 48, rowSpacing: 2, columnSpacing: 1 };
  const place = { scale: 1.7, pan: { x: 13, y: -5 }, rotation: 90 as const, hflip: true, vflip: false };
  const matrix = viewMatrix(place, grid, 500, 400);
  const back = applyMatrix(invertMatrix(matrix), applyMatrix(matrix, { x: 12.5, y: 33.25 }));
  expect(back.x).toBeCloseTo(12.5, 9);
  expect(back.y).toBeCloseTo(33.25, 9);
});

describe('regions', () => {
  const [rows, columns] = [40, 60];
  const ramp = Float32Array.from({ length: rows * columns }, (_, k) => 0.001 + 0.002 * ((k % columns) / (columns - 1)));

  test('statistics of a ramp are those of an arithmetic series, to seven digits', () => {
    const found = regionStatistics(ramp, rows, columns, { kind: 'rectangle', from: [10, 5], to: [19, 24] });
    const step = 0.002 / (columns - 1);
    const mean = 0.001 + step * 14.5;
    const sd = step * Math.sqrt(((10 ** 2 - 1) / 12) * (200 / 199));
    expect(found?.count).toBe(200);
    expect(Math.abs((found?.mean ?? 0) / mean - 1)).toBeLessThan(1e-7);
    expect(Math.abs((found?.sd ?? 0) / sd - 1)).toBeLessThan(1e-6);
    expect(found?.min).toBe(ramp[10]);
    expect(found?.max).toBe(ramp[19]);
  });

  test('areas are those of the shapes', () => {
    expect(regionArea({ kind: 'ellipse', from: [0, 0], to: [20, 10] })).toBeCloseTo(Math.PI * 50, 10);
    expect(regionArea({ kind: 'circle', centre: [5, 5], edge: [8, 9] })).toBeCloseTo(Math.PI * 25, 10);
    const triangle = {
      kind: 'polygon' as const,
      corners: [
        [0, 0],
        [10, 0],
        [0, 6],
      ] as const,
    };
    expect(regionArea(triangle)).toBe(30);
  });

  test('leave out what is not finite, and say when nothing is left', () => {
    const values = Float32Array.of(1, Number.NaN, 3, Number.NaN);
    const region = { kind: 'rectangle' as const, from: [0, 0] as const, to: [3, 0] as const };
    expect(regionStatistics(values, 1, 4, region)).toMatchObject({ count: 2, mean: 2 });
    expect(regionStatistics(Float32Array.of(Number.NaN), 1, 1, region)).toBeNull();
  });
});

describe('measurements', () => {
  const on = { values: null, rows: 100, columns: 100, unit: 'HU', rowSpacing: 0.5, columnSpacing: 2 };
  test('are in mm where the spacing is known, in px where it is not', () => {
    const points = [
      { x: 0, y: 0 },
      { x: 3, y: 16 },
    ];
    expect(measuredValues('length', points, on)).toEqual([{ name: 'Length', value: 10, unit: 'mm' }]);
    const unknown = { ...on, rowSpacing: null, columnSpacing: null };
    expect(measuredValues('length', points, unknown)[0]).toMatchObject({ value: Math.hypot(3, 16), unit: 'px' });
  });
  test('angles are those between the lines in mm', () => {
    const points = [
      { x: 1, y: 0 },
      { x: 0, y: 0 },
      { x: 1, y: 4 },
    ];
    // (2, 0) and (2, 2) mm.
    expect(measuredValues('angle', points, on)[0].value).toBeCloseTo(45, 10);
  });
});

describe('linked scrolling', () => {
  const stack = (count: number, gap: number, first: number, frame: string | null = 'f') => ({
    slices: count,
    frameOfReference: frame,
    planes: Array.from({ length: count }, (_, k) => ({
      position: [0, 0, first + k * gap] as const,
      rowCosines: [1, 0, 0] as const,
      columnCosines: [0, 1, 0] as const,
    })),
  });
  test('goes by position between series of one frame, else by index, within bounds', () => {
    const [thick, thin] = [stack(10, 5, 0), stack(50, 1, 0)];
    expect(scrollPolicy(thick, thin)).toBe('position');
    expect(linkedSlice(thick, 4, thin)).toBe(20);
    expect(linkedSlice(thin, 23, thick)).toBe(5);
    expect(scrollPolicy(thick, stack(50, 1, 0, 'other'))).toBe('index');
    expect(linkedSlice(thin, 40, stack(10, 5, 0, null))).toBe(9);
    expect(linkedSlice(thick, -1, thin)).toBe(linkedSlice(thick, 0, thin));
  });
  test('zoom keeps mm', () => {
    expect(linkedScale(3, { spacing: 0.5, columns: 512 }, { spacing: 1, columns: 256 })).toBe(6);
    expect(linkedScale(3, { spacing: null, columns: 512 }, { spacing: 1, columns: 256 })).toBe(6);
  });
});

test('sequential colour maps rise in lightness; the diverging one is darkest in its middle', () => {
  for (const name of colourMapNames) {
    const levels = colourMap(name).map(lightness);
    expect(levels).toHaveLength(256);
    if (name === 'diverging') {
      const darkest = levels.indexOf(Math.min(...levels));
      expect(Math.abs(darkest - 127.5)).toBeLessThan(8);
    } else expect(levels.every((level, k) => k === 0 || level >= levels[k - 1] - 0.35)).toBe(true);
  }
});

test('small numbers are never rounded to nothing', () => {
  expect(numberText(0.0004)).toBe('0.0004');
  expect(numberText(-0.00001234)).toBe('−1.234e−5');
  expect(numberText(1234.5678)).toBe('1235');
  expect(numberText(0)).toBe('0');
});
