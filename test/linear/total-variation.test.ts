import { describe, expect, test } from 'vitest';
import { fillNormal } from '../../engine/arrays/random.ts';
import { dot, norm } from '../../engine/arrays/statistics.ts';
import { adjointError } from '../../engine/linear/adjoint-test.ts';
import { imageGradient, totalVariation } from '../../engine/linear/total-variation.ts';
import { totalVariationProx } from '../../engine/linear/total-variation-prox.ts';

function noise(length: number, seed: number): Float32Array {
  const out = new Float32Array(length);
  fillNormal(out, { seed, sample: 0, slice: 0, step: 0 });
  return out;
}

describe('image gradient and total variation', () => {
  test.each(['real', 'complex'] as const)('%s gradient is exactly adjoint and its normal fused', (field) => {
    for (const [rows, columns] of [
      [1, 1],
      [1, 7],
      [6, 1],
      [8, 5],
    ]) {
      const d = imageGradient(rows, columns, field);
      expect(adjointError(d, 1)).toBeLessThan(1e-6);
      const x = noise(d.domain.length, 2);
      const fused = d.normal?.(x) ?? x;
      d.adjoint(d.apply(x)).forEach((value, i) => {
        expect(fused[i]).toBeCloseTo(value, 4);
      });
    }
  });

  test('closed form: a half plane has TV = height × length of its edge, a phase factor changes nothing', () => {
    const x = new Float32Array(2 * 6 * 9);
    for (let y = 0; y < 6; y++)
      for (let c = 4; c < 9; c++) {
        x[2 * (9 * y + c)] = 3 * Math.cos(0.7);
        x[2 * (9 * y + c) + 1] = 3 * Math.sin(0.7);
      }
    expect(totalVariation(x, 6, 9)).toBeCloseTo(18, 4);
    const real = Float32Array.from({ length: 54 }, (_, i) => (i % 9 >= 4 ? 3 : 0));
    expect(totalVariation(real, 6, 9, 'real')).toBeCloseTo(18, 6);
    // One raised pixel: its own two differences and one each from the pixels above and to the left.
    const peak = new Float32Array(54);
    peak[9 * 3 + 4] = 1;
    expect(totalVariation(peak, 6, 9, 'real')).toBeCloseTo(2 + Math.SQRT2, 6);
  });
});

describe('proximal map of total variation', () => {
  test('one step in one dimension moves each side towards the other by t over its length', () => {
    const step = Float32Array.of(0, 0, 0, 1, 1, 1);
    for (const [rows, columns] of [
      [1, 6],
      [6, 1],
    ]) {
      const x = totalVariationProx({ rows, columns, field: 'real', iterations: 500 })(step.slice(), 0.2);
      [1 / 15, 1 / 15, 1 / 15, 14 / 15, 14 / 15, 14 / 15].forEach((value, i) => {
        expect(Math.abs(x[i] - value)).toBeLessThan(1e-5);
      });
    }
    // Beyond t = 3/2 · 1 the two sides have met at the mean.
    const met = totalVariationProx({ rows: 1, columns: 6, field: 'real', iterations: 500 })(step.slice(), 2);
    for (const value of met) expect(Math.abs(value - 0.5)).toBeLessThan(1e-5);
  });

  test.each([
    'real',
    'complex',
  ] as const)('%s: optimal, by Fenchel: ⟨v − p, p⟩ = t·TV(p) and |⟨v − p, z⟩| ≤ t·TV(z)', (field) => {
    const [rows, columns] = [12, 9];
    const length = rows * columns * (field === 'real' ? 1 : 2);
    const v = noise(length, 3);
    const t = 0.4;
    const p = totalVariationProx({ rows, columns, field, iterations: 3000 })(v.slice(), t);
    const gradient = v.map((value, i) => value - p[i]);
    const tv = totalVariation(p, rows, columns, field);
    expect(tv).toBeGreaterThan(1);
    expect(Math.abs(dot(gradient, p) / (t * tv) - 1)).toBeLessThan(1e-3);
    for (let seed = 10; seed < 30; seed++) {
      const z = noise(length, seed);
      expect(Math.abs(dot(gradient, z))).toBeLessThanOrEqual(t * totalVariation(z, rows, columns, field) * (1 + 1e-5));
    }
  });

  test('t = 0 is the identity; warm and cold starts agree in the limit', () => {
    const v = noise(2 * 64, 4);
    const options = { rows: 8, columns: 8, iterations: 2000 };
    expect(totalVariationProx(options)(v.slice(), 0)).toEqual(v);
    const warm = totalVariationProx(options);
    warm(noise(2 * 64, 5), 0.3);
    const a = warm(v.slice(), 0.3);
    const b = totalVariationProx({ ...options, warmStart: false })(v.slice(), 0.3);
    expect(norm(a.map((value, i) => value - b[i]))).toBeLessThan(1e-4 * norm(b));
  });
});
