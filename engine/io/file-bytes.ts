/** The file layer under every reader: bounded reads of regular files, system errors turned into EngineErrors. */
import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { EngineError } from '../errors.ts';
import { MAX_ARRAY_BYTES } from './size-limit.ts';

const CHUNK = 1 << 24;

/** Any error of the file system as an EngineError naming the path. */
export function fileError(cause: unknown, path: string): EngineError {
  if (cause instanceof EngineError) return cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new EngineError('not-found', 'there is no such file', { path, cause, hint: 'Check the spelling.' });
    case 'EACCES':
    case 'EPERM':
      return new EngineError('bad-input', 'the file may not be read', { path, cause, hint: 'Check its permissions.' });
    case 'EISDIR':
      return new EngineError('bad-input', 'expected a file, found a folder', { path, cause });
    case 'ENAMETOOLONG':
    case 'ELOOP':
      return new EngineError('bad-input', `the path cannot be opened (${code})`, { path, cause });
    case 'EMFILE':
    case 'ENFILE':
      return new EngineError('resource', 'too many files are open', { path, cause, hint: 'Close other programs.' });
    default:
      return new EngineError('bad-input', `the file cannot be read${code === '' ? '' : ` (${code})`}`, { path, cause });
  }
}

/** stat that throws EngineErrors. */
export async function statPath(path: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (cause) {
    throw fileError(cause, path);
  }
}

async function openRegular(path: string): Promise<{ handle: FileHandle; size: number }> {
  const stats = await statPath(path);
  // A pipe or device has no length to check a header against, and may never end.
  if (stats.isDirectory()) throw new EngineError('bad-input', 'expected a file, found a folder', { path });
  if (!stats.isFile()) throw new EngineError('bad-input', 'expected a regular file, found a device or pipe', { path });
  try {
    return { handle: await open(path, 'r'), size: stats.size };
  } catch (cause) {
    throw fileError(cause, path);
  }
}

/** Bytes [offset, offset + length) of a regular file, fewer when it ends before. */
export async function readFileRange(path: string, offset: number, length: number): Promise<Uint8Array> {
  const { handle, size } = await openRegular(path);
  try {
    const wanted = Math.max(0, Math.min(length, size - offset));
    const bytes = new Uint8Array(wanted);
    let done = 0;
    while (done < wanted) {
      const { bytesRead } = await handle.read(bytes, done, Math.min(CHUNK, wanted - done), offset + done);
      if (bytesRead === 0) return bytes.subarray(0, done);
      done += bytesRead;
    }
    return bytes;
  } catch (cause) {
    throw fileError(cause, path);
  } finally {
    await handle.close();
  }
}

/** A whole file. Empty files and files above `limit` bytes are refused before anything is allocated. */
export async function readFileBytes(path: string, limit = MAX_ARRAY_BYTES): Promise<Uint8Array> {
  const { size } = await statPath(path);
  if (size > limit)
    throw new EngineError('bad-input', `the file has ${size} bytes, at most ${limit} are accepted`, { path });
  const bytes = await readFileRange(path, 0, size);
  if (bytes.length === 0) throw new EngineError('bad-input', 'the file is empty', { path });
  return bytes;
}

/** sha256 in hexadecimal over the concatenated bytes. */
export function digestBytes(...parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const part of parts)
    for (let at = 0; at < part.length; at += CHUNK) hash.update(part.subarray(at, Math.min(part.length, at + CHUNK)));
  return hash.digest('hex');
}

/** sha256 in hexadecimal over the concatenated files, read in pieces. */
export async function digestFiles(paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  const buffer = new Uint8Array(1 << 20);
  for (const path of paths) {
    const { handle } = await openRegular(path);
    try {
      for (;;) {
        const { bytesRead } = await handle.read(buffer, 0, buffer.length);
        if (bytesRead === 0) break;
        hash.update(buffer.subarray(0, bytesRead));
      }
    } catch (cause) {
      throw fileError(cause, path);
    } finally {
      await handle.close();
    }
  }
  return hash.digest('hex');
}
