/** Mean and spread over samples; sums in float64. */
import { check } from '../errors.ts';

/** Mean of images of equal length. */
export function meanOf(samples: readonly Float32Array[]): Float32Array {
  check(samples.length > 0, () => 'a mean needs at least one sample');
  const out = new Float32Array(samples[0].length);
  for (let i = 0; i < out.length; i++) {
    let sum = 0;
    for (const sample of samples) sum += sample[i];
    out[i] = sum / samples.length;
  }
  return out;
}

/**
 * Per-pixel standard deviation [slices, y, x] with divisor N−1: √(var Re + var Im) for complex images (interleaved),
 * √var for real ones, times `factor`. Throws `bad-input` for fewer than two samples.
 */
export function spreadOf(samples: readonly Float32Array[], complex: boolean, factor = 1): Float32Array {
  check(samples.length > 1, () => `a spread needs at least two samples, found ${samples.length}`);
  const parts = complex ? 2 : 1;
  const out = new Float32Array(samples[0].length / parts);
  for (let pixel = 0; pixel < out.length; pixel++) {
    let squares = 0;
    for (let i = pixel * parts; i < (pixel + 1) * parts; i++) {
      let mean = 0;
      for (const sample of samples) mean += sample[i];
      mean /= samples.length;
      for (const sample of samples) squares += (sample[i] - mean) ** 2;
    }
    out[pixel] = factor * Math.sqrt(squares / (samples.length - 1));
  }
  return out;
}
