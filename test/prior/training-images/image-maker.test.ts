import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../engine/arrays/random.ts';
import { mean, quantile } from '../../../engine/arrays/statistics.ts';
import { ImageMaker, type SliceChoice } from '../../../engine/prior/training/images/image-maker.ts';
import { planeViews } from '../../../engine/prior/training/images/plane-views.ts';
import { headThreshold, usableSlices } from '../../../engine/prior/training/images/training-volume.ts';
import type { TrainingConfig } from '../../../engine/prior/training/training-config.ts';
import { disk, magnitudeOf, makeConfig, makeVolume } from './make-config.ts';

const size = 64;

/** A disk of radius 34 in 90 × 96 with a brighter disk inside; `scale · shape + base`. */
function choose(config: TrainingConfig, scale: number, base = 0, imaginary?: number): SliceChoice {
  const shape = [1, 90, 96] as const;
  const { data } = makeVolume(shape, (_, y, x) => base + scale * (disk(y, x, 44, 50, 34) + disk(y, x, 38, 42, 9)));
  const views = planeViews(shape, undefined, undefined, 1.5);
  const im = imaginary === undefined ? {} : { im: data.map((v) => v * imaginary) };
  const volume = { name: 'a', group: 'a', re: data, ...im, shape, views };
  const [slice] = usableSlices(volume, views[0], headThreshold(volume, config.image), config.minimumHead);
  return { volume, view: views[0], slice };
}

function draws(config: TrainingConfig, choice: SliceChoice, count: number, seed = 1): Float32Array[] {
  const maker = new ImageMaker(config);
  const random = createRandom(seed);
  return Array.from({ length: count }, () => {
    const out = new Float32Array((config.complex ? 2 : 1) * size * size);
    maker.augmented(choice, random, out);
    return out;
  });
}

/** All augmentations off but those given. */
function only(some: Record<string, unknown>): Record<string, unknown> {
  const off = { probability: 0 };
  const names = ['zoom', 'elastic', 'gamma', 'intensityMap', 'bias', 'air', 'lowPass', 'gain', 'inserts'];
  return {
    ...Object.fromEntries(names.map((name) => [name, off])),
    flip: { leftRight: 0 },
    rotation: { probability: 0, quarterTurns: 0 },
    resampling: { fill: [0.8, 0.8], shift: [0, 0] },
    ...some,
  };
}

