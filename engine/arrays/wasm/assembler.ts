/**
 * A small WebAssembly assembler: the instructions the engine's kernels are made of (i32 addresses, 4-lane float32
 * vectors), so that kernels can be written as vector expressions and generated for one problem size with every stride a
 * constant. WebAssembly Core Specification 2.0, chapter 5 (binary format); relaxed SIMD proposal for fused multiply-add.
 */

/** Encoded instructions. An expression is code that leaves one value on the stack. */
export type Code = readonly number[];

export const I32 = 0x7f;
export const F32 = 0x7d;
export const V128 = 0x7b;
export type ValueType = typeof I32 | typeof F32 | typeof V128;

/** Unsigned LEB128. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  do {
    const low = value % 128;
    value = Math.floor(value / 128);
    bytes.push(value > 0 ? low | 0x80 : low);
  } while (value > 0);
  return bytes;
}

/** Signed LEB128 of a 32-bit integer. */
function signed(value: number): number[] {
  const bytes: number[] = [];
  for (;;) {
    const low = value & 0x7f;
    value >>= 7;
    const done = (value === 0 && (low & 0x40) === 0) || (value === -1 && (low & 0x40) !== 0);
    bytes.push(done ? low : low | 0x80);
    if (done) return bytes;
  }
}

const simd = (opcode: number) => [0xfd, ...unsigned(opcode)];
const binary =
  (opcode: Code) =>
  (a: Code, b: Code): Code => [...a, ...b, ...opcode];
/** Alignment 4 bytes (2²): a hint, what every address is a multiple of. */
const at = (offset: number) => [2, ...unsigned(offset)];
const memory =
  (opcode: Code) =>
  (address: Code, offset = 0): Code => [...address, ...opcode, ...at(offset)];

export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];
export const int = (value: number): Code => [0x41, ...signed(value | 0)];
export const add = binary([0x6a]);
export const sub = binary([0x6b]);
export const mul = binary([0x6c]);

export const loadInteger = memory([0x28]);
export const load = memory(simd(0x00));
/** One float32 repeated in all four lanes. */
export const loadSplat = memory(simd(0x09));
/** 8 bytes into lanes 0–1, zeros above. */
export const loadLow = memory(simd(0x5d));
/** 8 bytes into lanes 2–3 of v. */
export const loadHigh = (address: Code, v: Code, offset = 0): Code => [
  ...address,
  ...v,
  ...simd(0x57),
  ...at(offset),
  1,
];
export const store = (address: Code, value: Code, offset = 0): Code => [
  ...address,
  ...value,
  ...simd(0x0b),
  ...at(offset),
];
/** Lanes 0–1 (half 0) or 2–3 (half 1) as 8 bytes. */
export const storeHalf = (address: Code, v: Code, half: 0 | 1, offset = 0): Code => [
  ...address,
  ...v,
  ...simd(0x5b),
  ...at(offset),
  half,
];

export const vadd = binary(simd(0xe4));
export const vsub = binary(simd(0xe5));
export const vmul = binary(simd(0xe6));
/** a·b + c and c − a·b, rounded once. */
export const vmadd = (a: Code, b: Code, c: Code): Code => [...a, ...b, ...c, ...simd(0x105)];
export const vnmadd = (a: Code, b: Code, c: Code): Code => [...a, ...b, ...c, ...simd(0x106)];

/** All four lanes the same constant. */
export function splat(value: number): Code {
  const bytes = new Uint8Array(Float32Array.of(value, value, value, value).buffer);
  return [...simd(0x0c), ...bytes];
}

/** Largest whole number not above each lane. */
export const floor = (v: Code): Code => [...v, ...simd(0x68)];

/** The lanes as 32-bit integers: sum, difference, product, shift to the left. */
export const iadd = binary(simd(0xae));
export const isub = binary(simd(0xb1));
export const imul = binary(simd(0xb5));
export const ishl = (v: Code, bits: number): Code => [...v, ...int(bits), ...simd(0xab)];

/** Four constants, as float32 or as 32-bit integers. */
export function lanesOf(values: Float32Array | Int32Array): Code {
  return [...simd(0x0c), ...new Uint8Array(values.buffer, values.byteOffset, 16)];
}

/** All four lanes the value of an i32 expression. */
export const spreadInteger = (value: Code): Code => [...value, ...simd(0x11)];

/** All four lanes the value of an f32 expression. */
export const spread = (value: Code): Code => [...value, ...simd(0x13)];

