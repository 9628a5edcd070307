import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../engine/arrays/random.ts';
import { mean, median, variance } from '../../../engine/arrays/statistics.ts';
import { SmoothField, standardise } from '../../../engine/prior/training/images/smooth-field.ts';
import { drawPhase } from '../../../engine/prior/training/images/synthetic-phase.ts';
import { makeConfig } from './make-config.ts';

const size = 64;
const pixels = size * size;
const { phase: config } = makeConfig();
const none = { ramp: [0, 0], polynomial: [0, 0], field: [0, 0], cycles: [1, 4] } satisfies typeof config;
const smooth = new SmoothField(size);
const work = new Float32Array(pixels);

function draw(seed: number, parts: typeof config) {
  const out = new Float32Array(pixels);
  return { out, ...drawPhase(createRandom(seed), parts, smooth, work, out) };
}

describe('smooth fields', () => {
  test('are stationary, of mean 0, independent of each other', () => {
    const random = createRandom(3);
    const spectrum = { width: 1.5, highest: 3 };
    const draws = Array.from({ length: 400 }, () => {
      const field = new Float32Array(pixels);
      smooth.fill(random, spectrum, field);
      return field;
    });
    const at = (i: number) => Float64Array.from(draws, (f) => f[i]);
    const places = [0, 31 * size + 32, 5 * size + 60, pixels - 1];
    const spread = places.map((i) => variance(at(i)));
    const expected = mean(Float64Array.from(spread));
    // 400 draws: a variance is known to 7 %, one of four departs by more than 25 % once in a thousand.
    for (const v of spread) expect(Math.abs(v / expected - 1)).toBeLessThan(0.25);
    for (const i of places) expect(Math.abs(mean(at(i)))).toBeLessThan(4 * Math.sqrt(expected / 400));
    // The two ends of a row are a field of view apart and must not be forced to agree.
    const left = at(20 * size);
    const right = at(20 * size + size - 1);
    const product = mean(left.map((v, i) => v * right[i])) / expected;
    expect(product).toBeLessThan(0.5);
  });

  test('standardise sets mean and deviation, and leaves a constant at 0', () => {
    const field = Float32Array.from({ length: 1000 }, (_, i) => 5 + Math.sin(i));
    standardise(field, 0.3);
    expect(mean(field)).toBeCloseTo(0, 6);
    expect(Math.sqrt(variance(field))).toBeCloseTo(0.3, 3);
    expect([...standardised(new Float32Array(4).fill(2))]).toEqual([0, 0, 0, 0]);
  });
});

function standardised(field: Float32Array): Float32Array {
  standardise(field, 1);
  return field;
}

describe('synthetic phase', () => {
  test('constant: uniform on the circle', () => {
    const constants = Float64Array.from({ length: 600 }, (_, i) => {
      const { out, constant } = draw(i, none);
      expect(out[0]).toBeCloseTo(constant, 5);
      expect(out[pixels - 1]).toBeCloseTo(constant, 5);
      return constant;
    });
    expect(Math.hypot(mean(constants.map(Math.cos)), mean(constants.map(Math.sin)))).toBeLessThan(0.12);
    expect(Math.max(...constants)).toBeLessThanOrEqual(Math.PI);
    expect(Math.min(...constants)).toBeGreaterThanOrEqual(-Math.PI);
  });

  test('ramp: the drawn slopes, at most 0.1 rad per pixel, through the constant at the centre', () => {
    const slopes: number[] = [];
    for (let seed = 0; seed < 100; seed++) {
      const { out, ramp, constant } = draw(seed, { ...none, ramp: config.ramp });
      expect(out[1] - out[0]).toBeCloseTo(ramp[1], 4);
      expect(out[size] - out[0]).toBeCloseTo(ramp[0], 4);
      expect((out[0] + out[pixels - 1]) / 2).toBeCloseTo(constant, 4);
      slopes.push(...ramp);
    }
    expect(Math.max(...slopes.map(Math.abs))).toBeLessThanOrEqual(0.1);
    expect(Math.max(...slopes)).toBeGreaterThan(0.09);
    expect(Math.min(...slopes)).toBeLessThan(-0.09);
  });

  test.each([
    ['polynomial', 0.3, 1.5],
    ['field', 0.05, 0.7],
  ] as const)('%s: standard deviation over the image as drawn, from %d to %d rad', (part, low, high) => {
    const found: number[] = [];
    for (let seed = 0; seed < 100; seed++) {
      const drawn = draw(seed, { ...none, [part]: config[part] });
      const deviation = Math.sqrt(variance(drawn.out));
      expect(deviation).toBeCloseTo(drawn[part], 3);
      found.push(deviation);
    }
    expect(Math.min(...found)).toBeGreaterThanOrEqual(low - 1e-3);
    expect(Math.max(...found)).toBeLessThanOrEqual(high + 1e-3);
    expect(Math.max(...found) - Math.min(...found)).toBeGreaterThan(0.9 * (high - low));
  });

  test('polynomial: fifth differences along both axes vanish', () => {
    const { out } = draw(5, { ...none, polynomial: [1, 1] });
    const step = 12;
    for (const stride of [step, step * size])
      for (const start of [0, 1, size + 2]) {
        const p = [0, 1, 2, 3, 4, 5].map((k) => out[start + k * stride]);
        const difference = p[5] - 5 * p[4] + 10 * p[3] - 10 * p[2] + 5 * p[1] - p[0];
        expect(Math.abs(difference)).toBeLessThan(2e-5);
      }
  });

  test('whole: the gradients of 128² images cover those measured on real scans', () => {
    const n = 128;
    const field = new SmoothField(n);
    const out = new Float32Array(n * n);
    const random = createRandom(11);
    const medians = Float64Array.from({ length: 150 }, () => {
      drawPhase(random, config, field, new Float32Array(n * n), out);
      const gradients: number[] = [];
      for (let y = 0; y < n - 1; y += 3)
        for (let x = 0; x < n - 1; x += 3) {
          const i = y * n + x;
          gradients.push(Math.hypot(out[i + 1] - out[i], out[i + n] - out[i]));
        }
      return median(Float64Array.from(gradients));
    }).sort();
    console.log(`median gradient, rad per pixel: ${[0, 75, 149].map((i) => medians[i].toFixed(3)).join(' / ')}`);
    // Measured: 0.04 (spin echo) and 0.12-0.15 (gradient echo).
    expect(medians[0]).toBeLessThan(0.045);
    expect(medians[149]).toBeGreaterThan(0.12);
    expect(medians[149]).toBeLessThan(0.25);
  });
});
