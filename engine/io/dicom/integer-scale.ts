/**
 * One mapping of float values to 16-bit integers for a whole series: value = slope · stored + intercept, so that
 * slices stay comparable.
 */
import { check } from '../../errors.ts';
import type { DicomSource } from './source.ts';

export interface IntegerScale {
  readonly slope: number;
  readonly intercept: number;
  readonly signed: boolean;
  /** Values further out are clipped to the ends of the 16-bit range. */
  readonly clips: boolean;
}

const UNSIGNED_MAX = 65535;
/** Below this many steps over the range, rounding to the source's own scale would be visible. */
const ENOUGH_STEPS = 255;
/** Of float32 values, in stored steps. */
const ROUNDING = 1e-3;

/** Hounsfield units as they are: signed, slope 1, intercept 0. */
export const HOUNSFIELD_SCALE: IntegerScale = { slope: 1, intercept: 0, signed: true, clips: true };

/** Smallest and largest value; throws `numerical` at the first that is not finite. */
export function finiteRange(values: Float32Array): { low: number; high: number } {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    check(Number.isFinite(value), () => `image value ${value} at index ${i} cannot be written`, { code: 'numerical' });
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { low, high };
}

/**
 * Unsigned 16-bit scale: the values themselves when they are whole numbers; the source's own scale when all values fit
 * and it leaves enough steps; else the full range, from 0 where no value is negative.
 */
export function unsignedScale(values: Float32Array, source: DicomSource['rescale'] | undefined): IntegerScale {
  const { low, high } = finiteRange(values);
  const scale = (slope: number, intercept: number): IntegerScale => ({ slope, intercept, signed: false, clips: false });
  if (source?.uniform && source.slope > 0) {
    const first = (low - source.intercept) / source.slope;
    const last = (high - source.intercept) / source.slope;
    const whole = values.every((value) => nearlyWhole((value - source.intercept) / source.slope));
    if (first > -ROUNDING && last < UNSIGNED_MAX + ROUNDING && (whole || last >= ENOUGH_STEPS))
      return scale(source.slope, source.intercept);
  }
  if (low >= 0 && high <= UNSIGNED_MAX && values.every(Number.isInteger)) return scale(1, 0);
  const base = Math.min(0, low);
  return scale(high > base ? (high - base) / UNSIGNED_MAX : 1, base);
}

/** Whole up to the rounding of float32 values. */
function nearlyWhole(stored: number): boolean {
  return Math.abs(stored - Math.round(stored)) <= 1e-6 * Math.max(1, Math.abs(stored));
}

/** Stored integers of one slice. */
export function quantise(values: Float32Array, scale: IntegerScale): Uint16Array {
  const low = scale.signed ? -32768 : 0;
  const high = scale.signed ? 32767 : UNSIGNED_MAX;
  const out = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const stored = Math.round((values[i] - scale.intercept) / scale.slope);
    out[i] = Math.min(high, Math.max(low, stored)) & 0xffff;
  }
  return out;
}

const SAMPLES = 2 ** 18;

/** The values below which 0.5 % and 99.5 % of the series lie, from evenly strided samples. */
export function robustRange(values: Float32Array): { low: number; high: number } {
  const stride = Math.max(1, Math.floor(values.length / SAMPLES));
  const samples = new Float32Array(Math.ceil(values.length / stride));
  for (let i = 0; i < samples.length; i++) samples[i] = values[i * stride];
  samples.sort();
  const at = (share: number): number => samples[Math.round(share * (samples.length - 1))];
  return { low: at(0.005), high: at(0.995) };
}
