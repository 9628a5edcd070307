/**
 * Passes of the self-sorting (Stockham) mixed-radix transform, on four lines at once: a *bundle* holds n points of
 * 32 bytes each, the real parts of the four lines, then the imaginary parts. One pass of radix r is
 *   y[q + s(r p + j)] = w^{pj} Σ_k x[q + s(p + k m)] ω_r^{jk},   m = n_now/r,  w = exp(−2πi/n_now),  ω_r = exp(−2πi/r).
 * Odd radices use t_k = x_k + x_{r−k}, u_k = x_k − x_{r−k}:
 *   X_j, X_{r−j} = x_0 + Σ_k cos(2πjk/r) t_k ∓ i Σ_k sin(2πjk/r) u_k.
 */
import {
  add,
  type Code,
  FunctionBuilder,
  get,
  I32,
  int,
  load,
  loadSplat,
  mul,
  splat,
  store,
  V128,
  vadd,
  vmul,
  vsub,
} from '../wasm/assembler.ts';

/** A complex vector of four lines. */
interface Pair {
  re: Code;
  im: Code;
}

/** Bytes of one point of a bundle. */
export const POINT = 32;

const [SRC, DST, M, S, TWIDDLES] = [0, 1, 2, 3, 4].map(get);

/**
 * (src, dst, m, s, twiddles): one pass; twiddles (re, im float32) are read one after another for p and j = 1 … r − 1.
 * The last pass (m = 1) has none to multiply.
 */
function pass(radix: number, last: boolean, butterfly: (f: FunctionBuilder, x: Pair[]) => Pair[]): FunctionBuilder {
  const f = new FunctionBuilder(passName(radix, last), 5);
  const strideOut = f.define(I32, mul(S, int(POINT)));
  const strideIn = f.define(I32, mul(get(strideOut), M));
  f.repeat(M, () => {
    const twiddles: Pair[] = [];
    if (!last) {
      for (let j = 1; j < radix; j++)
        twiddles.push({
          re: f.value(V128, loadSplat(TWIDDLES, 8 * (j - 1))),
          im: f.value(V128, loadSplat(TWIDDLES, 8 * (j - 1) + 4)),
        });
      f.set(4, add(TWIDDLES, int(8 * (radix - 1))));
    }
    f.repeat(S, () => {
      const from = f.define(I32, SRC);
      const x: Pair[] = [];
      for (let k = 0; k < radix; k++) {
        if (k > 0) f.set(from, add(get(from), get(strideIn)));
        x.push({ re: f.value(V128, load(get(from))), im: f.value(V128, load(get(from), 16)) });
      }
      const y = butterfly(f, x);
      const to = f.define(I32, DST);
      y.forEach(({ re, im }, j) => {
        if (j > 0) f.set(to, add(get(to), get(strideOut)));
        if (j === 0 || last) f.emit(store(get(to), re), store(get(to), im, 16));
        else {
          const w = twiddles[j - 1];
          f.emit(store(get(to), vsub(vmul(re, w.re), vmul(im, w.im))));
          f.emit(store(get(to), vadd(vmul(re, w.im), vmul(im, w.re)), 16));
        }
      });
      f.set(0, add(SRC, int(POINT)));
      f.set(1, add(DST, int(POINT)));
    });
    f.set(1, add(DST, mul(get(strideOut), int(radix - 1))));
  });
  return f;
}

export const passName = (radix: number, last: boolean): string => `pass${radix}${last ? 'Last' : ''}`;

const plus = (f: FunctionBuilder, a: Pair, b: Pair): Pair => ({
  re: f.value(V128, vadd(a.re, b.re)),
  im: f.value(V128, vadd(a.im, b.im)),
});
const minus = (f: FunctionBuilder, a: Pair, b: Pair): Pair => ({
  re: f.value(V128, vsub(a.re, b.re)),
  im: f.value(V128, vsub(a.im, b.im)),
});
/** a − i b and a + i b. */
const minusI = (f: FunctionBuilder, a: Pair, b: Pair): Pair => ({
  re: f.value(V128, vadd(a.re, b.im)),
  im: f.value(V128, vsub(a.im, b.re)),
});
const plusI = (f: FunctionBuilder, a: Pair, b: Pair): Pair => ({
  re: f.value(V128, vsub(a.re, b.im)),
  im: f.value(V128, vadd(a.im, b.re)),
});

