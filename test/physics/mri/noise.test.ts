import { describe, expect, it } from 'vitest';
import { type NdArray, ndarray } from '../../../engine/arrays/ndarray.ts';
import { createRandom } from '../../../engine/arrays/random.ts';
import { adjointError } from '../../../engine/linear/adjoint-test.ts';
import { coilCovariance } from '../../../engine/physics/mri/coil-covariance.ts';
import { coilMixing, mixCoils } from '../../../engine/physics/mri/coil-matrix.ts';
import { makeMask } from '../../../engine/physics/mri/masks.ts';
import { estimateNoise, noiseCovariance, WHITENED_SIGMA, whiteningMatrix } from '../../../engine/physics/mri/noise.ts';
import { brain } from './brain-data.ts';

const COILS = 4;

/** Correlated complex noise: a fixed random mixture of white channels. */
function colouredNoise(samples: number, seed: number): NdArray<'complex64'> {
  const fixed = createRandom(99);
  const mixture = Float32Array.from({ length: 2 * COILS * COILS }, () => fixed.normal());
  const random = createRandom(seed);
  const white = Float32Array.from({ length: 2 * COILS * samples }, () => random.normal());
  const mixed = mixCoils(
    ndarray('complex64', [COILS, COILS], mixture),
    ndarray('complex64', [COILS, 1, samples], white),
  );
  return ndarray('complex64', [COILS, samples], mixed.data);
}

describe('whitening', () => {
  it('turns its own noise into the identity covariance exactly', () => {
    const noise = colouredNoise(500, 1);
    const matrix = whiteningMatrix(noiseCovariance(noise));
    const white = mixCoils(matrix, ndarray('complex64', [COILS, 1, 500], noise.data));
    const covariance = noiseCovariance(ndarray('complex64', [COILS, 500], white.data));
    covariance.data.forEach((v, i) => {
      expect(v).toBeCloseTo(i % 2 === 0 && (i / 2) % (COILS + 1) === 0 ? 1 : 0, 4);
    });
  });

  it('gives σ = 1/√2 on noise it has not seen, to sampling error', () => {
    const matrix = whiteningMatrix(noiseCovariance(colouredNoise(20_000, 2)));
    const white = mixCoils(matrix, ndarray('complex64', [COILS, 1, 20_000], colouredNoise(20_000, 3).data));
    const values = coilCovariance(white.data, COILS);
    for (let c = 0; c < COILS; c++) {
      // Relative standard deviation of a variance from 20 000 complex samples: 0.7 %; six of both scans together.
      expect(Math.abs(values[2 * (c * COILS + c)] / (2 * WHITENED_SIGMA ** 2) - 1)).toBeLessThan(0.06);
      for (let other = 0; other < c; other++) {
        expect(Math.hypot(values[2 * (c * COILS + other)], values[2 * (c * COILS + other) + 1])).toBeLessThan(0.06);
      }
    }
  });

  it('scales with the bandwidth ratio', () => {
    const noise = colouredNoise(100, 4);
    const once = noiseCovariance(noise);
    expect(noiseCovariance(noise, 2).data).toEqual(once.data.map((v) => 2 * v));
  });

  it('refuses a dead channel and too few samples', () => {
    const dead = colouredNoise(100, 5);
    dead.data.fill(0, 0, 200);
    expect(() => whiteningMatrix(noiseCovariance(dead))).toThrow(expect.objectContaining({ code: 'numerical' }));
    expect(() => noiseCovariance(colouredNoise(COILS, 6))).toThrow(expect.objectContaining({ path: 'noise' }));
  });
});

describe('coil mixing', () => {
  it('has an exact adjoint (T1) and treats every slice alike', () => {
    const random = createRandom(8);
    const matrix = ndarray(
      'complex64',
      [3, 5],
      Float32Array.from({ length: 30 }, () => random.normal()),
    );
    expect(adjointError(coilMixing(matrix, [6, 7]))).toBeLessThan(1e-6);
    const data = Float32Array.from({ length: 2 * 2 * 5 * 42 }, () => random.normal());
    const both = mixCoils(matrix, ndarray('complex64', [2, 5, 6, 7], data));
    const second = mixCoils(matrix, ndarray('complex64', [5, 6, 7], data.slice(420)));
    expect(both.shape).toEqual([2, 3, 6, 7]);
    expect(both.data.slice(252)).toEqual(second.data);
    expect(() => mixCoils(matrix, ndarray('complex64', [4, 1, 1], new Float32Array(8)))).toThrow(
      expect.objectContaining({ code: 'mismatch' }),
    );
  });
});

describe('noise level from the edge of k-space', () => {
  it('is σ for pure noise, within 6 %, and scales with the data', () => {
    for (const coils of [1, 2, 8]) {
      const random = createRandom(coils);
      const data = Float32Array.from({ length: 2 * coils * 96 * 80 }, () => 0.3 * random.normal());
      const { mask } = makeMask({ type: 'gaussian1d', height: 96, width: 80, acceleration: 3, acs: 12 });
      const estimate = estimateNoise(ndarray('complex64', [coils, 96, 80], data), mask);
      expect(Math.abs(estimate.sigma / 0.3 - 1)).toBeLessThan(0.06);
      for (const sigma of estimate.perCoil) expect(Math.abs(sigma / 0.3 - 1)).toBeLessThan(0.15);
      const louder = estimateNoise(
        ndarray(
          'complex64',
          [coils, 96, 80],
          data.map((v) => 8 * v),
        ),
        mask,
      );
      expect(louder.sigma / estimate.sigma).toBeCloseTo(8, 5);
    }
  });

  it('leaves zero-filled samples out', () => {
    const random = createRandom(1);
    const [h, w] = [64, 64];
    const data = new Float32Array(2 * 2 * h * w);
    for (let c = 0; c < 2; c++) {
      for (let y = 16; y < 64; y++) for (let x = 0; x < 2 * w; x++) data[2 * (c * h + y) * w + x] = random.normal();
    }
    const full = ndarray('uint8', [h, w], new Uint8Array(h * w).fill(1));
    expect(Math.abs(estimateNoise(ndarray('complex64', [2, h, w], data), full).sigma - 1)).toBeLessThan(0.06);
  });

  it.skipIf(brain === undefined)('lies within 10 % of the known level of a real brain scan, whatever the mask', () => {
    if (brain === undefined) return;
    const known = brain.noise.reduce((a, b) => a + b) / brain.noise.length;
    for (const mask of brain.masks.values()) {
      expect(Math.abs(estimateNoise(brain.kspace, mask).sigma / known - 1)).toBeLessThan(0.1);
    }
  });
});
