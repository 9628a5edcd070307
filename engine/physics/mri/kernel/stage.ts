/** One FFT stage over a run of elements, generated as a loop with constant strides; loads and stores are pluggable. */

import { add, type Code, get, I32, int, load, loadSplat, set, store, V128 } from '../../../arrays/wasm/assembler.ts';
import { type Butterfly, type Complex, ELEMENT } from './butterfly.ts';
import type { Stage } from './fft-plan.ts';

/** Reads or writes the element `offset` bytes behind the running byte offset `at` of the transform. */
export type Load = (at: Code, offset: number) => Complex;
export type Store = (at: Code, offset: number, value: Complex) => void;

/** Elements of one contiguous transform that starts at the address `base`. */
export function memoryAccess(k: Butterfly, base: Code): { load: Load; store: Store } {
  return {
    load: (at, offset) => {
      const address = k.f.value(I32, add(base, at));
      return k.keep({ re: load(address, offset), im: load(address, offset + 16) });
    },
    store: (at, offset, v) => {
      const address = k.f.value(I32, add(base, at));
      k.f.emit(store(address, v.re, offset), store(address, v.im, offset + 16));
    },
  };
}

interface StagePlace {
  n: number;
  stage: Stage;
  /** Address of the stage's twiddles. */
  twiddles: number;
  load: Load;
  store: Store;
}

/** Runs `body(at)` for every butterfly; `twiddle` holds the address of its r − 1 factors unless they are all 1. */
function butterflies(k: Butterfly, { n, stage, twiddles }: StagePlace, body: (at: Code, twiddle?: Code) => void): void {
  const m = stage.length / stage.radix;
  const block = stage.length * ELEMENT;
  const { f } = k;
  if (m === 1) {
    f.loop(int(0), int(n * ELEMENT), block, (at) => body(at));
    return;
  }
  const twiddle = f.local(I32);
  const within = (from: Code) => {
    f.emit(set(twiddle, int(twiddles)));
    f.loop(from, add(from, int(m * ELEMENT)), ELEMENT, (at) => {
      body(at, get(twiddle));
      f.emit(set(twiddle, add(get(twiddle), int(8 * (stage.radix - 1)))));
    });
  };
  if (block === n * ELEMENT) within(int(0));
  else f.loop(int(0), int(n * ELEMENT), block, (from) => within(from));
}

function twiddleFactor(k: Butterfly, twiddle: Code, p: number): Complex {
  return {
    re: k.f.value(V128, loadSplat(twiddle, 8 * (p - 1))),
    im: k.f.value(V128, loadSplat(twiddle, 8 * (p - 1) + 4)),
  };
}

/** Decimation in frequency: butterfly, then twiddles exp(−2πi jp/L). */
export function forwardStage(k: Butterfly, place: StagePlace): void {
  const { stage, load: read, store: write } = place;
  const step = (stage.length / stage.radix) * ELEMENT;
  butterflies(k, place, (at, twiddle) => {
    const inputs = Array.from({ length: stage.radix }, (_, q) => read(at, q * step));
    k.dft(inputs, -1).forEach((value, p) => {
      write(at, p * step, p > 0 && twiddle ? k.times(value, twiddleFactor(k, twiddle, p)) : value);
    });
  });
}

/** Its mirror image: conjugate twiddles, then the inverse butterfly. */
export function backwardStage(k: Butterfly, place: StagePlace): void {
  const { stage, load: read, store: write } = place;
  const step = (stage.length / stage.radix) * ELEMENT;
  butterflies(k, place, (at, twiddle) => {
    const inputs = Array.from({ length: stage.radix }, (_, p) => {
      const value = read(at, p * step);
      return p > 0 && twiddle ? k.times(value, twiddleFactor(k, twiddle, p), true) : value;
    });
    k.dft(inputs, 1).forEach((value, q) => {
      write(at, q * step, value);
    });
  });
}

/** The last forward stage, a real factor per spectral element, and the first backward stage in one pass. */
export function maskedStage(k: Butterfly, place: StagePlace, factor: (at: Code, offset: number) => Code): void {
  const { stage, load: read, store: write } = place;
  butterflies(k, place, (at) => {
    const inputs = Array.from({ length: stage.radix }, (_, q) => read(at, q * ELEMENT));
    const masked = k.dft(inputs, -1).map((value, p) => k.scaled(value, factor(at, p * ELEMENT)));
    k.dft(masked, 1).forEach((value, q) => {
      write(at, q * ELEMENT, value);
    });
  });
}
