/**
 * Coil sensitivity maps from the acquired calibration lines: ESPIRiT, one set of maps.
 *
 * S: complex [coil, y, x], Σ_c|S_c|² = 1 where the object is, 0 elsewhere. For the centred pixel coordinate q the matrix
 *   G_q[c, c'] = Σ_d r_{cc'}[d] exp(2πi d·q)
 * (r: espirit-calibration.ts) has the eigenvalue 1 exactly where a coil vector explains the calibration data; S(q) is its
 * eigenvector, the pixel counts as object where the eigenvalue exceeds `crop`.
 * M. Uecker et al., "ESPIRiT — an eigenvalue approach to autocalibrating parallel MRI" (2014).
 *
 * G has only (2kh − 1)(2kw − 1) Fourier coefficients, so it is evaluated exactly at every pixel, coil pair by coil pair,
 * by one zero-filled FFT each: no coarse grid and no interpolation. The dominant eigenvector comes from power iteration
 * started at the neighbouring pixel's; pixels whose ‖G‖_F is below the crop are outside without any iteration.
 * Phase: the maps' mean weighted by the calibration data's first principal coil is real and positive.
 */

import { centreResize } from '../../arrays/complex.ts';
import { fft2 } from '../../arrays/fft.ts';
import { type NdArray, ndarray } from '../../arrays/ndarray.ts';
import { check, EngineError } from '../../errors.ts';
import { hermitianEigen } from '../../linear/dense.ts';
import { coilCovariance } from './coil-covariance.ts';
import { type Calibration, signalSpace } from './espirit-calibration.ts';
import { calibrationRegion, type Region } from './masks.ts';

export interface EspiritOptions {
  /** Largest calibration block, rows and columns; shrunk to what was measured. Default [24, 24], [64, 64] where scarce. */
  calibration?: readonly [number, number];
  /** Kernel size; at most 5 along an axis with fewer than 24 calibration lines. Default 6, 4 where scarce. */
  kernel?: number;
  /** Singular values below this share of the largest count as noise. Default 0.02. */
  threshold?: number;
  /** Pixels with a smaller eigenvalue are outside the object. Default 0.95, 0.8 where scarce; 0.7 is more robust on noisy data. */
  crop?: number;
  /** Final image [y, x] when smaller than the k-space grid: maps are cropped to it. */
  imageSize?: readonly [number, number];
}

export interface EspiritMaps {
  /** complex64 [coils, y, x]. */
  maps: NdArray<'complex64'>;
  /** Largest eigenvalue per pixel, float32 [y, x]; 0 where it is certainly below the crop. */
  eigenvalues: NdArray<'float32'>;
  /** Calibration block used. */
  region: Region;
  kernel: readonly [number, number];
  /** Kernels kept. */
  rank: number;
  warnings: string[];
}

const MOST_POWER_ITERATIONS = 100;
/** Stop when ‖G v − λ v‖ is below this. */
const EIGEN_TOLERANCE = 1e-5;
const FULL_CALIBRATION = 24;
/** Fewer calibration lines than this cannot hold two kernel positions. */
const LEAST_CALIBRATION = 4;
/**
 * With fewer lines than this along an axis a 6×5 kernel is not determined by a 24-line block: pixels of the object fall
 * below the usual crop and are lost. A smaller kernel, more samples along the other axis and a lower crop keep them
 * (8 simulated coils, 10 columns of 256: from 0 dB to within 1 dB of the true maps).
 */
const SCARCE_CALIBRATION = 12;
const scarceDefaults = { calibration: [64, 64], kernel: 4, crop: 0.8 } as const;
const usualDefaults = { calibration: [FULL_CALIBRATION, FULL_CALIBRATION], kernel: 6, crop: 0.95 } as const;

/**
 * kspace: complex64 [coils, ky, kx]; mask: [ky, kx]. Throws `bad-input` when fewer than 4 calibration lines were measured
 * along an axis, or when they are all zero.
 */
