/**
 * The directory of a ZIP container, 64-bit records included (PKWARE APPNOTE 6.3, sections 4.3–4.5). Written as a
 * generator that asks for ranges of bytes, so that one reader serves containers in memory and files too large for it.
 */
import { EngineError } from '../errors.ts';

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

export interface ByteRange {
  offset: number;
  length: number;
}
/** Work that asks for ranges, each inside the container, and is given their bytes. */
export type RangedWork<T> = Generator<ByteRange, T, Uint8Array>;

const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const END_BYTES = 22;
const LOCAL_BYTES = 30;
const MAX_COMMENT = 65_535;
const MAX_DIRECTORY_BYTES = 64 * 2 ** 20;
const MAX_MEMBERS = 200_000;
const ESCAPE16 = 0xffff;
const ESCAPE32 = 0xffffffff;

type Fail = (what: string) => EngineError;

function failure(path: string | undefined): Fail {
  const where = path === undefined ? {} : { path };
  return (what) =>
    new EngineError('bad-input', `damaged zip container: ${what}`, { ...where, hint: 'The file may be truncated.' });
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function long(view: DataView, at: number, fail: Fail): number {
  const value = view.getBigUint64(at, true);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw fail(`an offset or size of ${value}`);
  return Number(value);
}

interface Directory {
  count: number;
  length: number;
  offset: number;
}

/** The end record is found from behind: its comment must fill the rest of the container exactly. */
function* findDirectory(size: number, fail: Fail): RangedWork<Directory> {
  const length = Math.min(size, END_BYTES + MAX_COMMENT);
  const view = viewOf(yield { offset: size - length, length });
  let end = length - END_BYTES;
  const isEnd = (at: number) =>
    view.getUint32(at, true) === END && at + END_BYTES + view.getUint16(at + 20, true) === length;
  while (end >= 0 && !isEnd(end)) end--;
  if (end < 0) throw fail('its directory is missing');
  const found = {
    count: view.getUint16(end + 10, true),
    length: view.getUint32(end + 12, true),
    offset: view.getUint32(end + 16, true),
  };
  let limit = size - length + end;
  const escaped = found.count === ESCAPE16 || found.length === ESCAPE32 || found.offset === ESCAPE32;
  if (escaped && limit >= 20) {
    const locator = viewOf(yield { offset: limit - 20, length: 20 });
    if (locator.getUint32(0, true) === LOCATOR64) {
      const at = long(locator, 8, fail);
      if (at + 56 > limit - 20) throw fail('its zip64 directory is missing');
      const wide = viewOf(yield { offset: at, length: 56 });
      if (wide.getUint32(0, true) !== END64) throw fail('its zip64 directory is missing');
      found.count = long(wide, 32, fail);
      found.length = long(wide, 40, fail);
      found.offset = long(wide, 48, fail);
      limit = at;
    }
  }
  if (found.offset + found.length > limit || found.count * 46 > found.length)
    throw fail(`${found.count} members claimed, the directory has no room for them`);
  if (found.length > MAX_DIRECTORY_BYTES || found.count > MAX_MEMBERS)
    throw fail(`a directory of ${found.count} members in ${found.length} bytes`);
  return found;
}

/** 32-bit fields that are all ones stand in the zip64 extra field, in this order. */
function widen(member: ZipMember, view: DataView, from: number, to: number, fail: Fail): void {
  for (let extra = from; extra + 4 <= to; ) {
    const fieldEnd = extra + 4 + view.getUint16(extra + 2, true);
    if (fieldEnd > to) throw fail(`an extra field of "${member.name}" is cut off`);
    if (view.getUint16(extra, true) === 1) {
      let field = extra + 4;
      for (const key of ['size', 'compressedSize', 'offset'] as const) {
        if (member[key] !== ESCAPE32) continue;
        if (field + 8 > fieldEnd) throw fail(`the zip64 sizes of "${member.name}" are cut off`);
        member[key] = long(view, field, fail);
        field += 8;
      }
    }
    extra = fieldEnd;
  }
}

/** Members that share bytes are the way small archives unfold into huge ones; no honest writer makes them. */
function refuseOverlaps(members: readonly ZipMember[], directory: number, fail: Fail): void {
  const sorted = [...members].sort((a, b) => a.offset - b.offset);
  for (const [i, { name, offset, compressedSize }] of sorted.entries()) {
    const next = sorted[i + 1]?.offset ?? directory;
    if (offset + LOCAL_BYTES + compressedSize > next)
      throw fail(`member "${name}" claims ${compressedSize} bytes at ${offset}, past the next at ${next}`);
  }
}

/**
 * All members, in directory order; contents are not touched. Throws `bad-input` for damage, repeated names and members
 * that overlap.
 */
export function* zipDirectory(size: number, path?: string): RangedWork<ZipMember[]> {
  const fail = failure(path);
  if (size < END_BYTES) throw fail(`${size} bytes are too few`);
  const directory = yield* findDirectory(size, fail);
  const bytes = yield { offset: directory.offset, length: directory.length };
  const view = viewOf(bytes);
  const members: ZipMember[] = [];
  const names = new Set<string>();
  const text = new TextDecoder();
  let at = 0;
  for (let i = 0; i < directory.count; i++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== CENTRAL) throw fail(`directory entry ${i} is missing`);
    const nameEnd = at + 46 + view.getUint16(at + 28, true);
    const extraEnd = nameEnd + view.getUint16(at + 30, true);
    const next = extraEnd + view.getUint16(at + 32, true);
    if (next > bytes.length) throw fail(`directory entry ${i} is cut off`);
    const member: ZipMember = {
      name: text.decode(bytes.subarray(at + 46, nameEnd)),
      method: view.getUint16(at + 10, true),
      encrypted: (view.getUint16(at + 8, true) & 1) === 1,
      crc: view.getUint32(at + 16, true),
      compressedSize: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    };
    widen(member, view, nameEnd, extraEnd, fail);
    if (names.has(member.name)) throw fail(`member "${member.name}" appears twice`);
    names.add(member.name);
    members.push(member);
    at = next;
  }
  refuseOverlaps(members, directory.offset, fail);
  return members;
}

/** Offset of a member's first content byte, from its local header; all its bytes lie inside the container. */
export function* zipContentStart(member: ZipMember, size: number, path?: string): RangedWork<number> {
  const fail = failure(path);
  const { offset, compressedSize, name } = member;
  if (offset + LOCAL_BYTES > size) throw fail(`the header of "${name}" is missing`);
  const view = viewOf(yield { offset, length: LOCAL_BYTES });
  if (view.getUint32(0, true) !== LOCAL) throw fail(`the header of "${name}" is missing`);
  const start = offset + LOCAL_BYTES + view.getUint16(26, true) + view.getUint16(28, true);
  if (start + compressedSize > size)
    throw fail(`"${name}" claims ${compressedSize} bytes, ${Math.max(0, size - start)} are there`);
  return start;
}

/** Runs the work on a container in memory. */
export function runOnBytes<T>(work: RangedWork<T>, bytes: Uint8Array): T {
  let step = work.next();
  while (step.done !== true) {
    const { offset, length } = step.value;
    step = work.next(bytes.subarray(offset, offset + length));
  }
  return step.value;
}
