import { describe, expect, test } from 'vitest';
import { createRandom } from '../../engine/arrays/random.ts';
import { adjointError } from '../../engine/linear/adjoint-test.ts';
import { pdhg } from '../../engine/linear/pdhg.ts';
import { largestEigenvalue } from '../../engine/linear/power-method.ts';
import { totalVariation } from '../../engine/linear/total-variation.ts';
import { totalVariationTerm, volumeGradient, volumeTotalVariation } from '../../engine/linear/volume-gradient.ts';

const shape = [4, 5, 6];

function noise(length: number, seed = 3): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length }, () => random.normal());
}

describe('gradient and total variation of a volume', () => {
  test.each([0, 0.5, 1, 2])('z weight %d: adjoint, and a norm no larger than stated', async (zWeight) => {
    const gradient = volumeGradient(shape, zWeight);
    expect(adjointError(gradient)).toBeLessThan(1e-6);
    const eigenvalue = await largestEigenvalue(gradient, 0, { iterations: 200 });
    expect(eigenvalue).toBeLessThanOrEqual(gradient.normSquared);
    expect(eigenvalue).toBeGreaterThan(0.7 * gradient.normSquared);
  });

  test('without z weight it is the sum over the slices; a step across slices counts w per pixel', () => {
    const x = noise(4 * 30);
    let sum = 0;
    for (let z = 0; z < 4; z++) sum += totalVariation(x.subarray(30 * z, 30 * z + 30), 5, 6, 'real');
    expect(volumeTotalVariation(x, shape, 0)).toBeCloseTo(sum, 4);
    const step = new Float32Array(4 * 30).fill(2, 60);
    expect(volumeTotalVariation(step, shape, 0.5)).toBeCloseTo(0.5 * 2 * 30, 5);
    expect(volumeTotalVariation(step, shape, 0)).toBe(0);
  });

  test.each([0, 0.7])('z weight %d: the fused dual step is the plain one', (zWeight) => {
    const term = totalVariationTerm(shape, zWeight, 0.8);
    const { range } = term.operator;
    // a dual variable as it occurs: zero at the last index of each axis
    const dual = term.operator.apply(noise(4 * 30, 9));
    const xBar = noise(4 * 30, 4);
    const old = dual.slice();
    const expected = term.proxDual(range.axpy(0.3, term.operator.apply(xBar), dual.slice()), 0.3);
    const change = term.ascend?.(dual, xBar, 0.3);
    dual.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 5);
    });
    const moved = dual.reduce((sum, value, i) => sum + (value - old[i]) ** 2, 0);
    expect(change).toBeCloseTo(moved, 3);
    const planes = zWeight > 0 ? 3 : 2;
    for (let i = 0; i < 120; i++)
      expect(Math.hypot(...Array.from({ length: planes }, (_, k) => dual[k * 120 + i]))).toBeLessThan(0.8 + 1e-5);
  });

  test('denoising a stack of two halves has the closed form of one column', async () => {
    // every pixel of slices 0–2 is 0, of slices 3–5 is 1: TV only across slices, as in one column of six
    const stack = [6, 2, 2];
    const y = new Float32Array(24).fill(1, 12);
    const term = totalVariationTerm(stack, 1, 0.2);
    const { x, reason } = await pdhg({
      space: term.operator.domain,
      terms: [term],
      prox: (v, tau) => v.map((value, i) => (value + tau * y[i]) / (1 + tau)),
      iterations: 20_000,
      tolerance: 1e-6,
    });
    expect(reason).toBe('converged');
    x.forEach((value, i) => {
      expect(value).toBeCloseTo(i < 12 ? 1 / 15 : 14 / 15, 4);
    });
  });

  test('wrong shapes and weights are refused', () => {
    expect(() => volumeGradient([4, 5], 1)).toThrow(expect.objectContaining({ code: 'mismatch' }));
    expect(() => volumeGradient(shape, -1)).toThrow(expect.objectContaining({ code: 'bad-usage' }));
    expect(() => totalVariationTerm(shape, 1, Number.NaN)).toThrow(expect.objectContaining({ code: 'bad-usage' }));
  });
});