/** Lanes picked from the eight of (a, b): 0–3 from a, 4–7 from b. */
export function shuffle(a: Code, b: Code, lanes: readonly [number, number, number, number]): Code {
  return [...a, ...b, ...simd(0x0d), ...lanes.flatMap((l) => [4 * l, 4 * l + 1, 4 * l + 2, 4 * l + 3])];
}

/** A function under construction: parameters are its locals 0, 1, …; a number of them means so many i32. */
export class FunctionBuilder {
  readonly name: string;
  readonly parameters: readonly ValueType[];
  readonly #locals: ValueType[] = [];
  #code: number[] = [];

  constructor(name: string, parameters: number | readonly ValueType[]) {
    this.name = name;
    this.parameters = typeof parameters === 'number' ? new Array<ValueType>(parameters).fill(I32) : parameters;
  }

  local(type: ValueType): number {
    this.#locals.push(type);
    return this.parameters.length + this.#locals.length - 1;
  }

  emit(...codes: Code[]): void {
    for (const code of codes) for (const byte of code) this.#code.push(byte);
  }

  set(local: number, value: Code): void {
    this.emit(set(local, value));
  }

  /** A new local that holds the value. */
  define(type: ValueType, code: Code): number {
    const local = this.local(type);
    this.set(local, code);
    return local;
  }

  /** Evaluates once into a new local; the result reads it and may be used many times. */
  value(type: ValueType, code: Code): Code {
    return get(this.define(type, code));
  }

  /** for (i = from; i < to; i += step) body(i), unsigned; `atLeastOnce` saves the first test. */
  loop(from: Code, to: Code, step: number, body: (i: Code) => void, atLeastOnce = true): void {
    const i = this.define(I32, from);
    if (!atLeastOnce) this.emit([0x02, 0x40], get(i), to, [0x4f, 0x0d, 0x00]); // block; if i >= to leave it
    this.emit([0x03, 0x40]);
    body(get(i));
    this.emit(set(i, add(get(i), int(step))), get(i), to, [0x49, 0x0d, 0x00, 0x0b]); // if i < to repeat
    if (!atLeastOnce) this.emit([0x0b]);
  }

  /** Runs the body `count` times; not at all for 0. */
  repeat(count: Code, body: () => void): void {
    const left = this.define(I32, count);
    this.emit([0x02, 0x40], get(left), [0x45, 0x0d, 0x00], [0x03, 0x40]); // block; if none are left leave it
    body();
    this.emit(get(left), int(1), [0x6b, 0x22, ...unsigned(left)], [0x0d, 0x00, 0x0b, 0x0b]);
  }

  encode(): number[] {
    const locals = this.#locals.flatMap((type) => [1, type]);
    const body = [...unsigned(this.#locals.length), ...locals];
    const size = body.length + this.#code.length + 1;
    return unsigned(size).concat(body, this.#code, [0x0b]);
  }
}

export interface MemoryLimits {
  /** Pages of 64 KiB. */
  initial: number;
  /** Needed where memory is shared. */
  maximum?: number;
  shared?: boolean;
}

/** The module: one imported memory "env.memory", every function exported under its name, none with results. */
export function encodeModule(functions: readonly FunctionBuilder[], limits: MemoryLimits): Uint8Array<ArrayBuffer> {
  const text = (s: string) => [...unsigned(s.length), ...[...s].map((c) => c.charCodeAt(0))];
  const vector = (items: readonly (readonly number[])[]) => unsigned(items.length).concat(...items);
  const section = (id: number, content: number[]) => [id, ...unsigned(content.length)].concat(content);
  const signature = (f: FunctionBuilder) => [0x60, ...unsigned(f.parameters.length), ...f.parameters, 0];
  const types = new Map(functions.map((f) => [signature(f).join(' '), signature(f)]));
  const typeOf = [...types.keys()];
  const { initial, maximum, shared = false } = limits;
  const flags = (maximum === undefined ? 0x00 : 0x01) | (shared ? 0x02 : 0x00);
  const pages = [flags, ...unsigned(initial), ...(maximum === undefined ? [] : unsigned(maximum))];
  return Uint8Array.from(
    [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0].concat(
      section(1, vector([...types.values()])),
      section(2, vector([[...text('env'), ...text('memory'), 0x02, ...pages]])),
      section(3, vector(functions.map((f) => unsigned(typeOf.indexOf(signature(f).join(' ')))))),
      section(7, vector(functions.map((f, i) => [...text(f.name), 0x00, ...unsigned(i)]))),
      section(10, vector(functions.map((f) => f.encode()))),
    ),
  );
}
