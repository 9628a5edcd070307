/**
 * How much worse the network denoises an image than images like its training's. At noise level σ the error per real
 * channel e = ‖D(x + σ n) − x‖²/N grows with how much there is in the image; on training images
 *   ln e = a + b ln(mean x²) ± s,
 * and the surprise is the largest (ln e − expected)/s over the levels. The image is its magnitude, in the prior's units,
 * in the first channel: phase is left out, so that images with and without it compare.
 */
import { fillNormal } from '../../arrays/random.ts';
import { quantile } from '../../arrays/statistics.ts';
import type { Prior } from '../prior.ts';
import { alphaBarOf } from '../schedule.ts';
import type { LayoutImage } from './layout-image.ts';

/** σ, a, b, s. */
export const surpriseColumns = 4;
export const surpriseLevels = [0.1, 0.4] as const;

export interface SurpriseModel {
  /** Hash of the network's weights; for another network the numbers mean nothing. */
  network: string;
  /** float32 [level, 4]. */
  rows: Float32Array;
}

/** Time index for a network that is told one: the step of the 1000-step linear schedule nearest to ᾱ. */
export function timeOf(alphaBar: number, schedule: { alphaBar: Float64Array }): number {
  let best = 0;
  schedule.alphaBar.forEach((value, t) => {
    if (Math.abs(Math.log(value / alphaBar)) < Math.abs(Math.log(schedule.alphaBar[best] / alphaBar))) best = t;
  });
  return best;
}

/** ln e and ln(mean x²) of one image at each level. Images are scaled so that their 0.99 quantile is 1. */
export async function denoisingErrors(
  prior: Prior,
  image: LayoutImage,
  levels: readonly number[],
  seed: number,
  schedule: { alphaBar: Float64Array },
  signal?: AbortSignal,
): Promise<{ error: number; energy: number }[]> {
  const { height, width, data } = image;
  const pixels = height * width;
  const bright = prior.scaleRule === 'none' ? 1 : quantile(data, 0.99) || 1;
  const clean = new Float32Array(prior.channels * pixels);
  let energy = 0;
  for (let i = 0; i < pixels; i++) {
    clean[i] = data[i] / bright;
    energy += clean[i] ** 2 / clean.length;
  }
  const rows: { error: number; energy: number }[] = [];
  const noise = new Float32Array(clean.length);
  const noisy = new Float32Array(clean.length);
  for (const [l, sigma] of levels.entries()) {
    const alphaBar = alphaBarOf(sigma);
    const root = Math.sqrt(alphaBar);
    fillNormal(noise, { seed, sample: 0, slice: 0, step: l });
    for (let i = 0; i < noisy.length; i++) noisy[i] = root * (clean[i] + sigma * noise[i]);
    const t = timeOf(alphaBar, schedule);
    const found = await prior.predictNoise(noisy, { batch: 1, height, width }, { t, alphaBar }, signal);
    let squares = 0;
    for (let i = 0; i < noisy.length; i++) squares += (sigma * (noise[i] - found.noise[i])) ** 2;
    rows.push({ error: Math.log(squares / noisy.length + 1e-12), energy: Math.log(energy + 1e-12) });
  }
  return rows;
}

/** Least squares of ln e on ln energy per level, over images of the training's kind. */
export function fitSurprise(
  network: string,
  levels: readonly number[],
  errors: readonly (readonly { error: number; energy: number }[])[],
): SurpriseModel {
  const rows = new Float32Array(levels.length * surpriseColumns);
  levels.forEach((sigma, l) => {
    const points = errors.map((image) => image[l]);
    const n = points.length;
    const meanX = points.reduce((sum, { energy }) => sum + energy, 0) / n;
    const meanY = points.reduce((sum, { error }) => sum + error, 0) / n;
    const xx = points.reduce((sum, { energy }) => sum + (energy - meanX) ** 2, 0);
    const xy = points.reduce((sum, { energy, error }) => sum + (energy - meanX) * (error - meanY), 0);
    const b = xx > 0 ? xy / xx : 0;
    const a = meanY - b * meanX;
    const left = points.reduce((sum, { energy, error }) => sum + (error - a - b * energy) ** 2, 0);
    rows.set([sigma, a, b, Math.max(0.02, Math.sqrt(left / Math.max(1, n - 2)))], l * surpriseColumns);
  });
  return { network, rows };
}

/** The largest standardised excess over the levels. */
export function surpriseOf(model: SurpriseModel, errors: readonly { error: number; energy: number }[]): number {
  return Math.max(
    ...errors.map(({ error, energy }, l) => {
      const [, a, b, s] = model.rows.subarray(l * surpriseColumns, (l + 1) * surpriseColumns);
      return (error - a - b * energy) / s;
    }),
  );
}
