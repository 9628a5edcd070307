/**
 * Folders that are complete or absent: filled under a temporary name beside the target, then renamed. A failure leaves
 * the old folder as it was and removes the new one, with the parents it had to make.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { EngineError } from '../errors.ts';
import { fileError } from './file-bytes.ts';

/** An error of the file system while writing, with the place the user asked for instead of the temporary one. */
function writeError(thrown: unknown, target: string): unknown {
  if (thrown instanceof EngineError || !(thrown instanceof Error) || !('code' in thrown)) return thrown;
  const details = { path: target, cause: thrown };
  switch (thrown.code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new EngineError('resource', 'the disk is full', {
        ...details,
        hint: 'Free some space or choose another place.',
      });
    case 'EFBIG':
      return new EngineError('resource', 'a file would be too large for this disk', details);
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return new EngineError('bad-input', 'the folder cannot be written', {
        ...details,
        hint: 'Choose another place.',
      });
    case 'EEXIST':
    case 'ENOTDIR':
      return new EngineError('bad-input', 'a part of the path is a file, expected a folder', {
        ...details,
        hint: 'Choose another place.',
      });
    default:
      return fileError(thrown, target);
  }
}

/** Removes the empty folders from `path` up to and including `top`. */
async function removeEmpty(path: string, top: string | undefined): Promise<void> {
  if (top === undefined) return;
  for (let at = path; at.startsWith(top); at = dirname(at)) {
    try {
      await rmdir(at);
    } catch {
      return; // Not empty: something else lives there now.
    }
  }
}

/**
 * Calls `fill` with the temporary folder and renames it to `target` afterwards. An existing non-empty target is
 * refused without `force`; with it, it is replaced at the end in one step. Returns what `fill` returned.
 */
export async function writeFolderAtomic<T>(
  target: string,
  options: { force?: boolean },
  fill: (folder: string) => Promise<T>,
): Promise<T> {
  const full = resolve(target);
  const parent = dirname(full);
  const temporary = join(parent, `.${basename(full)}.${randomUUID()}.part`);
  const old = `${temporary}.old`;
  let made: string | undefined;
  try {
    made = await mkdir(parent, { recursive: true });
    await mkdir(temporary);
    const result = await fill(temporary);
    await replace(temporary, full, old, options.force === true);
    return result;
  } catch (thrown) {
    // Where the folder could not even be made there is nothing to remove; the first error is the one to report.
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    await removeEmpty(parent, made);
    throw writeError(thrown, target);
  }
}

async function replace(temporary: string, full: string, old: string, force: boolean): Promise<void> {
  const exists = await stat(full).then(
    () => true,
    () => false,
  );
  if (!exists) return rename(temporary, full);
  // An empty folder is no result: it may be replaced. rmdir refuses anything else.
  const empty = await rmdir(full).then(
    () => true,
    () => false,
  );
  if (empty) return rename(temporary, full);
  if (!force)
    throw new EngineError('bad-usage', 'the folder exists already', {
      path: full,
      hint: 'Choose another name or --force.',
    });
  await rename(full, old);
  try {
    await rename(temporary, full);
  } catch (thrown) {
    await rename(old, full);
    throw thrown;
  }
  await rm(old, { recursive: true, force: true });
}