describe('mri', () => {
  const config = makeConfig();

  test('the 0.99 quantile of the magnitude is 1, whatever the units of the file', () => {
    for (const scale of [1e-6, 1, 3000])
      for (const image of draws(config, choose(config, scale), 20)) {
        expect(quantile(magnitudeOf(image, 2), 0.99)).toBeCloseTo(1, 4);
        expect(image.every(Number.isFinite)).toBe(true);
      }
  });

  test('the same stream gives the same image, also from a maker that has worked before', () => {
    const choice = choose(config, 100);
    const maker = new ImageMaker(config);
    const [a, b, c] = [0, 0, 0].map(() => new Float32Array(2 * size * size));
    maker.augmented(choice, createRandom(5), a);
    maker.augmented(choice, createRandom(6), b);
    expect(b).not.toEqual(a);
    maker.augmented(choice, createRandom(5), c);
    expect(c).toEqual(a);
    new ImageMaker(config).augmented(choice, createRandom(5), c);
    expect(c).toEqual(a);
  });

  test('scaling the file by a power of two changes nothing', () => {
    const [a] = draws(config, choose(config, 1), 1);
    const [b] = draws(config, choose(config, 1024), 1);
    for (let i = 0; i < a.length; i++) expect(Math.abs(a[i] - b[i])).toBeLessThan(1e-5);
  });

  test('air: Rician noise outside alone, in half of the draws, of up to 1 % of the maximum', () => {
    const config = makeConfig({ augmentations: only({ air: {} }), phase: { polynomial: [0, 0], field: [0, 0] } });
    const corner = draws(config, choose(config, 1), 200).map((image) => {
      const m = magnitudeOf(image, 2);
      const air = [0, 1, 2, 3].flatMap((y) => [...m.subarray(y * size, y * size + size)]);
      return Math.sqrt(air.reduce((s, v) => s + v * v, 0) / air.length / 2);
    });
    const noisy = corner.filter((sigma) => sigma > 1e-5);
    expect(noisy.length).toBeGreaterThan(70);
    expect(noisy.length).toBeLessThan(130);
    // Two disks: the maximum is about the 0.99 quantile.
    expect(Math.max(...noisy)).toBeLessThan(0.012);
    expect(Math.max(...noisy)).toBeGreaterThan(0.008);
    const always = makeConfig({ augmentations: only({ air: { probability: 1, sigma: [0.01, 0.01] } }) });
    const tissue = draws(always, choose(always, 1), 4).map((image) => magnitudeOf(image, 2)[40 * size + 40]);
    for (const v of tissue) expect(v).toBeCloseTo(0.5, 2);
  });

  test('bias: mean of the logarithm over draws is 0, its deviation within 0.2 to 0.4', () => {
    const config = makeConfig({ image: { rule: 'none' }, augmentations: only({ bias: { probability: 1 } }) });
    const logs = draws(config, choose(config, 1), 150).map((image) => Math.log(magnitudeOf(image, 2)[40 * size + 40]));
    const values = Float64Array.from(logs);
    expect(Math.abs(mean(values))).toBeLessThan(0.1);
    const deviation = Math.sqrt(mean(values.map((v) => v * v)));
    expect(deviation).toBeGreaterThan(0.2);
    expect(deviation).toBeLessThan(0.4);
  });

  test('gamma: a level of one half becomes 0.5 to the exponent', () => {
    const config = makeConfig({ augmentations: only({ gamma: { probability: 1 } }) });
    const exponents = draws(config, choose(config, 7), 60).map((image) => {
      const m = magnitudeOf(image, 2);
      return Math.log(m[40 * size + 40]) / Math.log(0.5);
    });
    for (const e of exponents) {
      expect(e).toBeGreaterThan(0.68);
      expect(e).toBeLessThan(1.42);
    }
    expect(Math.max(...exponents) - Math.min(...exponents)).toBeGreaterThan(0.55);
  });

  test('intensity map: darker tissue never becomes brighter than brighter tissue', () => {
    const config = makeConfig({ augmentations: only({ intensityMap: { probability: 1 } }) });
    for (const image of draws(config, choose(config, 1), 40)) {
      const m = magnitudeOf(image, 2);
      // Centres of the two disks at 1.328 mm pixels about the centre of the larger one.
      const outer = m[44 * size + 44];
      const inner = m[Math.round(31.5 - 6 / 1.328) * size + Math.round(31.5 - 8 / 1.328)];
      expect(inner).toBeGreaterThanOrEqual(outer - 0.02);
      expect(m[0]).toBeLessThan(0.01);
    }
  });

  test('low-pass: k-space beyond the ellipse is empty, the middle is kept', () => {
    const config = makeConfig({ augmentations: only({ lowPass: { probability: 1, radius: [0.6, 0.6] } }) });
    const off = makeConfig({ augmentations: only({}) });
    const [soft] = draws(config, choose(config, 1), 1);
    const [sharp] = draws(off, choose(off, 1), 1);
    /** Energy of the rows' spectrum at one frequency, cycles per matrix. */
    const energy = (image: Float32Array, k: number) => {
      let total = 0;
      for (let y = 0; y < size; y++) {
        let re = 0;
        let im = 0;
        for (let x = 0; x < size; x++) {
          const [c, s] = [Math.cos((2 * Math.PI * k * x) / size), Math.sin((2 * Math.PI * k * x) / size)];
          const [a, b] = [image[y * size + x], image[size * size + y * size + x]];
          re += a * c + b * s;
          im += b * c - a * s;
        }
        total += re * re + im * im;
      }
      return total;
    };
    expect(energy(soft, 28)).toBeLessThan(1e-3 * energy(sharp, 28));
    expect(energy(soft, 3) / energy(sharp, 3)).toBeCloseTo(1, 1);
  });

  test('complex files keep their own phase up to a random constant', () => {
    const choice = choose(config, 50, 0, 0.75);
    for (const image of draws(config, choice, 10)) {
      const n = size * size;
      const angles: number[] = [];
      for (let i = 0; i < n; i++)
        if (Math.hypot(image[i], image[n + i]) > 0.3) angles.push(Math.atan2(image[n + i], image[i]));
      const [c, s] = [Math.cos, Math.sin].map((f) => angles.reduce((sum, a) => sum + f(a), 0) / angles.length);
      expect(angles.length).toBeGreaterThan(100);
      expect(Math.hypot(c, s)).toBeGreaterThan(0.999);
    }
  });

  test('without augmentation: the slice as it is, scaled', () => {
    const plain = makeConfig({ complex: false, fit: 'crop' });
    const choice = choose(plain, 10);
    const out = new Float32Array(size * size);
    new ImageMaker(plain).plain(choice, createRandom(1), out);
    const q = quantile(out, 0.99);
    expect(q).toBeCloseTo(1, 5);
    // Row 13 and column 16 of the slice come first. Outer disk 10, quantile 20.
    expect(out[(44 - 13) * size + 60 - 16]).toBeCloseTo(0.5, 5);
    expect(out[0]).toBe(0);
  });
});

