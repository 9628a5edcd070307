import { describe, expect, test } from 'vitest';
import { photonNoise } from '../../../engine/physics/ct/photon-noise.ts';
import { logFactorial, poisson } from '../../../engine/physics/ct/poisson.ts';

describe('Poisson numbers', () => {
  test('log factorials', () => {
    let exact = 0;
    for (let k = 1; k < 200; k++) {
      exact += Math.log(k);
      expect(Math.abs(logFactorial(k) - exact)).toBeLessThan(1e-11 * Math.max(1, exact));
    }
  });

  // Mean and variance to 4 standard errors; the whole distribution by χ².
  test.each([0, 0.01, 0.7, 5, 9.99, 10, 37, 1000, 2.5e5])('of mean %f follow the distribution', (mean) => {
    const count = 40_000;
    const values = Array.from({ length: count }, (_, i) => poisson(mean, { seed: 11, slice: 3 }, i, 1e7));
    const average = values.reduce((sum, value) => sum + value, 0) / count;
    const variance = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / (count - 1);
    expect(Math.abs(average - mean)).toBeLessThanOrEqual(4 * Math.sqrt(mean / count));
    const varianceError = Math.sqrt((mean + 2 * mean * mean) / count);
    expect(Math.abs(variance - mean)).toBeLessThanOrEqual(4 * varianceError);
    if (mean === 0 || mean > 100) return;
    const seen = new Map<number, number>();
    for (const value of values) seen.set(value, (seen.get(value) ?? 0) + 1);
    let chi = 0;
    let classes = 0;
    for (let k = 0; k < 200; k++) {
      const expected = count * Math.exp(k * Math.log(mean) - mean - logFactorial(k));
      if (expected < 10) continue;
      chi += ((seen.get(k) ?? 0) - expected) ** 2 / expected;
      classes++;
    }
    expect(chi).toBeLessThan(classes + 5 * Math.sqrt(2 * classes));
  });

  test('normal numbers take over above the stated count with the same mean and variance', () => {
    const values = Array.from({ length: 20_000 }, (_, i) => poisson(400, { seed: 5, slice: 0 }, i, 399));
    const average = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / values.length;
    expect(Math.abs(average - 400)).toBeLessThan(0.6);
    expect(Math.abs(variance - 400)).toBeLessThan(16);
    expect(values.every(Number.isInteger)).toBe(true);
  });
});

describe('photon noise', () => {
  test('is unbiased with many photons, and σ is what the values scatter by', () => {
    const p = 1.2;
    const { lineIntegrals, std, starved } = photonNoise(new Float32Array(50_000).fill(p), { photons: 1e4, seed: 7 });
    const mean = lineIntegrals.reduce((sum, value) => sum + value, 0) / lineIntegrals.length;
    const spread = Math.sqrt(lineIntegrals.reduce((sum, value) => sum + (value - mean) ** 2, 0) / lineIntegrals.length);
    const expected = Math.exp(p / 2) / 100;
    // ln N is biased by −1/(2λ); its mean is known to 4 standard errors here.
    expect(Math.abs(mean - p - expected ** 2 / 2)).toBeLessThan((4 * expected) / Math.sqrt(lineIntegrals.length));
    expect(Math.abs(spread / expected - 1)).toBeLessThan(0.02);
    expect(Math.abs(std[0] / expected - 1)).toBeLessThan(0.1);
    expect(starved).toBe(0);
  });

  test('rays that no photon survives are half a photon', () => {
    const { lineIntegrals, std, starved } = photonNoise(Float32Array.of(60, 60), { photons: 1000, seed: 1 });
    expect(starved).toBe(2);
    expect(lineIntegrals[0]).toBeCloseTo(Math.log(2000), 5);
    expect(std[1]).toBeCloseTo(Math.SQRT2, 6);
  });

  test('depends on seed, slice and ray alone', () => {
    const p = Float32Array.from({ length: 60 }, (_, i) => 0.05 * i);
    const whole = photonNoise(p, { photons: 500, seed: 3, slices: 3 }).lineIntegrals;
    const second = photonNoise(p.subarray(20, 40), { photons: 500, seed: 3, firstSlice: 1 }).lineIntegrals;
    expect(second).toEqual(whole.subarray(20, 40));
    expect(photonNoise(p, { photons: 500, seed: 4, slices: 3 }).lineIntegrals).not.toEqual(whole);
    const flat = photonNoise(new Float32Array(40), { photons: 500, seed: 3, slices: 2 }).lineIntegrals;
    expect(flat.subarray(0, 20)).not.toEqual(flat.subarray(20));
  });

  test('nonsense is refused', () => {
    expect(() => photonNoise(new Float32Array(3), { photons: 0, seed: 1 })).toThrow(/photon count is 0/);
    expect(() => photonNoise(new Float32Array(3), { photons: 9, seed: -1 })).toThrow(/seed is -1/);
    expect(() => photonNoise(new Float32Array(3), { photons: 9, seed: 1, slices: 2 })).toThrow(/2 slices/);
  });
});
