/**
 * DFT butterflies on vectors of four independent transforms: b_p = Σ_q a_q exp(sign·2πi·p·q/r).
 * Radices 1–5 in registers; odd primes from 7 on by the half-symmetric sums through a scratch area.
 */
import {
  add,
  type Code,
  type FunctionBuilder,
  get,
  I32,
  int,
  load,
  loadSplat,
  set,
  splat,
  store,
  V128,
  vadd,
  vmadd,
  vmul,
  vnmadd,
  vsub,
} from '../../../arrays/wasm/assembler.ts';

export interface Complex {
  re: Code;
  im: Code;
}

/** Bytes of one element: four real parts, then four imaginary parts. */
export const ELEMENT = 32;

export class Butterfly {
  readonly f: FunctionBuilder;
  /** Use fused multiply-add (relaxed SIMD). */
  readonly fused: boolean;
  /** Address of a scratch area of 4·61 elements, private to the thread. */
  readonly scratch: Code;
  /** Address of the cosine and sine table of a prime radix. */
  readonly table: (radix: number) => number;

  constructor(f: FunctionBuilder, fused: boolean, scratch: Code, table: (radix: number) => number) {
    this.f = f;
    this.fused = fused;
    this.scratch = scratch;
    this.table = table;
  }

  keep(value: Complex): Complex {
    return { re: this.f.value(V128, value.re), im: this.f.value(V128, value.im) };
  }
  plus(a: Complex, b: Complex): Complex {
    return this.keep({ re: vadd(a.re, b.re), im: vadd(a.im, b.im) });
  }
  minus(a: Complex, b: Complex): Complex {
    return this.keep({ re: vsub(a.re, b.re), im: vsub(a.im, b.im) });
  }
  /** a + i·s·b for s = ±1. */
  plusI(a: Complex, b: Complex, s: number): Complex {
    return s > 0
      ? this.keep({ re: vsub(a.re, b.im), im: vadd(a.im, b.re) })
      : this.keep({ re: vadd(a.re, b.im), im: vsub(a.im, b.re) });
  }
  madd(a: Code, b: Code, c: Code): Code {
    return this.fused ? vmadd(a, b, c) : vadd(c, vmul(a, b));
  }
  nmadd(a: Code, b: Code, c: Code): Code {
    return this.fused ? vnmadd(a, b, c) : vsub(c, vmul(a, b));
  }
  /** a·b, or a·conj(b). */
  times(a: Complex, b: Complex, conjugate = false): Complex {
    const re = vmul(a.re, b.re);
    const im = vmul(a.im, b.re);
    return this.keep(
      conjugate
        ? { re: this.madd(a.im, b.im, re), im: this.nmadd(a.re, b.im, im) }
        : { re: this.nmadd(a.im, b.im, re), im: this.madd(a.re, b.im, im) },
    );
  }
  scaled(a: Complex, factor: Code): Complex {
    return this.keep({ re: vmul(a.re, factor), im: vmul(a.im, factor) });
  }
  /** a + factor·b. */
  axpy(factor: Code, b: Complex, a: Complex): Complex {
    return this.keep({ re: this.madd(b.re, factor, a.re), im: this.madd(b.im, factor, a.im) });
  }

  dft(a: readonly Complex[], sign: 1 | -1): Complex[] {
    switch (a.length) {
      case 1:
        return [...a];
      case 2:
        return [this.plus(a[0], a[1]), this.minus(a[0], a[1])];
      case 3:
        return this.#dft3(a, sign);
      case 4:
        return this.#dft4(a, sign);
      case 5:
        return this.#dft5(a, sign);
      default:
        return this.#dftPrime(a, sign);
    }
  }

