/**
 * Plans: how the transform of one length is computed. All work in place on rows in the heap, unscaled and uncentred:
 *   forward X[k] = Σ_j x[j] exp(−2πi jk/n),   inverse with the opposite sign.
 * Lengths 2^a 3^b 5^c divisible by 16 go to PFFFT, other products of primes ≤ 13 to the mixed-radix code, the rest to
 * Bluestein's algorithm on top of PFFFT. Plans are kept for the life of the process.
 */
import { check } from '../../errors.ts';
import { bluesteinPlan } from './bluestein.ts';
import { pffft, scratch } from './heap.ts';
import { factorise, mixedRadixPlan } from './mixed-radix.ts';

export interface FftPlan {
  readonly n: number;
  /**
   * Transforms `count` rows of n complex numbers each, the first at byte `pointer`, the next `stride` bytes on (both
   * multiples of 16). May grow the heap: views taken before are stale afterwards.
   */
  transform(pointer: number, count: number, stride: number, inverse: boolean): void;
}

const plans = new Map<number, FftPlan>();

/** True for the lengths PFFFT's complex transform accepts. */
export function isPffftLength(n: number): boolean {
  if (n < 16 || n % 16 !== 0) return false;
  let rest = n;
  for (const p of [2, 3, 5]) while (rest % p === 0) rest /= p;
  return rest === 1;
}

export function pffftPlan(n: number): FftPlan {
  const setup = pffft._pffft_new_setup(n, 1);
  check(setup !== 0, () => `PFFFT refused length ${n}`, { code: 'internal' });
  return {
    n,
    transform: (pointer, count, stride, inverse) => {
      const work = scratch('work', 8 * n);
      const direction = inverse ? 1 : 0;
      for (let row = 0; row < count; row++) {
        const at = pointer + row * stride;
        pffft._pffft_transform_ordered(setup, at, at, work, direction);
      }
    },
  };
}

function makePlan(n: number): FftPlan {
  if (n === 1) return { n, transform: () => {} };
  if (isPffftLength(n)) return pffftPlan(n);
  const factors = factorise(n);
  return factors[factors.length - 1] <= 13 ? mixedRadixPlan(n) : bluesteinPlan(n);
}

/** The plan for length n ≥ 1. */
export function fftPlan(n: number): FftPlan {
  let plan = plans.get(n);
  if (plan === undefined) {
    check(Number.isSafeInteger(n) && n >= 1 && n <= 2 ** 24, () => `no Fourier transform of length ${n}: 1 to 2^24`);
    plan = makePlan(n);
    plans.set(n, plan);
  }
  return plan;
}
