/** Whether a single output file may be written, found out before any work is done. */
import { stat } from 'node:fs/promises';
import { EngineError } from '../../engine/errors.ts';

/** Throws `bad-usage` when the file exists and may not be replaced. */
export async function checkOutputFile(path: string, force: boolean): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory())
    throw new EngineError('bad-usage', 'expected a file to write, found a folder', {
      path,
      hint: 'Choose another --out.',
    });
  if (found !== undefined && !force)
    throw new EngineError('bad-usage', 'the file exists already', {
      path,
      hint: 'Choose another --out, or add --force to replace it.',
    });
}
