/** Area under the curve and percentiles. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { areaUnderCurve } from '../../../engine/prior/fit/area-under-curve.ts';
import { percentileOf, quantilesOf } from '../../../engine/prior/fit/calibration.ts';

describe('area under the curve', () => {
  test('by hand', () => {
    expect(areaUnderCurve([3, 4], [1, 2])).toBe(1);
    expect(areaUnderCurve([1, 2], [3, 4])).toBe(0);
    expect(areaUnderCurve([1], [1])).toBe(0.5);
    // Pairs: 2>1, 2=2, 5>1, 5>2.
    expect(areaUnderCurve([2, 5], [1, 2])).toBe(3.5 / 4);
  });
  test('is the share of pairs in the right order, ties half', () => {
    const scores = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(scores, scores, (high, low) => {
        const pairs = high.flatMap((h) => low.map((l) => (h > l ? 1 : h === l ? 0.5 : 0) as number));
        const share = pairs.reduce((sum, value) => sum + value, 0) / pairs.length;
        expect(areaUnderCurve(high, low)).toBeCloseTo(share, 12);
        expect(areaUnderCurve(low, high)).toBeCloseTo(1 - share, 12);
      }),
    );
  });
  test('an empty group or a NaN is refused', () => {
    expect(() => areaUnderCurve([], [1])).toThrow(/0 with 1/);
    expect(() => areaUnderCurve([Number.NaN], [1])).toThrow(/not a number/);
  });
});

test('percentiles of the scores they were made from', () => {
  const scores = Array.from({ length: 201 }, (_, i) => i / 10);
  const quantiles = quantilesOf(scores);
  expect(percentileOf(quantiles, -1)).toBe(0);
  expect(percentileOf(quantiles, 5)).toBeCloseTo(25, 4);
  expect(percentileOf(quantiles, 12.34)).toBeCloseTo(61.7, 4);
  expect(percentileOf(quantiles, 20)).toBe(100);
  expect(percentileOf(quantiles, 1e9)).toBe(100);
  expect(percentileOf(quantiles, Number.NaN)).toBe(0);
});
