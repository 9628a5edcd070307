/** Sums over float32 arrays, accumulated in float64. Complex arrays are interleaved (re, im). */
import { check } from '../errors.ts';

type Numbers = Float32Array | Float64Array;

export function sum(x: Numbers): number {
  let s = 0;
  for (let i = 0; i < x.length; i++) s += x[i];
  return s;
}

/** Σ x / n; `bad-input` when empty. */
export function mean(x: Numbers): number {
  check(x.length > 0, () => 'mean of an empty array');
  return sum(x) / x.length;
}

/** Σ (x − mean)² / (n − ddof), in two passes. */
export function variance(x: Numbers, ddof = 0): number {
  check(x.length > ddof, () => `variance of ${x.length} numbers with ${ddof} degrees of freedom taken off`);
  const m = mean(x);
  let s = 0;
  for (let i = 0; i < x.length; i++) s += (x[i] - m) * (x[i] - m);
  return s / (x.length - ddof);
}

function checkLengths(x: Numbers, y: Numbers): void {
  check(x.length === y.length, () => `inner product of arrays of ${x.length} and ${y.length} numbers`, {
    code: 'mismatch',
  });
}

/** Σ x y. For interleaved complex arrays this is Re⟨x, y⟩. */
export function dot(x: Numbers, y: Numbers): number {
  checkLengths(x, y);
  // four sums side by side keep the floating-point units busy
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  const whole = x.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    a += x[i] * y[i];
    b += x[i + 1] * y[i + 1];
    c += x[i + 2] * y[i + 2];
    d += x[i + 3] * y[i + 3];
  }
  for (let i = whole; i < x.length; i++) a += x[i] * y[i];
  return a + b + (c + d);
}

/** ⟨x, y⟩ = Σ conj(x) y of interleaved complex arrays. */
export function hermitianDot(x: Numbers, y: Numbers): { re: number; im: number } {
  checkLengths(x, y);
  let re = 0;
  let im = 0;
  for (let i = 0; i + 1 < x.length; i += 2) {
    re += x[i] * y[i] + x[i + 1] * y[i + 1];
    im += x[i] * y[i + 1] - x[i + 1] * y[i];
  }
  return { re, im };
}

/** √Σ|x|², real or interleaved complex. */
export function norm(x: Numbers): number {
  return Math.sqrt(dot(x, x));
}

/** Rearranges a so that a[k] is what sorting would put there, nothing greater before it, nothing smaller after (Hoare). */
function select(a: Float64Array, k: number): void {
  let left = 0;
  let right = a.length - 1;
  while (left < right) {
    const middle = (left + right) >>> 1;
    const low = Math.min(a[left], a[right]);
    const pivot = Math.max(low, Math.min(Math.max(a[left], a[right]), a[middle]));
    let i = left;
    let j = right;
    while (i <= j) {
      while (a[i] < pivot) i++;
      while (a[j] > pivot) j--;
      if (i <= j) {
        const held = a[i];
        a[i++] = a[j];
        a[j--] = held;
      }
    }
    if (k <= j) right = j;
    else if (k >= i) left = i;
    else return;
  }
}

/**
 * The q-quantile, 0 ≤ q ≤ 1, interpolated linearly between order statistics at position q (n − 1): NumPy's default.
 * Errors: `bad-input` when empty or q is outside; `numerical` when a value is NaN.
 */
export function quantile(x: Numbers, q: number): number {
  check(x.length > 0, () => 'quantile of an empty array');
  check(q >= 0 && q <= 1, () => `quantile ${q} is outside [0, 1]`);
  const a = Float64Array.from(x);
  for (let i = 0; i < a.length; i++)
    check(!Number.isNaN(a[i]), () => `quantile of an array whose element ${i} is NaN`, { code: 'numerical' });
  return quantileInPlace(a, q);
}

/** The same for numbers that may be reordered and hold no NaN; nothing is allocated. */
export function quantileInPlace(a: Float64Array, q: number): number {
  const position = q * (a.length - 1);
  const k = Math.floor(position);
  const fraction = position - k;
  select(a, k);
  if (fraction === 0) return a[k];
  let next = Number.POSITIVE_INFINITY;
  for (let i = k + 1; i < a.length; i++) if (a[i] < next) next = a[i];
  return a[k] + fraction * (next - a[k]);
}

export function median(x: Numbers): number {
  return quantile(x, 0.5);
}
