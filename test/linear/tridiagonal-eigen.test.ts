import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tridiagonalEigen } from '../../engine/linear/tridiagonal-eigen.ts';

/** Largest entry of |T − Σ λ_k v_k v_kᵀ|, and of |T|. */
function misfit(diagonal: Float64Array, off: Float64Array): { error: number; norm: number } {
  const n = diagonal.length;
  const { values, rows } = tridiagonalEigen(diagonal, off);
  let error = 0;
  let norm = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      const entry = i === j ? diagonal[i] : Math.abs(i - j) === 1 ? off[Math.min(i, j)] : 0;
      let sum = 0;
      for (let k = 0; k < n; k++) sum += values[k] * rows[k * n + i] * rows[k * n + j];
      error = Math.max(error, Math.abs(sum - entry));
      norm = Math.max(norm, Math.abs(entry));
    }
  return { error, norm };
}

describe('eigenvectors of a tridiagonal matrix', () => {
  test('the second difference has the eigenvalues 2 − 2 cos(kπ/(n + 1))', () => {
    const n = 9;
    const { values } = tridiagonalEigen(new Float64Array(n).fill(2), new Float64Array(n - 1).fill(-1));
    for (let k = 1; k <= n; k++) expect(values[n - k]).toBeCloseTo(2 - 2 * Math.cos((k * Math.PI) / (n + 1)), 12);
  });

  test('put together again give the matrix, whatever its entries', () => {
    // Whole thousandths: no entry is denormal, where rounding is no longer relative.
    const entry = fc.integer({ min: -1000, max: 1000 }).map((k) => k / 1000);
    const scale = fc.constantFrom(1, 1e-8, 1e-17, 1e-40, 0);
    const scaled = fc.tuple(entry, scale).map(([value, factor]) => value * factor);
    fc.assert(
      fc.property(fc.array(fc.tuple(scaled, scaled), { minLength: 1, maxLength: 24 }), (rows) => {
        const diagonal = Float64Array.from(rows, ([d]) => d);
        const off = Float64Array.from(rows.slice(1), ([, e]) => e);
        const { error, norm } = misfit(diagonal, off);
        expect(error).toBeLessThanOrEqual(1e-13 * norm);
      }),
      { numRuns: 400, seed: 7 },
    );
  });

  test('a matrix of low rank, its zeros known to rounding only, is no trouble', () => {
    const n = 72;
    const wave = (i: number) => Math.sin(12.9 * i + 0.3);
    const diagonal = Float64Array.from({ length: n }, (_, i) => (i < 2 ? 3 - i : 1e-16 * wave(i)));
    const off = Float64Array.from({ length: n - 1 }, (_, i) => (i < 2 ? 0.4 : 2e-17 * wave(7 * i)));
    const { error } = misfit(diagonal, off);
    expect(error).toBeLessThan(1e-14);
  });
});
