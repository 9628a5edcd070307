/**
 * The ramp filter of filtered back-projection, along the rows of a sinogram:
 *
 *   q[i] = Σ_k h[i − k] p[k],   h[0] = 1/4, h[odd k] = −1/(πk)², h[even k] = 0
 *
 * the band-limited ramp's spatial kernel at unit pitch (Kak & Slaney, Principles of Computerized Tomographic Imaging, 1988,
 * equation 3.61), zero outside the row: a product of Fourier transforms padded to at least twice the length. On a curved
 * detector of angular pitch α the kernel is h[k]·(kα/sin kα)² (equation 3.101). A window damps the frequency f by a
 * function of r = |f|/(cutoff·½) and removes r > 1.
 */
import { type FftDirection, fft1 } from '../../arrays/fft.ts';
import { check } from '../../errors.ts';

export type RampWindow = 'ramp' | 'shepp-logan' | 'cosine' | 'hamming' | 'hann';
export const rampWindows: readonly RampWindow[] = ['ramp', 'shepp-logan', 'cosine', 'hamming', 'hann'];

export interface RampOptions {
  /** Default 'ramp', none. */
  window?: RampWindow;
  /** Fraction of the detector's Nyquist frequency, in (0, 1]; default 1. */
  cutoff?: number;
  /** Radians per element of a curved detector; default flat. */
  pitch?: number;
}

function windowAt(window: RampWindow, r: number): number {
  if (r > 1 + 1e-12) return 0;
  if (window === 'shepp-logan') return r === 0 ? 1 : Math.sin((Math.PI / 2) * r) / ((Math.PI / 2) * r);
  if (window === 'cosine') return Math.cos((Math.PI / 2) * r);
  if (window === 'hamming') return 0.54 + 0.46 * Math.cos(Math.PI * r);
  if (window === 'hann') return 0.5 + 0.5 * Math.cos(Math.PI * r);
  return 1;
}

/** Throws `bad-usage` for an unknown window or a cut-off outside (0, 1]. */
export function checkWindow({ window = 'ramp', cutoff = 1 }: RampOptions): void {
  check(rampWindows.includes(window), () => `filter window is ${JSON.stringify(window)}`, {
    code: 'bad-usage',
    path: 'window',
    hint: `Choose one of ${rampWindows.join(', ')}.`,
  });
  check(cutoff > 0 && cutoff <= 1, () => `filter cut-off is ${cutoff}, expected a number above 0 and at most 1`, {
    code: 'bad-usage',
    path: 'cutoff',
  });
}

/** Filter at the `length` frequencies of a centred transform, float64. */
function response(length: number, detectors: number, { window = 'ramp', cutoff = 1, pitch = 0 }: RampOptions) {
  const cosine = Float64Array.from({ length }, (_, m) => Math.cos((2 * Math.PI * m) / length));
  const kernel = new Float64Array(detectors);
  for (let k = 1; k < detectors; k += 2) {
    const angle = k * pitch;
    kernel[k] = -1 / (Math.PI * k) ** 2 / (pitch === 0 ? 1 : (Math.sin(angle) / angle) ** 2);
  }
  const half = length / 2;
  const out = new Float64Array(length);
  for (let f = 0; f <= half; f++) {
    let sum = 0.25;
    for (let k = 1; k < detectors; k += 2) sum += 2 * kernel[k] * cosine[(k * f) % length];
    const value = sum * windowAt(window, f / half / cutoff);
    out[half - f] = value;
    if (f < half) out[half + f] = value;
  }
  return out;
}

/**
 * Filters `rows` rows of `detectors` elements; unit detector pitch. Float32 transforms, two rows at a time as real and
 * imaginary part. Errors: `mismatch` when the lengths do not fit, `bad-usage` as checkWindow.
 */
export function rampFilter(
  values: Float32Array,
  rows: number,
  detectors: number,
  options: RampOptions = {},
  out: Float32Array = new Float32Array(values.length),
): Float32Array {
  check(
    values.length === rows * detectors && out.length === values.length,
    () => `sinogram has ${values.length} elements, expected ${rows}×${detectors}`,
    { code: 'mismatch', path: 'sinogram' },
  );
  checkWindow(options);
  const length = 2 ** Math.max(1, Math.ceil(Math.log2(2 * detectors)));
  const filter = response(length, detectors, options);
  const pairs = Math.max(1, Math.floor(2 ** 17 / length));
  const work = new Float32Array(2 * length * pairs);
  const transform = (direction: FftDirection): Float32Array => fft1(work, length, pairs, direction, work);
  for (let row = 0; row < rows; row += 2 * pairs) {
    work.fill(0);
    const count = Math.min(2 * pairs, rows - row);
    for (let r = 0; r < count; r++) {
      const from = (row + r) * detectors;
      let to = 2 * length * (r >> 1) + (r & 1);
      for (let j = 0; j < detectors; j++, to += 2) work[to] = values[from + j];
    }
    transform('forward');
    for (let pair = 0, at = 0; pair < pairs; pair++)
      for (let f = 0; f < length; f++, at += 2) {
        work[at] *= filter[f];
        work[at + 1] *= filter[f];
      }
    transform('inverse');
    for (let r = 0; r < count; r++) {
      const to = (row + r) * detectors;
      let from = 2 * length * (r >> 1) + (r & 1);
      for (let j = 0; j < detectors; j++, from += 2) out[to + j] = work[from];
    }
  }
  return out;
}
