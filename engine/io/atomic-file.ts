/** Output files that exist whole or not at all. */
import { link, mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EngineError } from '../errors.ts';
import { type AtomicOptions, discard, refuseOverwrite, temporarySibling } from './atomic-folder.ts';
import { writeError } from './write-error.ts';

/** Appends bytes to a file being written. */
export type WriteBytes = (bytes: Uint8Array) => Promise<void>;
/** Everything at once, or a function that is handed the means to append, for contents larger than memory. */
export type FileContent = Uint8Array | string | ((write: WriteBytes) => Promise<void>);

/** One system call transfers less than 2 GiB. */
const MAX_CALL = 2 ** 30;

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

async function fill(temporary: string, content: FileContent, signal: AbortSignal | undefined): Promise<void> {
  const handle = await open(temporary, 'wx');
  try {
    if (typeof content === 'function')
      await content(async (bytes) => {
        if (signal?.aborted) throw new EngineError('cancelled', 'cancelled');
        let done = 0;
        while (done < bytes.length) {
          const length = Math.min(MAX_CALL, bytes.length - done);
          done += (await handle.write(bytes, done, length)).bytesWritten;
        }
      });
    else await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes `content` to a hidden sibling, flushes it to the disk and renames it to `target`. Parent folders are made. */
export async function writeFileAtomic(
  target: string,
  content: FileContent,
  options: AtomicOptions = {},
): Promise<void> {
  await writeFilesAtomic([[target, content]], options);
}

/**
 * As `writeFileAtomic` for files that belong together: none gets its name before all are written, in the given order,
 * so that the last one is there only when the others are.
 */
export async function writeFilesAtomic(
  files: readonly (readonly [target: string, content: FileContent])[],
  options: AtomicOptions = {},
): Promise<void> {
  const { force = false, signal } = options;
  const named: { target: string; temporary: string; content: FileContent }[] = [];
  const published: string[] = [];
  let current = '';
  try {
    for (const [target, content] of files) {
      current = target;
      await refuseOverwrite(target, force);
      named.push({ target, content, temporary: temporarySibling(target) });
    }
    for (const { target, temporary, content } of named) {
      current = target;
      await mkdir(dirname(temporary), { recursive: true });
      await fill(temporary, content, signal);
    }
    if (signal?.aborted) throw new EngineError('cancelled', 'cancelled');
    for (const { target, temporary } of named) {
      current = target;
      await publish(temporary, target, force);
      published.push(target);
    }
  } catch (error) {
    // Without force nothing was replaced, so what was published is ours alone.
    if (!force) for (const target of published) await discard(target);
    throw writeError(error, current);
  } finally {
    for (const { temporary } of named) await discard(temporary);
  }
}
