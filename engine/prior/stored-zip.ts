/**
 * Directory of a ZIP archive whose entries are stored without compression, ZIP64 included (PKWARE APPNOTE 4.3–4.5).
 * Only offsets and sizes are read here; contents stay in the file.
 */
import type { FileHandle } from 'node:fs/promises';
import { check } from '../errors.ts';
import { readFully } from './read-fully.ts';

export interface StoredEntry {
  /** First byte of the content in the file. */
  start: number;
  size: number;
}

const endSignature = 0x06054b50;
const zip64LocatorSignature = 0x07064b50;
const zip64EndSignature = 0x06064b50;
const directorySignature = 0x02014b50;
const localSignature = 0x04034b50;
const endSize = 22;
const maxComment = 65535;
const maxDirectoryBytes = 64 * 2 ** 20;
const maxEntries = 200_000;
const unset32 = 0xffffffff;
const encryptedFlag = 1;

interface End {
  entries: number;
  size: number;
  offset: number;
}

async function findEnd(file: FileHandle, fileSize: number, path: string): Promise<End> {
  const tail = Math.min(fileSize, endSize + maxComment);
  const bytes = await readFully(file, tail, fileSize - tail, path);
  const view = new DataView(bytes.buffer);
  for (let i = tail - endSize; i >= 0; i--) {
    if (view.getUint32(i, true) !== endSignature || i + endSize + view.getUint16(i + 20, true) !== tail) continue;
    const end = {
      entries: view.getUint16(i + 10, true),
      size: view.getUint32(i + 12, true),
      offset: view.getUint32(i + 16, true),
    };
    const wide = end.entries === 0xffff || end.size === unset32 || end.offset === unset32;
    const locator = fileSize - tail + i - 20;
    return wide && locator >= 0 ? findWideEnd(file, locator, fileSize, path) : end;
  }
  check(false, () => 'the ZIP archive has no directory: the file is cut off or damaged', { path });
}

const wide = (view: DataView, at: number) => Number(view.getBigUint64(at, true));

async function findWideEnd(file: FileHandle, locator: number, fileSize: number, path: string): Promise<End> {
  const found = new DataView((await readFully(file, 20, locator, path)).buffer);
  const at = wide(found, 8);
  check(
    found.getUint32(0, true) === zip64LocatorSignature && at + 56 <= fileSize,
    () => 'the 64-bit ZIP directory is missing',
    { path },
  );
  const view = new DataView((await readFully(file, 56, at, path)).buffer);
  check(view.getUint32(0, true) === zip64EndSignature, () => 'the 64-bit ZIP directory is damaged', { path });
  return { entries: wide(view, 32), size: wide(view, 40), offset: wide(view, 48) };
}

interface DirectoryRow {
  size: number;
  stored: number;
  header: number;
}

/** 32-bit fields that are all ones are found in the ZIP64 extra field, in this order. */
function widen(row: DirectoryRow, extra: DataView, name: string, path: string): DirectoryRow {
  const out = { ...row };
  for (let at = 0; at + 4 <= extra.byteLength; at += 4 + extra.getUint16(at + 2, true)) {
    if (extra.getUint16(at, true) !== 1) continue;
    const stop = Math.min(extra.byteLength, at + 4 + extra.getUint16(at + 2, true));
    let field = at + 4;
    for (const key of ['size', 'stored', 'header'] as const) {
      if (row[key] !== unset32) continue;
      check(field + 8 <= stop, () => `entry ${name} lacks its 64-bit ${key}`, { path });
      out[key] = wide(extra, field);
      field += 8;
    }
    break;
  }
  return out;
}

/** Name → place of every entry. Throws `bad-input` for compressed, encrypted, overlong or repeated entries. */
export async function readStoredZip(file: FileHandle, path: string): Promise<Map<string, StoredEntry>> {
  const { size: fileSize } = await file.stat();
  check(fileSize >= endSize, () => `a ZIP archive has at least ${endSize} bytes, found ${fileSize}`, { path });
  const end = await findEnd(file, fileSize, path);
  const plausible = end.size <= maxDirectoryBytes && end.entries <= maxEntries && end.offset + end.size <= fileSize;
  check(
    plausible,
    () =>
      `the ZIP directory claims ${end.entries} entries in ${end.size} bytes at ${end.offset}, the file has ${fileSize} bytes`,
    { path },
  );
  const bytes = await readFully(file, end.size, end.offset, path);
  const view = new DataView(bytes.buffer);
  const entries = new Map<string, StoredEntry>();
  let at = 0;
  for (let i = 0; i < end.entries; i++) {
    check(
      at + 46 <= bytes.length && view.getUint32(at, true) === directorySignature,
      () => `entry ${i} of the ZIP directory is damaged`,
      { path },
    );
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const next = at + 46 + nameLength + extraLength + view.getUint16(at + 32, true);
    check(next <= bytes.length, () => `entry ${i} of the ZIP directory is cut off`, { path });
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    const row = {
      stored: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      header: view.getUint32(at + 42, true),
    };
    const { size, stored, header } = widen(
      row,
      new DataView(bytes.buffer, at + 46 + nameLength, extraLength),
      name,
      path,
    );
    check(
      view.getUint16(at + 10, true) === 0 && stored === size,
      () => `entry ${name} is compressed; weights are stored uncompressed`,
      { path },
    );
    check((view.getUint16(at + 8, true) & encryptedFlag) === 0, () => `entry ${name} is encrypted`, { path });
    check(!entries.has(name), () => `entry ${name} appears twice`, { path });
    check(
      header + 30 + size <= fileSize,
      () => `entry ${name} claims ${size} bytes at ${header}, the file has ${fileSize}`,
      { path },
    );
    entries.set(name, { start: header, size });
    at = next;
  }
  for (const [name, entry] of entries) {
    const local = new DataView((await readFully(file, 30, entry.start, path)).buffer);
    check(local.getUint32(0, true) === localSignature, () => `entry ${name} has no header at byte ${entry.start}`, {
      path,
    });
    entry.start += 30 + local.getUint16(26, true) + local.getUint16(28, true);
    check(entry.start + entry.size <= fileSize, () => `entry ${name} passes the end of the file`, { path });
  }
  return entries;
}
