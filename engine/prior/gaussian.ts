/**
 * Analytic Gaussian prior: image μ + stationary noise whose centred-orthonormal Fourier coefficients are independent
 * with variance p[k] per real channel. Its denoiser is the exact posterior mean
 *   x̂0 = μ + F*[ √ᾱ p/(ᾱ p + 1−ᾱ) · F(x_t − √ᾱ μ) ],
 * and ε̂ = (x_t − √ᾱ x̂0)/√(1−ᾱ) is computed without the cancellation of that difference as
 *   ε̂ = F*[ √(1−ᾱ)/(ᾱ p + 1−ᾱ) · F(x_t − √ᾱ μ) ].
 * Complex images (2 channels) are transformed as they are; of real ones (1 channel) the real part is taken, which
 * needs p[k] = p[−k]. μ and p are in the units of the data, so `scaleRule` is `none`.
 */
import { createHash } from 'node:crypto';
import { fft2 } from '../arrays/fft.ts';
import type { NdArray } from '../arrays/ndarray.ts';
import { check, EngineError } from '../errors.ts';
import type { BatchShape, NoiseLevel, NoisePrediction, Prior } from './prior.ts';

export interface GaussianOptions {
  /** 2 for complex images, 1 for real ones. */
  channels: 1 | 2;
  /** μ: a real number (imaginary part 0) or an image [y, x]; complex64 only with two channels. Default 0. */
  mean?: number | NdArray;
  /** p: one variance for all frequencies (white) or an image [ky, kx] with the mean frequency at floor(n/2). */
  spectrum: number | NdArray;
  name?: string;
}

type Real = Float32Array | Float64Array;

function realPlane(a: NdArray, what: string): { data: Real; size: readonly [number, number] } {
  check(
    a.shape.length === 2 && a.shape[0] > 0 && a.shape[1] > 0,
    () => `${what} must be an image [y, x], found [${a.shape}]`,
    { path: what },
  );
  const { data } = a;
  check(
    (data instanceof Float32Array || data instanceof Float64Array) && a.dtype !== 'complex64',
    () => `${what} must be real, found ${a.dtype}`,
    {
      path: what,
    },
  );
  for (const v of data) check(Number.isFinite(v), () => `${what} holds ${v}, expected finite numbers`, { path: what });
  return { data, size: [a.shape[0], a.shape[1]] };
}

function average(values: Real): number {
  let sum = 0;
  for (const v of values) sum += v;
  return sum / values.length;
}

/** Index of −k on an axis whose zero frequency is at floor(n/2). */
function mirrored(i: number, n: number): number {
  return (2 * Math.floor(n / 2) - i + n) % n;
}

function checkSpectrum(p: Real, [h, w]: readonly [number, number], symmetric: boolean): void {
  let largest = 0;
  for (const v of p) {
    check(v >= 0, () => `the prior spectrum holds ${v}, expected variances of at least 0`, { path: 'prior_spectrum' });
    largest = Math.max(largest, v);
  }
  if (!symmetric) return;
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++) {
      const other = p[mirrored(y, h) * w + mirrored(x, w)];
      check(
        Math.abs(p[y * w + x] - other) <= 1e-4 * largest,
        () => `the prior spectrum differs at [${y}, ${x}] and the opposite frequency: ${p[y * w + x]} and ${other}`,
        {
          path: 'prior_spectrum',
          hint: 'the spectrum of real images is symmetric, with the zero frequency at floor(n/2)',
        },
      );
    }
}

/** Real and imaginary planes of μ; a scalar keeps length 1. */
function meanPlanes(mean: number | NdArray, channels: number): { planes: Real[]; size?: readonly [number, number] } {
  if (typeof mean === 'number') {
    check(Number.isFinite(mean), () => `the prior mean is ${mean}, expected a finite number`, { path: 'prior_mean' });
    return { planes: channels === 2 ? [Float64Array.of(mean), Float64Array.of(0)] : [Float64Array.of(mean)] };
  }
  if (mean.dtype !== 'complex64') {
    const { data, size } = realPlane(mean, 'prior_mean');
    return { planes: channels === 2 ? [data, new Float32Array(data.length)] : [data], size };
  }
  check(channels === 2, () => 'the prior mean is complex, expected a real image', {
    code: 'mismatch',
    path: 'prior_mean',
  });
  check(mean.shape.length === 2, () => `prior_mean must be an image [y, x], found [${mean.shape}]`, {
    path: 'prior_mean',
  });
  const pick = (part: 0 | 1) => Float32Array.from({ length: mean.data.length / 2 }, (_, i) => mean.data[2 * i + part]);
  const planes = [pick(0), pick(1)];
  for (const plane of planes) realPlane({ dtype: 'float32', shape: mean.shape, data: plane }, 'prior_mean');
  return { planes, size: [mean.shape[0], mean.shape[1]] };
}

