/** Display windows: from values to 8-bit levels, the same window for every picture that is to be compared. */

export interface DisplayWindow {
  /** Value shown as level 0 and as level 255. */
  low: number;
  high: number;
}

/** The q-quantile of the finite values, by sorting at most 2^18 evenly spaced samples. 0 for an empty array. */
export function quantile(values: Float32Array, q: number): number {
  const stride = Math.max(1, Math.ceil(values.length / 2 ** 18));
  const sample = new Float32Array(Math.ceil(values.length / stride));
  let count = 0;
  for (let i = 0; i < values.length; i += stride) if (Number.isFinite(values[i])) sample[count++] = values[i];
  if (count === 0) return 0;
  const sorted = sample.subarray(0, count).sort();
  return sorted[Math.min(count - 1, Math.floor(q * count))];
}

/** Magnitudes start at 0; signed images at their 0.005 quantile. The top is the 0.997 quantile. */
export function robustWindow(values: Float32Array): DisplayWindow {
  const high = quantile(values, 0.997);
  const bottom = quantile(values, 0.005);
  const low = bottom < 0 ? bottom : 0;
  return high > low ? { low, high } : { low, high: low + 1 };
}

/** round(255 (v − low)/(high − low)), clamped. */
export function toLevels(values: Float32Array, { low, high }: DisplayWindow): Uint8Array {
  const levels = new Uint8Array(values.length);
  const scale = 255 / (high - low);
  for (let i = 0; i < values.length; i++) {
    const level = Math.round((values[i] - low) * scale);
    levels[i] = level > 0 ? Math.min(255, level) : 0;
  }
  return levels;
}
