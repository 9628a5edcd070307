import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../engine/arrays/random.ts';
import { quietContext } from '../../engine/context.ts';
import { denseProduct, productTransposed, symmetricProduct, transposed } from '../../engine/linear/dense-product.ts';

const random = (seed: number, count: number) => {
  const generator = createRandom(seed);
  return Float64Array.from({ length: count }, () => generator.normal());
};

function plain(a: Float64Array, b: Float64Array, m: number, k: number, n: number): Float64Array {
  const c = new Float64Array(m * n);
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) for (let p = 0; p < k; p++) c[i * n + j] += a[i * k + p] * b[p * n + j];
  return c;
}

const furthest = (a: Float64Array, b: Float64Array) => a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), 0);

describe('dense products', () => {
  it('agree with the sum over entries for every size', async () => {
    const size = fc.integer({ min: 1, max: 110 });
    await fc.assert(
      fc.asyncProperty(size, size, fc.integer({ min: 1, max: 300 }), fc.nat(1000), async (m, n, k, seed) => {
        const [a, b] = [random(seed, m * k), random(seed + 1, k * n)];
        const expected = plain(a, b, m, k, n);
        // k products of normal numbers, each rounded to 1e-16.
        expect(furthest(await denseProduct(a, b, m, k, n), expected)).toBeLessThan(1e-13 * k);
        expect(furthest(await productTransposed(a, transposed(b, k, n), m, k, n), expected)).toBeLessThan(1e-13 * k);
      }),
      { numRuns: 25 },
    );
  });

  it('of symmetric results fill both halves alike', async () => {
    for (const [n, k] of [
      [1, 1],
      [97, 5],
      [203, 301],
    ]) {
      const a = random(n, n * k);
      const c = await symmetricProduct(a, a, n, k, quietContext());
      expect(furthest(c, plain(a, transposed(a, n, k), n, k, n))).toBeLessThan(1e-13 * k);
      expect(transposed(c, n, n)).toEqual(c);
    }
  });

  it('refuse sizes that do not fit, and stop when cancelled', async () => {
    await expect(denseProduct(new Float64Array(6), new Float64Array(6), 2, 2, 3)).rejects.toThrow(
      /\[2, 2\] by \[2, 3\]/,
    );
    const cancelled = quietContext({ signal: AbortSignal.abort() });
    const big = new Float64Array(500 * 500);
    await expect(productTransposed(big, big, 500, 500, 500, cancelled)).rejects.toMatchObject({ code: 'cancelled' });
  });
});
