/**
 * Moving four lines of complex numbers between an image and a bundle (butterflies.ts), with the scale and the
 * alternating sign of centring. Points 0, 2, … are multiplied by `even`, points 1, 3, … by `odd`. `re` is the offset of
 * the real parts within a bundle point, 0, or 16 to exchange them with the imaginary parts.
 *   Columns: the lines are neighbours in memory, their points `stride` bytes apart.
 *   Rows: the points of each line are neighbours, the lines start at p0 … p3.
 *   Any: lines start at p0 … p3, points are `stride` bytes apart.
 */
import {
  add,
  type Code,
  F32,
  FunctionBuilder,
  get,
  I32,
  int,
  load,
  loadHigh,
  loadLow,
  shuffle,
  spread,
  store,
  storeHalf,
  sub,
  V128,
  vmul,
} from '../wasm/assembler.ts';
import { POINT } from './butterflies.ts';

const HALF_OF = (n: Code): Code => [...n, ...int(1), 0x76];
const PARITY_OF = (n: Code): Code => [...n, ...int(1), 0x71];

/** Lanes of two vectors seen as pairs of complex numbers or of lines. */
const first = (a: Code, b: Code): Code => shuffle(a, b, [0, 4, 1, 5]);
const second = (a: Code, b: Code): Code => shuffle(a, b, [2, 6, 3, 7]);
const low = (a: Code, b: Code): Code => shuffle(a, b, [0, 1, 4, 5]);
const high = (a: Code, b: Code): Code => shuffle(a, b, [2, 3, 6, 7]);
const evens = (a: Code, b: Code): Code => shuffle(a, b, [0, 2, 4, 6]);
const odds = (a: Code, b: Code): Code => shuffle(a, b, [1, 3, 5, 7]);

interface Bundle {
  /** Point 0 or 1 of the pair in work. */
  put(f: FunctionBuilder, point: 0 | 1, re: Code, im: Code): void;
  take(f: FunctionBuilder, point: 0 | 1): { re: Code; im: Code };
  advance(f: FunctionBuilder, points: number): void;
}

/** Access to the bundle whose address, `re`, `even` and `odd` are these parameters. */
function bundle(f: FunctionBuilder, pointer: number, re: number, even: number, odd: number): Bundle {
  const im = f.define(I32, sub(int(16), get(re)));
  const scales = [f.define(V128, spread(get(even))), f.define(V128, spread(get(odd)))];
  return {
    put: (g, point, reals, imaginaries) => {
      const s = get(scales[point]);
      g.emit(store(add(get(pointer), get(re)), vmul(reals, s), POINT * point));
      g.emit(store(add(get(pointer), get(im)), vmul(imaginaries, s), POINT * point));
    },
    take: (g, point) => {
      const s = get(scales[point]);
      return {
        re: g.value(V128, vmul(load(add(get(pointer), get(re)), POINT * point), s)),
        im: g.value(V128, vmul(load(add(get(pointer), get(im)), POINT * point), s)),
      };
    },
    advance: (g, points) => g.set(pointer, add(get(pointer), int(POINT * points))),
  };
}

/** (image, bundle, n, stride, re, even, odd) */
function columns(name: string, point: (f: FunctionBuilder, b: Bundle, p: 0 | 1) => void): FunctionBuilder {
  const f = new FunctionBuilder(name, [I32, I32, I32, I32, I32, F32, F32]);
  const b = bundle(f, 1, 4, 5, 6);
  const one = (p: 0 | 1) => {
    point(f, b, p);
    f.set(0, add(get(0), get(3)));
  };
  f.repeat(HALF_OF(get(2)), () => {
    one(0);
    one(1);
    b.advance(f, 2);
  });
  f.repeat(PARITY_OF(get(2)), () => one(0));
  return f;
}

const loadColumns = () =>
  columns('loadColumns', (f, b, p) => {
    const left = f.value(V128, load(get(0)));
    const right = f.value(V128, load(get(0), 16));
    b.put(f, p, evens(left, right), odds(left, right));
  });

const storeColumns = () =>
  columns('storeColumns', (f, b, p) => {
    const { re, im } = b.take(f, p);
    f.emit(store(get(0), first(re, im)), store(get(0), second(re, im), 16));
  });

/** (p0, p1, p2, p3, bundle, n, stride, re, even, odd) */
function any(name: string, point: (f: FunctionBuilder, b: Bundle, p: 0 | 1) => void): FunctionBuilder {
  const f = new FunctionBuilder(name, [I32, I32, I32, I32, I32, I32, I32, I32, F32, F32]);
  const b = bundle(f, 4, 7, 8, 9);
  const one = (p: 0 | 1) => {
    point(f, b, p);
    for (let line = 0; line < 4; line++) f.set(line, add(get(line), get(6)));
  };
  f.repeat(HALF_OF(get(5)), () => {
    one(0);
    one(1);
    b.advance(f, 2);
  });
  f.repeat(PARITY_OF(get(5)), () => one(0));
  return f;
}

function loadPoint(f: FunctionBuilder, b: Bundle, p: 0 | 1): void {
  const left = f.value(V128, loadHigh(get(1), loadLow(get(0))));
  const right = f.value(V128, loadHigh(get(3), loadLow(get(2))));
  b.put(f, p, evens(left, right), odds(left, right));
}

function storePoint(f: FunctionBuilder, b: Bundle, p: 0 | 1): void {
  const { re, im } = b.take(f, p);
  const left = f.value(V128, first(re, im));
  const right = f.value(V128, second(re, im));
  f.emit(storeHalf(get(0), left, 0), storeHalf(get(1), left, 1));
  f.emit(storeHalf(get(2), right, 0), storeHalf(get(3), right, 1));
}

/** The parameters of `any`, the stride ignored: points are 8 bytes apart and move in pairs. */
function rows(
  name: string,
  pair: (f: FunctionBuilder, b: Bundle) => void,
  tail: (f: FunctionBuilder, b: Bundle, p: 0) => void,
): FunctionBuilder {
  const f = new FunctionBuilder(name, [I32, I32, I32, I32, I32, I32, I32, I32, F32, F32]);
  const b = bundle(f, 4, 7, 8, 9);
  f.repeat(HALF_OF(get(5)), () => {
    pair(f, b);
    for (let line = 0; line < 4; line++) f.set(line, add(get(line), int(16)));
    b.advance(f, 2);
  });
  f.repeat(PARITY_OF(get(5)), () => tail(f, b, 0));
  return f;
}

const loadRows = () =>
  rows(
    'loadRows',
    (f, b) => {
      const v = [0, 1, 2, 3].map((line) => f.value(V128, load(get(line))));
      for (const [p, half] of [
        [0, first],
        [1, second],
      ] as const) {
        const left = f.value(V128, half(v[0], v[1]));
        const right = f.value(V128, half(v[2], v[3]));
        b.put(f, p, low(left, right), high(left, right));
      }
    },
    loadPoint,
  );

const storeRows = () =>
  rows(
    'storeRows',
    (f, b) => {
      const x = b.take(f, 0);
      const y = b.take(f, 1);
      for (const [line, half] of [
        [0, first],
        [2, second],
      ] as const) {
        const left = f.value(V128, half(x.re, x.im));
        const right = f.value(V128, half(y.re, y.im));
        f.emit(store(get(line), low(left, right)), store(get(line + 1), high(left, right)));
      }
    },
    storePoint,
  );

export function lineFunctions(): FunctionBuilder[] {
  return [
    loadColumns(),
    storeColumns(),
    loadRows(),
    storeRows(),
    any('loadAny', loadPoint),
    any('storeAny', storePoint),
  ];
}
