import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dot, hermitianDot, mean, median, norm, quantile, sum, variance } from '../../engine/arrays/statistics.ts';

describe('sums', () => {
  it('accumulate in float64', () => {
    const x = new Float32Array(2 ** 20).fill(0.1);
    expect(sum(x) / (2 ** 20 * Math.fround(0.1))).toBeCloseTo(1, 9);
    expect(norm(x) ** 2 / (2 ** 20 * Math.fround(0.1) ** 2)).toBeCloseTo(1, 9);
    // a float32 accumulator would lose the ones entirely
    expect(sum(Float32Array.from([2 ** 25, 1, 1, 1, -(2 ** 25)]))).toBe(3);
  });

  it('mean and variance of 1 … 5 offset far from zero', () => {
    const x = Float64Array.from([1, 2, 3, 4, 5], (v) => v + 1e8);
    expect(mean(x)).toBe(1e8 + 3);
    expect(variance(x)).toBe(2);
    expect(variance(x, 1)).toBe(2.5);
    expect(() => mean(new Float32Array(0))).toThrow(/empty/);
  });

  it('inner products conjugate the first argument', () => {
    // conj(1 + 2i)(3 − i) + conj(i)(2) = (1 − 7i) + (−2i)
    const x = Float32Array.from([1, 2, 0, 1]);
    const y = Float32Array.from([3, -1, 2, 0]);
    expect(hermitianDot(x, y)).toEqual({ re: 1, im: -9 });
    expect(dot(x, y)).toBe(1);
    expect(() => dot(x, new Float32Array(3))).toThrow(/4 and 3/);
  });
});

describe('quantile', () => {
  it('equals the definition on the sorted array', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.integer({ min: -5, max: 5 }), fc.float({ noNaN: true, min: -100, max: 100 })), {
          minLength: 1,
          maxLength: 60,
        }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, q) => {
          const x = Float32Array.from(values);
          const sorted = Array.from(x).sort((a, b) => a - b);
          const position = q * (x.length - 1);
          const k = Math.min(Math.floor(position), x.length - 1);
          const above = sorted[Math.min(k + 1, x.length - 1)];
          expect(quantile(x, q)).toBeCloseTo(sorted[k] + (position - k) * (above - sorted[k]), 10);
          expect(Array.from(x)).toEqual(values.map(Math.fround));
        },
      ),
    );
  });

  it('finds medians, refuses NaN and empty arrays', () => {
    expect(median(Float32Array.from([3, 1, 2]))).toBe(2);
    expect(median(Float32Array.from([4, 1, 2, 3]))).toBe(2.5);
    expect(() => quantile(Float32Array.from([1, Number.NaN]), 0.5)).toThrow(/element 1 is NaN/);
    expect(() => quantile(new Float32Array(0), 0.5)).toThrow(/empty/);
    expect(() => quantile(new Float32Array(1), 1.5)).toThrow(/outside/);
  });
});
