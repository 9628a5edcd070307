/**
 * NumPy's .npy arrays. Read: f2 f4 f8 c8 c16 b1 i1…i8 u1…u8, either byte order, C or Fortran order, versions 1–3.
 * Kept types: f4 → float32, f8 → float64, c8 → complex64, 8- to 32-bit integers as they are, b1 → uint8 0/1.
 * Converted: f2 → float32 (exact), c16 → complex64 (rounded), 64-bit integers → int32 when all fit, else float64
 * when all are within ±2^53, else refused. Written: version 1, little endian, C order.
 */
import { type Dtype, type DtypeData, elements, type NdArray, ndarray } from '../arrays/ndarray.ts';
import { EngineError } from '../errors.ts';
import { parseNpyHeader } from './npy-header.ts';
import { claimedBytes } from './size-limit.ts';

export interface NpyContent {
  array: NdArray;
  /** Type as stored, for example "<c16". */
  descr: string;
}

/** Bytes per swapped word: a complex number is two words. */
const ITEM_BYTES: Record<string, number> = {
  f2: 2,
  f4: 4,
  f8: 8,
  c8: 8,
  c16: 16,
  b1: 1,
  i1: 1,
  u1: 1,
  i2: 2,
  u2: 2,
  i4: 4,
  u4: 4,
  i8: 8,
  u8: 8,
};

const DESCR: Record<Dtype, string> = {
  float32: '<f4',
  float64: '<f8',
  complex64: '<c8',
  int8: '|i1',
  uint8: '|u1',
  int16: '<i2',
  uint16: '<u2',
  int32: '<i4',
  uint32: '<u4',
};

/** Copy of the bytes with every word of `word` bytes reversed when the source is big endian. */
function alignedCopy(bytes: Uint8Array, word: number, swap: boolean): ArrayBuffer {
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  if (swap && word > 1) for (let at = 0; at + word <= copy.length; at += word) copy.subarray(at, at + word).reverse();
  return copy.buffer;
}

/** Fortran order → C order; `parts` numbers per element. */
function toRowMajor<T extends DtypeData[Dtype]>(data: T, shape: readonly number[], parts: number): T {
  const result = data.slice() as T;
  const n = elements(shape);
  const index = new Array<number>(shape.length).fill(0);
  const strides: number[] = [];
  let stride = 1;
  for (const size of shape) {
    strides.push(stride);
    stride *= size;
  }
  let from = 0;
  for (let to = 0; to < n; to++) {
    for (let p = 0; p < parts; p++) result[to * parts + p] = data[from * parts + p];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return result;
}

function narrowIntegers(values: BigInt64Array | BigUint64Array, where: { path?: string }): Int32Array | Float64Array {
  const wide = new Float64Array(values.length);
  let fits = true;
  const limit = 9_007_199_254_740_992n;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value > limit || value < -limit)
      throw new EngineError('unsupported', `64-bit integer ${value} at element ${i} is beyond ±2^53`, where);
    const number = Number(value);
    wide[i] = number;
    if (number > 2_147_483_647 || number < -2_147_483_648) fits = false;
  }
  return fits ? Int32Array.from(wide) : wide;
}

function decode(code: string, buffer: ArrayBuffer, where: { path?: string }): { dtype: Dtype; data: DtypeData[Dtype] } {
  switch (code) {
    case 'f2':
      return { dtype: 'float32', data: Float32Array.from(new Float16Array(buffer)) };
    case 'f4':
      return { dtype: 'float32', data: new Float32Array(buffer) };
    case 'f8':
      return { dtype: 'float64', data: new Float64Array(buffer) };
    case 'c8':
      return { dtype: 'complex64', data: new Float32Array(buffer) };
    case 'c16':
      return { dtype: 'complex64', data: new Float32Array(new Float64Array(buffer)) };
    case 'b1':
      return { dtype: 'uint8', data: new Uint8Array(buffer).map((value) => (value === 0 ? 0 : 1)) };
    case 'i1':
      return { dtype: 'int8', data: new Int8Array(buffer) };
    case 'u1':
      return { dtype: 'uint8', data: new Uint8Array(buffer) };
    case 'i2':
      return { dtype: 'int16', data: new Int16Array(buffer) };
    case 'u2':
      return { dtype: 'uint16', data: new Uint16Array(buffer) };
    case 'i4':
      return { dtype: 'int32', data: new Int32Array(buffer) };
    case 'u4':
      return { dtype: 'uint32', data: new Uint32Array(buffer) };
    default: {
      const wide = code === 'i8' ? new BigInt64Array(buffer) : new BigUint64Array(buffer);
      const data = narrowIntegers(wide, where);
      return { dtype: data instanceof Int32Array ? 'int32' : 'float64', data };
    }
  }
}

