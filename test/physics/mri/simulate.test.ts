import { describe, expect, it } from 'vitest';
import { magnitude } from '../../../engine/arrays/complex.ts';
import { item, ndarray } from '../../../engine/arrays/ndarray.ts';
import { createRandom } from '../../../engine/arrays/random.ts';
import { norm } from '../../../engine/arrays/statistics.ts';
import { objectPhase } from '../../../engine/physics/mri/object-phase.ts';
import { createSense } from '../../../engine/physics/mri/sense.ts';
import { simulateScan } from '../../../engine/physics/mri/simulate.ts';
import { projectSingleCoil } from '../../../engine/physics/mri/single-coil.ts';

const random = createRandom(1);
const volume = ndarray(
  'float32',
  [2, 24, 20],
  Float32Array.from({ length: 960 }, () => random.uniform()),
);

function relativeError(a: Float32Array, b: Float32Array): number {
  return norm(a.map((v, i) => v - b[i])) / norm(b);
}

describe('simulateScan', () => {
  it('without noise is A x of the true image, zero where not measured', () => {
    const scan = simulateScan(volume, { coils: 3, noise: 0, acceleration: 2, acs: 4, seed: 2 });
    const a = createSense({ maps: scan.maps, mask: scan.mask });
    for (const slice of [0, 1]) {
      expect(relativeError(item(scan.kspace, slice).data, a.apply(item(scan.image, slice).data))).toBeLessThan(1e-6);
    }
    expect(scan.effectiveAcceleration).toBe(2);
    expect(relativeError(magnitude(scan.image.data), volume.data)).toBeLessThan(1e-6);
  });

  it('full sampling gives the image back: Aᴴ A = I', () => {
    const scan = simulateScan(volume, { coils: 4, noise: 0, acceleration: 1 });
    const a = createSense({ maps: scan.maps, mask: scan.mask });
    expect(relativeError(a.adjoint(item(scan.kspace, 1).data), item(scan.image, 1).data)).toBeLessThan(1e-6);
  });

  it('noise has the stated σ per real component, is white, and differs between coils and slices', () => {
    const options = { coils: 2, acceleration: 1, seed: 7, noise: 0.05 } as const;
    const clean = simulateScan(volume, { ...options, noise: 0 }).kspace.data;
    const scan = simulateScan(volume, options);
    const noise = scan.kspace.data.map((v, i) => v - clean[i]);
    const sorted = [...volume.data].sort((a, b) => a - b);
    expect(scan.sigma / (0.05 * sorted[Math.floor(0.99 * 959)])).toBeCloseTo(1, 2);
    // 3840 numbers: the standard error of σ is 1.1 %.
    expect(Math.abs(norm(noise) / Math.sqrt(noise.length) / scan.sigma - 1)).toBeLessThan(0.05);
    const parts = [0, 960, 1920, 2880].map((from) => noise.slice(from, from + 960));
    for (let a = 0; a < 4; a++) {
      for (let b = 0; b < a; b++) {
        let sum = 0;
        for (let i = 0; i < 960; i++) sum += parts[a][i] * parts[b][i];
        expect(Math.abs(sum) / (norm(parts[a]) * norm(parts[b]))).toBeLessThan(5 / Math.sqrt(960));
      }
    }
  });

  it('depends on the seed alone; complex images keep their phase', () => {
    const options = { coils: 2, acceleration: 2, acs: 4, seed: 3 } as const;
    expect(simulateScan(volume, options)).toEqual(simulateScan(volume, options));
    expect(simulateScan(volume, { ...options, seed: 4 }).kspace.data).not.toEqual(
      simulateScan(volume, options).kspace.data,
    );
    const complex = simulateScan(volume, options).image;
    expect(simulateScan(complex, options).image.data).toEqual(complex.data);
    const flat = simulateScan(volume, { ...options, phase: false }).image.data;
    expect(flat.every((v, i) => i % 2 === 0 || v === 0)).toBe(true);
  });

  it('refuses empty images, wrong masks and negative noise', () => {
    const zero = ndarray('float32', [4, 4], new Float32Array(16));
    expect(() => simulateScan(zero, { acceleration: 1 })).toThrow(expect.objectContaining({ path: 'image' }));
    const mask = ndarray('uint8', [4, 4], new Uint8Array(16));
    expect(() => simulateScan(volume, { mask })).toThrow(expect.objectContaining({ path: 'mask' }));
    expect(() => simulateScan(volume, { noise: -1 })).toThrow(expect.objectContaining({ path: 'noise' }));
  });
});

describe('objectPhase', () => {
  it('is smooth: neighbours differ by less than 0.6 rad, most by less than 0.3', () => {
    for (let seed = 0; seed < 20; seed++) {
      const phase = objectPhase([64, 48], createRandom(seed));
      const steps: number[] = [];
      for (let i = 0; i < phase.length - 1; i++) if (i % 48 !== 47) steps.push(Math.abs(phase[i + 1] - phase[i]));
      steps.sort((a, b) => a - b);
      expect(steps[Math.floor(0.9 * steps.length)]).toBeLessThan(0.6);
      expect(steps[Math.floor(0.5 * steps.length)]).toBeLessThan(0.3);
    }
  });
});

describe('projectSingleCoil', () => {
  const scan = simulateScan(item(volume, 0), { coils: 1, acceleration: 2, acs: 4, noise: 0.1 });
  const y = item(item(scan.kspace, 0), 0).data;
  const x0 = Float32Array.from({ length: 960 }, () => random.normal());
  const a = createSense({ maps: scan.maps, mask: scan.mask });

  it('noiseless: measured samples become y, the others stay', () => {
    const x = projectSingleCoil(x0, y, scan.mask);
    expect(relativeError(a.apply(x), y)).toBeLessThan(1e-6);
    const complement = createSense({
      maps: scan.maps,
      mask: ndarray(
        'uint8',
        [24, 20],
        scan.mask.data.map((m) => 1 - m),
      ),
    });
    expect(relativeError(complement.apply(x), complement.apply(x0))).toBeLessThan(1e-6);
  });

  it('proximal: solves (I + γ AᴴA) x = x0 + γ Aᴴ y', () => {
    for (const gamma of [0, 0.3, 5]) {
      const x = projectSingleCoil(x0, y, scan.mask, gamma);
      const normal = a.normal(x);
      const rhs = a.adjoint(y).map((v, i) => x0[i] + gamma * v);
      expect(
        relativeError(
          x.map((v, i) => v + gamma * normal[i]),
          rhs,
        ),
      ).toBeLessThan(1e-6);
    }
  });

  it('works in place and refuses γ < 0', () => {
    const x = x0.slice();
    expect(projectSingleCoil(x, y, scan.mask, 1, x)).toBe(x);
    expect(x).toEqual(projectSingleCoil(x0, y, scan.mask, 1));
    expect(() => projectSingleCoil(x0, y, scan.mask, -1)).toThrow(expect.objectContaining({ path: 'gamma' }));
  });
});
