/**
 * Noise of the receiver channels: covariance from noise readouts, whitening, and an estimate where there are none.
 * σ is the standard deviation per real component; a complex sample has E|n|² = 2σ².
 */
import { type NdArray, ndarray } from '../../arrays/ndarray.ts';
import { median } from '../../arrays/statistics.ts';
import { check } from '../../errors.ts';
import { choleskyLower, hermitianEigen, solveLower } from '../../linear/dense.ts';
import { coilCovariance } from './coil-covariance.ts';

/** σ of every channel after whitening: E[n nᴴ] = I puts half of the variance in each component. */
export const WHITENED_SIGMA = Math.SQRT1_2;

/**
 * Ψ = Σ n nᴴ/(samples − 1), complex64 [C, C], from noise-only readouts complex64 [C, samples].
 * `bandwidthRatio`: imaging bandwidth over noise-scan bandwidth times the receiver's relative noise bandwidth; Ψ is
 * multiplied by it. Throws `bad-input` with no more samples than channels: the matrix would be singular.
 */
export function noiseCovariance(readouts: NdArray<'complex64'>, bandwidthRatio = 1): NdArray<'complex64'> {
  check(readouts.shape.length === 2, () => `noise readouts must be [coils, samples], found [${readouts.shape}]`, {
    code: 'mismatch',
    path: 'noise',
  });
  const [coils, samples] = readouts.shape;
  check(samples > coils, () => `${samples} noise samples cannot give the covariance of ${coils} coils`, {
    path: 'noise',
    hint: 'A noise scan needs many more samples than channels.',
  });
  const scale = (samples / (samples - 1)) * bandwidthRatio;
  const covariance = coilCovariance(readouts.data, coils);
  return ndarray(
    'complex64',
    [coils, coils],
    Float32Array.from(covariance, (v) => v * scale),
  );
}

/**
 * L⁻¹ of Ψ = L Lᴴ, complex64 [C, C], for mixCoils: afterwards the channels' noise is uncorrelated with σ = 1/√2.
 * Throws `numerical` when Ψ is not positive definite (a dead channel).
 */
export function whiteningMatrix(covariance: NdArray<'complex64'>): NdArray<'complex64'> {
  const [coils] = covariance.shape;
  check(
    covariance.shape.length === 2 && covariance.shape[1] === coils,
    () => `noise covariance must be [coils, coils], found [${covariance.shape}]`,
    {
      code: 'mismatch',
      path: 'noiseCovariance',
    },
  );
  const lower = choleskyLower(Float64Array.from(covariance.data), coils);
  const identity = new Float64Array(2 * coils * coils);
  for (let c = 0; c < coils; c++) identity[2 * (c * coils + c)] = 1;
  return ndarray('complex64', [coils, coils], Float32Array.from(solveLower(lower, coils, identity, coils)));
}

export interface NoiseEstimate {
  /** σ shared by the channels. */
  sigma: number;
  /** median|k|/1.1774 per coil (Rayleigh); a coil with signal out there comes out too high. */
  perCoil: Float64Array;
  /** Samples used. */
  samples: number;
}

/** Median of a Rayleigh distribution of unit σ: √(2 ln 2). */
const RAYLEIGH_MEDIAN = Math.sqrt(2 * Math.LN2);
const LEAST_SAMPLES = 1000;
const SAMPLES_PER_COIL = 250;

/**
 * Noise level from the outermost measured samples of complex64 [C, ky, kx]. Samples that are zero in all coils are no
 * measurements (zero filling) and are left out.
 *
 * Signal reaches the edge of k-space in the strong coils, so that a coil's own median overstates σ there by up to half.
 * It lies in few directions of coil space: the shared σ is taken from the smaller half of the eigenvalues of the edge's
 * coil covariance, σ² = mean(λ)/2, for one coil from the median. Measured on a fully sampled brain (7 coils, true mean σ
 * 0.0087): +2 % from full k-space, +4 … +5 % from column masks of R 3–8, +6 … +7 % from Poisson masks of R 9–15; on pure noise
 * −4 %.
 * Unequal channels (no whitening) are averaged, low ones more.
 */
export function estimateNoise(kspace: NdArray<'complex64'>, mask: NdArray<'uint8'>): NoiseEstimate {
  const [coils, height, width] = kspace.shape;
  check(
    kspace.shape.length === 3 && mask.shape[0] === height && mask.shape[1] === width,
    () => `k-space [${kspace.shape}] and mask [${mask.shape}] differ in size`,
    { code: 'mismatch', path: 'mask' },
  );
  const edge = outermostSamples(kspace, mask, Math.max(LEAST_SAMPLES, SAMPLES_PER_COIL * coils));
  check(edge.length > coils, () => `k-space has ${edge.length} non-zero measured samples, too few to estimate noise`, {
    path: 'kspace',
  });
  const magnitudes = new Float64Array(edge.length);
  const perCoil = Float64Array.from({ length: coils }, (_, c) => {
    for (let i = 0; i < edge.length; i++) {
      const at = 2 * (c * height * width + edge[i]);
      magnitudes[i] = Math.hypot(kspace.data[at], kspace.data[at + 1]);
    }
    return median(magnitudes) / RAYLEIGH_MEDIAN;
  });
  if (coils === 1) return { sigma: perCoil[0], perCoil, samples: edge.length };
  const { values } = hermitianEigen(coilCovariance(kspace.data, coils, edge), coils);
  const lower = values.slice(-Math.floor(coils / 2));
  const mean = lower.reduce((a, b) => a + b) / lower.length;
  return { sigma: Math.sqrt(Math.max(mean, 0) / 2), perCoil, samples: edge.length };
}

/** Indices of at most `count`, and at most half, of the measured samples, those farthest from the zero frequency. */
function outermostSamples(kspace: NdArray<'complex64'>, mask: NdArray<'uint8'>, count: number): Int32Array {
  const [coils, height, width] = kspace.shape;
  const samples = height * width;
  const measured: number[] = [];
  for (let i = 0; i < samples; i++) {
    if (mask.data[i] === 0) continue;
    for (let c = 0; c < coils; c++) {
      const at = 2 * (c * samples + i);
      if (kspace.data[at] !== 0 || kspace.data[at + 1] !== 0) {
        measured.push(i);
        break;
      }
    }
  }
  const distance = new Float64Array(samples);
  for (const i of measured) {
    const y = (Math.floor(i / width) - Math.floor(height / 2)) / height;
    const x = ((i % width) - Math.floor(width / 2)) / width;
    distance[i] = y * y + x * x;
  }
  const order = Int32Array.from(measured).sort((a, b) => distance[b] - distance[a] || a - b);
  return order.subarray(0, Math.min(count, Math.floor(order.length / 2)));
}
