import { describe, expect, it } from 'vitest';
import { createRandom } from '../../engine/arrays/random.ts';
import {
  choleskyLower,
  hermitianEigen,
  solveLower,
  solveLowerAdjoint,
  symmetricEigen,
} from '../../engine/linear/dense.ts';

/** Complex [n, m] × [m, k], interleaved. */
function product(a: Float64Array, b: Float64Array, n: number, m: number, k: number): Float64Array {
  const c = new Float64Array(2 * n * k);
  for (let i = 0; i < n; i++)
    for (let l = 0; l < m; l++)
      for (let j = 0; j < k; j++) {
        const p = 2 * (i * m + l);
        const q = 2 * (l * k + j);
        c[2 * (i * k + j)] += a[p] * b[q] - a[p + 1] * b[q + 1];
        c[2 * (i * k + j) + 1] += a[p] * b[q + 1] + a[p + 1] * b[q];
      }
  return c;
}

function adjoint(a: Float64Array, n: number, m: number): Float64Array {
  const b = new Float64Array(2 * n * m);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < m; j++) {
      b[2 * (j * n + i)] = a[2 * (i * m + j)];
      b[2 * (j * n + i) + 1] = -a[2 * (i * m + j) + 1];
    }
  return b;
}

function diagonal(values: ArrayLike<number>): Float64Array {
  const n = values.length;
  const d = new Float64Array(2 * n * n);
  for (let i = 0; i < n; i++) d[2 * (i * n + i)] = values[i];
  return d;
}

function randomMatrix(n: number, m: number, seed: number): Float64Array {
  const r = createRandom(seed);
  return Float64Array.from({ length: 2 * n * m }, () => r.normal());
}

/** Largest difference, relative to the largest number of the second. */
function distance(a: Float64Array, b: Float64Array): number {
  let d = 0;
  let scale = Number.MIN_VALUE;
  for (let i = 0; i < b.length; i++) {
    d = Math.max(d, Math.abs(a[i] - b[i]));
    scale = Math.max(scale, Math.abs(b[i]));
  }
  return d / scale;
}

/** n eigenvalues of a matrix whose eigenvectors are those of a random Hermitian one. */
function withEigenvalues(values: readonly number[], seed: number): Float64Array {
  const n = values.length;
  const g = randomMatrix(n, n, seed);
  const { vectors } = hermitianEigen(product(g, adjoint(g, n, n), n, n, n), n);
  return product(product(vectors, diagonal(values), n, n, n), adjoint(vectors, n, n), n, n, n);
}

function checkEigen(a: Float64Array, n: number): Float64Array {
  const { values, vectors } = hermitianEigen(a, n);
  expect(distance(product(a, vectors, n, n, n), product(vectors, diagonal(values), n, n, n))).toBeLessThan(1e-10);
  expect(distance(product(adjoint(vectors, n, n), vectors, n, n, n), diagonal(Array(n).fill(1)))).toBeLessThan(1e-12);
  for (let k = 1; k < n; k++) expect(values[k]).toBeLessThanOrEqual(values[k - 1]);
  return values;
}

describe('hermitianEigen', () => {
  it.each([1, 2, 3, 4, 7, 16, 40, 120])('A V = V Λ and VᴴV = I at n = %i', (n) => {
    const g = randomMatrix(n, n, n);
    const h = adjoint(g, n, n);
    const a = g.map((v, i) => v + h[i]);
    const values = checkEigen(a, n);
    let trace = 0;
    for (let i = 0; i < n; i++) trace += a[2 * (i * n + i)];
    expect(values.reduce((s, v) => s + v, 0)).toBeCloseTo(trace, 8);
  });

  it('handles repeated eigenvalues, deficient rank, diagonal and zero matrices', () => {
    for (const values of [
      [5, 5, 5, 2, 2, -1],
      [3, 3, 3, 3],
      [4, 1, 0, 0, 0],
      [1, 1e-9, 1e-18],
      [0, 0],
    ]) {
      const found = checkEigen(withEigenvalues(values, 11), values.length);
      values.forEach((v, i) => {
        expect(Math.abs(found[i] - v)).toBeLessThan(1e-12 * Math.max(1, values[0]));
      });
    }
    expect([...checkEigen(diagonal([1, 3, 2]), 3)]).toEqual([3, 2, 1]);
    expect(hermitianEigen(new Float64Array(0), 0).values).toHaveLength(0);
  });

  it('agrees with a 2×2 worked by hand', () => {
    // [[2, i], [−i, 2]]: eigenvalues 3 and 1, vectors (i, 1)/√2 and (−i, 1)/√2
    const { values, vectors } = hermitianEigen(Float64Array.from([2, 0, 0, 1, 0, -1, 2, 0]), 2);
    expect(values[0]).toBeCloseTo(3, 14);
    expect(values[1]).toBeCloseTo(1, 14);
    // the ratio v₀/v₁ of the first vector is i
    const [ar, ai, br, bi] = [vectors[0], vectors[1], vectors[4], vectors[5]];
    expect(ar * br + ai * bi).toBeCloseTo(0, 14);
    expect((ai * br - ar * bi) / (br * br + bi * bi)).toBeCloseTo(1, 14);
  });

  it('refuses wrong sizes and non-finite entries', () => {
    expect(() => hermitianEigen(new Float64Array(7), 2)).toThrow(/needs 8 numbers, found 7/);
    expect(() => hermitianEigen(new Float64Array(8).fill(Number.NaN), 2)).toThrow(/entry 0 is NaN/);
  });
});

describe('symmetricEigen', () => {
  it('finds the eigenvalues 2 − 2 cos(kπ/(n+1)) of the second difference', () => {
    const n = 12;
    const a = Float64Array.from({ length: n * n }, (_, at) => {
      const d = Math.abs(Math.floor(at / n) - (at % n));
      return d === 0 ? 2 : d === 1 ? -1 : 0;
    });
    const { values, vectors } = symmetricEigen(a, n);
    for (let k = 0; k < n; k++) expect(values[k]).toBeCloseTo(2 - 2 * Math.cos(((n - k) * Math.PI) / (n + 1)), 12);
    for (let k = 0; k < n; k++)
      for (let i = 0; i < n; i++) {
        let s = 0;
        for (let j = 0; j < n; j++) s += a[i * n + j] * vectors[j * n + k];
        expect(s).toBeCloseTo(values[k] * vectors[i * n + k], 12);
      }
  });
});

describe('Cholesky', () => {
  it.each([1, 2, 9, 40])('L Lᴴ = A, and the triangular solves invert it, at n = %i', (n) => {
    const g = randomMatrix(n, n + 3, n);
    const a = product(g, adjoint(g, n, n + 3), n, n + 3, n);
    const l = choleskyLower(a, n);
    expect(distance(product(l, adjoint(l, n, n), n, n, n), a)).toBeLessThan(1e-12);
    const x = randomMatrix(n, 2, 99);
    const b = product(a, x, n, n, 2);
    const solved = solveLowerAdjoint(l, n, solveLower(l, n, b, 2), 2);
    expect(distance(solved, x)).toBeLessThan(1e-10);
  });

  it('names the pivot of a matrix that is not positive definite', () => {
    expect(() => choleskyLower(diagonal([1, -2, 1]), 3)).toThrow(/pivot 1 of 3 is -2/);
  });
});
