/**
 * Image quality against a reference, on magnitudes. f: image, g: reference, both float32 (or complex64, of which the
 * magnitude is taken) of shape [slices, y, x] or [y, x]; L = max g over the whole volume (the data range).
 *
 *   PSNR = 10 log10(L² / mean (f − g)²)      NMSE = Σ(f − g)² / Σ g²      both over the whole volume
 *   SSIM = mean over slices and window positions of
 *          (2 μf μg + C1)(2 σfg + C2) / ((μf² + μg² + C1)(σf² + σg² + C2)),  C1 = (0.01 L)², C2 = (0.03 L)²
 *
 * with uniform 7×7 windows lying wholly inside the slice and sample (N/(N−1)) variances. These are the conventions of
 * the fastMRI challenge (Zbontar et al. 2018, section 5.2); SSIM after Wang, Bovik, Sheikh and Simoncelli,
 * IEEE Trans. Image Process. 13 (2004) 600–612, equation 13. Sums are accumulated in float64.
 */
import type { NdArray } from '../arrays/ndarray.ts';
import { check } from '../errors.ts';
import type { QualityMetrics } from './result.ts';

export type MetricArray = NdArray<'float32'> | NdArray<'complex64'>;

const window = 7;
const windowArea = window * window;
const k1 = 0.01;
const k2 = 0.03;

interface Pair {
  image: Float32Array;
  reference: Float32Array;
  slices: number;
  rows: number;
  columns: number;
}

function magnitude(a: MetricArray): Float32Array {
  if (a.dtype === 'float32') return a.data;
  const result = new Float32Array(a.data.length / 2);
  for (let i = 0; i < result.length; i++) result[i] = Math.hypot(a.data[2 * i], a.data[2 * i + 1]);
  return result;
}

function pair(image: MetricArray, reference: MetricArray): Pair {
  const shape = reference.shape;
  check(shape.length === 2 || shape.length === 3, () => `metrics need [y, x] or [slices, y, x], found [${shape}]`, {
    path: 'reference',
  });
  check(
    image.shape.length === shape.length && image.shape.every((size, axis) => size === shape[axis]),
    () => `image is [${image.shape}], reference is [${shape}]`,
    {
      code: 'mismatch',
      path: 'reference',
      hint: 'Give a reference of the same slices, rows and columns as the image.',
    },
  );
  const [slices, rows, columns] = shape.length === 3 ? shape : [1, ...shape];
  check(slices * rows * columns > 0, () => `metrics need a non-empty image, found [${shape}]`, { path: 'reference' });
  return { image: magnitude(image), reference: magnitude(reference), slices, rows, columns };
}

function requireFinite(values: Float32Array, path: string): void {
  for (let i = 0; i < values.length; i++)
    check(Number.isFinite(values[i]), () => `${path} holds ${values[i]} at element ${i}, expected finite numbers`, {
      code: 'numerical',
      path,
    });
}

function dataRange(reference: Float32Array): number {
  let maximum = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < reference.length; i++) if (reference[i] > maximum) maximum = reference[i];
  check(maximum > 0, () => `maximum of the reference is ${maximum}, expected a positive number`, {
    path: 'reference',
    hint: 'The reference must not be empty (all zero).',
  });
  return maximum;
}

function squaredError(image: Float32Array, reference: Float32Array): { error: number; energy: number } {
  let error = 0;
  let energy = 0;
  for (let i = 0; i < reference.length; i++) {
    const difference = image[i] - reference[i];
    error += difference * difference;
    energy += reference[i] * reference[i];
  }
  return { error, energy };
}

/** Running sums over the last seven rows, one entry per column. */
class ColumnSums {
  readonly f: Float64Array;
  readonly g: Float64Array;
  readonly ff: Float64Array;
  readonly gg: Float64Array;
  readonly fg: Float64Array;

  constructor(columns: number) {
    this.f = new Float64Array(columns);
    this.g = new Float64Array(columns);
    this.ff = new Float64Array(columns);
    this.gg = new Float64Array(columns);
    this.fg = new Float64Array(columns);
  }

  add(image: Float32Array, reference: Float32Array, row: number, sign: number): void {
    for (let x = 0; x < this.f.length; x++) {
      const f = image[row + x];
      const g = reference[row + x];
      this.f[x] += sign * f;
      this.g[x] += sign * g;
      this.ff[x] += sign * f * f;
      this.gg[x] += sign * g * g;
      this.fg[x] += sign * f * g;
    }
  }
}