export function espiritMaps(
  kspace: NdArray<'complex64'>,
  mask: NdArray<'uint8'>,
  options: EspiritOptions = {},
): EspiritMaps {
  const { threshold = 0.02 } = options;
  const [coils, height, width] = kspace.shape;
  check(
    kspace.shape.length === 3 && mask.shape.length === 2 && mask.shape[0] === height && mask.shape[1] === width,
    () => `k-space [${kspace.shape}] and mask [${mask.shape}] differ in size`,
    { code: 'mismatch', path: 'mask' },
  );
  const warnings: string[] = [];
  const measured = calibrationRegion(mask);
  const scarce = Math.min(measured.height, measured.width) < SCARCE_CALIBRATION;
  const defaults = scarce ? scarceDefaults : usualDefaults;
  const crop = options.crop ?? defaults.crop;
  const region = chooseRegion(measured, [height, width], options.calibration ?? defaults.calibration);
  if (region.height < LEAST_CALIBRATION || region.width < LEAST_CALIBRATION) {
    throw new EngineError(
      'bad-input',
      `the fully sampled k-space centre is ${region.height}×${region.width}, coil maps need at least ${LEAST_CALIBRATION}×${LEAST_CALIBRATION}`,
      { path: 'kspace', hint: 'Give coil maps with --maps FILE.' },
    );
  }
  const kernel = chooseKernel(region, options.kernel ?? defaults.kernel);
  const calibration: Calibration = { coils, size: [region.height, region.width], data: cut(kspace, region), kernel };
  if (Math.min(region.height, region.width) < FULL_CALIBRATION) {
    warnings.push(
      `coil maps come from only ${region.height}×${region.width} calibration samples (kernel ${kernel[0]}×${kernel[1]}) and may be inaccurate`,
    );
  }
  const principal = principalCoil(calibration);
  const space = signalSpace(calibration, threshold);
  const matrices = pixelMatrices(space.correlation, coils, kernel, [height, width]);
  const { maps, eigenvalues } = dominantVectors(matrices, coils, [height, width], crop, principal);
  const size = options.imageSize ?? [height, width];
  const cropped = size[0] !== height || size[1] !== width;
  return {
    maps: ndarray('complex64', [coils, ...size], cropped ? centreResize(maps, [coils, height, width], size) : maps),
    eigenvalues: ndarray('float32', size, cropped ? centreResize(eigenvalues, [height, width], size) : eigenvalues),
    region,
    kernel,
    rank: space.rank,
    warnings,
  };
}

/** Shrinks the measured region around the zero frequency to the size asked for. */
function chooseRegion(measured: Region, grid: readonly [number, number], asked: readonly [number, number]): Region {
  const [mostRows, mostColumns] = asked;
  const height = Math.min(measured.height, mostRows);
  const width = Math.min(measured.width, mostColumns);
  return {
    y0: Math.floor(grid[0] / 2) - Math.floor(height / 2),
    x0: Math.floor(grid[1] / 2) - Math.floor(width / 2),
    height,
    width,
  };
}

function chooseKernel(region: Region, asked: number): [number, number] {
  const along = (lines: number) =>
    Math.max(1, Math.min(lines < FULL_CALIBRATION ? Math.min(asked, 5) : asked, Math.floor(lines / 2)));
  return [along(region.height), along(region.width)];
}

/** The block as float64, scaled to unit mean square so that no square underflows. */
function cut(kspace: NdArray<'complex64'>, { y0, x0, height, width }: Region): Float64Array {
  const [coils, rows, columns] = kspace.shape;
  const data = new Float64Array(2 * coils * height * width);
  let energy = 0;
  for (let c = 0, at = 0; c < coils; c++) {
    for (let y = 0; y < height; y++) {
      const from = 2 * ((c * rows + y0 + y) * columns + x0);
      for (let i = 0; i < 2 * width; i++, at++) {
        data[at] = kspace.data[from + i];
        energy += data[at] ** 2;
      }
    }
  }
  check(energy > 0 && Number.isFinite(energy), () => `the calibration samples have the energy ${energy}`, {
    path: 'kspace',
    hint: 'The k-space centre must hold measured, finite samples, with the zero frequency at floor(n/2).',
  });
  const scale = Math.sqrt(data.length / energy);
  for (let i = 0; i < data.length; i++) data[i] *= scale;
  return data;
}

/** Dominant eigenvector of the coils' covariance over the calibration block, complex [C]. */
function principalCoil({ coils, data }: Calibration): Float64Array {
  const { vectors } = hermitianEigen(coilCovariance(data, coils), coils);
  const principal = new Float64Array(2 * coils);
  for (let c = 0; c < coils; c++) principal.set(vectors.subarray(2 * c * coils, 2 * c * coils + 2), 2 * c);
  return principal;
}

