import { describe, expect, it } from 'vitest';
import { createRandom } from '../../engine/arrays/random.ts';
import { norm } from '../../engine/arrays/statistics.ts';
import { cg } from '../../engine/linear/cg.ts';
import { lsqr } from '../../engine/linear/lsqr.ts';
import { type LinearOperator, normal } from '../../engine/linear/operator.ts';
import { complexSpace } from '../../engine/linear/typed-space.ts';

/** A random complex m×n matrix as an operator. */
function matrix(m: number, n: number, seed: number): LinearOperator<Float32Array> {
  const r = createRandom(seed);
  const a = Float64Array.from({ length: 2 * m * n }, () => r.normal());
  return {
    name: `random ${m}×${n}`,
    domain: complexSpace([n]),
    range: complexSpace([m]),
    apply: (x) => {
      const y = new Float64Array(2 * m);
      for (let i = 0; i < m; i++)
        for (let j = 0; j < n; j++) {
          const at = 2 * (i * n + j);
          y[2 * i] += a[at] * x[2 * j] - a[at + 1] * x[2 * j + 1];
          y[2 * i + 1] += a[at] * x[2 * j + 1] + a[at + 1] * x[2 * j];
        }
      return Float32Array.from(y);
    },
    adjoint: (y) => {
      const x = new Float64Array(2 * n);
      for (let i = 0; i < m; i++)
        for (let j = 0; j < n; j++) {
          const at = 2 * (i * n + j);
          x[2 * j] += a[at] * y[2 * i] + a[at + 1] * y[2 * i + 1];
          x[2 * j + 1] += a[at] * y[2 * i + 1] - a[at + 1] * y[2 * i];
        }
      return Float32Array.from(x);
    },
  };
}

const vector = (length: number, seed: number): Float32Array => {
  const r = createRandom(seed, 5);
  return Float32Array.from({ length }, () => r.normal());
};
const minus = (x: Float32Array, y: Float32Array): Float32Array => x.map((v, i) => v - y[i]);

describe('lsqr', () => {
  it('solves a consistent system', async () => {
    const a = matrix(30, 12, 1);
    const truth = vector(24, 2);
    const result = await lsqr(a, a.apply(truth), { iterations: 60 });
    expect(result.reason).toBe('consistent');
    expect(norm(minus(result.x, truth)) / norm(truth)).toBeLessThan(1e-4);
  });

  it('reaches the least-squares solution, with and without damping, and reports its residual', async () => {
    const a = matrix(30, 12, 3);
    const b = vector(60, 4);
    for (const damp of [0, 2]) {
      const result = await lsqr(a, b, { iterations: 60, damp, atol: 1e-6 });
      expect(result.reason).toBe('least-squares');
      const reference = await cg(
        (x: Float32Array) => a.domain.axpy(damp * damp, x, normal(a, x)),
        a.adjoint(b),
        a.domain.zeros(),
        a.domain,
        { iterations: 60, tolerance: 1e-6 },
      );
      expect(norm(minus(result.x, reference.x)) / norm(reference.x)).toBeLessThan(1e-4);
      const residual = Math.hypot(norm(minus(b, a.apply(result.x))), damp * norm(result.x)) / norm(b);
      expect(result.residuals[result.iterations]).toBeCloseTo(residual, 5);
    }
  });

  it('starts from x0 without changing it, and keeps its null-space part', async () => {
    const a = matrix(6, 15, 7);
    const x0 = vector(30, 8);
    const held = x0.slice();
    const b = vector(12, 9);
    const fromStart = await lsqr(a, b, { iterations: 40, x0 });
    const fromZero = await lsqr(a, minus(b, a.apply(x0)), { iterations: 40 });
    expect(x0).toEqual(held);
    expect(norm(minus(minus(fromStart.x, x0), fromZero.x)) / norm(fromZero.x)).toBeLessThan(1e-4);
  });

  it('returns the start for zero b, and says when it ran out of iterations', async () => {
    const a = matrix(8, 8, 5);
    expect(await lsqr(a, a.range.zeros(), { iterations: 4 })).toMatchObject({ iterations: 0, reason: 'consistent' });
    expect(await lsqr(a, vector(16, 1), { iterations: 2 })).toMatchObject({ iterations: 2, reason: 'iterations' });
    await expect(lsqr(a, vector(16, 1).fill(Number.NaN), { iterations: 2 })).rejects.toMatchObject({
      code: 'numerical',
    });
  });
});
