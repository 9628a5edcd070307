import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAdam } from '../../engine/linear/adam.ts';

describe('Adam', () => {
  it('moves by the rate against the sign of the first gradient, whatever its size', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), fc.boolean(), (size, negative) => {
        const x = Float64Array.of(3);
        createAdam(1).step(x, Float64Array.of(negative ? -size : size), 0.1);
        expect(Math.abs(x[0] - (negative ? 3.1 : 2.9))).toBeLessThan(1e-5);
      }),
    );
  });

  it('follows the recursion of the paper, written out for two steps', () => {
    const [beta1, beta2, epsilon, rate] = [0.8, 0.95, 1e-3, 0.2];
    const x = Float64Array.of(1);
    const adam = createAdam(1, { beta1, beta2, epsilon });
    adam.step(x, Float64Array.of(0.5), rate);
    adam.step(x, Float64Array.of(-2), rate);
    const first = 1 - (rate * 0.5) / (0.5 + epsilon);
    const mean = (0.8 * 0.2 * 0.5 + 0.2 * -2) / (1 - 0.8 ** 2);
    const square = (0.95 * 0.05 * 0.25 + 0.05 * 4) / (1 - 0.95 ** 2);
    expect(x[0]).toBeCloseTo(first - (rate * mean) / (Math.sqrt(square) + epsilon), 14);
    expect(adam.steps).toBe(2);
  });

  it('finds the least value of a quadratic form of unequal curvatures', () => {
    const curvature = [1, 100, 0.01];
    const x = Float64Array.of(5, -3, 4);
    const adam = createAdam(3);
    for (let k = 0; k < 3000; k++) {
      const gradient = x.map((value, i) => curvature[i] * (value - i));
      adam.step(x, gradient, 0.05 * 10 ** (-k / 1000));
    }
    for (const [i, value] of x.entries()) expect(Math.abs(value - i)).toBeLessThan(1e-2);
  });

  it('leaves alone what never had a gradient, and carries on what had one', () => {
    const x = Float64Array.of(1, 1);
    const adam = createAdam(2);
    adam.step(x, Float64Array.of(0, 1), 0.1);
    const after = x[1];
    adam.step(x, Float64Array.of(0, 0), 0.1);
    expect(x[0]).toBe(1);
    expect(x[1]).toBeLessThan(after);
  });

  it('refuses gradients that are not finite before it changes anything, wrong sizes and wrong rates of decay', () => {
    const x = Float64Array.of(1, 2);
    expect(() => createAdam(2).step(x, Float64Array.of(1, Number.NaN), 0.1)).toThrow(/index 1/);
    expect([...x]).toEqual([1, 2]);
    expect(() => createAdam(3).step(x, x, 0.1)).toThrow(/expected 3/);
    expect(() => createAdam(1, { beta1: 1 })).toThrow(/beta1/);
    expect(() => createAdam(1, { epsilon: 0 })).toThrow(/epsilon/);
  });
});
