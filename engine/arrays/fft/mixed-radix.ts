/**
 * Self-sorting (Stockham) mixed-radix transform in float64, for lengths whose prime factors are at most 13:
 *   y[q + s(r p + j)] = w^{pj} Σ_k x[q + s(p + k m)] ω_r^{jk},   m = n_now/r,  w = exp(−2πi/n_now),  ω_r = exp(−2πi/r),
 * repeated with n_now ← m, s ← s r. Exchanging real and imaginary parts turns the forward transform into the inverse.
 */
import { floats } from './heap.ts';
import type { FftPlan } from './plan.ts';

/** Prime factors in ascending order. */
export function factorise(n: number): number[] {
  const factors: number[] = [];
  let rest = n;
  for (let p = 2; p * p <= rest; p++)
    while (rest % p === 0) {
      factors.push(p);
      rest /= p;
    }
  if (rest > 1 || factors.length === 0) factors.push(rest);
  return factors;
}

interface Pass {
  radix: number;
  /** n_now / radix. */
  m: number;
  stride: number;
  /** w^{pj} for p < m, 1 ≤ j < radix: (re, im) at 2((radix − 1) p + j − 1). */
  twiddles: Float64Array;
  /** ω_r^{i}, i < radix, interleaved. */
  roots: Float64Array;
}

function passesOf(n: number): Pass[] {
  const primes = factorise(n);
  const twos = primes.filter((p) => p === 2).length;
  const radices = [
    ...Array<number>(Math.floor(twos / 2)).fill(4),
    ...Array<number>(twos % 2).fill(2),
    ...primes.filter((p) => p !== 2),
  ].sort((a, b) => b - a);
  const passes: Pass[] = [];
  let now = n;
  let stride = 1;
  for (const radix of radices) {
    const m = now / radix;
    const twiddles = new Float64Array(2 * m * (radix - 1));
    for (let p = 0; p < m; p++)
      for (let j = 1; j < radix; j++) {
        const angle = (-2 * Math.PI * ((p * j) % now)) / now;
        const at = 2 * ((radix - 1) * p + j - 1);
        twiddles[at] = Math.cos(angle);
        twiddles[at + 1] = Math.sin(angle);
      }
    const roots = new Float64Array(2 * radix);
    for (let i = 0; i < radix; i++) {
      roots[2 * i] = Math.cos((2 * Math.PI * i) / radix);
      roots[2 * i + 1] = -Math.sin((2 * Math.PI * i) / radix);
    }
    passes.push({ radix, m, stride, twiddles, roots });
    now = m;
    stride *= radix;
  }
  return passes;
}

function pass2(
  { m, stride: s, twiddles: w }: Pass,
  xr: Float64Array,
  xi: Float64Array,
  yr: Float64Array,
  yi: Float64Array,
) {
  for (let p = 0; p < m; p++) {
    const wr = w[2 * p];
    const wi = w[2 * p + 1];
    for (let q = 0; q < s; q++) {
      const i = q + s * p;
      const j = i + s * m;
      const o = q + 2 * s * p;
      const ar = xr[i];
      const ai = xi[i];
      const br = xr[j];
      const bi = xi[j];
      yr[o] = ar + br;
      yi[o] = ai + bi;
      const dr = ar - br;
      const di = ai - bi;
      yr[o + s] = dr * wr - di * wi;
      yi[o + s] = dr * wi + di * wr;
    }
  }
}

function pass3(
  { m, stride: s, twiddles: w }: Pass,
  xr: Float64Array,
  xi: Float64Array,
  yr: Float64Array,
  yi: Float64Array,
) {
  const h = Math.sqrt(0.75);
  for (let p = 0; p < m; p++) {
    const w1r = w[4 * p];
    const w1i = w[4 * p + 1];
    const w2r = w[4 * p + 2];
    const w2i = w[4 * p + 3];
    for (let q = 0; q < s; q++) {
      const i = q + s * p;
      const o = q + 3 * s * p;
      const ar = xr[i];
      const ai = xi[i];
      const br = xr[i + s * m];
      const bi = xi[i + s * m];
      const cr = xr[i + 2 * s * m];
      const ci = xi[i + 2 * s * m];
      const tr = br + cr;
      const ti = bi + ci;
      const ur = h * (br - cr);
      const ui = h * (bi - ci);
      yr[o] = ar + tr;
      yi[o] = ai + ti;
      const vr = ar - 0.5 * tr;
      const vi = ai - 0.5 * ti;
      const e1r = vr + ui;
      const e1i = vi - ur;
      const e2r = vr - ui;
      const e2i = vi + ur;
      yr[o + s] = e1r * w1r - e1i * w1i;
      yi[o + s] = e1r * w1i + e1i * w1r;
      yr[o + 2 * s] = e2r * w2r - e2i * w2i;
      yi[o + 2 * s] = e2r * w2i + e2i * w2r;
    }
  }
}

