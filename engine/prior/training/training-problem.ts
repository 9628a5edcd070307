/**
 * What a network of any convention must be shown and must answer. Every convention is linear (preconditioning.ts): the
 * network sees u = inputFactor·x_t and its answer F stands for ε̂ = keep·x_t + network·F. So the loss
 * mean c (ε̂ − ε)² over pixels is mean c·network² (F − F*)² with the target F* = (ε − keep·x_t)/network, all computed here
 * in float64 from x_t = √ᾱ x₀ + √(1−ᾱ) ε.
 */
import { check } from '../../errors.ts';
import { type Convention, precondition } from '../preconditioning.ts';
import type { NoiseLevel } from '../prior.ts';

export interface TrainingProblem {
  /** u, float32 [B, n, n, C]. */
  input: Float32Array;
  /** F*, float32 [B, n, n, C]. */
  target: Float32Array;
  /** The scalar the network is told, [B]. */
  time: Float32Array;
  /** network², [B]: the squared error of ε̂ per squared error of F. */
  noiseError: Float64Array;
  /** Side of the images. */
  side: number;
}

/** Side n of square images [B, C, n, n]. Throws `mismatch` for other sizes. */
export function squareSide(length: number, batch: number, channels: number, multiple: number): number {
  const side = Math.round(Math.sqrt(length / (batch * channels)));
  check(
    batch >= 1 && side >= 1 && side * side * batch * channels === length && side % multiple === 0,
    () =>
      `training needs [${batch}, ${channels}, n, n] numbers with n a multiple of ${multiple}, found ${length} (n = ${side})`,
    { code: 'mismatch' },
  );
  return side;
}

/** images, noise [B, C, n, n]; levels [B]. */
export function trainingProblem(
  convention: Convention,
  channels: number,
  multiple: number,
  images: Float32Array,
  levels: readonly NoiseLevel[],
  noise: Float32Array,
): TrainingProblem {
  check(images.length === noise.length, () => `${images.length} image and ${noise.length} noise numbers`, {
    code: 'mismatch',
  });
  const batch = levels.length;
  const side = squareSide(images.length, batch, channels, multiple);
  const area = side * side;
  const input = new Float32Array(images.length);
  const target = new Float32Array(images.length);
  const time = new Float32Array(batch);
  const noiseError = new Float64Array(batch);
  for (let b = 0; b < batch; b++) {
    const { alphaBar } = levels[b];
    const p = precondition(convention, levels[b]);
    const signal = Math.sqrt(alphaBar);
    const spread = Math.sqrt(1 - alphaBar);
    time[b] = p.time;
    noiseError[b] = p.network * p.network;
    for (let c = 0; c < channels; c++)
      for (let i = 0; i < area; i++) {
        const from = (b * channels + c) * area + i;
        const to = (b * area + i) * channels + c;
        const noisy = signal * images[from] + spread * noise[from];
        input[to] = p.inputFactor * noisy;
        target[to] = (noise[from] - p.keep * noisy) / p.network;
      }
  }
  return { input, target, time, noiseError, side };
}
