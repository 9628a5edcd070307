/**
 * A simulated Cartesian multi-coil acquisition: y_c = m · (F(S_c x) + n_c).
 * x: the image with a smooth random phase; S: loops on a ring (coil-ring.ts); n: complex Gaussian noise whose σ per real
 * component is `noise` times the 0.99 quantile of |image| over all slices. Orthonormal FFT, so σ is that of a coil image too.
 */
import { magnitude } from '../../arrays/complex.ts';
import { fft2 } from '../../arrays/fft.ts';
import { type NdArray, ndarray } from '../../arrays/ndarray.ts';
import { createRandom, fillNormal } from '../../arrays/random.ts';
import { quantile } from '../../arrays/statistics.ts';
import { check } from '../../errors.ts';
import { coilRing } from './coil-ring.ts';
import { effectiveAcceleration, type MaskType, type MaskVariant, makeMask } from './masks.ts';
import { objectPhase } from './object-phase.ts';

export interface SimulateOptions {
  /** Default 8. */
  coils?: number;
  /** A mask type, or the mask itself, uint8 [ky, kx]. Default uniform1d. */
  mask?: MaskType | NdArray<'uint8'>;
  variant?: MaskVariant;
  /** Default 4. */
  acceleration?: number;
  /** Below 1 a fraction, else a number of lines. Default 0.08. */
  acs?: number;
  /** σ over the 0.99 quantile of |image|. Default 0.01. */
  noise?: number;
  /** Give a real image a smooth random phase. Default true; complex images keep theirs. */
  phase?: boolean;
  seed?: number;
}

export interface SimulatedScan {
  /** complex64 [slices, coils, ky, kx], zero where not measured. */
  kspace: NdArray<'complex64'>;
  /** uint8 [ky, kx]. */
  mask: NdArray<'uint8'>;
  /** complex64 [coils, y, x], the same for every slice, Σ|S|² = 1. */
  maps: NdArray<'complex64'>;
  /** The true image, complex64 [slices, y, x]. */
  image: NdArray<'complex64'>;
  /** Noise per real component of a sample. */
  sigma: number;
  effectiveAcceleration: number;
}

/** Streams of the seed, apart from the mask's. */
const PHASE_STREAM = 0x70686173;
const NOISE_STEP = 0x6e6f6973;

/** image: [y, x] or [slices, y, x], real or complex, finite and not all zero. */
export function simulateScan(
  image: NdArray<'float32'> | NdArray<'complex64'>,
  options: SimulateOptions = {},
): SimulatedScan {
  const { coils = 8, noise = 0.01, seed = 0, acceleration = 4 } = options;
  const rank = image.shape.length;
  check(rank === 2 || rank === 3, () => `the image must be [y, x] or [slices, y, x], found [${image.shape}]`, {
    code: 'mismatch',
    path: 'image',
  });
  check(noise >= 0 && Number.isFinite(noise), () => `noise is ${noise}, expected a number ≥ 0`, {
    code: 'bad-usage',
    path: 'noise',
  });
  const [height, width] = image.shape.slice(-2);
  const slices = rank === 3 ? image.shape[0] : 1;
  const size: [number, number] = [height, width];
  const sampling = chooseMask(options, size, acceleration, seed);
  const { mask } = sampling;
  const truth = complexImage(image, slices, size, options.phase ?? true, seed);
  const level = quantile(magnitude(truth), 0.99);
  check(
    level > 0 && Number.isFinite(level),
    () => `the 0.99 quantile of the image is ${level}, expected a positive number`,
    {
      path: 'image',
    },
  );
  const sigma = noise * level;
  const maps = coilRing(coils, size);
  const plane = 2 * height * width;
  const kspace = new Float32Array(slices * coils * plane);
  for (let s = 0; s < slices; s++) {
    const x = truth.subarray(s * plane, (s + 1) * plane);
    const y = kspace.subarray(s * coils * plane, (s + 1) * coils * plane);
    acquire(x, maps.data, mask.data, y, coils, size, sigma, { seed, slice: s });
  }
  return {
    kspace: ndarray('complex64', [slices, coils, height, width], kspace),
    mask,
    maps,
    image: ndarray('complex64', [slices, height, width], truth),
    sigma,
    effectiveAcceleration: sampling.effectiveAcceleration,
  };
}

function chooseMask(
  { mask = 'uniform1d', variant, acs }: SimulateOptions,
  [height, width]: readonly [number, number],
  acceleration: number,
  seed: number,
): { mask: NdArray<'uint8'>; effectiveAcceleration: number } {
  if (typeof mask === 'string') {
    return makeMask({
      type: acceleration === 1 ? 'full' : mask,
      height,
      width,
      acceleration,
      seed,
      ...(variant && { variant }),
      ...(acs !== undefined && { acs }),
    });
  }
  check(
    mask.shape[0] === height && mask.shape[1] === width,
    () => `mask [${mask.shape}] and image [${height},${width}] differ in size`,
    {
      code: 'mismatch',
      path: 'mask',
    },
  );
  return { mask, effectiveAcceleration: effectiveAcceleration(mask) };
}

function complexImage(
  image: NdArray<'float32'> | NdArray<'complex64'>,
  slices: number,
  size: readonly [number, number],
  withPhase: boolean,
  seed: number,
): Float32Array {
  if (image.dtype === 'complex64') return image.data.slice();
  const truth = new Float32Array(2 * image.data.length);
  const pixels = size[0] * size[1];
  // One phase for the volume: neighbouring slices of a scan share theirs.
  const phase = withPhase ? objectPhase(size, createRandom(seed, PHASE_STREAM)) : new Float64Array(pixels);
  for (let i = 0; i < slices * pixels; i++) {
    truth[2 * i] = image.data[i] * Math.cos(phase[i % pixels]);
    truth[2 * i + 1] = image.data[i] * Math.sin(phase[i % pixels]);
  }
  return truth;
}

/** y ← m·(F(S x) + n) of one slice. */
function acquire(
  x: Float32Array,
  maps: Float32Array,
  mask: Uint8Array,
  y: Float32Array,
  coils: number,
  [height, width]: readonly [number, number],
  sigma: number,
  { seed, slice }: { seed: number; slice: number },
): void {
  const plane = x.length;
  for (let c = 0; c < coils; c++) {
    for (let i = 0, at = c * plane; i < plane; i += 2, at += 2) {
      y[at] = maps[at] * x[i] - maps[at + 1] * x[i + 1];
      y[at + 1] = maps[at] * x[i + 1] + maps[at + 1] * x[i];
    }
  }
  fft2(y, [coils, height, width], 'forward', y);
  const noise = new Float32Array(plane);
  for (let c = 0; c < coils; c++) {
    fillNormal(noise, { seed, sample: c, slice, step: NOISE_STEP });
    for (let i = 0, at = c * plane; i < plane; i++, at++) y[at] = mask[i >> 1] === 0 ? 0 : y[at] + sigma * noise[i];
  }
}
