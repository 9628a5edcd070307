import { expect, test } from 'vitest';
import { createRandom } from '../../../engine/arrays/random.ts';
import { fitLayoutGaussian, layoutDistance } from '../../../engine/prior/fit/layout-gaussian.ts';

/** Rows x = s₁ z₁ (1, 1, 0, 0)/√2 + 0.1 noise: one direction of large variance. */
function rows(count: number): Float32Array[] {
  const random = createRandom(5);
  return Array.from({ length: count }, () => {
    const z = 2 * random.normal() * Math.SQRT1_2;
    return Float32Array.from([z, z, 0, 0], (value) => value + 0.1 * random.normal());
  });
}

test('the direction of largest variance is found, and the distance is the formula', () => {
  const model = fitLayoutGaussian(rows(4000), { directions: 1, shrinkage: 0, random: createRandom(1) });
  const [a, b, c, d] = model.directions;
  expect(Math.abs(a)).toBeCloseTo(Math.SQRT1_2, 2);
  expect(b).toBeCloseTo(a, 2);
  expect(Math.hypot(c, d)).toBeLessThan(0.05);
  // Standardised: both first features are the same number, so that λ = 2 and next to nothing is left in their difference.
  expect(model.variances[0]).toBeCloseTo(2, 1);
  const x = Float32Array.of(1, -1, 0.05, 0);
  const f = [0, 1, 2, 3].map((j) => (x[j] - model.mean[j]) / model.spread[j]);
  const z = f.reduce((sum, value, j) => sum + value * model.directions[j], 0);
  const left = f.reduce((sum, value) => sum + value * value, 0) - z * z;
  expect(layoutDistance(model, x)).toBeCloseTo(Math.sqrt(((z * z) / model.variances[0] + left / model.rest) / 4), 5);
});

test('the rows the model was fitted to have root mean square distance 1', () => {
  const data = rows(2000);
  const model = fitLayoutGaussian(data, { directions: 2, shrinkage: 0, random: createRandom(1) });
  const mean = data.reduce((sum, row) => sum + layoutDistance(model, row) ** 2, 0) / data.length;
  expect(mean).toBeCloseTo(1, 2);
});

test('shrinkage makes small variances larger and large ones smaller', () => {
  const options = { directions: 2, random: createRandom(1) };
  const sharp = fitLayoutGaussian(rows(200), { ...options, shrinkage: 0 });
  const soft = fitLayoutGaussian(rows(200), { ...options, shrinkage: 0.5 });
  expect(soft.variances[0]).toBeLessThan(sharp.variances[0]);
  expect(soft.rest).toBeGreaterThan(sharp.rest);
});

test('same seed, same bits; too few rows are refused', () => {
  const again = () => fitLayoutGaussian(rows(50), { directions: 2, shrinkage: 0.1, random: createRandom(9) });
  expect(again()).toEqual(again());
  expect(() => fitLayoutGaussian(rows(3), { directions: 1, shrinkage: 0, random: createRandom(1) })).toThrow(
    /at least four/,
  );
});
