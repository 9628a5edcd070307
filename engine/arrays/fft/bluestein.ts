/**
 * Bluestein's algorithm (L. I. Bluestein, 1970): a transform of any length n as a convolution of length m ≥ 2n − 1,
 *   X[k] = w[k] Σ_j (x[j] w[j]) conj(w[k−j]),  w[j] = exp(−iπ j²/n),
 * with m a length PFFFT does. j² is reduced modulo 2n before the angle is formed, so chirps are exact to float64.
 * Memory in the heap: 8m bytes for the chirp's spectrum, 24m for scratch shared by all lengths.
 */
import { check } from '../../errors.ts';
import { allocate, floats, pffft, scratch } from './heap.ts';
import type { FftPlan } from './plan.ts';

/** The smallest 2^a 3^b 5^c divisible by 16 that is at least `least`. */
export function pffftLengthFrom(least: number): number {
  for (let m = 16 * Math.ceil(least / 16); ; m += 16) {
    let rest = m;
    for (const p of [2, 3, 5]) while (rest % p === 0) rest /= p;
    if (rest === 1) return m;
  }
}

export function bluesteinPlan(n: number): FftPlan {
  const m = pffftLengthFrom(2 * n - 1);
  const setup = pffft._pffft_new_setup(m, 1);
  check(setup !== 0, () => `PFFFT refused length ${m}`, { code: 'internal' });
  const chirp = new Float64Array(2 * n);
  for (let j = 0; j < n; j++) {
    const angle = (-Math.PI * ((j * j) % (2 * n))) / n;
    chirp[2 * j] = Math.cos(angle);
    chirp[2 * j + 1] = Math.sin(angle);
  }
  const spectrum = allocate(8 * m);
  const work = scratch('work', 24 * m);
  const kernel = floats()
    .subarray(spectrum / 4, spectrum / 4 + 2 * m)
    .fill(0);
  for (let j = 0; j < n; j++) {
    const mirror = j === 0 ? 0 : m - j;
    kernel[2 * j] = kernel[2 * mirror] = chirp[2 * j];
    kernel[2 * j + 1] = kernel[2 * mirror + 1] = -chirp[2 * j + 1];
  }
  pffft._pffft_transform(setup, spectrum, spectrum, work, 0);

  return {
    n,
    transform: (pointer, count, stride, inverse) => {
      const padded = scratch('work', 24 * m);
      const product = padded + 8 * m;
      const workspace = product + 8 * m;
      const heap = floats();
      const a = padded / 4;
      const p = product / 4;
      // conj in, conj out turns the forward transform into the inverse
      const sign = inverse ? -1 : 1;
      for (let row = 0; row < count; row++) {
        const x = (pointer + row * stride) / 4;
        for (let j = 0; j < 2 * n; j += 2) {
          const re = heap[x + j];
          const im = sign * heap[x + j + 1];
          heap[a + j] = re * chirp[j] - im * chirp[j + 1];
          heap[a + j + 1] = re * chirp[j + 1] + im * chirp[j];
        }
        heap.fill(0, a + 2 * n, a + 2 * m);
        heap.fill(0, p, p + 2 * m);
        pffft._pffft_transform(setup, padded, padded, workspace, 0);
        pffft._pffft_zconvolve_accumulate(setup, padded, spectrum, product, 1 / m);
        pffft._pffft_transform(setup, product, product, workspace, 1);
        for (let k = 0; k < 2 * n; k += 2) {
          const re = heap[p + k];
          const im = heap[p + k + 1];
          heap[x + k] = re * chirp[k] - im * chirp[k + 1];
          heap[x + k + 1] = sign * (re * chirp[k + 1] + im * chirp[k]);
        }
      }
    },
  };
}
