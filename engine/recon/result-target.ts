/** Whether a result may be written to a place, found out before any work is done. */
import { access, constants, readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { EngineError } from '../errors.ts';

/** The folder that is there already and would hold the new one. */
async function checkParent(target: string): Promise<void> {
  for (let at = dirname(resolve(target)); ; at = dirname(at)) {
    const found = await stat(at).catch((thrown) => {
      if (thrown instanceof Error && 'code' in thrown && (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR'))
        return undefined;
      throw new EngineError('bad-usage', 'the folder to write into cannot be looked at', {
        path: target,
        cause: thrown,
      });
    });
    if (found === undefined && at !== dirname(at)) continue;
    if (found?.isDirectory() !== true)
      throw new EngineError('bad-usage', `expected a folder to write into, found the file ${at}`, {
        path: target,
        hint: 'Choose another --out.',
      });
    await access(at, constants.W_OK | constants.X_OK).catch((cause) => {
      throw new EngineError('bad-usage', 'writing there is not allowed', {
        path: target,
        hint: 'Choose another --out.',
        cause,
      });
    });
    return;
  }
}

/**
 * Refuses a target that may not be written: an existing result without `force`, a file, a place where nothing can be
 * made, and, even with `force`, a folder that is not a result, which shows by the file `marker`.
 */
export async function checkTarget(target: string, force: boolean, marker = 'result.json'): Promise<void> {
  const found = await stat(target).catch(() => undefined);
  if (found === undefined) return checkParent(target);
  if (!found.isDirectory())
    throw new EngineError('bad-usage', 'expected a folder to write, found a file', {
      path: target,
      hint: 'Choose another --out.',
    });
  if ((await readdir(target)).length > 0) {
    const marked = await stat(join(target, marker)).catch(() => undefined);
    if (marked === undefined)
      throw new EngineError('bad-usage', `the folder exists and holds no ${marker}, so it is not replaced`, {
        path: target,
        hint: 'Choose another --out.',
      });
    if (!force)
      throw new EngineError('bad-usage', 'the result exists already', {
        path: target,
        hint: 'Choose another --out, or add --force to replace it.',
      });
  }
  await checkParent(target);
}
