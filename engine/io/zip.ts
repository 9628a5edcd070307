/**
 * ZIP containers: the directory of members (zip64 too) and bounded inflation of one of them. Only what .npz and other
 * carriers use is read: stored and deflated members, no encryption, one volume (PKWARE APPNOTE 6.3, sections 4.3–4.5).
 */
import { crc32, inflateRawSync } from 'node:zlib';
import { EngineError } from '../errors.ts';
import { MAX_INFLATED_BYTES } from './size-limit.ts';

export interface ZipMember {
  name: string;
  /** 0 stored, 8 deflated; others are listed but refused on reading. */
  method: number;
  encrypted: boolean;
  crc: number;
  compressedSize: number;
  size: number;
  /** Offset of the local header. */
  offset: number;
}

const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
/** Deflate cannot expand further: 258 bytes from two bits. */
const MAX_DEFLATE_RATIO = 1032;
const ESCAPE32 = 0xffffffff;

export function isZip(bytes: Uint8Array): boolean {
  return (
    bytes[0] === 0x50 && bytes[1] === 0x4b && ((bytes[2] === 3 && bytes[3] === 4) || (bytes[2] === 5 && bytes[3] === 6))
  );
}

/** All members, in directory order. Nothing is inflated. */
export function listZip(bytes: Uint8Array, path?: string): ZipMember[] {
  const where = path === undefined ? {} : { path };
  const fail = (what: string): EngineError =>
    new EngineError('bad-input', `damaged zip container: ${what}`, { ...where, hint: 'The file may be truncated.' });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const long = (at: number): number => {
    const value = view.getBigUint64(at, true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw fail(`an offset or size of ${value}`);
    return Number(value);
  };
  let end = bytes.length - 22;
  while (end >= 0 && end >= bytes.length - 22 - 65_535 && view.getUint32(end, true) !== END) end--;
  if (end < 0 || end < bytes.length - 22 - 65_535) throw fail('its directory is missing');
  let count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  if (end >= 20 && view.getUint32(end - 20, true) === LOCATOR64) {
    const end64 = long(end - 12);
    if (end64 + 56 > bytes.length || view.getUint32(end64, true) !== END64)
      throw fail('its zip64 directory is missing');
    count = long(end64 + 32);
    at = long(end64 + 48);
  }
  if (at > end || count * 46 > end - at) throw fail(`${count} members claimed, the directory has no room for them`);
  const members: ZipMember[] = [];
  const names = new Set<string>();
  for (let i = 0; i < count; i++) {
    if (at + 46 > end || view.getUint32(at, true) !== CENTRAL) throw fail(`directory entry ${i} is missing`);
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const commentLength = view.getUint16(at + 32, true);
    const extraStart = at + 46 + nameLength;
    const extraEnd = extraStart + extraLength;
    if (extraEnd + commentLength > end) throw fail(`directory entry ${i} is cut off`);
    const member: ZipMember = {
      name: new TextDecoder().decode(bytes.subarray(at + 46, extraStart)),
      method: view.getUint16(at + 10, true),
      encrypted: (view.getUint16(at + 8, true) & 1) === 1,
      crc: view.getUint32(at + 16, true),
      compressedSize: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    };
    for (let extra = extraStart; extra + 4 <= extraEnd; ) {
      const fieldEnd = extra + 4 + view.getUint16(extra + 2, true);
      if (fieldEnd > extraEnd) throw fail(`an extra field of "${member.name}" is cut off`);
      if (view.getUint16(extra, true) === 1) {
        let field = extra + 4;
        for (const key of ['size', 'compressedSize', 'offset'] as const) {
          if (member[key] !== ESCAPE32) continue;
          if (field + 8 > fieldEnd) throw fail(`the zip64 sizes of "${member.name}" are cut off`);
          member[key] = long(field);
          field += 8;
        }
      }
      extra = fieldEnd;
    }
    if (names.has(member.name)) throw fail(`member "${member.name}" appears twice`);
    names.add(member.name);
    members.push(member);
    at = extraEnd + commentLength;
  }
  return members;
}

/** One member's bytes. Its declared size bounds the inflation and must be met exactly; the checksum must fit. */
export function readZipMember(
  bytes: Uint8Array,
  member: ZipMember,
  options: { path?: string | undefined; limit?: number } = {},
): Uint8Array {
  const { path, limit = MAX_INFLATED_BYTES } = options;
  const where = { path: path === undefined ? member.name : `${path}:${member.name}` };
  const fail = (what: string, cause?: unknown): EngineError =>
    new EngineError('bad-input', `damaged zip member: ${what}`, { ...where, cause });
  const { compressedSize, size, offset, method } = member;
  if (member.encrypted) throw new EngineError('unsupported', 'the zip member is encrypted', where);
  if (method !== 0 && method !== 8)
    throw new EngineError('unsupported', `zip compression method ${method}, expected 0 (stored) or 8 (deflate)`, where);
  if (size > limit) throw fail(`${size} bytes claimed, at most ${limit} are accepted`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (offset + 30 > bytes.length || view.getUint32(offset, true) !== LOCAL) throw fail('its local header is missing');
  const start = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
  if (start + compressedSize > bytes.length)
    throw fail(`${compressedSize} bytes claimed, ${Math.max(0, bytes.length - start)} are there`);
  const packed = bytes.subarray(start, start + compressedSize);
  if (method === 0 ? size !== compressedSize : size > compressedSize * MAX_DEFLATE_RATIO + 64)
    throw fail(`${size} bytes claimed, which ${compressedSize} stored bytes cannot hold`);
  let content: Uint8Array = packed;
  if (method === 8) {
    try {
      // Output grows with what is really there, so a false claim allocates nothing.
      content = inflateRawSync(packed, { maxOutputLength: Math.max(1, size), chunkSize: 1 << 18 });
    } catch (cause) {
      throw fail('its compressed data are corrupt or longer than declared', cause);
    }
  }
  if (content.length !== size) throw fail(`${size} bytes declared, ${content.length} found`);
  const checksum = crc32(content);
  if (checksum !== member.crc) throw fail('its checksum (CRC-32) does not fit');
  return content;
}
