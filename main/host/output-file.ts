/** A single output file: complete or absent, and never over an existing one unless told. */
import { randomUUID } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import { EngineError } from '../../engine/errors.ts';
import { toEngineError } from './engine-error.ts';

/** Throws `bad-usage` when the file exists and may not be replaced; called before any work is done. */
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

export async function writeOutputFile(path: string, bytes: Uint8Array, force: boolean): Promise<void> {
  await checkOutputFile(path, force);
  const part = `${path}.${randomUUID()}.part`;
  try {
    const file = await open(part, 'wx');
    try {
      await file.writeFile(bytes);
    } finally {
      await file.close();
    }
    await rename(part, path);
  } catch (thrown) {
    await rm(part, { force: true }).catch(() => undefined);
    const error = toEngineError(thrown);
    throw new EngineError(error.code, error.message, { path, hint: error.hint, cause: thrown });
  }
}