/** Sum of SSIM over the window positions of one slice that starts at `offset`. */
function ssimSum(p: Pair, offset: number, range: number): number {
  const c1 = (k1 * range) ** 2;
  const c2 = (k2 * range) ** 2;
  const unbiased = windowArea / (windowArea - 1);
  const sums = new ColumnSums(p.columns);
  let total = 0;
  for (let y = 0; y < p.rows; y++) {
    sums.add(p.image, p.reference, offset + y * p.columns, 1);
    if (y >= window) sums.add(p.image, p.reference, offset + (y - window) * p.columns, -1);
    if (y < window - 1) continue;
    let f = 0;
    let g = 0;
    let ff = 0;
    let gg = 0;
    let fg = 0;
    for (let x = 0; x < p.columns; x++) {
      f += sums.f[x];
      g += sums.g[x];
      ff += sums.ff[x];
      gg += sums.gg[x];
      fg += sums.fg[x];
      if (x >= window) {
        f -= sums.f[x - window];
        g -= sums.g[x - window];
        ff -= sums.ff[x - window];
        gg -= sums.gg[x - window];
        fg -= sums.fg[x - window];
      }
      if (x < window - 1) continue;
      const meanF = f / windowArea;
      const meanG = g / windowArea;
      const varianceF = unbiased * (ff / windowArea - meanF * meanF);
      const varianceG = unbiased * (gg / windowArea - meanG * meanG);
      const covariance = unbiased * (fg / windowArea - meanF * meanG);
      total +=
        ((2 * meanF * meanG + c1) * (2 * covariance + c2)) /
        ((meanF * meanF + meanG * meanG + c1) * (varianceF + varianceG + c2));
    }
  }
  return total;
}

/** Peak signal-to-noise ratio in dB; +Infinity for equal images. Throws `mismatch`, `bad-input` (empty reference), `numerical`. */
export function psnr(image: MetricArray, reference: MetricArray, range?: number): number {
  return imagePsnr(pair(image, reference), range);
}

function imagePsnr(p: Pair, givenRange?: number): number {
  requireFinite(p.image, 'image');
  requireFinite(p.reference, 'reference');
  const range = givenRange ?? dataRange(p.reference);
  return 10 * Math.log10((range * range * p.reference.length) / squaredError(p.image, p.reference).error);
}

/** Normalised mean squared error; 0 for equal images. Throws as `psnr`. */
export function nmse(image: MetricArray, reference: MetricArray): number {
  const p = pair(image, reference);
  requireFinite(p.image, 'image');
  requireFinite(p.reference, 'reference');
  const { error, energy } = squaredError(p.image, p.reference);
  check(energy > 0, () => 'the reference is all zero, expected an image', { path: 'reference' });
  return error / energy;
}

/** Structural similarity, mean over slices; 1 for equal images. Throws as `psnr`, and `bad-input` below 7×7 pixels. */
export function ssim(image: MetricArray, reference: MetricArray, givenRange?: number): number {
  const p = pair(image, reference);
  check(p.rows >= window && p.columns >= window, () => `SSIM needs at least 7×7 pixels, found ${p.rows}×${p.columns}`, {
    path: 'reference',
  });
  requireFinite(p.image, 'image');
  requireFinite(p.reference, 'reference');
  const range = givenRange ?? dataRange(p.reference);
  let total = 0;
  for (let slice = 0; slice < p.slices; slice++) total += ssimSum(p, slice * p.rows * p.columns, range);
  return total / (p.slices * (p.rows - window + 1) * (p.columns - window + 1));
}

/**
 * PSNR, SSIM and NMSE of contract.md. `range` is the data range L where it is not the reference's own maximum: that of a
 * volume, for one of its slices. Throws as `ssim`.
 */
export function qualityMetrics(image: MetricArray, reference: MetricArray, range?: number): QualityMetrics {
  return { psnr: psnr(image, reference, range), ssim: ssim(image, reference, range), nmse: nmse(image, reference) };
}

/**
 * PSNR in dB after mapping both magnitudes linearly to [0, 1] by their own minimum and maximum, peak 1. This is how the
 * authors' DDS code scores an image: it forgives any error of scale or offset, so it is reported beside `psnr`, never
 * in its place. Throws as `psnr`, and `bad-input` for a constant image.
 */
export function psnrMinMax(image: MetricArray, reference: MetricArray): number {
  const p = pair(image, reference);
  return imagePsnr({ ...p, image: unitRange(p.image, 'image'), reference: unitRange(p.reference, 'reference') });
}

function unitRange(values: Float32Array, path: string): Float32Array {
  requireFinite(values, path);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    if (values[i] < low) low = values[i];
    if (values[i] > high) high = values[i];
  }
  check(high > low, () => `${path} is constant (${low}), expected an image with contrast`, { path });
  const result = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) result[i] = (values[i] - low) / (high - low);
  return result;
}
