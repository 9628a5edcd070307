/**
 * ZIP containers in memory and in files: their directory and bounded inflation of one member. Only what .npz and other
 * carriers use is read: stored and deflated members, no encryption, one volume.
 */
import type { FileHandle } from 'node:fs/promises';
import { crc32, inflateRawSync } from 'node:zlib';
import { EngineError } from '../errors.ts';
import { readFully } from './read-fully.ts';
import { MAX_INFLATED_BYTES } from './size-limit.ts';
import { type RangedWork, runOnBytes, type ZipMember, zipContentStart, zipDirectory } from './zip-directory.ts';

export type { ZipMember } from './zip-directory.ts';

/** Deflate cannot expand further: 258 bytes from two bits. */
const MAX_DEFLATE_RATIO = 1032;

export function isZip(bytes: Uint8Array): boolean {
  return (
    bytes[0] === 0x50 && bytes[1] === 0x4b && ((bytes[2] === 3 && bytes[3] === 4) || (bytes[2] === 5 && bytes[3] === 6))
  );
}

/** All members, in directory order. Nothing is inflated. Throws `bad-input` for damage and for members that overlap. */
export function listZip(bytes: Uint8Array, path?: string): ZipMember[] {
  return runOnBytes(zipDirectory(bytes.length, path), bytes);
}

async function runOnFile<T>(work: RangedWork<T>, file: FileHandle, path: string): Promise<T> {
  let step = work.next();
  while (step.done !== true) step = work.next(await readFully(file, step.value.length, step.value.offset, path));
  return step.value;
}

/** As `listZip`, of an open file; only the directory is read. */
export async function listZipFile(file: FileHandle, path: string): Promise<ZipMember[]> {
  return runOnFile(zipDirectory((await file.stat()).size, path), file, path);
}

/** Where a member's content begins in an open file of `size` bytes. */
export function contentStartInFile(file: FileHandle, size: number, member: ZipMember, path: string): Promise<number> {
  return runOnFile(zipContentStart(member, size, path), file, path);
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
  const { compressedSize, size, method } = member;
  if (member.encrypted) throw new EngineError('unsupported', 'the zip member is encrypted', where);
  if (method !== 0 && method !== 8)
    throw new EngineError('unsupported', `zip compression method ${method}, expected 0 (stored) or 8 (deflate)`, where);
  if (size > limit) throw fail(`${size} bytes claimed, at most ${limit} are accepted`);
  const start = runOnBytes(zipContentStart(member, bytes.length, where.path), bytes);
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
