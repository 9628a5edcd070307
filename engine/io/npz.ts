/** NumPy's .npz: a zip container of .npy members. Members are inflated one by one, only when asked for. */
import { zipSync } from 'fflate';
import type { NdArray } from '../arrays/ndarray.ts';
import { EngineError } from '../errors.ts';
import { type NpyContent, parseNpy, readNpyText, writeNpy } from './npy.ts';
import { parseNpyHeader } from './npy-header.ts';
import { listZip, readZipMember, type ZipMember } from './zip.ts';

export interface NpzArchive {
  /** Array names, without ".npy". */
  readonly names: readonly string[];
  has(name: string): boolean;
  /** Throws `bad-input` when absent or not numeric. */
  array(name: string): NdArray;
  /** The array and its stored type. */
  content(name: string): NpyContent;
  /** A member that holds one text (type U or S). */
  text(name: string): string;
}

/** zip32 as fflate writes it ends here. */
const MAX_ZIP_BYTES = 2 ** 32 - 2 ** 20;

/** Lists the members; nothing is inflated yet. */
export function openNpz(bytes: Uint8Array, path?: string): NpzArchive {
  const where = path === undefined ? {} : { path };
  const members = new Map<string, ZipMember>();
  for (const member of listZip(bytes, path))
    if (member.name.endsWith('.npy')) members.set(member.name.slice(0, -4), member);
  const load = (name: string): { bytes: Uint8Array; path: string } => {
    const member = members.get(name);
    if (member === undefined)
      throw new EngineError(
        'bad-input',
        `no array "${name}" in the file, found ${[...members.keys()].join(', ')}`,
        where,
      );
    return { bytes: readZipMember(bytes, member, { path }), path: path === undefined ? name : `${path}:${name}` };
  };
  const content = (name: string): NpyContent => {
    const loaded = load(name);
    return parseNpy(loaded.bytes, loaded.path);
  };
  return {
    names: [...members.keys()],
    has: (name) => members.has(name),
    content,
    array: (name) => content(name).array,
    text: (name) => {
      const loaded = load(name);
      return readNpyText(loaded.bytes, loaded.path);
    },
  };
}

/** Every numeric array of the file. Text members are left out: `openNpz(bytes).text(name)` reads those. */
export function readNpz(bytes: Uint8Array, path?: string): Map<string, NdArray> {
  const result = new Map<string, NdArray>();
  for (const member of listZip(bytes, path)) {
    if (!member.name.endsWith('.npy')) continue;
    const name = member.name.slice(0, -4);
    const inside = path === undefined ? name : `${path}:${name}`;
    const inflated = readZipMember(bytes, member, { path });
    if (/^[<>|=][US]\d+$/.test(parseNpyHeader(inflated, inside).descr)) continue;
    result.set(name, parseNpy(inflated, inside).array);
  }
  return result;
}

/** Compressed .npz; the same arrays give the same bytes (no clock inside). Entries that are undefined are left out. */
export function writeNpz(
  record: Readonly<Record<string, NdArray | undefined>> | ReadonlyMap<string, NdArray>,
): Uint8Array {
  const pairs: [string, NdArray | undefined][] = record instanceof Map ? [...record] : Object.entries(record);
  const entries: [string, NdArray][] = [];
  let total = 0;
  for (const [name, a] of pairs) {
    if (a === undefined) continue;
    if (!/^[^/\\\0]+$/.test(name)) throw new EngineError('bad-usage', `"${name}" cannot name an array`);
    total += a.data.byteLength;
    entries.push([name, a]);
  }
  if (total > MAX_ZIP_BYTES)
    throw new EngineError('resource', `${total} bytes do not fit one .npz file (limit ${MAX_ZIP_BYTES})`, {
      hint: 'Write fewer slices per file.',
    });
  const files: Record<string, Uint8Array> = {};
  for (const [name, a] of entries) files[`${name}.npy`] = writeNpy(a);
  return zipSync(files, { level: 4, mtime: '1980-01-01T00:00:00' });
}