  #dft3(a: readonly Complex[], sign: 1 | -1): Complex[] {
    const sum = this.plus(a[1], a[2]);
    const difference = this.scaled(this.minus(a[1], a[2]), splat(Math.sqrt(3) / 2));
    const centre = this.axpy(splat(-0.5), sum, a[0]);
    return [this.plus(a[0], sum), this.plusI(centre, difference, sign), this.plusI(centre, difference, -sign)];
  }

  #dft4(a: readonly Complex[], sign: 1 | -1): Complex[] {
    const even = this.plus(a[0], a[2]);
    const evenDifference = this.minus(a[0], a[2]);
    const odd = this.plus(a[1], a[3]);
    const oddDifference = this.minus(a[1], a[3]);
    return [
      this.plus(even, odd),
      this.plusI(evenDifference, oddDifference, sign),
      this.minus(even, odd),
      this.plusI(evenDifference, oddDifference, -sign),
    ];
  }

  #dft5(a: readonly Complex[], sign: 1 | -1): Complex[] {
    const [c1, c2, s1, s2] = [
      Math.cos((2 * Math.PI) / 5),
      Math.cos((4 * Math.PI) / 5),
      Math.sin((2 * Math.PI) / 5),
      Math.sin((4 * Math.PI) / 5),
    ].map(splat);
    const outer = this.plus(a[1], a[4]);
    const inner = this.plus(a[2], a[3]);
    const outerDifference = this.minus(a[1], a[4]);
    const innerDifference = this.minus(a[2], a[3]);
    const x1 = this.axpy(c2, inner, this.axpy(c1, outer, a[0]));
    const x2 = this.axpy(c1, inner, this.axpy(c2, outer, a[0]));
    const y1 = this.axpy(s2, innerDifference, this.scaled(outerDifference, s1));
    const y2Part = this.scaled(outerDifference, s2);
    const y2 = this.keep({
      re: this.nmadd(innerDifference.re, s1, y2Part.re),
      im: this.nmadd(innerDifference.im, s1, y2Part.im),
    });
    return [
      this.plus(a[0], this.plus(outer, inner)),
      this.plusI(x1, y1, sign),
      this.plusI(x2, y2, sign),
      this.plusI(x2, y2, -sign),
      this.plusI(x1, y1, -sign),
    ];
  }

  /**
   * With s_q = a_q + a_{p−q} and d_q = a_q − a_{p−q}, q = 1 … h, h = (p − 1)/2:
   * b_k = a_0 + Σ s_q cos(2πkq/p) ± i Σ d_q sin(2πkq/p). Scratch: s_q, d_q alternating (p − 1), then b (p).
   */
  #dftPrime(a: readonly Complex[], sign: 1 | -1): Complex[] {
    const { f, scratch } = this;
    const p = a.length;
    const h = (p - 1) / 2;
    const outputs = (p - 1) * ELEMENT;
    const put = (address: Code, offset: number, v: Complex) => {
      f.emit(store(address, v.re, offset), store(address, v.im, offset + 16));
    };
    const a0 = this.keep(a[0]);
    let total = a0;
    for (let q = 1; q <= h; q++) {
      const sum = this.plus(a[q], a[p - q]);
      total = this.plus(total, sum);
      put(scratch, 2 * (q - 1) * ELEMENT, sum);
      put(scratch, (2 * q - 1) * ELEMENT, this.minus(a[q], a[p - q]));
    }
    put(scratch, outputs, total);
    const table = f.local(I32);
    const [xr, xi, yr, yi] = [f.local(V128), f.local(V128), f.local(V128), f.local(V128)];
    f.emit(set(table, int(this.table(p))));
    f.loop(int(1), int(h + 1), 1, (k) => {
      f.emit(set(xr, a0.re), set(xi, a0.im), set(yr, splat(0)), set(yi, splat(0)));
      f.loop(scratch, add(scratch, int(outputs)), 2 * ELEMENT, (q) => {
        const cosine = f.value(V128, loadSplat(get(table)));
        const sine = f.value(V128, loadSplat(get(table), 4));
        f.emit(
          set(xr, this.madd(load(q, 0), cosine, get(xr))),
          set(xi, this.madd(load(q, 16), cosine, get(xi))),
          set(yr, this.madd(load(q, 32), sine, get(yr))),
          set(yi, this.madd(load(q, 48), sine, get(yi))),
          set(table, add(get(table), int(8))),
        );
      });
      const x = { re: get(xr), im: get(xi) };
      const y = { re: get(yr), im: get(yi) };
      const low = f.value(I32, add(scratch, [...k, ...int(5), 0x74])); // + k·32
      const high = f.value(I32, add(scratch, [...int(p), ...k, 0x6b, ...int(5), 0x74])); // + (p − k)·32
      put(low, outputs, this.plusI(x, y, sign));
      put(high, outputs, this.plusI(x, y, -sign));
    });
    return a.map((_, k) => ({
      re: load(scratch, outputs + k * ELEMENT),
      im: load(scratch, outputs + k * ELEMENT + 16),
    }));
  }
}

/** cos and sin of 2πkq/p, k outer, q inner, both 1 … (p − 1)/2. */
export function primeTable(p: number): Float32Array {
  const h = (p - 1) / 2;
  const table = new Float32Array(2 * h * h);
  for (let k = 1, at = 0; k <= h; k++) {
    for (let q = 1; q <= h; q++) {
      const angle = (2 * Math.PI * ((k * q) % p)) / p;
      table[at++] = Math.cos(angle);
      table[at++] = Math.sin(angle);
    }
  }
  return table;
}
