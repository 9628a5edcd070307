import { describe, expect, it } from 'vitest';
import { item, type NdArray, ndarray } from '../../../engine/arrays/ndarray.ts';
import { coilRing } from '../../../engine/physics/mri/coil-ring.ts';
import { espiritMaps } from '../../../engine/physics/mri/espirit.ts';
import type { MaskType } from '../../../engine/physics/mri/masks.ts';
import { simulateScan } from '../../../engine/physics/mri/simulate.ts';
import { brain } from './brain-data.ts';

/** An ellipse with some texture on [h, w]; 0 outside. */
function ellipse(h: number, w: number): NdArray<'float32'> {
  const data = new Float32Array(h * w);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const r = ((y - h / 2) / (0.38 * h)) ** 2 + ((x - w / 2) / (0.33 * w)) ** 2;
      if (r < 1) data[y * w + x] = 1 + 0.3 * Math.sin(x / 2) * Math.cos(y / 3) + (r < 0.2 ? 0.5 : 0);
    }
  }
  return ndarray('float32', [h, w], data);
}

interface Agreement {
  /** Mean of |⟨S, S_true⟩| over the object's pixels with maps. */
  mean: number;
  worst: number;
  /** Share of the object's pixels with maps. */
  covered: number;
}

function agreement(maps: NdArray<'complex64'>, truth: NdArray<'complex64'>, object: ArrayLike<number>): Agreement {
  const [coils, h, w] = maps.shape;
  let [sum, worst, found, pixels] = [0, 1, 0, 0];
  for (let i = 0; i < h * w; i++) {
    if (!object[i]) continue;
    pixels++;
    let [re, im, energy] = [0, 0, 0];
    for (let c = 0; c < coils; c++) {
      const p = 2 * (c * h * w + i);
      const [a, b, t, u] = [maps.data[p], maps.data[p + 1], truth.data[p], truth.data[p + 1]];
      re += a * t + b * u;
      im += a * u - b * t;
      energy += a * a + b * b;
    }
    if (energy === 0) continue;
    found++;
    sum += Math.hypot(re, im);
    worst = Math.min(worst, Math.hypot(re, im));
  }
  return { mean: sum / found, worst, covered: found / pixels };
}