/** G of every pixel: lower triangle, one interleaved [y, x] plane per pair c ≥ c', in the order (0,0), (1,0), (1,1), … */
function pixelMatrices(
  correlation: Float64Array,
  coils: number,
  [kh, kw]: readonly [number, number],
  [height, width]: readonly [number, number],
): Float32Array[] {
  const [shiftsH, shiftsW] = [2 * kh - 1, 2 * kw - 1];
  const scale = Math.sqrt(height * width);
  const planes: Float32Array[] = [];
  for (let c = 0; c < coils; c++) {
    for (let other = 0; other <= c; other++) {
      const plane = new Float32Array(2 * height * width);
      for (let i = 0; i < shiftsH; i++) {
        for (let j = 0; j < shiftsW; j++) {
          // A kernel wider than half a tiny grid wraps around.
          const y = (Math.floor(height / 2) + i - kh + 1 + kh * height) % height;
          const x = (Math.floor(width / 2) + j - kw + 1 + kw * width) % width;
          const from = 2 * (((c * coils + other) * shiftsH + i) * shiftsW + j);
          plane[2 * (y * width + x)] += correlation[from] * scale;
          plane[2 * (y * width + x) + 1] += correlation[from + 1] * scale;
        }
      }
      planes.push(fft2(plane, [1, height, width], 'inverse', plane));
    }
  }
  return planes;
}

function dominantVectors(
  planes: readonly Float32Array[],
  coils: number,
  [height, width]: readonly [number, number],
  crop: number,
  principal: Float64Array,
): { maps: Float32Array; eigenvalues: Float32Array } {
  const pixels = height * width;
  const maps = new Float32Array(2 * coils * pixels);
  const eigenvalues = new Float32Array(pixels);
  const matrix = new Float64Array(2 * coils * coils);
  const vector = principal.slice();
  const product = new Float64Array(2 * coils);
  for (let i = 0; i < pixels; i++) {
    let squared = 0;
    for (let c = 0, plane = 0; c < coils; c++) {
      for (let other = 0; other <= c; other++, plane++) {
        const re = planes[plane][2 * i];
        const im = c === other ? 0 : planes[plane][2 * i + 1];
        const at = 2 * (c * coils + other);
        const mirrored = 2 * (other * coils + c);
        matrix[at] = re;
        matrix[at + 1] = im;
        matrix[mirrored] = re;
        matrix[mirrored + 1] = -im;
        squared += (c === other ? 1 : 2) * (re * re + im * im);
      }
    }
    // λ_max ≤ ‖G‖_F.
    if (squared <= crop * crop) {
      vector.set(principal);
      continue;
    }
    const value = dominant(matrix, coils, vector, product);
    eigenvalues[i] = value;
    if (value <= crop) continue;
    writeMap(maps, pixels, i, vector, principal);
  }
  return { maps, eigenvalues };
}

/** Power iteration from `vector`, which becomes the unit eigenvector; returns its eigenvalue. */
function dominant(matrix: Float64Array, n: number, vector: Float64Array, product: Float64Array): number {
  let value = 0;
  for (let iteration = 0; iteration < MOST_POWER_ITERATIONS; iteration++) {
    let norm = 0;
    value = 0;
    for (let r = 0, at = 0; r < n; r++) {
      let re = 0;
      let im = 0;
      for (let c = 0; c < 2 * n; c += 2, at += 2) {
        re += matrix[at] * vector[c] - matrix[at + 1] * vector[c + 1];
        im += matrix[at] * vector[c + 1] + matrix[at + 1] * vector[c];
      }
      product[2 * r] = re;
      product[2 * r + 1] = im;
      norm += re * re + im * im;
      value += re * vector[2 * r] + im * vector[2 * r + 1];
    }
    const scale = 1 / Math.sqrt(norm);
    for (let c = 0; c < 2 * n; c++) vector[c] = product[c] * scale;
    // ‖G v − λ v‖² = ‖G v‖² − λ² for a unit v.
    if (norm - value * value <= EIGEN_TOLERANCE * EIGEN_TOLERANCE * norm) return Math.sqrt(norm);
  }
  return value;
}

/** Rotates the vector so that ⟨principal, S⟩ is real and positive, and stores it as pixel i of each map. */
function writeMap(maps: Float32Array, pixels: number, i: number, vector: Float64Array, principal: Float64Array): void {
  let re = 0;
  let im = 0;
  for (let c = 0; c < vector.length; c += 2) {
    re += principal[c] * vector[c] + principal[c + 1] * vector[c + 1];
    im += principal[c] * vector[c + 1] - principal[c + 1] * vector[c];
  }
  const size = Math.hypot(re, im);
  const [cosine, sine] = size > 0 ? [re / size, im / size] : [1, 0];
  for (let c = 0; c < vector.length / 2; c++) {
    const at = 2 * (c * pixels + i);
    maps[at] = vector[2 * c] * cosine + vector[2 * c + 1] * sine;
    maps[at + 1] = vector[2 * c + 1] * cosine - vector[2 * c] * sine;
  }
}