function two(f: FunctionBuilder, [a, b]: Pair[]): Pair[] {
  return [plus(f, a, b), minus(f, a, b)];
}

function four(f: FunctionBuilder, [a, b, c, d]: Pair[]): Pair[] {
  const ac = plus(f, a, c);
  const am = minus(f, a, c);
  const bd = plus(f, b, d);
  const bm = minus(f, b, d);
  return [plus(f, ac, bd), minusI(f, am, bm), minus(f, ac, bd), plusI(f, am, bm)];
}

/** Two transforms of four, joined by ω = exp(−iπ/4): ω a = (re + im, im − re)/√2, ω² = −i, ω³ = −i ω. */
function eight(f: FunctionBuilder, x: Pair[]): Pair[] {
  const even = four(f, [x[0], x[2], x[4], x[6]]);
  const odd = four(f, [x[1], x[3], x[5], x[7]]);
  const h = splat(Math.SQRT1_2);
  const turned1: Pair = {
    re: f.value(V128, vmul(h, vadd(odd[1].re, odd[1].im))),
    im: f.value(V128, vmul(h, vsub(odd[1].im, odd[1].re))),
  };
  const turned3: Pair = {
    re: f.value(V128, vmul(h, vadd(odd[3].re, odd[3].im))),
    im: f.value(V128, vmul(h, vsub(odd[3].im, odd[3].re))),
  };
  return [
    plus(f, even[0], odd[0]),
    plus(f, even[1], turned1),
    minusI(f, even[2], odd[2]),
    minusI(f, even[3], turned3),
    minus(f, even[0], odd[0]),
    minus(f, even[1], turned1),
    plusI(f, even[2], odd[2]),
    plusI(f, even[3], turned3),
  ];
}

const odd =
  (r: number) =>
  (f: FunctionBuilder, x: Pair[]): Pair[] => {
    const half = (r - 1) / 2;
    const t: Pair[] = [];
    const u: Pair[] = [];
    for (let k = 1; k <= half; k++) {
      t.push(plus(f, x[k], x[r - k]));
      u.push(minus(f, x[k], x[r - k]));
    }
    const y: Pair[] = Array(r);
    let total = x[0];
    for (const v of t) total = plus(f, total, v);
    y[0] = total;
    for (let j = 1; j <= half; j++) {
      let even = x[0];
      let skew: Pair = { re: [], im: [] };
      for (let k = 1; k <= half; k++) {
        const c = splat(Math.cos((2 * Math.PI * j * k) / r));
        const s = splat(Math.sin((2 * Math.PI * j * k) / r));
        const [tk, uk] = [t[k - 1], u[k - 1]];
        even = { re: f.value(V128, vadd(even.re, vmul(c, tk.re))), im: f.value(V128, vadd(even.im, vmul(c, tk.im))) };
        const su: Pair = { re: vmul(s, uk.re), im: vmul(s, uk.im) };
        skew = {
          re: f.value(V128, k === 1 ? su.re : vadd(skew.re, su.re)),
          im: f.value(V128, k === 1 ? su.im : vadd(skew.im, su.im)),
        };
      }
      y[j] = minusI(f, even, skew);
      y[r - j] = plusI(f, even, skew);
    }
    return y;
  };

/**
 * (src, dst, m, s, twiddles, half, roots, sums): a pass of odd radix r = 2 half + 1, in loops. roots: cos and sin of
 * 2πjk/r (float32) for j, k = 1 … half; sums: room for t and u, 64 half bytes.
 */
