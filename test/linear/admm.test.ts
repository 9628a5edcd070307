import { describe, expect, test } from 'vitest';
import { admm } from '../../engine/linear/admm.ts';
import { identity } from '../../engine/linear/compose.ts';
import { finiteDifference } from '../../engine/linear/finite-difference.ts';
import { softThreshold } from '../../engine/linear/proximal.ts';
import { realSpace } from '../../engine/linear/typed-space.ts';

// T9
describe('ADMM with differences along one axis', () => {
  const column = realSpace([6]);
  const y = Float32Array.of(0, 0, 0, 1, 1, 1);
  const run = (boundary: 'neumann' | 'periodic', iterations: number) =>
    admm({
      space: column,
      normal: (x, out) => identity(column).apply(x, out),
      rhs: y,
      terms: [
        {
          operator: finiteDifference([6], 0, boundary),
          prox: (v: Float32Array, step) => softThreshold(v, 0.2 * step),
          rho: 1,
        },
      ],
      iterations,
      cgIterations: 6,
      start: y,
    });

  test.each([
    { boundary: 'neumann', low: 1 / 15, high: 14 / 15 },
    { boundary: 'periodic', low: 2 / 15, high: 13 / 15 },
  ] as const)('$boundary: the step shrinks to its closed form', async ({ boundary, low, high }) => {
    const { x } = await run(boundary, 300);
    [low, low, low, high, high, high].forEach((value, i) => {
      expect(Math.abs(x[i] - value)).toBeLessThan(1e-6);
    });
  });

  test('first Neumann iterate', async () => {
    const { x } = await run('neumann', 1);
    [0.0555556, 0.1111111, 0.2777778, 0.7222222, 0.8888889, 0.9444444].forEach((value, i) => {
      expect(Math.abs(x[i] - value)).toBeLessThan(1e-6);
    });
  });

  test('rho must be positive', async () => {
    const term = { operator: identity(column), prox: (v: Float32Array) => v, rho: 0 };
    const options = { space: column, normal: (x: Float32Array) => x, rhs: y, terms: [term], iterations: 1 };
    await expect(admm(options)).rejects.toThrow(/rho is 0/);
  });
});
