import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lbfgs } from '../../engine/linear/lbfgs.ts';

/** Σ 100 (x_{i+1} − x_i²)² + (1 − x_i)²: least at 1, in a bent valley. */
function rosenbrock(x: Float64Array, gradient: Float64Array): number {
  gradient.fill(0);
  let value = 0;
  for (let i = 0; i + 1 < x.length; i++) {
    const [a, b] = [x[i + 1] - x[i] ** 2, 1 - x[i]];
    value += 100 * a * a + b * b;
    gradient[i] -= 400 * a * x[i] + 2 * b;
    gradient[i + 1] += 200 * a;
  }
  return value;
}

describe('L-BFGS', () => {
  it('follows the bent valley of Rosenbrock to its end', async () => {
    const result = await lbfgs(rosenbrock, [-1.2, 1, -0.5, 2, 0.3], { gradientTolerance: 1e-8 });
    expect(result.reason).toBe('converged');
    expect(result.iterations).toBeLessThan(100);
    for (const value of result.x) expect(Math.abs(value - 1)).toBeLessThan(1e-7);
  });

  it('finds the least point of a box: a quadratic form with separate variables is clipped', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            centre: fc.double({ min: -3, max: 3, noNaN: true }),
            curvature: fc.double({ min: 0.1, max: 50, noNaN: true }),
            start: fc.double({ min: -5, max: 5, noNaN: true }),
          }),
          { minLength: 1, maxLength: 6 },
        ),
        async (terms) => {
          const result = await lbfgs(
            (x, gradient) => {
              let value = 0;
              for (const [i, { centre, curvature }] of terms.entries()) {
                value += (curvature * (x[i] - centre) ** 2) / 2;
                gradient[i] = curvature * (x[i] - centre);
              }
              return value;
            },
            terms.map(({ start }) => start),
            { lower: terms.map(() => -1), upper: terms.map(() => 1.5), gradientTolerance: 1e-7 },
          );
          for (const [i, { centre }] of terms.entries())
            expect(Math.abs(result.x[i] - Math.min(1.5, Math.max(-1, centre)))).toBeLessThan(1e-5);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('meets the conditions of a bound minimum of Rosenbrock', async () => {
    // Along x = 0.5 the least y is 0.25.
    const result = await lbfgs(rosenbrock, [-1, 2], { upper: [0.5, 9], gradientTolerance: 1e-8 });
    expect(result.x[0]).toBe(0.5);
    expect(result.x[1]).toBeCloseTo(0.25, 8);
    expect(result.value).toBeCloseTo(0.25, 8);
  });

  it('steps back from values that are not finite', async () => {
    // −log x + x, undefined below 0: least at 1.
    const result = await lbfgs(
      (x, gradient) => {
        gradient[0] = 1 - 1 / x[0];
        return x[0] - Math.log(x[0]);
      },
      [30],
      { gradientTolerance: 1e-10 },
    );
    expect(result.x[0]).toBeCloseTo(1, 9);
  });

  it('stops at its limit and says so; can be stopped; refuses empty boxes and a start without a value', async () => {
    const short = await lbfgs(rosenbrock, [-1.2, 1], { maxIterations: 3 });
    expect(short).toMatchObject({ reason: 'iteration-limit', iterations: 3 });
    const stop = () => {
      throw new Error('stopped');
    };
    await expect(lbfgs(rosenbrock, [-1.2, 1], { onIteration: stop })).rejects.toThrow('stopped');
    await expect(lbfgs(rosenbrock, [0, 0], { lower: [1, 0], upper: [0, 1] })).rejects.toThrow(/variable 0/);
    await expect(lbfgs(rosenbrock, [0, 0], { lower: [1] })).rejects.toMatchObject({ code: 'mismatch' });
    await expect(lbfgs(() => Number.NaN, [0])).rejects.toMatchObject({ code: 'numerical' });
  });
});
