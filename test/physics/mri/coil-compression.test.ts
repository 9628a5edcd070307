import { describe, expect, it } from 'vitest';
import { fft2 } from '../../../engine/arrays/fft.ts';
import { item, type NdArray, ndarray } from '../../../engine/arrays/ndarray.ts';
import { norm } from '../../../engine/arrays/statistics.ts';
import { adjointError } from '../../../engine/linear/adjoint-test.ts';
import { compressCoils } from '../../../engine/physics/mri/coil-compression.ts';
import { coilMixing } from '../../../engine/physics/mri/coil-matrix.ts';
import { simulateScan } from '../../../engine/physics/mri/simulate.ts';

const [H, W] = [48, 40];
const image = ndarray(
  'float32',
  [H, W],
  Float32Array.from({ length: H * W }, (_, i) => {
    const r = ((Math.floor(i / W) - 24) / 18) ** 2 + (((i % W) - 20) / 14) ** 2;
    return r < 1 ? 1 + (r < 0.3 ? 0.4 : 0) : 0;
  }),
);
const scan = simulateScan(image, { coils: 12, mask: 'uniform1d', acceleration: 2, acs: 12, noise: 0 });
const kspace = item(scan.kspace, 0);

/** Root of the sum of squared coil images. */
function rootSumSquares(k: NdArray<'complex64'>): Float32Array {
  const images = fft2(k.data, [k.shape[0], H, W], 'inverse');
  const result = new Float32Array(H * W);
  for (let i = 0; i < images.length; i++) result[(i >> 1) % (H * W)] += images[i] ** 2;
  return result.map(Math.sqrt);
}

describe('coil compression', () => {
  it('has orthonormal rows and an exact adjoint', () => {
    const { matrix } = compressCoils(kspace, scan.mask, { coils: 5 });
    expect(matrix.shape).toEqual([5, 12]);
    for (let a = 0; a < 5; a++) {
      for (let b = 0; b < 5; b++) {
        let [re, im] = [0, 0];
        for (let c = 0; c < 24; c += 2) {
          const [p, q] = [24 * a + c, 24 * b + c];
          re += matrix.data[p] * matrix.data[q] + matrix.data[p + 1] * matrix.data[q + 1];
          im += matrix.data[p] * matrix.data[q + 1] - matrix.data[p + 1] * matrix.data[q];
        }
        expect(re).toBeCloseTo(a === b ? 1 : 0, 5);
        expect(im).toBeCloseTo(0, 5);
      }
    }
    expect(adjointError(coilMixing(matrix, [H, W]))).toBeLessThan(1e-6);
  });

  it('keeps the image: all coils exactly, 99 % of the energy to about a tenth of the amplitude', () => {
    const before = rootSumSquares(kspace);
    const all = compressCoils(kspace, scan.mask, { coils: 12 });
    expect(norm(rootSumSquares(all.kspace).map((v, i) => v - before[i])) / norm(before)).toBeLessThan(1e-5);
    expect(all.energy).toBeCloseTo(1, 10);
    const some = compressCoils(kspace, scan.mask);
    expect(some.kspace.shape[0]).toBeLessThan(12);
    expect(some.energy).toBeGreaterThanOrEqual(0.99);
    expect(norm(rootSumSquares(some.kspace).map((v, i) => v - before[i])) / norm(before)).toBeLessThan(0.1);
  });

  it('the fewest coils that reach the energy are kept, strongest first', () => {
    const { matrix, energy } = compressCoils(kspace, scan.mask, { energy: 0.9 });
    const fewer = matrix.shape[0] - 1;
    expect(energy).toBeGreaterThanOrEqual(0.9);
    if (fewer > 0) expect(compressCoils(kspace, scan.mask, { coils: fewer }).energy).toBeLessThan(0.9);
    const virtual = compressCoils(kspace, scan.mask, { coils: 4 }).kspace;
    const strength = [0, 1, 2, 3].map((c) => norm(item(virtual, c).data));
    expect([...strength].sort((a, b) => b - a)).toEqual(strength);
  });

  it('refuses impossible counts and empty data', () => {
    expect(() => compressCoils(kspace, scan.mask, { coils: 13 })).toThrow(expect.objectContaining({ path: 'coils' }));
    expect(() => compressCoils(kspace, scan.mask, { energy: 0 })).toThrow(expect.objectContaining({ path: 'energy' }));
    const zero = ndarray('complex64', kspace.shape, new Float32Array(kspace.data.length));
    expect(() => compressCoils(zero, scan.mask)).toThrow(expect.objectContaining({ path: 'kspace' }));
  });
});