describe('simulated coils with known maps', () => {
  const image = ellipse(80, 72);
  const cases: [MaskType, number, number][] = [
    ['full', 1, 0.1],
    ['uniform1d', 3, 16],
    ['gaussian1d', 4, 10],
    ['poisson', 6, 18],
  ];
  for (const [mask, acceleration, acs] of cases) {
    it(`${mask}: subspace correlation above 0.998 on the object, all of it covered`, () => {
      const scan = simulateScan(image, { coils: 6, mask, acceleration, acs, noise: 0.003, seed: 4 });
      const { maps } = espiritMaps(item(scan.kspace, 0), scan.mask);
      const found = agreement(maps, scan.maps, image.data);
      expect(found.mean).toBeGreaterThan(0.998);
      expect(found.worst).toBeGreaterThan(0.95);
      expect(found.covered).toBeGreaterThan(0.99);
    });
  }

  it('rows as the undersampled axis do as well as columns', () => {
    const scan = simulateScan(ellipse(72, 80), { coils: 6, mask: 'full', acceleration: 1, noise: 0.003 });
    const rows = Uint8Array.from({ length: 72 * 80 }, (_, i) => Number(Math.abs(Math.floor(i / 80) - 36) <= 8));
    const result = espiritMaps(item(scan.kspace, 0), ndarray('uint8', [72, 80], rows));
    expect(result.region).toEqual({ y0: 28, x0: 28, height: 17, width: 24 });
    expect(result.kernel).toEqual([5, 6]);
    expect(result.warnings).toHaveLength(1);
    expect(agreement(result.maps, scan.maps, ellipse(72, 80).data).mean).toBeGreaterThan(0.998);
  });

  it('Σ|S|² is 1 on the support and 0 outside, whatever the scale of the data', () => {
    const scan = simulateScan(image, { coils: 4, mask: 'full', acceleration: 1, noise: 0.001 });
    const kspace = item(scan.kspace, 0);
    const { maps, eigenvalues } = espiritMaps(kspace, scan.mask);
    const pixels = 80 * 72;
    let outside = 0;
    for (let i = 0; i < pixels; i++) {
      let energy = 0;
      for (let c = 0; c < 4; c++)
        energy += maps.data[2 * (c * pixels + i)] ** 2 + maps.data[2 * (c * pixels + i) + 1] ** 2;
      const support = eigenvalues.data[i] > 0.95;
      expect(energy).toBeCloseTo(support ? 1 : 0, 5);
      if (!support) outside++;
    }
    expect(outside).toBeGreaterThan(pixels / 4);
    // A power of two only changes exponents.
    const scaled = ndarray(
      'complex64',
      kspace.shape,
      kspace.data.map((v) => v * 2 ** -20),
    );
    expect(espiritMaps(scaled, scan.mask).maps.data).toEqual(maps.data);
  });

  it('a larger crop keeps fewer pixels; maps can be cropped to the image', () => {
    const scan = simulateScan(image, { coils: 4, mask: 'full', acceleration: 1, noise: 0.02 });
    const kspace = item(scan.kspace, 0);
    const count = (crop: number) =>
      espiritMaps(kspace, scan.mask, { crop }).eigenvalues.data.filter((v) => v > crop).length;
    expect(count(0.7)).toBeGreaterThan(count(0.95));
    const whole = espiritMaps(kspace, scan.mask);
    const small = espiritMaps(kspace, scan.mask, { imageSize: [40, 72] });
    expect(small.maps.shape).toEqual([4, 40, 72]);
    expect(small.maps.data.slice(0, 144)).toEqual(whole.maps.data.slice(2 * 20 * 72, 2 * 20 * 72 + 144));
  });

  it('refuses data without a calibration centre, and all-zero data', () => {
    const scan = simulateScan(image, { coils: 2, mask: 'full', acceleration: 1 });
    const comb = Uint8Array.from({ length: 80 * 72 }, (_, i) => Number((i % 72) % 3 === 0));
    const kspace = item(scan.kspace, 0);
    expect(() => espiritMaps(kspace, ndarray('uint8', [80, 72], comb))).toThrow(
      expect.objectContaining({ code: 'bad-input', path: 'kspace' }),
    );
    const zero = ndarray('complex64', kspace.shape, new Float32Array(kspace.data.length));
    expect(() => espiritMaps(zero, scan.mask)).toThrow(expect.objectContaining({ path: 'kspace' }));
  });
});

describe('coilRing', () => {
  it('maps are normalised, smooth and all different', () => {
    const maps = coilRing(5, [40, 30]);
    const n = 1200;
    for (let i = 0; i < n; i++) {
      let energy = 0;
      for (let c = 0; c < 5; c++) energy += maps.data[2 * (c * n + i)] ** 2 + maps.data[2 * (c * n + i) + 1] ** 2;
      expect(energy).toBeCloseTo(1, 5);
    }
    let largestStep = 0;
    for (let c = 0; c < 5; c++) {
      for (let i = 0; i < n - 1; i++) {
        if (i % 30 === 29) continue;
        const p = 2 * (c * n + i);
        largestStep = Math.max(
          largestStep,
          Math.hypot(maps.data[p + 2] - maps.data[p], maps.data[p + 3] - maps.data[p + 1]),
        );
      }
    }
    expect(largestStep).toBeLessThan(0.2);
    expect(coilRing(1, [3, 2]).data).toEqual(Float32Array.of(1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0));
  });
});

describe.skipIf(brain === undefined)('real brain, 7 coils', () => {
  it('agrees with independent maps from the full data, from the full and from every undersampled scan', () => {
    if (brain === undefined) return;
    for (const [name, mask] of brain.masks) {
      const { maps } = espiritMaps(brain.kspace, mask);
      const head = brain.object.map((v, i) => v & (brain?.support[i] ?? 0));
      const found = agreement(maps, brain.sens, head);
      expect(found.mean, name).toBeGreaterThan(0.999);
      expect(found.covered, name).toBeGreaterThan(0.999);
    }
  });
});
