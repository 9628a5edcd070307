/**
 * Smooth random fields on an n × n grid: sums of cosine and sine waves with independent normal weights,
 *   f(y, x) = Σ_{j,l ≥ 0} w(|k|) · {a cos cos + b cos sin + c sin cos + d sin sin}(2π k_j y / n, 2π k_l x / n),
 * k_j = j/P cycles per field of view, Gaussian weights w(k) = exp(−k²/2s²) cut off at the highest frequency. Equal
 * weights of the four products make the field stationary; the period of P = 1.5 fields of view keeps opposite edges
 * apart. The sums factor: first along x for every k_j, then along y.
 */
import type { Random } from '../../../arrays/random.ts';

const PERIOD = 1.5;

export interface Spectrum {
  /** Standard deviation s of the Gaussian weights, cycles per field of view. */
  width: number;
  /** Highest frequency, cycles per field of view. */
  highest: number;
}

export class SmoothField {
  readonly size: number;
  private cosines = new Float64Array(0);
  private sines = new Float64Array(0);
  /** Sums along x of the waves whose factor along y is a cosine, or a sine. */
  private readonly even: Float64Array;
  private readonly odd: Float64Array;

  constructor(size: number) {
    this.size = size;
    this.even = new Float64Array(size);
    this.odd = new Float64Array(size);
  }

  /** out ← a new field [size, size], not yet scaled. */
  fill(random: Random, { width, highest }: Spectrum, out: Float32Array): void {
    const n = this.size;
    const count = Math.max(1, Math.floor(PERIOD * highest));
    this.tabulate(count);
    const { cosines, sines } = this;
    const even = this.even;
    const odd = this.odd;
    const limit = Math.max(highest, 1 / PERIOD);
    out.fill(0);
    for (let j = 0; j <= count; j++) {
      even.fill(0);
      odd.fill(0);
      for (let l = 0; l <= count; l++) {
        const k = Math.sqrt(j * j + l * l) / PERIOD;
        if (k > limit || (j === 0 && l === 0)) continue;
        const w = Math.exp((-k * k) / (2 * width * width));
        const a = w * random.normal();
        const b = w * random.normal();
        const c = w * random.normal();
        const d = w * random.normal();
        for (let x = 0, at = l * n; x < n; x++, at++) {
          even[x] += a * cosines[at] + b * sines[at];
          odd[x] += c * cosines[at] + d * sines[at];
        }
      }
      for (let y = 0, i = 0; y < n; y++) {
        const cosine = cosines[j * n + y];
        const sine = sines[j * n + y];
        for (let x = 0; x < n; x++, i++) out[i] += cosine * even[x] + sine * odd[x];
      }
    }
  }

  private tabulate(count: number): void {
    const n = this.size;
    if (this.cosines.length >= (count + 1) * n) return;
    this.cosines = new Float64Array((count + 1) * n);
    this.sines = new Float64Array((count + 1) * n);
    for (let j = 0; j <= count; j++)
      for (let x = 0; x < n; x++) {
        const angle = (2 * Math.PI * j * x) / (PERIOD * n);
        this.cosines[j * n + x] = Math.cos(angle);
        this.sines[j * n + x] = Math.sin(angle);
      }
  }
}

/** Shifts and scales in place to mean 0 and the given standard deviation; a constant becomes 0. */
export function standardise(field: Float32Array, deviation: number): void {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < field.length; i++) {
    sum += field[i];
    squares += field[i] * field[i];
  }
  const mean = sum / field.length;
  const found = Math.sqrt(Math.max(0, squares / field.length - mean * mean));
  const factor = found > 0 ? deviation / found : 0;
  for (let i = 0; i < field.length; i++) field[i] = (field[i] - mean) * factor;
}
