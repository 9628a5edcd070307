/**
 * Plan of an in-place mixed-radix FFT without reordering: decimation in frequency forward, its mirror image
 * (decimation in time) backward. The spectrum in between lies in digit-reversed order, which costs nothing here because
 * the mask is stored in the same order.
 */

/** Largest prime factor the kernel transforms directly (O(p²) butterfly). */
const LARGEST_RADIX = 61;

export interface Stage {
  radix: number;
  /** Length of the sub-transforms this stage splits. */
  length: number;
  /** Twiddles exp(−2πi·j·p/length), j = 0 … length/radix − 1, p = 1 … radix − 1; empty when all are 1. */
  twiddles: Float32Array;
}

export interface FftPlan {
  n: number;
  stages: Stage[];
  /** Frequency index (unshifted, 0 … n − 1) stored at each position after the forward transform. */
  frequency: Int32Array;
}

/** Radices of n, or undefined when a prime factor is too large. */
export function radices(n: number): number[] | undefined {
  const result: number[] = [];
  let rest = n;
  for (const radix of [4, 2, 3, 5]) {
    while (rest % radix === 0) {
      result.push(radix);
      rest /= radix;
    }
  }
  for (let p = 7; rest > 1; p += 2) {
    if (p > LARGEST_RADIX) return undefined;
    while (rest % p === 0) {
      result.push(p);
      rest /= p;
    }
  }
  // Expensive radices first: the last stage has no twiddles and is fused with the mask, which suits radix 4.
  result.sort((a, b) => b - a);
  const fours = result.filter((r) => r === 4);
  const others = result.filter((r) => r !== 4);
  return fours.length > 1 ? [4, ...others, ...fours.slice(1)] : n === 1 ? [1] : [...others, ...fours];
}

export function fftPlan(n: number): FftPlan | undefined {
  const factors = radices(n);
  if (factors === undefined) return undefined;
  const stages: Stage[] = [];
  let length = n;
  for (const radix of factors) {
    const m = length / radix;
    const twiddles = new Float32Array(m === 1 ? 0 : 2 * m * (radix - 1));
    for (let j = 0, at = 0; j < m && m > 1; j++) {
      for (let p = 1; p < radix; p++) {
        const angle = (-2 * Math.PI * ((j * p) % length)) / length;
        twiddles[at++] = Math.cos(angle);
        twiddles[at++] = Math.sin(angle);
      }
    }
    stages.push({ radix, length, twiddles });
    length = m;
  }
  const frequency = new Int32Array(n);
  for (let position = 0; position < n; position++) {
    let rest = position;
    let weight = 1;
    for (const stage of stages) {
      const m = stage.length / stage.radix;
      frequency[position] += Math.floor(rest / m) * weight;
      rest %= m;
      weight *= stage.radix;
    }
  }
  return { n, stages, frequency };
}
