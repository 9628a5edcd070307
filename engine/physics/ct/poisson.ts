/**
 * Poisson numbers that are a pure function of key and element (engine/arrays/random.ts): by inversion for small means, by
 * transformed rejection with squeeze from 10 on (algorithm PTRS of W. Hörmann, Insurance: Mathematics and Economics 12 (1993)
 * 39–45), by a rounded normal number above `gaussianAbove`.
 */
import { philox } from '../../arrays/random.ts';

export interface PoissonKey {
  /** 0 … 2^53 − 1 */
  seed: number;
  slice: number;
}

/** Set in the second key word, so that these streams never meet those of normal noise and of `Random`. */
const STREAM_MARK = 0x4000_0000;
const TWO_POW_32 = 2 ** 32;
const inversionBelow = 10;
const words = new Uint32Array(4);

/** Uniform in (0, 1) from two words. */
const uniform = (pair: 0 | 2): number => ((words[pair] >>> 5) * 2 ** 26 + (words[pair + 1] >>> 6) + 0.5) / 2 ** 53;

const small = [0, 0];
for (let k = 2; k < 16; k++) small.push(small[k - 1] + Math.log(k));

/** ln k! by Stirling's series; exact to 1e-14 relative. */
export function logFactorial(k: number): number {
  if (k < 16) return small[k];
  const x = k + 1;
  const r = 1 / (x * x);
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + (1 / 12 - (1 / 360 - r / 1260) * r) / x;
}

/** The Poisson number of `element` (0 … 2^32 − 1) with the given mean ≥ 0. */
export function poisson(mean: number, { seed, slice }: PoissonKey, element: number, gaussianAbove: number): number {
  const low = seed | 0;
  const high = Math.floor(seed / TWO_POW_32) | STREAM_MARK;
  const draw = (attempt: number): void => {
    philox(words, element | 0, attempt, slice, 0, low, high);
  };
  draw(0);
  if (mean > gaussianAbove) {
    const normal = Math.sqrt(-2 * Math.log(uniform(0))) * Math.cos(2 * Math.PI * uniform(2));
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
  }
  if (mean < inversionBelow) {
    let left = uniform(0);
    let probability = Math.exp(-mean);
    let k = 0;
    // Beyond 100 the probability is below float64's rounding.
    while (left > probability && k < 100) {
      left -= probability;
      k++;
      probability *= mean / k;
    }
    return k;
  }
  const b = 0.931 + 2.53 * Math.sqrt(mean);
  const a = -0.059 + 0.02483 * b;
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  const vr = 0.9277 - 3.6224 / (b - 2);
  for (let attempt = 0; ; draw(++attempt)) {
    const u = uniform(0) - 0.5;
    const v = uniform(2);
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= vr) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    if (Math.log((v * inverseAlpha) / (a / (us * us) + b)) <= k * Math.log(mean) - mean - logFactorial(k)) return k;
  }
}
