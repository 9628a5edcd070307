/**
 * Just enough of a WebAssembly assembler to write the Fourier kernels as vector expressions. Expressions are byte
 * sequences that leave one value on the stack (WebAssembly Core Specification 2.0, binary format, with SIMD).
 */
export type Code = readonly number[];
export type ValueType = 'i32' | 'f32' | 'v128';

const typeCodes = { i32: 0x7f, f32: 0x7d, v128: 0x7b } as const;

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest === 0 ? low : low | 0x80);
  } while (rest !== 0);
  return bytes;
}

function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    const done = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
    bytes.push(done ? low : low | 0x80);
    if (done) return bytes;
  }
}

const vector = (opcode: number): number[] => [0xfd, ...unsigned(opcode)];
const binary =
  (opcode: readonly number[]) =>
  (a: Code, b: Code): Code => [...a, ...b, ...opcode];
const at = (offset: number): number[] => [0, ...unsigned(offset)];

export const i32 = (value: number): Code => [0x41, ...signed(value)];
export const addI = binary([0x6a]);
export const subI = binary([0x6b]);
export const mulI = binary([0x6c]);

export const add = binary(vector(228));
export const sub = binary(vector(229));
export const mul = binary(vector(230));
/** Four copies of an f32. */
export const splat = (value: Code): Code => [...value, ...vector(19)];
export const constant = (value: number): Code => {
  const bytes = new Uint8Array(Float32Array.of(value, value, value, value).buffer);
  return [...vector(12), ...bytes];
};
export const load = (address: Code, offset = 0): Code => [...address, ...vector(0), ...at(offset)];
/** Four copies of the f32 in memory. */
export const loadSplat = (address: Code, offset = 0): Code => [...address, ...vector(9), ...at(offset)];
/** 8 bytes into lanes 0–1, zeros above. */
export const loadLow = (address: Code, offset = 0): Code => [...address, ...vector(93), ...at(offset)];
/** 8 bytes into lanes 2–3 of v. */
export const loadHigh = (address: Code, v: Code, offset = 0): Code => [
  ...address,
  ...v,
  ...vector(87),
  ...at(offset),
  1,
];
export const store = (address: Code, v: Code, offset = 0): Code => [...address, ...v, ...vector(11), ...at(offset)];
/** Lanes 0–1 (half 0) or 2–3 (half 1) as 8 bytes. */
export const storeHalf = (address: Code, v: Code, half: 0 | 1, offset = 0): Code => [
  ...address,
  ...v,
  ...vector(91),
  ...at(offset),
  half,
];
/** Lanes 0–3 are those of a, 4–7 those of b. */
export const shuffle = (a: Code, b: Code, lanes: readonly [number, number, number, number]): Code => [
  ...a,
  ...b,
  ...vector(13),
  ...lanes.flatMap((lane) => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3]),
];

export const get = (local: number): Code => [0x20, ...unsigned(local)];

/** A function being written. Its parameters are locals 0, 1, …. */
export class FunctionBuilder {
  readonly name: string;
  readonly parameters: readonly ValueType[];
  private readonly locals: ValueType[] = [];
  private readonly code: number[] = [];

  constructor(name: string, parameters: readonly ValueType[]) {
    this.name = name;
    this.parameters = parameters;
  }

  local(type: ValueType): number {
    this.locals.push(type);
    return this.parameters.length + this.locals.length - 1;
  }

  emit(...codes: Code[]): void {
    for (const code of codes) for (const byte of code) this.code.push(byte);
  }

  set(local: number, value: Code): void {
    this.emit(value, [0x21, ...unsigned(local)]);
  }

  /** A new local holding the value. */
  define(type: ValueType, value: Code): number {
    const local = this.local(type);
    this.set(local, value);
    return local;
  }

  /** A new vector variable, as an expression that reads it. */
  vector(value: Code): Code {
    return get(this.define('v128', value));
  }

  /** Runs the body `count` times; not at all for 0. */
  repeat(count: Code, body: () => void): void {
    const left = this.define('i32', count);
    this.emit([0x02, 0x40], get(left), [0x45, 0x0d, 0x00], [0x03, 0x40]);
    body();
    this.emit(get(left), i32(1), [0x6b, 0x22, ...unsigned(left)], [0x0d, 0x00, 0x0b, 0x0b]);
  }

  encodeBody(): number[] {
    const groups = this.locals.flatMap((type) => [1, typeCodes[type]]);
    const body = [...unsigned(this.locals.length), ...groups, ...this.code, 0x0b];
    return [...unsigned(body.length), ...body];
  }
}

/** A module that imports memory as env.memory and exports the functions by name. */
export function assemble(functions: readonly FunctionBuilder[]): Uint8Array<ArrayBuffer> {
  const section = (id: number, items: readonly (readonly number[])[]): number[] => {
    const content = [...unsigned(items.length), ...items.flat()];
    return [id, ...unsigned(content.length), ...content];
  };
  const text = (s: string): number[] => [...unsigned(s.length), ...[...s].map((c) => c.charCodeAt(0))];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(
      1,
      functions.map((f) => [0x60, ...unsigned(f.parameters.length), ...f.parameters.map((t) => typeCodes[t]), 0]),
    ),
    ...section(2, [[...text('env'), ...text('memory'), 0x02, 0x00, 0x01]]),
    ...section(
      3,
      functions.map((_, i) => unsigned(i)),
    ),
    ...section(
      7,
      functions.map((f, i) => [...text(f.name), 0x00, ...unsigned(i)]),
    ),
    ...section(
      10,
      functions.map((f) => f.encodeBody()),
    ),
  ]);
}
