/** The first level of a surface, and volumes made smaller for it. */
import { expect, test } from 'vitest';
import { otsuLevel } from '../../../renderer/viewer/volume/otsu-level.ts';
import { thinVolume } from '../../../renderer/viewer/volume/thin-volume.ts';

test('two values are parted in their middle, whatever their shares', () => {
  for (const share of [0.05, 0.5, 0.9]) {
    const values = Float32Array.from({ length: 1000 }, (_, k) => (k < 1000 * share ? 0 : 100));
    expect(Math.abs(otsuLevel(values, 0, 100) - 50)).toBeLessThan(1);
  }
});

test('the split is the best of all levels by the definition', () => {
  const values = Float32Array.from({ length: 5000 }, (_, k) =>
    k % 3 === 0 ? 20 + 9 * Math.sin(k) : 70 + 25 * Math.sin(k * 1.7),
  );
  const between = (level: number) => {
    const low = values.filter((value) => value < level);
    const high = values.filter((value) => value >= level);
    if (low.length === 0 || high.length === 0) return 0;
    const mean = (part: Float32Array) => part.reduce((sum, value) => sum + value, 0) / part.length;
    return low.length * high.length * (mean(low) - mean(high)) ** 2;
  };
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const best = Math.max(...Array.from({ length: 256 }, (_, k) => between(least + ((most - least) * k) / 256)));
  expect(between(otsuLevel(values, least, most)) / best).toBeGreaterThan(0.999);
});

test('constant values have their own level; what is not finite does not count', () => {
  expect(otsuLevel(Float32Array.of(3, 3, 3), 3, 3)).toBe(3);
  const values = Float32Array.of(0, 0, Number.NaN, 10, 10, Number.POSITIVE_INFINITY);
  expect(Math.abs(otsuLevel(values, 0, 10) - 5)).toBeLessThan(0.1);
});

test('a thinned volume keeps every stride-th voxel and no more than it may', () => {
  const shape = [7, 9, 10] as const;
  const values = Float32Array.from({ length: 630 }, (_, k) => k);
  expect(thinVolume(values, shape, 630)).toMatchObject({ stride: 1, shape: [7, 9, 10], values });
  const thin = thinVolume(values, shape, 100);
  expect(thin.stride).toBe(2);
  expect(thin.shape).toEqual([4, 5, 5]);
  expect(thin.values[0]).toBe(0);
  expect(thin.values.at(-1)).toBe((6 * 9 + 8) * 10 + 8);
});