function pass4(
  { m, stride: s, twiddles: w }: Pass,
  xr: Float64Array,
  xi: Float64Array,
  yr: Float64Array,
  yi: Float64Array,
) {
  for (let p = 0; p < m; p++) {
    const w1r = w[6 * p];
    const w1i = w[6 * p + 1];
    const w2r = w[6 * p + 2];
    const w2i = w[6 * p + 3];
    const w3r = w[6 * p + 4];
    const w3i = w[6 * p + 5];
    for (let q = 0; q < s; q++) {
      const i = q + s * p;
      const o = q + 4 * s * p;
      const acr = xr[i] + xr[i + 2 * s * m];
      const aci = xi[i] + xi[i + 2 * s * m];
      const amr = xr[i] - xr[i + 2 * s * m];
      const ami = xi[i] - xi[i + 2 * s * m];
      const bdr = xr[i + s * m] + xr[i + 3 * s * m];
      const bdi = xi[i + s * m] + xi[i + 3 * s * m];
      const bmr = xr[i + s * m] - xr[i + 3 * s * m];
      const bmi = xi[i + s * m] - xi[i + 3 * s * m];
      yr[o] = acr + bdr;
      yi[o] = aci + bdi;
      const e1r = amr + bmi;
      const e1i = ami - bmr;
      const e2r = acr - bdr;
      const e2i = aci - bdi;
      const e3r = amr - bmi;
      const e3i = ami + bmr;
      yr[o + s] = e1r * w1r - e1i * w1i;
      yi[o + s] = e1r * w1i + e1i * w1r;
      yr[o + 2 * s] = e2r * w2r - e2i * w2i;
      yi[o + 2 * s] = e2r * w2i + e2i * w2r;
      yr[o + 3 * s] = e3r * w3r - e3i * w3i;
      yi[o + 3 * s] = e3r * w3i + e3i * w3r;
    }
  }
}

/** Any radix, by the definition. */
function passAny(pass: Pass, xr: Float64Array, xi: Float64Array, yr: Float64Array, yi: Float64Array) {
  const { radix: r, m, stride: s, twiddles: w, roots } = pass;
  for (let p = 0; p < m; p++)
    for (let q = 0; q < s; q++) {
      const i = q + s * p;
      for (let j = 0; j < r; j++) {
        let sr = 0;
        let si = 0;
        for (let k = 0, t = 0; k < r; k++, t = t + j >= r ? t + j - r : t + j) {
          const ar = xr[i + k * s * m];
          const ai = xi[i + k * s * m];
          sr += ar * roots[2 * t] - ai * roots[2 * t + 1];
          si += ar * roots[2 * t + 1] + ai * roots[2 * t];
        }
        const o = q + s * (r * p + j);
        if (j === 0) {
          yr[o] = sr;
          yi[o] = si;
        } else {
          const wr = w[2 * ((r - 1) * p + j - 1)];
          const wi = w[2 * ((r - 1) * p + j - 1) + 1];
          yr[o] = sr * wr - si * wi;
          yi[o] = sr * wi + si * wr;
        }
      }
    }
}

export function mixedRadixPlan(n: number): FftPlan {
  const passes = passesOf(n);
  const buffers = [0, 1, 2, 3].map(() => new Float64Array(n));
  return {
    n,
    transform: (pointer, count, stride, inverse) => {
      const heap = floats();
      const real = inverse ? 1 : 0;
      for (let row = 0; row < count; row++) {
        const x = (pointer + row * stride) / 4;
        let [xr, xi, yr, yi] = buffers;
        for (let j = 0; j < n; j++) {
          xr[j] = heap[x + 2 * j + real];
          xi[j] = heap[x + 2 * j + 1 - real];
        }
        for (const pass of passes) {
          if (pass.radix === 4) pass4(pass, xr, xi, yr, yi);
          else if (pass.radix === 3) pass3(pass, xr, xi, yr, yi);
          else if (pass.radix === 2) pass2(pass, xr, xi, yr, yi);
          else passAny(pass, xr, xi, yr, yi);
          [xr, yr] = [yr, xr];
          [xi, yi] = [yi, xi];
        }
        for (let j = 0; j < n; j++) {
          heap[x + 2 * j + real] = xr[j];
          heap[x + 2 * j + 1 - real] = xi[j];
        }
      }
    },
  };
}
