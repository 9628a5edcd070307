/**
 * A ZIP archive into a new folder. Archives come from anywhere: names must stay inside, sizes are bounded before anything
 * is written, and what is inflated is never more than was declared.
 */
import { mkdir, open, rm, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EngineError } from '../errors.ts';
import { fileError } from './file-bytes.ts';
import { readFully } from './read-fully.ts';
import { contentStartInFile, listZipFile, readZipMember, type ZipMember } from './zip.ts';

export interface UnpackOptions {
  signal?: AbortSignal;
  maxMembers?: number;
  /** Of all members together. */
  maxBytes?: number;
  /** Largest growth over the archive's own size; small archives may always grow to 256 MiB. */
  maxRatio?: number;
}

const GIB = 2 ** 30;
const ALWAYS_BYTES = 2 ** 28;
const MAX_MEMBER_BYTES = 2 * GIB - 1;
const MAX_DEPTH = 24;
/** Left free on the disk. */
const SPARE_BYTES = 2 ** 28;

/** Throws `untrusted` for names that lead outside or that a file system may take for something else. */
function safeParts(name: string): string[] {
  const parts = name.split('/');
  const bad = parts.some(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
    (part) => part === '' || part === '.' || part === '..' || part.length > 200 || /[\\:\x00-\x1f]/.test(part),
  );
  if (bad || parts.length > MAX_DEPTH)
    throw new EngineError('untrusted', 'the archive names a file outside its folder, or one that no disk can hold', {
      hint: 'Nothing was unpacked. Do not trust where it came from.',
    });
  return parts;
}

function checkSizes(files: readonly ZipMember[], archiveBytes: number, options: UnpackOptions): number {
  const { maxMembers = 50_000, maxBytes = 16 * GIB, maxRatio = 200 } = options;
  if (files.length > maxMembers)
    throw new EngineError('resource', `the archive has ${files.length} files, at most ${maxMembers} are unpacked`);
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const limit = Math.min(maxBytes, Math.max(ALWAYS_BYTES, maxRatio * archiveBytes));
  if (total > limit)
    throw new EngineError(
      'untrusted',
      `the archive of ${archiveBytes} bytes unfolds to ${total}, at most ${limit} are unpacked`,
      {
        hint: 'Unpack it yourself if you trust it, and open the folder.',
      },
    );
  return total;
}

/** One member, through memory. Its declared size bounds what is inflated. */
async function readMember(
  file: Awaited<ReturnType<typeof open>>,
  size: number,
  member: ZipMember,
  path: string,
): Promise<Uint8Array> {
  if (member.size > MAX_MEMBER_BYTES)
    throw new EngineError('resource', `a file of ${member.size} bytes in the archive, at most ${MAX_MEMBER_BYTES}`);
  const end = (await contentStartInFile(file, size, member, path)) + member.compressedSize;
  const bytes = await readFully(file, end - member.offset, member.offset, path);
  return readZipMember(bytes, { ...member, offset: 0 }, { path: 'archive', limit: MAX_MEMBER_BYTES });
}

/** Names of the files in an archive; nothing is unpacked. */
export async function zipNames(path: string): Promise<string[]> {
  const file = await open(path, 'r').catch((cause) => {
    throw fileError(cause, path);
  });
  try {
    return (await listZipFile(file, path)).map(({ name }) => name).filter((name) => !name.endsWith('/'));
  } finally {
    await file.close();
  }
}

/**
 * Unpacks into `target`, which must not exist and is removed again on failure. Throws `untrusted` (names, growth),
 * `resource` (number, sizes, disk), `unsupported` (encrypted), `bad-input` (damaged) and `cancelled`.
 */
export async function unpackZip(path: string, target: string, options: UnpackOptions = {}): Promise<void> {
  const file = await open(path, 'r').catch((cause) => {
    throw fileError(cause, path);
  });
  try {
    const { size } = await file.stat();
    const files = (await listZipFile(file, path)).filter(({ name }) => !name.endsWith('/'));
    const places = files.map(({ name }) => safeParts(name));
    const total = checkSizes(files, size, options);
    await mkdir(target, { mode: 0o700 });
    const { bavail, bsize } = await statfs(target);
    if (bavail * bsize < total + SPARE_BYTES)
      throw new EngineError('resource', `unpacking needs ${total} bytes of disk, ${bavail * bsize} are free`);
    for (const [index, member] of files.entries()) {
      if (options.signal?.aborted) throw new EngineError('cancelled', 'cancelled');
      const place = join(target, ...places[index]);
      await mkdir(dirname(place), { recursive: true, mode: 0o700 });
      await writeFile(place, await readMember(file, size, member, path), { flag: 'wx', mode: 0o600 });
    }
  } catch (cause) {
    await rm(target, { recursive: true, force: true });
    throw fileError(cause, path);
  } finally {
    await file.close();
  }
}
