/** Output files that exist whole or not at all. */
import { link, mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EngineError } from '../errors.ts';
import { type AtomicOptions, discard, refuseOverwrite, temporarySibling } from './atomic-folder.ts';
import { writeError } from './write-error.ts';

/** Moves `temporary` to `target`; without force a file that appeared meanwhile wins and is kept. */
async function publish(temporary: string, target: string, force: boolean): Promise<void> {
  if (force) return rename(temporary, target);
  try {
    // Unlike rename, link never replaces.
    await link(temporary, target);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST') return refuseOverwrite(target, false);
    // Disks without hard links.
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'EMLINK') throw error;
    await refuseOverwrite(target, false);
    await rename(temporary, target);
  }
}

/** Writes `bytes` to a hidden sibling, flushes it to the disk and renames it to `target`. Parent folders are made. */
export async function writeFileAtomic(
  target: string,
  bytes: Uint8Array | string,
  options: AtomicOptions = {},
): Promise<void> {
  const { force = false, signal } = options;
  await refuseOverwrite(target, force);
  const temporary = temporarySibling(target);
  try {
    await mkdir(dirname(temporary), { recursive: true });
    const handle = await open(temporary, 'wx');
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (signal?.aborted) throw new EngineError('cancelled', 'cancelled');
    await publish(temporary, target, force);
  } catch (error) {
    throw writeError(error, target);
  } finally {
    await discard(temporary);
  }
}
