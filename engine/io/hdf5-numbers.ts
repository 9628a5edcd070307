/** Raw bytes of HDF5 elements as typed arrays. */
import { EngineError } from '../errors.ts';
import type { Hdf5Type } from './hdf5-messages.ts';

function one(type: Hdf5Type, view: DataView, at: number): number {
  const le = type.littleEndian;
  if (type.class === 'float') return type.bytes === 4 ? view.getFloat32(at, le) : view.getFloat64(at, le);
  switch (type.bytes) {
    case 1:
      return type.signed ? view.getInt8(at) : view.getUint8(at);
    case 2:
      return type.signed ? view.getInt16(at, le) : view.getUint16(at, le);
    case 4:
      return type.signed ? view.getInt32(at, le) : view.getUint32(at, le);
    default:
      return Number(type.signed ? view.getBigInt64(at, le) : view.getBigUint64(at, le));
  }
}

/** True for numbers this reader understands; enumerations (h5py's booleans) count as their integers. */
export function isReal(type: Hdf5Type): boolean {
  if (type.class === 'float') return type.bytes === 4 || type.bytes === 8;
  return (type.class === 'integer' || type.class === 'enum') && [1, 2, 4, 8].includes(type.bytes);
}

/** The number at a byte offset. */
export function readNumber(type: Hdf5Type, view: DataView, at: number): number {
  return one(type, view, at);
}

/** Real numbers of any stored type as float32. */
export function toReals(bytes: Uint8Array<ArrayBuffer>, type: Hdf5Type, path: string): Float32Array {
  if (!isReal(type))
    throw new EngineError('bad-input', `type ${type.class} of ${type.bytes} bytes, expected numbers`, { path });
  if (type.class === 'float' && type.bytes === 4 && type.littleEndian && bytes.byteOffset === 0)
    return new Float32Array(bytes.buffer, 0, bytes.length / 4);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.length / type.bytes }, (_, i) => one(type, view, i * type.bytes));
}

/** The two floating members (r, i) or (real, imag) of a complex record type, or undefined. */
export function complexMembers(type: Hdf5Type): { re: Hdf5Type; im: Hdf5Type; at: [number, number] } | undefined {
  const { members } = type;
  if (type.class !== 'compound' || members?.length !== 2) return undefined;
  const re = members.find(({ name }) => /^r(e(al)?)?$/i.test(name));
  const im = members.find(({ name }) => /^i(m(ag(inary)?)?)?$/i.test(name));
  if (re === undefined || im === undefined || !isReal(re.type) || !isReal(im.type)) return undefined;
  return { re: re.type, im: im.type, at: [re.offset, im.offset] };
}

/** Complex records as interleaved float32. */
export function toComplex(bytes: Uint8Array<ArrayBuffer>, type: Hdf5Type, path: string): Float32Array {
  const found = complexMembers(type);
  if (found === undefined)
    throw new EngineError('bad-input', `type ${type.class}, expected complex numbers (a record of r and i)`, { path });
  const { re, im, at } = found;
  const plain = (part: Hdf5Type): boolean => part.class === 'float' && part.bytes === 4 && part.littleEndian;
  if (plain(re) && plain(im) && type.bytes === 8 && at[0] === 0 && at[1] === 4 && bytes.byteOffset === 0)
    return new Float32Array(bytes.buffer, 0, bytes.length / 4);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const n = bytes.length / type.bytes;
  const result = new Float32Array(2 * n);
  for (let i = 0; i < n; i++) {
    result[2 * i] = one(re, view, i * type.bytes + at[0]);
    result[2 * i + 1] = one(im, view, i * type.bytes + at[1]);
  }
  return result;
}
