/** Files of a result that its description lists, and nothing else. */
import { realpath } from 'node:fs/promises';
import { basename, extname, join, sep } from 'node:path';
import { EngineError } from '../../../engine/errors.ts';
import { readFileBytes } from '../../../engine/io/file-bytes.ts';
import type { DataAnswer } from '../services.ts';

const MAX_BYTES = 2 ** 30;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.csv': 'text/csv; charset=utf-8',
  '.obj': 'text/plain; charset=utf-8',
  '.dcm': 'application/dicom',
  '.gz': 'application/gzip',
};

/** Throws `not-found` for a name that is not listed or leads out of the folder. */
export async function serveFile(folder: string, name: string, listed: readonly string[]): Promise<DataAnswer> {
  const missing = new EngineError('not-found', 'the item has no such file');
  if (!listed.includes(name)) throw missing;
  const root = await realpath(folder);
  const path = await realpath(join(root, name)).catch(() => undefined);
  if (path === undefined || !path.startsWith(root + sep)) throw missing;
  return {
    contentType: TYPES[extname(name).toLowerCase()] ?? 'application/octet-stream',
    bytes: await readFileBytes(path, MAX_BYTES),
    name: basename(name),
  };
}
