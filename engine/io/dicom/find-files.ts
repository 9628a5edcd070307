/** Paths → DICOM files: folders are walked, other files skipped and counted. */
import { open, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { EngineError } from '../../errors.ts';
import { looksLikeDicom } from './dataset.ts';

export interface FoundFiles {
  readonly files: string[];
  /** Files that are not DICOM, or too large to be. */
  readonly skipped: number;
}

const PROBE_BYTES = 160;
/** Larger than any single image object this reader can hold. */
const MAX_FILE_BYTES = 2 ** 31 - 1;
const MAX_FILES = 100_000;

async function probe(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size > MAX_FILE_BYTES) return false;
    const { bytesRead, buffer } = await file.read(Buffer.alloc(PROBE_BYTES), 0, PROBE_BYTES, 0);
    return looksLikeDicom(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

async function walk(path: string, found: { files: string[]; skipped: number }): Promise<void> {
  // Sorted, so that ties between equal images fall the same way on every machine. Links are not followed.
  const entries = (await readdir(path, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) await walk(inner, found);
    else if (entry.isFile()) {
      if (await probe(inner)) found.files.push(inner);
      else found.skipped++;
    }
    if (found.files.length > MAX_FILES)
      throw new EngineError('resource', `more than ${MAX_FILES} DICOM files`, { hint: 'Open one study at a time.' });
  }
}

/** Files named directly must be DICOM; in folders anything else is skipped. Throws `not-found` and `bad-input`. */
export async function findDicomFiles(paths: readonly string[]): Promise<FoundFiles> {
  const found = { files: [] as string[], skipped: 0 };
  for (const path of paths) {
    try {
      if ((await stat(path)).isDirectory()) await walk(path, found);
      else if (await probe(path)) found.files.push(path);
      else if (paths.length > 1) found.skipped++;
      else throw new EngineError('bad-input', 'not a DICOM file', { path: basename(path) });
    } catch (cause) {
      if (cause instanceof EngineError) throw cause;
      const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
      throw new EngineError(
        missing ? 'not-found' : 'bad-input',
        missing ? 'no such file or folder' : 'cannot be read',
        {
          path: basename(path),
          cause,
        },
      );
    }
  }
  return found;
}
