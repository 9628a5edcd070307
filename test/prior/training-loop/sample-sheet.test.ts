import { expect, test } from 'vitest';
import { gaussianPrior } from '../../../engine/prior/gaussian.ts';
import type { Prior } from '../../../engine/prior/prior.ts';
import { sampleSheet } from '../../../engine/prior/training/sample-sheet.ts';
import { toyImages } from './toy-images.ts';

/** Knows the clean image: ε̂ = (x_t − √ᾱ x₀)/√(1−ᾱ), so that denoising gives x₀ back. */
function oracle(clean: readonly Float32Array[], channels: 1 | 2): Prior {
  let call = 0;
  return {
    name: 'oracle',
    channels,
    variance: 1,
    hash: '',
    scaleRule: 'none',
    predictNoise: async (x, { batch }, { alphaBar }) => {
      const image = clean[Math.floor(call++ / 2)] ?? clean[0];
      const length = x.length / batch;
      return { noise: x.map((v, i) => (v - Math.sqrt(alphaBar) * image[i % length]) / Math.sqrt(1 - alphaBar)) };
    },
    dispose: async () => {},
  };
}

const n = 16;
const tile = ({ pixels, width }: { pixels: Uint8Array; width: number }, row: number, column: number) =>
  Array.from({ length: n }, (_, y) =>
    pixels.subarray((row * (n + 2) + y) * width + column * (n + 2)).subarray(0, n),
  ).flatMap((line) => [...line]);

test.each([
  1, 2,
] as const)('%i channels: clean, noisy and denoised side by side, drawn images below', async (channels) => {
  const images = toyImages(channels).validation;
  const sheet = await sampleSheet(oracle(images, channels), images, { sigmas: [0.1, 1], draws: 3, steps: 5 });
  expect([sheet.width, sheet.height]).toEqual([5 * (n + 2) - 2, 3 * (n + 2) - 2]);
  for (const row of [0, 1]) {
    const clean = tile(sheet, row, 0);
    expect(Math.max(...clean)).toBe(Math.round((255 * 0.8) / 1.15));
    for (const column of [2, 4])
      for (const [i, grey] of tile(sheet, row, column).entries())
        expect(Math.abs(grey - clean[i])).toBeLessThanOrEqual(1);
    const distance = [1, 3].map((column) =>
      tile(sheet, row, column).reduce((sum, grey, i) => sum + Math.abs(grey - clean[i]), 0),
    );
    expect(distance[0]).toBeGreaterThan(0);
    expect(distance[1]).toBeGreaterThan(2 * distance[0]);
  }
  // The oracle's only image is what it draws.
  for (const column of [0, 1, 2])
    for (const [i, grey] of tile(sheet, 2, column).entries())
      expect(Math.abs(grey - tile(sheet, 0, 0)[i])).toBeLessThanOrEqual(1);
  expect(tile(sheet, 2, 3).every((grey) => grey === 0)).toBe(true);
});

test('the same seed gives the same picture', async () => {
  const prior = gaussianPrior({ mean: 0.5, spectrum: 0.01, channels: 1 });
  const images = toyImages(1).validation;
  const [a, b, c] = await Promise.all([0, 0, 1].map((seed) => sampleSheet(prior, images, { seed, steps: 4 })));
  expect(a.pixels).toEqual(b.pixels);
  expect(a.pixels).not.toEqual(c.pixels);
});

test('images that are not square are refused', async () => {
  const prior = gaussianPrior({ mean: 0, spectrum: 1, channels: 1 });
  await expect(sampleSheet(prior, [new Float32Array(15)])).rejects.toThrow(/square images/);
  await expect(sampleSheet(prior, [])).rejects.toThrow(/square images/);
});
