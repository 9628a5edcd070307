/**
 * Counter-based random numbers: Philox4x32-10 of J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random
 * numbers: as easy as 1, 2, 3", SC 2011. A number is a pure function of its key and index, so results do not depend on
 * batch size, slice order or threads. Normal numbers by Box–Muller in float64 from 32-bit uniforms (u + ½)/2³²: the
 * largest magnitude is 6.66.
 */
import { check } from '../errors.ts';

const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;
const ROUNDS = 10;

/** Upper half of the 64-bit product of two 32-bit words. */
function multiplyHigh(a: number, b: number): number {
  const al = a & 0xffff;
  const ah = a >>> 16;
  const bl = b & 0xffff;
  const bh = b >>> 16;
  const hl = Math.imul(ah, bl);
  const lh = Math.imul(al, bh);
  const middle = (Math.imul(al, bl) >>> 16) + (hl & 0xffff) + (lh & 0xffff);
  return (Math.imul(ah, bh) + (hl >>> 16) + (lh >>> 16) + (middle >>> 16)) | 0;
}

/** out ← the four 32-bit words of Philox4x32-10 for a 128-bit counter and a 64-bit key. */
export function philox(
  out: Uint32Array,
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  k0: number,
  k1: number,
): Uint32Array {
  for (let round = 0; round < ROUNDS; round++) {
    const h0 = multiplyHigh(M0, c0);
    const l0 = Math.imul(M0, c0);
    const h1 = multiplyHigh(M1, c2);
    const l1 = Math.imul(M1, c2);
    c0 = h1 ^ c1 ^ k0;
    c1 = l1;
    c2 = h0 ^ c3 ^ k1;
    c3 = l0;
    k0 = (k0 + W0) | 0;
    k1 = (k1 + W1) | 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
  return out;
}

const TWO_POW_32 = 2 ** 32;
/** Set in the second key word of `Random`, so that its streams never meet those of `fillNormal`. */
const STREAM_MARK = 0x8000_0000;

function checkSeed(seed: number): void {
  check(
    Number.isSafeInteger(seed) && seed >= 0,
    () => `seed must be a whole number from 0 to 2^53 − 1, found ${seed}`,
    { code: 'bad-usage', path: 'seed' },
  );
}

function checkWord(name: string, value: number): void {
  check(Number.isInteger(value) && value >= -(2 ** 31) && value < TWO_POW_32, () => `${name} ${value} is not 32-bit`, {
    code: 'bad-usage',
    path: name,
  });
}

/** Four normal numbers from four words. */
function boxMuller(words: Uint32Array, normals: Float64Array): void {
  for (let i = 0; i < 4; i += 2) {
    const radius = Math.sqrt(-2 * Math.log((words[i] + 0.5) / TWO_POW_32));
    const angle = (2 * Math.PI * (words[i + 1] + 0.5)) / TWO_POW_32;
    normals[i] = radius * Math.cos(angle);
    normals[i + 1] = radius * Math.sin(angle);
  }
}

export interface NoiseKey {
  /** 0 … 2^53 − 1 */
  seed: number;
  /** Any 32-bit integers, negative ones included. */
  sample: number;
  slice: number;
  step: number;
}

const words = new Uint32Array(4);
const normals = new Float64Array(4);

/**
 * out[i] ← the standard normal number of element `offset + i` under the key; it depends on key and element alone.
 * Errors: `bad-usage` for a key out of range.
 */
export function fillNormal(out: Float32Array, key: NoiseKey, offset = 0): void {
  checkSeed(key.seed);
  checkWord('sample', key.sample);
  checkWord('slice', key.slice);
  checkWord('step', key.step);
  check(Number.isInteger(offset) && offset >= 0 && offset + out.length <= 4 * TWO_POW_32, () => `bad offset ${offset}`);
  const low = key.seed | 0;
  const high = Math.floor(key.seed / TWO_POW_32);
  let lane = offset % 4;
  let block = (offset - lane) / 4;
  for (let i = 0; i < out.length; block++) {
    philox(words, block | 0, key.step, key.slice, key.sample, low, high);
    boxMuller(words, normals);
    for (; lane < 4 && i < out.length; lane++, i++) out[i] = normals[lane];
    lane = 0;
  }
}

/** A stream of random numbers for masks, solvers and tests. */
export class Random {
  private readonly low: number;
  private readonly high: number;
  private readonly stream: number;
  private readonly words = new Uint32Array(4);
  private block = 0;
  private used = 4;
  private spare: number | undefined;

  constructor(seed: number, stream = 0) {
    checkSeed(seed);
    checkWord('stream', stream);
    this.low = seed | 0;
    this.high = Math.floor(seed / TWO_POW_32) | STREAM_MARK;
    this.stream = stream;
  }

  /** A uniform 32-bit word. */
  word(): number {
    if (this.used === 4) {
      philox(this.words, this.block | 0, Math.floor(this.block / TWO_POW_32), 0, this.stream, this.low, this.high);
      this.block++;
      this.used = 0;
    }
    return this.words[this.used++];
  }

  /** Uniform in [0, 1), 53 bits. */
  uniform(): number {
    const high = this.word() >>> 5;
    return (high * 2 ** 26 + (this.word() >>> 6)) / 2 ** 53;
  }

  /** Standard normal. */
  normal(): number {
    if (this.spare !== undefined) {
      const value = this.spare;
      this.spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** Uniform in 0 … n − 1, without bias; 1 ≤ n ≤ 2^32. */
  integer(n: number): number {
    check(Number.isInteger(n) && n >= 1 && n <= TWO_POW_32, () => `integer(n) needs 1 ≤ n ≤ 2^32, found ${n}`);
    const limit = TWO_POW_32 - (TWO_POW_32 % n);
    let value = this.word();
    while (value >= limit) value = this.word();
    return value % n;
  }

  /** Permutes in place, every order equally likely (Fisher–Yates). */
  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const held = items[i];
      items[i] = items[j];
      items[j] = held;
    }
    return items;
  }
}

/** A generator; different streams of one seed are independent. */
export function createRandom(seed: number, stream = 0): Random {
  return new Random(seed, stream);
}
