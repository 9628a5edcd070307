/**
 * Plans: how the transform of one length is computed, on bundles of four lines, unscaled and uncentred:
 *   X[k] = Σ_j x[j] exp(−2πi jk/n).
 * Lengths whose prime factors are at most 61 go by mixed radix, the rest by Bluestein's algorithm. Plans are kept for
 * the life of the process.
 */
import { check } from '../../errors.ts';
import { POINT, passName, UNROLLED } from './butterflies.ts';
import { allocate, bundles, floats, kernel } from './machine.ts';

export interface FftPlan {
  readonly n: number;
  /** Points the bundles need. */
  readonly points: number;
  /** Transforms the bundle at a, using the one at b; returns the address, a or b, that holds the result. */
  run(a: number, b: number): number;
}

/** Above this a prime is cheaper by Bluestein's algorithm than by its definition. */
const LARGEST_RADIX = 61;

const plans = new Map<number, FftPlan>();

/** The plan for length 1 ≤ n ≤ 2^24. */
export function fftPlan(n: number): FftPlan {
  let plan = plans.get(n);
  if (plan === undefined) {
    check(Number.isSafeInteger(n) && n >= 1 && n <= 2 ** 24, () => `no Fourier transform of length ${n}: 1 to 2^24`);
    const radices = radicesOf(n);
    plan = radices.every((r) => r <= LARGEST_RADIX) ? mixedRadix(n, radices) : bluestein(n);
    plans.set(n, plan);
  }
  return plan;
}

/** n as a product of 4s, at most one 8 or 2, and odd primes. */
export function radicesOf(n: number): number[] {
  let twos = 0;
  let rest = n;
  while (rest % 2 === 0) {
    rest /= 2;
    twos++;
  }
  const radices: number[] = [];
  for (let p = 3; p * p <= rest; p += 2)
    while (rest % p === 0) {
      radices.push(p);
      rest /= p;
    }
  if (rest > 1) radices.push(rest);
  if (twos % 2 === 1) {
    radices.push(twos > 1 ? 8 : 2);
    twos -= twos > 1 ? 3 : 1;
  }
  for (; twos > 0; twos -= 2) radices.push(4);
  return radices;
}

function table(values: ArrayLike<number>): number {
  const address = allocate(4 * values.length);
  floats().set(values, address / 4);
  return address;
}

function mixedRadix(n: number, radices: readonly number[]): FftPlan {
  const passes: ((a: number, b: number) => void)[] = [];
  let now = n;
  let stride = 1;
  for (const radix of radices) {
    const m = now / radix;
    const s = stride;
    const unrolled = (UNROLLED as readonly number[]).includes(radix);
    const last = m === 1 && unrolled;
    const twiddles = last ? 0 : table(twiddlesOf(now, radix));
    if (unrolled) {
      const run = kernel(passName(radix, last));
      passes.push((a, b) => run(a, b, m, s, twiddles));
    } else {
      const half = (radix - 1) / 2;
      const roots = table(rootsOf(radix));
      const room = allocate(64 * half);
      const run = kernel('passOdd');
      passes.push((a, b) => run(a, b, m, s, twiddles, half, roots, room));
    }
    now = m;
    stride *= radix;
  }
  return {
    n,
    points: n,
    run: (a, b) => {
      let from = a;
      let to = b;
      for (const pass of passes) {
        pass(from, to);
        const held = from;
        from = to;
        to = held;
      }
      return from;
    },
  };
}

/** exp(−2πi pj/n) for p < n/radix, 1 ≤ j < radix. */
function twiddlesOf(n: number, radix: number): Float32Array {
  const out = new Float32Array(2 * (n / radix) * (radix - 1));
  let i = 0;
  for (let p = 0; p < n / radix; p++)
    for (let j = 1; j < radix; j++) {
      const angle = (-2 * Math.PI * ((p * j) % n)) / n;
      out[i++] = Math.cos(angle);
      out[i++] = Math.sin(angle);
    }
  return out;
}

/** cos, sin of 2πjk/r for j, k = 1 … (r − 1)/2. */
function rootsOf(radix: number): Float32Array {
  const half = (radix - 1) / 2;
  const out = new Float32Array(2 * half * half);
  let i = 0;
  for (let j = 1; j <= half; j++)
    for (let k = 1; k <= half; k++) {
      const angle = (2 * Math.PI * ((j * k) % radix)) / radix;
      out[i++] = Math.cos(angle);
      out[i++] = Math.sin(angle);
    }
  return out;
}

/** The smallest 2^a 3^b 5^c from `least` on. */
function smoothFrom(least: number): number {
  for (let m = least; ; m++) {
    let rest = m;
    for (const p of [2, 3, 5]) while (rest % p === 0) rest /= p;
    if (rest === 1) return m;
  }
}

/**
 * L. I. Bluestein (1970): the transform as a convolution of length m ≥ 2n − 1,
 *   X[k] = w[k] Σ_j (x[j] w[j]) conj(w[k−j]),  w[j] = exp(−iπ j²/n).
 * j² is reduced modulo 2n before the angle is formed, so the chirp is exact to float64 before rounding. The inverse
 * transform of the convolution is the forward one between exchanges of real and imaginary parts.
 */
function bluestein(n: number): FftPlan {
  const m = smoothFrom(2 * n - 1);
  const inner = fftPlan(m);
  const chirp = new Float64Array(2 * n);
  for (let j = 0; j < n; j++) {
    const angle = (-Math.PI * ((j * j) % (2 * n))) / n;
    chirp[2 * j] = Math.cos(angle);
    chirp[2 * j + 1] = Math.sin(angle);
  }
  const chirpTable = table(chirp);

  const [a, b] = bundles(m);
  let heap = floats();
  heap.fill(0, a / 4, (a + POINT * m) / 4);
  for (let j = 0; j < n; j++)
    for (const at of j === 0 ? [0] : [j, m - j]) {
      heap[(a + POINT * at) / 4] = chirp[2 * j];
      heap[(a + POINT * at) / 4 + 4] = -chirp[2 * j + 1];
    }
  const result = inner.run(a, b) / 4;
  const spectrum = new Float32Array(2 * m);
  for (let k = 0; k < m; k++) {
    spectrum[2 * k] = heap[result + 8 * k] / m;
    spectrum[2 * k + 1] = heap[result + 8 * k + 4] / m;
  }
  const spectrumTable = table(spectrum);

  const pointwise = kernel('pointwise');
  return {
    n,
    points: m,
    run: (x, y) => {
      pointwise(x, y, n, chirpTable, 0, 0);
      heap = floats();
      heap.fill(0, (y + POINT * n) / 4, (y + POINT * m) / 4);
      const transformed = inner.run(y, x);
      const other = transformed === x ? y : x;
      pointwise(transformed, other, m, spectrumTable, 0, 16);
      const convolved = inner.run(other, transformed);
      const free = convolved === x ? y : x;
      pointwise(convolved, free, n, chirpTable, 16, 0);
      return free;
    },
  };
}
