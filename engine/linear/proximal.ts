/**
 * Proximal maps prox_f(v) = argmin_x ½‖x − v‖² + f(x) of separable penalties, in place on typed arrays. Complex arrays
 * are interleaved (re, im). Parikh & Boyd, Proximal Algorithms (2014), sections 6.5.2–6.5.4.
 */
import { check } from '../errors.ts';

function requireThreshold(threshold: number): void {
  check(threshold >= 0, () => `threshold is ${threshold}, expected a number of at least 0`, { code: 'numerical' });
}

/** f = t‖x‖₁, real: sign(v) max(|v| − t, 0). Returns `values`. */
export function softThreshold(values: Float32Array, threshold: number): Float32Array {
  requireThreshold(threshold);
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    values[i] = v > threshold ? v - threshold : v < -threshold ? v + threshold : 0;
  }
  return values;
}

/** f = t Σ|x_i|, complex: v max(1 − t/|v|, 0), the phase is kept. Returns `values`. */
export function softThresholdComplex(values: Float32Array, threshold: number): Float32Array {
  requireThreshold(threshold);
  const square = threshold * threshold;
  for (let i = 0; i < values.length; i += 2) {
    const re = values[i];
    const im = values[i + 1];
    const energy = re * re + im * im;
    const factor = energy > square ? 1 - threshold / Math.sqrt(energy) : 0;
    values[i] = factor * re;
    values[i + 1] = factor * im;
  }
  return values;
}

/**
 * f = t Σ_i ‖(x_1i, …, x_Gi)‖₂ for G planes of equal length, one after the other: all planes of a position shrink by
 * one common factor. `width` numbers belong to a position within each plane: 1 real, 2 complex. Returns `values`.
 */
export function groupThreshold(values: Float32Array, planes: number, width: 1 | 2, threshold: number): Float32Array {
  requireThreshold(threshold);
  const length = values.length / planes;
  check(Number.isInteger(length / width), () => `${values.length} numbers are not ${planes} planes of width ${width}`, {
    code: 'mismatch',
  });
  const square = threshold * threshold;
  for (let i = 0; i < length; i += width) {
    let energy = 0;
    for (let p = 0; p < planes; p++)
      for (let j = 0; j < width; j++) energy += values[p * length + i + j] * values[p * length + i + j];
    const factor = energy > square ? 1 - threshold / Math.sqrt(energy) : 0;
    for (let p = 0; p < planes; p++) for (let j = 0; j < width; j++) values[p * length + i + j] *= factor;
  }
  return values;
}