/** Parses one .npy file and says which type was stored. The claimed size must equal the real one. */
export function parseNpy(bytes: Uint8Array, path?: string): NpyContent {
  const where = path === undefined ? {} : { path };
  const { descr, fortranOrder, shape, dataOffset } = parseNpyHeader(bytes, path);
  const code = descr.slice(1);
  const order = descr[0];
  if (/^[<>|=]?O/.test(descr))
    throw new EngineError('untrusted', 'object arrays hold pickled Python code and are never loaded', {
      ...where,
      hint: 'Save the array with a numeric type.',
    });
  if (!'<>|='.includes(order) || !Object.hasOwn(ITEM_BYTES, code))
    throw new EngineError('unsupported', `array type "${descr}" is not numeric`, {
      ...where,
      hint: `Readable types: ${Object.keys(ITEM_BYTES).join(', ')}.`,
    });
  const claimed = claimedBytes(shape, ITEM_BYTES[code], { path });
  const found = bytes.length - dataOffset;
  if (found !== claimed)
    throw new EngineError(
      'bad-input',
      `the header promises ${claimed} bytes for ${descr} [${shape}], found ${found}${found < claimed ? ' (truncated)' : ''}`,
      where,
    );
  const word = code === 'c16' ? 8 : code === 'c8' ? 4 : ITEM_BYTES[code];
  const { dtype, data } = decode(code, alignedCopy(bytes.subarray(dataOffset), word, order === '>'), where);
  const ordered = fortranOrder && shape.length > 1 ? toRowMajor(data, shape, dtype === 'complex64' ? 2 : 1) : data;
  return { array: ndarray(dtype, shape, ordered), descr };
}

/** Parses one .npy file into an array in C order. */
export function readNpy(bytes: Uint8Array, path?: string): NdArray {
  return parseNpy(bytes, path).array;
}

/** Text of a zero-dimensional or one-element .npy of type U (UCS-4) or S (bytes). */
export function readNpyText(bytes: Uint8Array, path?: string): string {
  const where = path === undefined ? {} : { path };
  const { descr, shape, dataOffset } = parseNpyHeader(bytes, path);
  const match = /^([<>|=])([US])(\d{1,7})$/.exec(descr);
  if (match === null || elements(shape) !== 1)
    throw new EngineError('bad-input', `expected one text, found ${descr} [${shape}]`, where);
  const unicode = match[2] === 'U';
  const length = Number(match[3]) * (unicode ? 4 : 1);
  if (bytes.length - dataOffset !== length)
    throw new EngineError('bad-input', `text of ${length} bytes promised, found ${bytes.length - dataOffset}`, where);
  if (!unicode) return new TextDecoder().decode(bytes.subarray(dataOffset)).replace(/\0+$/, '');
  const view = new DataView(bytes.buffer, bytes.byteOffset + dataOffset, length);
  let text = '';
  for (let at = 0; at < length; at += 4) {
    const point = view.getUint32(at, match[1] !== '>');
    if (point > 0x10ffff) throw new EngineError('bad-input', `no such character: code ${point}`, where);
    text += String.fromCodePoint(point);
  }
  return text.replace(/\0+$/, '');
}

/** Header of a .npy file, version 1.0, padded to a multiple of 64 bytes as NumPy does; the numbers follow it. */
export function npyHeader(dtype: Dtype, shape: readonly number[]): Uint8Array<ArrayBuffer> {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '${DESCR[dtype]}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const bytes = new Uint8Array(Math.ceil((10 + text.length + 1) / 64) * 64);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  new DataView(bytes.buffer).setUint16(8, bytes.length - 10, true);
  bytes.set(new TextEncoder().encode(text.padEnd(bytes.length - 11)), 10);
  bytes[bytes.length - 1] = 0x0a;
  return bytes;
}

/** One array as a .npy file. */
export function writeNpy(a: NdArray): Uint8Array {
  const header = npyHeader(a.dtype, a.shape);
  const bytes = new Uint8Array(header.length + a.data.byteLength);
  bytes.set(header);
  bytes.set(new Uint8Array(a.data.buffer, a.data.byteOffset, a.data.byteLength), header.length);
  return bytes;
}