function passOdd(): FunctionBuilder {
  const f = new FunctionBuilder('passOdd', 8);
  const [half, roots, sums] = [5, 6, 7].map(get);
  const strideOut = f.define(I32, mul(S, int(POINT)));
  const strideIn = f.define(I32, mul(get(strideOut), M));
  const radix = f.define(I32, add(add(half, half), int(1)));
  f.repeat(M, () => {
    f.repeat(S, () => {
      const low = f.define(I32, SRC);
      const high = f.define(I32, add(SRC, mul(get(strideIn), get(radix))));
      const room = f.define(I32, sums);
      const zero: Pair = { re: f.value(V128, load(SRC)), im: f.value(V128, load(SRC, 16)) };
      const total = [f.define(V128, zero.re), f.define(V128, zero.im)];
      f.repeat(half, () => {
        f.set(low, add(get(low), get(strideIn)));
        f.set(high, [...get(high), ...get(strideIn), 0x6b]);
        for (const part of [0, 1]) {
          const a = f.value(V128, load(get(low), 16 * part));
          const b = f.value(V128, load(get(high), 16 * part));
          const t = f.value(V128, vadd(a, b));
          f.set(total[part], vadd(get(total[part]), t));
          f.emit(store(get(room), t, 16 * part), store(get(room), vsub(a, b), 32 + 16 * part));
        }
        f.set(room, add(get(room), int(64)));
      });
      f.emit(store(DST, get(total[0])), store(DST, get(total[1]), 16));

      const root = f.define(I32, roots);
      const first = f.define(I32, TWIDDLES);
      const second = f.define(I32, add(TWIDDLES, mul(half, int(16))));
      const up = f.define(I32, DST);
      const down = f.define(I32, add(DST, mul(get(strideOut), get(radix))));
      f.repeat(half, () => {
        const even = [f.define(V128, zero.re), f.define(V128, zero.im)];
        const skew = [f.define(V128, splat(0)), f.define(V128, splat(0))];
        f.set(room, sums);
        f.repeat(half, () => {
          const c = f.value(V128, loadSplat(get(root)));
          const s = f.value(V128, loadSplat(get(root), 4));
          for (const part of [0, 1]) {
            f.set(even[part], vadd(get(even[part]), vmul(c, load(get(room), 16 * part))));
            f.set(skew[part], vadd(get(skew[part]), vmul(s, load(get(room), 32 + 16 * part))));
          }
          f.set(room, add(get(room), int(64)));
          f.set(root, add(get(root), int(8)));
        });
        f.set(up, add(get(up), get(strideOut)));
        f.set(down, [...get(down), ...get(strideOut), 0x6b]);
        f.set(second, add(get(second), int(-8)));
        const e: Pair = { re: get(even[0]), im: get(even[1]) };
        const o: Pair = { re: get(skew[0]), im: get(skew[1]) };
        for (const [x, w, to] of [
          [minusI(f, e, o), first, up],
          [plusI(f, e, o), second, down],
        ] as const) {
          const wr = f.value(V128, loadSplat(get(w)));
          const wi = f.value(V128, loadSplat(get(w), 4));
          f.emit(store(get(to), vsub(vmul(x.re, wr), vmul(x.im, wi))));
          f.emit(store(get(to), vadd(vmul(x.re, wi), vmul(x.im, wr)), 16));
        }
        f.set(first, add(get(first), int(8)));
      });
      f.set(0, add(SRC, int(POINT)));
      f.set(1, add(DST, int(POINT)));
    });
    f.set(1, add(DST, mul(get(strideOut), add(half, half))));
    f.set(4, add(TWIDDLES, mul(half, int(16))));
  });
  return f;
}

/** Radices with code of their own; other odd ones go through passOdd. */
export const UNROLLED = [8, 4, 2, 3, 5, 7] as const;

const butterflies = { 2: two, 4: four, 8: eight, 3: odd(3), 5: odd(5), 7: odd(7) };

export function passFunctions(): FunctionBuilder[] {
  return [
    ...UNROLLED.flatMap((r) => [false, true].map((last) => pass(r, last, butterflies[r]))),
    passOdd(),
    pointwise(),
  ];
}

/**
 * (src, dst, n, table, reIn, reOut): dst[j] ← src[j] · table[j], the table complex float32; reIn and reOut are the
 * offsets of the real parts within a point (0, or 16 to exchange them with the imaginary parts).
 */
function pointwise(): FunctionBuilder {
  const f = new FunctionBuilder('pointwise', 6);
  const [src, dst, n, table, reIn, reOut] = [0, 1, 2, 3, 4, 5].map(get);
  const imIn = f.define(I32, [...int(16), ...reIn, 0x6b]);
  const imOut = f.define(I32, [...int(16), ...reOut, 0x6b]);
  f.repeat(n, () => {
    const re = f.value(V128, load(add(src, reIn)));
    const im = f.value(V128, load(add(src, get(imIn))));
    const wr = f.value(V128, loadSplat(table));
    const wi = f.value(V128, loadSplat(table, 4));
    f.emit(store(add(dst, reOut), vsub(vmul(re, wr), vmul(im, wi))));
    f.emit(store(add(dst, get(imOut)), vadd(vmul(re, wi), vmul(im, wr))));
    f.set(0, add(src, int(POINT)));
    f.set(1, add(dst, int(POINT)));
    f.set(3, add(table, int(8)));
  });
  return f;
}