/** The analytic prior. Throws `bad-input` or `mismatch` for a spectrum or mean that cannot be one. */
export function gaussianPrior(options: GaussianOptions): Prior {
  const { channels, name = 'gaussian' } = options;
  const mean = meanPlanes(options.mean ?? 0, channels);
  const white = typeof options.spectrum === 'number';
  const spectrum =
    typeof options.spectrum === 'number'
      ? { data: Float64Array.of(options.spectrum), size: undefined }
      : realPlane(options.spectrum, 'prior_spectrum');
  const p = spectrum.data;
  if (white)
    check(p[0] > 0 && Number.isFinite(p[0]), () => `the prior variance is ${p[0]}, expected a positive number`, {
      path: 'prior_spectrum',
    });
  else checkSpectrum(p, spectrum.size ?? [1, 1], channels === 1);
  const size = spectrum.size ?? mean.size;
  check(
    mean.size === undefined || size === undefined || (mean.size[0] === size[0] && mean.size[1] === size[1]),
    () => {
      return `prior mean is [${mean.size}], prior spectrum [${size}]`;
    },
    { code: 'mismatch', path: 'prior_mean' },
  );

  const hash = createHash('sha256').update(`gaussian ${channels} ${size ?? 'any'}`);
  for (const values of [...mean.planes, p]) hash.update(new Uint8Array(Float64Array.from(values).buffer));

  async function predictNoise(
    x: Float32Array,
    shape: BatchShape,
    level: NoiseLevel,
    signal?: AbortSignal,
  ): Promise<NoisePrediction> {
    if (signal?.aborted) throw new EngineError('cancelled', 'cancelled');
    const { batch, height, width } = shape;
    const plane = height * width;
    const fits = size === undefined || (size[0] === height && size[1] === width);
    check(fits, () => `the prior is defined for [${size}] images, found [${height}, ${width}]`, { code: 'mismatch' });
    check(
      x.length === batch * channels * plane,
      () => `the prior needs [${batch}, ${channels}, ${height}, ${width}] numbers, found ${x.length}`,
      {
        code: 'mismatch',
      },
    );
    const { alphaBar } = level;
    check(
      alphaBar >= 0 && alphaBar < 1,
      () => `a prior needs a noise level with alpha-bar below 1, found ${alphaBar}`,
      { code: 'bad-usage' },
    );
    const signalScale = Math.sqrt(alphaBar);
    const noiseScale = Math.sqrt(1 - alphaBar);
    const gain = (v: number) => noiseScale / (alphaBar * v + 1 - alphaBar);
    const mu = (c: number, i: number) => signalScale * mean.planes[c][mean.planes[c].length === 1 ? 0 : i];
    const noise = new Float32Array(x.length);
    if (white) {
      const g = gain(p[0]);
      for (let j = 0; j < batch * channels; j++)
        for (let i = 0, at = j * plane; i < plane; i++, at++) noise[at] = g * (x[at] - mu(j % channels, i));
      return { noise };
    }
    const work = new Float32Array(2 * plane);
    for (let b = 0; b < batch; b++) {
      const start = b * channels * plane;
      for (let i = 0; i < plane; i++) {
        work[2 * i] = x[start + i] - mu(0, i);
        work[2 * i + 1] = channels === 2 ? x[start + plane + i] - mu(1, i) : 0;
      }
      fft2(work, [1, height, width], 'forward', work);
      for (let i = 0; i < plane; i++) {
        const g = gain(p[i]);
        work[2 * i] *= g;
        work[2 * i + 1] *= g;
      }
      fft2(work, [1, height, width], 'inverse', work);
      for (let i = 0; i < plane; i++) {
        noise[start + i] = work[2 * i];
        if (channels === 2) noise[start + plane + i] = work[2 * i + 1];
      }
    }
    return { noise };
  }

  return {
    name,
    channels,
    variance: average(p),
    hash: hash.digest('hex'),
    scaleRule: 'none',
    predictNoise,
    dispose: async () => {},
  };
}
