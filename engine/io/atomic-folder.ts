/**
 * Output folders that exist whole or not at all: everything is written into a hidden sibling, which is renamed to the
 * target when complete. A killed run leaves at most that sibling, never a half result.
 */
import { randomUUID } from 'node:crypto';
import { lstat, mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { EngineError } from '../errors.ts';
import { writeError } from './write-error.ts';

export interface AtomicOptions {
  /** Replace an existing result. */
  force?: boolean;
  signal?: AbortSignal;
}

/** Whether anything, a broken link included, has that name. */
async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return false;
    throw writeError(error, path);
  }
}

/** Throws `bad-usage` naming --force when the target exists and may not be replaced. */
export async function refuseOverwrite(target: string, force: boolean): Promise<void> {
  if (!force && (await exists(target)))
    throw new EngineError('bad-usage', 'the result exists already and is not overwritten', {
      path: target,
      hint: 'Choose another name, or give --force to replace it.',
    });
}

/** Hidden name beside the target, on the same disk, so that the final rename is one step. */
export function temporarySibling(target: string): string {
  const absolute = resolve(target);
  return join(dirname(absolute), `.${basename(absolute).slice(0, 100)}.${randomUUID().slice(0, 8)}.partial`);
}

/** Removes a temporary folder or file. Failing at that must not hide why the work failed. */
export async function discard(temporary: string): Promise<void> {
  await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
}

function checkNotCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new EngineError('cancelled', 'cancelled');
}

/**
 * Runs `write` on a temporary folder and gives it the name `target` afterwards. On failure or cancellation the
 * temporary folder is removed and what stood at `target` is untouched. Parent folders are made.
 */
export async function writeFolderAtomic<T>(
  target: string,
  options: AtomicOptions,
  write: (temporary: string) => Promise<T>,
): Promise<T> {
  const { force = false, signal } = options;
  await refuseOverwrite(target, force);
  const temporary = temporarySibling(target);
  const replaced = temporarySibling(target);
  try {
    checkNotCancelled(signal);
    await mkdir(dirname(temporary), { recursive: true });
    await mkdir(temporary);
    const result = await write(temporary);
    checkNotCancelled(signal);
    // Again: another run may have finished meanwhile. A non-empty folder would make the rename fail in any case.
    await refuseOverwrite(target, force);
    const old = force && (await exists(target));
    if (old) await rename(target, replaced);
    try {
      await rename(temporary, target);
    } catch (error) {
      if (old) await rename(replaced, target);
      throw error;
    }
    return result;
  } catch (error) {
    throw writeError(error, target);
  } finally {
    await discard(temporary);
    await discard(replaced);
  }
}
