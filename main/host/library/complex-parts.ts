/** Real images of complex ones, interleaved re, im. */

export type ComplexPart = 'magnitude' | 'phase' | 'real' | 'imaginary';

/** float32 of half the length: |z|, arg z in (−π, π], Re z or Im z. */
export function complexPart(values: Float32Array, part: ComplexPart): Float32Array {
  const out = new Float32Array(values.length / 2);
  for (let i = 0; i < out.length; i++) {
    const re = values[2 * i];
    const im = values[2 * i + 1];
    if (part === 'magnitude') out[i] = Math.hypot(re, im);
    else if (part === 'phase') out[i] = Math.atan2(im, re);
    else out[i] = part === 'real' ? re : im;
  }
  return out;
}

/** Grows [low, high] to hold the finite values. */
export function growBounds(bounds: [number, number], values: Float32Array): void {
  let [low, high] = bounds;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value < low && value !== Number.NEGATIVE_INFINITY) low = value;
    if (value > high && value !== Number.POSITIVE_INFINITY) high = value;
  }
  bounds[0] = low;
  bounds[1] = high;
}
