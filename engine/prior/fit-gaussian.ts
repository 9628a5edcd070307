/**
 * Learns the analytic prior from example images: μ = mean image, p[k] = mean over images of |F(x − μ)[k]|², the
 * periodogram, per real channel (half of it for complex images), divided by N − 1.
 */
import { fft2 } from '../arrays/fft.ts';
import { type NdArray, zeros } from '../arrays/ndarray.ts';
import { check } from '../errors.ts';

export interface FitOptions {
  /** Average p over rings of equal spatial frequency (cycles per pixel). Default false. */
  radial?: boolean;
}

export interface GaussianFit {
  /** [y, x], of the images' dtype. */
  mean: NdArray<'float32'> | NdArray<'complex64'>;
  /** [ky, kx], variance per real channel, zero frequency at floor(n/2), symmetric. */
  spectrum: NdArray<'float32'>;
}

/** Replaces p[k] and p[−k] by their mean: the model has no other degree of freedom. */
function symmetrise(p: Float64Array, h: number, w: number): Float64Array {
  const out = new Float64Array(p.length);
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++) {
      const my = (2 * Math.floor(h / 2) - y + h) % h;
      const mx = (2 * Math.floor(w / 2) - x + w) % w;
      out[y * w + x] = 0.5 * (p[y * w + x] + p[my * w + mx]);
    }
  return out;
}

function ringAverage(p: Float64Array, h: number, w: number): Float64Array {
  // Ring width: the finer of the two frequency steps, so that a square image has rings one sample wide.
  const finest = Math.max(h, w);
  const ring = (y: number, x: number) =>
    Math.round(finest * Math.hypot((y - Math.floor(h / 2)) / h, (x - Math.floor(w / 2)) / w));
  const rings = ring(0, 0) + 1;
  const sum = new Float64Array(rings);
  const count = new Float64Array(rings);
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++) {
      sum[ring(y, x)] += p[y * w + x];
      count[ring(y, x)]++;
    }
  return Float64Array.from(p, (_, i) => sum[ring(Math.floor(i / w), i % w)] / count[ring(Math.floor(i / w), i % w)]);
}

/**
 * Fits mean and spectrum to images [n, y, x], float32 or complex64, n ≥ 2. Throws `bad-input` otherwise, or when a
 * value is not finite.
 */
export function fitGaussian(images: NdArray, options: FitOptions = {}): GaussianFit {
  const { dtype, shape, data } = images;
  check(
    (dtype === 'float32' || dtype === 'complex64') && data instanceof Float32Array,
    () => `example images must be float32 or complex64, found ${dtype}`,
  );
  check(
    shape.length === 3 && shape[0] >= 2 && shape[1] > 0 && shape[2] > 0,
    () => `example images must be [n, y, x] with n of at least 2, found [${shape}]`,
  );
  const [n, h, w] = shape;
  const complex = dtype === 'complex64';
  const length = data.length / n;
  const sum = new Float64Array(length);
  for (let j = 0; j < data.length; j++) {
    check(Number.isFinite(data[j]), () => `example image ${Math.floor(j / length)} holds ${data[j]}`);
    sum[j % length] += data[j];
  }
  const mean = complex ? zeros('complex64', [h, w]) : zeros('float32', [h, w]);
  for (let i = 0; i < length; i++) mean.data[i] = sum[i] / n;

  const power = new Float64Array(h * w);
  const work = new Float32Array(2 * h * w);
  for (let item = 0; item < n; item++) {
    work.fill(0);
    for (let i = 0; i < length; i++) work[complex ? i : 2 * i] = data[item * length + i] - mean.data[i];
    fft2(work, [1, h, w], 'forward', work);
    for (let i = 0; i < h * w; i++) power[i] += work[2 * i] ** 2 + work[2 * i + 1] ** 2;
  }
  const symmetric = symmetrise(power, h, w);
  const shaped = options.radial === true ? ringAverage(symmetric, h, w) : symmetric;
  const spectrum = zeros('float32', [h, w]);
  const share = (complex ? 0.5 : 1) / (n - 1);
  for (let i = 0; i < h * w; i++) spectrum.data[i] = shaped[i] * share;
  return { mean, spectrum };
}
