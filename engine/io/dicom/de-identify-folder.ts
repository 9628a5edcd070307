/** DICOM files and folders on disk → a folder of de-identified images that appears whole or not at all. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { EngineError } from '../../errors.ts';
import { writeFolderAtomic } from '../atomic-folder.ts';
import { type DeIdentifyOptions, type DeIdentifySummary, deIdentify } from './de-identify.ts';
import { findDicomFiles } from './find-files.ts';

export interface DeIdentifiedFolder extends DeIdentifySummary {
  /** Relative to the folder: "image-0001.dcm", or "series-01/image-0001.dcm". */
  names: string[];
  /** Files that are not DICOM. */
  notDicom: number;
}

/** Errors about one of many files say which. */
function ofFile(thrown: unknown, path: string): unknown {
  if (!(thrown instanceof EngineError) || thrown.code === 'cancelled' || path === '') return thrown;
  const { code, message, hint, cause } = thrown;
  const where = thrown.path === undefined ? basename(path) : `${basename(path)}: ${thrown.path}`;
  return new EngineError(code, message, { path: where, ...(hint && { hint }), cause });
}

/**
 * De-identifies every image below `paths` into the new folder `target` (PS3.15 Basic Profile; see `deIdentify`). Names
 * of files and folders are new. Throws what `deIdentify` throws, `not-found`, and `bad-usage` when `target` exists
 * without `force`.
 */
export async function deIdentifyFolder(
  paths: readonly string[],
  target: string,
  options: DeIdentifyOptions & { force?: boolean },
): Promise<DeIdentifiedFolder> {
  const { files, skipped } = await findDicomFiles(paths);
  const { force = false, signal } = options;
  return writeFolderAtomic(target, { force, ...(signal && { signal }) }, async (folder) => {
    const names: string[] = [];
    let current = '';
    const inputs = files.map((path) => async () => {
      current = path;
      return new Uint8Array(await readFile(path));
    });
    const summary = await deIdentify(inputs, options, async ({ name, bytes }) => {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), bytes);
      names.push(name);
    }).catch((thrown) => {
      throw ofFile(thrown, current);
    });
    return { ...summary, names, notDicom: skipped };
  });
}
