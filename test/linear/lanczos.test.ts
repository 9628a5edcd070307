import { describe, expect, it } from 'vitest';
import { createRandom } from '../../engine/arrays/random.ts';
import { quietContext } from '../../engine/context.ts';
import { symmetricEigen } from '../../engine/linear/dense.ts';
import { lanczos } from '../../engine/linear/lanczos.ts';

const multiplier = (a: Float64Array, n: number) => (x: Float64Array, out: Float64Array) => {
  for (let i = 0; i < n; i++) {
    out[i] = 0;
    for (let j = 0; j < n; j++) out[i] += a[i * n + j] * x[j];
  }
};

/** Path of n nodes: eigenvalues 2 − 2 cos(π k / n), k = 0 … n − 1. */
function path(x: Float64Array, out: Float64Array): void {
  const n = x.length;
  for (let i = 0; i < n; i++) out[i] = (i > 0 ? x[i] - x[i - 1] : 0) + (i + 1 < n ? x[i] - x[i + 1] : 0);
}

/** Ring: eigenvalues 2 − 2 cos(2 π k / n), all but the ends twice. */
function ring(x: Float64Array, out: Float64Array): void {
  const n = x.length;
  for (let i = 0; i < n; i++) out[i] = 2 * x[i] - x[(i + 1) % n] - x[(i + n - 1) % n];
}

describe('Lanczos', () => {
  it('finds both ends of a dense spectrum, with vectors that A only stretches', async () => {
    const n = 60;
    const random = createRandom(2);
    const a = new Float64Array(n * n);
    for (let i = 0; i < n; i++)
      for (let j = 0; j <= i; j++) {
        a[i * n + j] = random.normal();
        a[j * n + i] = a[i * n + j];
      }
    const { values: all } = symmetricEigen(a, n);
    const apply = multiplier(a, n);
    for (const end of ['largest', 'smallest'] as const) {
      const { values, vectors } = await lanczos(apply, n, 5, { end, context: quietContext() });
      const expected = end === 'largest' ? [...all.slice(0, 5)] : [...all.slice(-5)].reverse();
      const image = new Float64Array(n);
      for (let l = 0; l < 5; l++) {
        expect(Math.abs(values[l] - expected[l])).toBeLessThan(1e-9);
        const vector = vectors.subarray(l * n, (l + 1) * n);
        apply(vector, image);
        for (let i = 0; i < n; i++) expect(Math.abs(image[i] - values[l] * vector[i])).toBeLessThan(2e-9);
        for (let k = 0; k <= l; k++) {
          let overlap = 0;
          for (let i = 0; i < n; i++) overlap += vector[i] * vectors[k * n + i];
          expect(Math.abs(overlap - (k === l ? 1 : 0))).toBeLessThan(1e-10);
        }
      }
    }
  });

  it('finds the closed form of a path', async () => {
    const n = 120;
    const { values } = await lanczos(path, n, 3);
    for (let l = 0; l < 3; l++)
      expect(Math.abs(values[l] - (2 - 2 * Math.cos((Math.PI * (n - 1 - l)) / n)))).toBeLessThan(1e-9);
  });

  it('takes few steps where the ends stand apart', async () => {
    const n = 3000;
    const { values, vectors, steps } = await lanczos(
      (x, out) => {
        for (let i = 0; i < n; i++) out[i] = x[i] / (1 + i);
      },
      n,
      3,
    );
    expect(steps).toBeLessThan(80);
    for (let l = 0; l < 3; l++) {
      expect(Math.abs(values[l] - 1 / (1 + l))).toBeLessThan(1e-10);
      expect(Math.abs(Math.abs(vectors[l * n + l]) - 1)).toBeLessThan(1e-9);
    }
  });

  it('counts repeated eigenvalues as often as they are there', async () => {
    const n = 40;
    const { values } = await lanczos(ring, n, 5, { end: 'smallest' });
    const expected = [0, 1, 1, 2, 2].map((k) => 2 - 2 * Math.cos((2 * Math.PI * k) / n));
    for (let l = 0; l < 5; l++) expect(Math.abs(values[l] - expected[l])).toBeLessThan(1e-9);
    // The identity repeats one value n times; every image lies in the basis.
    const identity = await lanczos((x, out) => out.set(x), 7, 7);
    expect([...identity.values].map((value) => Math.round(value * 1e12) / 1e12)).toEqual(new Array(7).fill(1));
    const nothing = await lanczos((_, out) => out.fill(0), 5, 2);
    expect([...nothing.values].map(Math.abs)).toEqual([0, 0]);
  });

  it('says that it has not converged, unless what was reached will do', async () => {
    const options = { steps: 12, block: 1 };
    await expect(lanczos(path, 2000, 2, options)).rejects.toThrow(
      /2 eigenvalues of 2000 have not converged in 12 steps/,
    );
    const { values, residual } = await lanczos(path, 2000, 1, { ...options, acceptUnconverged: true });
    expect(values[0]).toBeGreaterThan(3.5);
    expect(values[0]).toBeLessThan(4);
    expect(residual).toBeGreaterThan(1e-6);
  });

  it('refuses a count out of range and operators that leave the finite numbers', async () => {
    await expect(lanczos(path, 3, 4)).rejects.toThrow(/expected 1 to 3/);
    await expect(lanczos((_, out) => out.fill(Number.NaN), 3, 1)).rejects.toMatchObject({ code: 'numerical' });
  });
});
