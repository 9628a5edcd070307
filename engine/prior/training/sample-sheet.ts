/**
 * samples.png as pixels: one row per held-out image (clean, then noisy and denoised at each noise level), below them
 * images drawn from the prior alone. For any prior, however it was trained.
 */
import { fillNormal } from '../../arrays/random.ts';
import { check } from '../../errors.ts';
import type { NoiseLevel, Prior } from '../prior.ts';
import { logSnr, type VpSchedule, vpSchedule } from '../schedule.ts';
import { nearestLevel } from './noise-draw.ts';

export interface SampleSheetOptions {
  /** Noise levels σ of the columns. */
  sigmas?: readonly number[];
  /** Held-out images shown, from the front of the list. */
  rows?: number;
  /** Images drawn from the prior; default: as many as there are columns, fewer for large images. */
  draws?: number;
  /** Steps of the unconditional sampler. */
  steps?: number;
  seed?: number;
  /** Its levels are used, nearest to σ, so that networks told a time index get one. Default: the usual one. */
  schedule?: VpSchedule;
  signal?: AbortSignal;
  progress?: (fraction: number) => void;
}

export interface GreyPicture {
  width: number;
  height: number;
  /** One grey level per pixel, row-major. */
  pixels: Uint8Array;
}

const gap = 2;
/** Pixels drawn in all before the number of draws is cut. */
const drawnPixels = 2 ** 19;
/** Grey level 255: a little above the 0.99 quantile of a clean image. */
const white = 1.15;

/** x̂₀ = (x_t − √(1−ᾱ) ε̂)/√ᾱ, in place of x_t. */
function toClean(x: Float32Array, noise: Float32Array, alphaBar: number): Float32Array {
  const scale = 1 / Math.sqrt(alphaBar);
  const sigma = Math.sqrt(1 - alphaBar);
  for (let i = 0; i < x.length; i++) x[i] = scale * (x[i] - sigma * noise[i]);
  return x;
}

/** Magnitude over the channels of one image [channels, n, n] as grey levels. */
function grey(image: Float32Array, channels: number): Uint8Array {
  const plane = image.length / channels;
  const out = new Uint8Array(plane);
  for (let i = 0; i < plane; i++) {
    let square = 0;
    for (let c = 0; c < channels; c++) square += image[c * plane + i] ** 2;
    const value = channels === 1 ? image[i] : Math.sqrt(square);
    out[i] = Math.round(255 * Math.min(1, Math.max(0, value / white)));
  }
  return out;
}

/** Levels at evenly spaced log-SNR, noisiest first. */
function drawLevelsOf(schedule: VpSchedule, steps: number): NoiseLevel[] {
  const first = logSnr(schedule.alphaBar[schedule.steps - 1]);
  const last = logSnr(schedule.alphaBar[0]);
  const found = new Map<number, NoiseLevel>();
  for (let k = 0; k < steps; k++) {
    const lambda = first + ((last - first) * k) / Math.max(1, steps - 1);
    const level = nearestLevel(Math.exp(-lambda), schedule);
    found.set(level.t, level);
  }
  return [...found.values()];
}

/** Images drawn from the prior by deterministic DDIM (Song, Meng, Ermon 2021, η = 0): [count, channels, n, n]. */
async function draw(
  prior: Prior,
  count: number,
  n: number,
  options: Required<Pick<SampleSheetOptions, 'steps' | 'seed' | 'schedule'>> & {
    signal?: AbortSignal;
    progress: (fraction: number) => void;
  },
): Promise<Float32Array> {
  const shape = { batch: count, height: n, width: n };
  const x = new Float32Array(count * prior.channels * n * n);
  fillNormal(x, { seed: options.seed, sample: 0, slice: 0, step: 0 });
  const levels = drawLevelsOf(options.schedule, options.steps);
  for (let k = 0; k < levels.length; k++) {
    const { noise } = await prior.predictNoise(x, shape, levels[k], options.signal);
    const next = levels[k + 1];
    toClean(x, noise, levels[k].alphaBar);
    if (next !== undefined) {
      const [keep, sigma] = [Math.sqrt(next.alphaBar), Math.sqrt(1 - next.alphaBar)];
      for (let i = 0; i < x.length; i++) x[i] = keep * x[i] + sigma * noise[i];
    }
    options.progress((k + 1) / levels.length);
  }
  return x;
}

/**
 * images: held-out float32 [channels, n, n] in the prior's units. Grey levels: magnitude, 0 to 1.15.
 * Throws `mismatch` when there are no images or one is not square with the prior's channels.
 */
export async function sampleSheet(
  prior: Prior,
  images: readonly Float32Array[],
  options: SampleSheetOptions = {},
): Promise<GreyPicture> {
  const { sigmas = [0.05, 0.2, 0.5, 1.5], rows = 4, steps = 40, seed = 0, signal, progress = () => {} } = options;
  const schedule = options.schedule ?? vpSchedule();
  const shown = images.slice(0, rows);
  const { channels } = prior;
  const n = Math.round(Math.sqrt((shown[0]?.length ?? 0) / channels));
  check(
    n > 0 && shown.every((image) => image.length === channels * n * n),
    () => `a sample sheet needs square images of ${channels} channels and one size`,
    { code: 'mismatch' },
  );
  const across = 1 + 2 * sigmas.length;
  const draws = options.draws ?? Math.min(across, Math.max(2, Math.floor(drawnPixels / (n * n))));
  const down = shown.length + Math.ceil(draws / across);
  const width = across * (n + gap) - gap;
  const height = down * (n + gap) - gap;
  const pixels = new Uint8Array(width * height);
  const place = (tile: Uint8Array, row: number, column: number) => {
    for (let y = 0; y < n; y++)
      pixels.set(tile.subarray(y * n, (y + 1) * n), (row * (n + gap) + y) * width + column * (n + gap));
  };
  const noise = new Float32Array(channels * n * n);
  for (const [row, image] of shown.entries()) {
    place(grey(image, channels), row, 0);
    for (const [i, sigma] of sigmas.entries()) {
      const level = nearestLevel(sigma, schedule);
      fillNormal(noise, { seed, sample: 1, slice: row, step: i });
      const keep = Math.sqrt(level.alphaBar);
      const spread = Math.sqrt(1 - level.alphaBar);
      const x = image.map((value, at) => keep * value + spread * noise[at]);
      place(
        grey(
          x.map((value) => value / keep),
          channels,
        ),
        row,
        1 + 2 * i,
      );
      const predicted = await prior.predictNoise(x, { batch: 1, height: n, width: n }, level, signal);
      place(grey(toClean(x, predicted.noise, level.alphaBar), channels), row, 2 + 2 * i);
    }
    progress((0.5 * (row + 1)) / shown.length);
  }
  if (draws > 0) {
    const drawn = await draw(prior, draws, n, {
      steps,
      seed,
      schedule,
      ...(signal === undefined ? {} : { signal }),
      progress: (f) => progress(0.5 + 0.5 * f),
    });
    for (let k = 0; k < draws; k++)
      place(
        grey(drawn.subarray(k * channels * n * n, (k + 1) * channels * n * n), channels),
        shown.length + Math.floor(k / across),
        k % across,
      );
  }
  return { width, height, pixels };
}
