import { describe, expect, it } from 'vitest';
import { createRandom } from '../../engine/arrays/random.ts';
import { quietContext } from '../../engine/context.ts';
import { cholesky, invertPositiveDefinite, solveCholesky } from '../../engine/linear/positive-definite.ts';

/** G Gᵀ + I for G of normal numbers. */
function positiveDefinite(n: number, seed: number): Float64Array {
  const random = createRandom(seed);
  const g = Float64Array.from({ length: n * n }, () => random.normal());
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      for (let k = 0; k < n; k++) a[i * n + j] += g[i * n + k] * g[j * n + k];
      if (i === j) a[i * n + j] += 1;
    }
  return a;
}

const product = (a: Float64Array, b: Float64Array, n: number, columns: number) =>
  Float64Array.from({ length: n * columns }, (_, at) => {
    let sum = 0;
    for (let k = 0; k < n; k++) sum += a[Math.floor(at / columns) * n + k] * b[k * columns + (at % columns)];
    return sum;
  });

describe('positive definite matrices', () => {
  it.each([1, 2, 7, 50, 133])('of %i rows are factored, solved and inverted', async (n) => {
    const a = positiveDefinite(n, n);
    const l = await cholesky(a, n, quietContext());
    for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) expect(l[i * n + j]).toBe(0);
    const random = createRandom(n + 1);
    const x = Float64Array.from({ length: n * 3 }, () => random.normal());
    const solved = solveCholesky(l, n, product(a, x, n, 3), 3);
    // Condition number at most about 4 n + 1.
    for (let i = 0; i < x.length; i++) expect(Math.abs(solved[i] - x[i])).toBeLessThan(1e-13 * n * n);
    const inverse = await invertPositiveDefinite(a, n);
    const unit = product(a, inverse, n, n);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        expect(Math.abs(unit[i * n + j] - (i === j ? 1 : 0))).toBeLessThan(1e-13 * n * n);
        expect(inverse[i * n + j]).toBe(inverse[j * n + i]);
      }
  });

  it('keep the smallest entries of the inverse of a path to all digits', async () => {
    // Tridiagonal (−1, 3, −1): with a = (3 + √5)/2 the entries are u_i u_{n−1−j} / u_n, u_i = a^(i+1) − a^−(i+1).
    const n = 60;
    const a = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      a[i * n + i] = 3;
      if (i > 0) {
        a[i * n + i - 1] = -1;
        a[(i - 1) * n + i] = -1;
      }
    }
    const inverse = await invertPositiveDefinite(a, n);
    const root = (3 + Math.sqrt(5)) / 2;
    const u = (i: number) => root ** (i + 1) - root ** -(i + 1);
    for (let i = 0; i < n; i++)
      for (let j = i; j < n; j++) {
        const expected = (u(i) * u(n - 1 - j)) / (u(n) * (root - 1 / root));
        expect(Math.abs(inverse[i * n + j] / expected - 1)).toBeLessThan(1e-12);
      }
    expect(inverse[n - 1]).toBeLessThan(1e-24);
  });

  it('that are not are refused by their pivot; a factorisation can be cancelled', async () => {
    await expect(cholesky(Float64Array.of(1, 2, 2, 1), 2)).rejects.toThrow(/pivot 1 of 2 is -3/);
    const big = new Float64Array(600 * 600);
    for (let i = 0; i < 600; i++) big[601 * i] = 1;
    await expect(cholesky(big, 600, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' });
  });
});