describe('ct', () => {
  const config = makeConfig({ modality: 'ct' });

  test('the window: -1000 HU is 0, 1500 HU is 1, values above reach the ceiling at most', () => {
    const out = new Float32Array(size * size);
    const plain = makeConfig({ modality: 'ct', fit: 'crop' });
    new ImageMaker(plain).plain(choose(plain, 1250, -1000), createRandom(1), out);
    expect(out[0]).toBe(0);
    expect(out[(44 - 13) * size + 60 - 16]).toBeCloseTo(0.5, 6);
    expect(out[(38 - 13) * size + 42 - 16]).toBeCloseTo(1, 6);
    new ImageMaker(plain).plain(choose(plain, 4000, -1000), createRandom(1), out);
    expect(Math.max(...out)).toBeCloseTo(1.2, 6);
  });

  test('draws are real, inside the window, with air at 0, and no two alike', () => {
    const images = draws(config, choose(config, 1000, -1000), 30);
    for (const image of images) {
      expect(image.length).toBe(size * size);
      expect(Math.min(...image)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...image)).toBeLessThanOrEqual(Math.fround(1.2));
    }
    expect(new Set(images.map((image) => image.join())).size).toBe(30);
  });

  test('gain turns about water and leaves air alone', () => {
    const some = makeConfig({
      modality: 'ct',
      augmentations: only({ gain: { probability: 1, factor: [1.1, 1.1], offset: 0 } }),
    });
    const [image] = draws(some, choose(some, 1000, -1000), 1);
    expect(image[0]).toBe(0);
    expect(image[44 * size + 44]).toBeCloseTo(0.4, 3);
    const inner = image[Math.round(31.5 - 6 / 1.328) * size + Math.round(31.5 - 8 / 1.328)];
    expect(inner).toBeCloseTo(0.4 + 0.4 * 1.1, 2);
  });

  test('inserts change the body and not the air far from it', () => {
    const some = makeConfig({ modality: 'ct', augmentations: only({ inserts: { probability: 1, radius: [1, 4] } }) });
    const off = makeConfig({ modality: 'ct', augmentations: only({}) });
    const [bare] = draws(off, choose(off, 1000, -1000), 1);
    let changed = 0;
    for (const image of draws(some, choose(some, 1000, -1000), 20)) {
      let largest = 0;
      for (let i = 0; i < image.length; i++) largest = Math.max(largest, Math.abs(image[i] - bare[i]));
      if (largest > 0.02) changed++;
      expect(image[0]).toBeCloseTo(0, 3);
    }
    expect(changed).toBeGreaterThan(12);
  });
});
