/** Results are whole or absent. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EngineError } from '../../engine/errors.ts';
import { writeFileAtomic } from '../../engine/io/atomic-file.ts';
import { writeFolderAtomic } from '../../engine/io/atomic-folder.ts';
import { engineErrorFrom } from './engine-error-of.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** An error as the file system throws it. */
function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: something`), { code });
}

describe('writeFolderAtomic', () => {
  test('the target appears complete, parents are made, the value is returned', async () => {
    const root = temporaryFolder();
    const target = join(root, 'deep/er/result');
    const value = await writeFolderAtomic(target, {}, async (folder) => {
      expect(existsSync(target)).toBe(false);
      await mkdir(join(folder, 'dicom'));
      await writeFile(join(folder, 'dicom', '1'), 'x');
      return 7;
    });
    expect(value).toBe(7);
    expect(readFileSync(join(target, 'dicom/1'), 'utf8')).toBe('x');
    expect(readdirSync(join(root, 'deep/er'))).toEqual(['result']);
  });

  test('a failure leaves nothing, and the error is the one of the work', async () => {
    const root = temporaryFolder();
    const failing = async (folder: string): Promise<void> => {
      await writeFile(join(folder, 'half'), 'x');
      throw new EngineError('numerical', 'diverged');
    };
    expect((await engineErrorFrom(() => writeFolderAtomic(join(root, 'a'), {}, failing))).code).toBe('numerical');
    expect(readdirSync(root)).toEqual([]);
    const bug = new TypeError('a bug');
    await expect(
      writeFolderAtomic(join(root, 'a'), {}, async () => {
        throw bug;
      }),
    ).rejects.toBe(bug);
    expect(readdirSync(root)).toEqual([]);
  });

  test('without force an existing result stays, with force it is replaced whole', async () => {
    const root = temporaryFolder({ 'a/old': 'old' });
    const write = async (folder: string): Promise<void> => writeFile(join(folder, 'new'), 'new');
    const error = await engineErrorFrom(() => writeFolderAtomic(join(root, 'a'), {}, write));
    expect(error.code).toBe('bad-usage');
    expect(error.hint).toContain('--force');
    expect(readdirSync(join(root, 'a'))).toEqual(['old']);
    await writeFolderAtomic(join(root, 'a'), { force: true }, write);
    expect(readdirSync(join(root, 'a'))).toEqual(['new']);
    expect(readdirSync(root)).toEqual(['a']);
  });

  test('with force a failure keeps the old result', async () => {
    const root = temporaryFolder({ 'a/old': 'old' });
    const run = writeFolderAtomic(join(root, 'a'), { force: true }, async () => {
      throw systemError('ENOSPC');
    });
    await expect(run).rejects.toMatchObject({ code: 'resource', message: 'the disk is full' });
    expect(readdirSync(join(root, 'a'))).toEqual(['old']);
    expect(readdirSync(root)).toEqual(['a']);
  });

  test('a result that appears while this one is made is not overwritten', async () => {
    const root = temporaryFolder();
    const target = join(root, 'a');
    const error = await engineErrorFrom(() =>
      writeFolderAtomic(target, {}, async () => {
        await mkdir(target);
        await writeFile(join(target, 'theirs'), 'x');
      }),
    );
    expect(error.code).toBe('bad-usage');
    expect(readdirSync(target)).toEqual(['theirs']);
    expect(readdirSync(root)).toEqual(['a']);
  });

  test('cancelled before the end: nothing is left', async () => {
    const root = temporaryFolder();
    const controller = new AbortController();
    const error = await engineErrorFrom(() =>
      writeFolderAtomic(join(root, 'a'), { signal: controller.signal }, async (folder) => {
        await writeFile(join(folder, 'x'), 'x');
        controller.abort();
      }),
    );
    expect(error.code).toBe('cancelled');
    expect(readdirSync(root)).toEqual([]);
  });

  test.each([
    ['ENOSPC', 'resource'],
    ['EDQUOT', 'resource'],
    ['EROFS', 'bad-usage'],
    ['EACCES', 'bad-usage'],
    ['EIO', 'resource'],
  ])('%s becomes a clear error that names the target', async (code, expected) => {
    const target = join(temporaryFolder(), 'a');
    const error = await engineErrorFrom(() =>
      writeFolderAtomic(target, {}, async () => {
        throw systemError(code);
      }),
    );
    expect(error.code).toBe(expected);
    expect(error.path).toBe(target);
  });

  test('a file where a folder should be', async () => {
    const root = temporaryFolder({ file: 'x' });
    const error = await engineErrorFrom(() => writeFolderAtomic(join(root, 'file/a'), {}, async () => {}));
    expect(['not-found', 'bad-usage']).toContain(error.code);
  });
});

describe('writeFileAtomic', () => {
  test('writes, refuses to overwrite, replaces with force', async () => {
    const root = temporaryFolder();
    const target = join(root, 'sub/a.npz');
    await writeFileAtomic(target, Uint8Array.of(1, 2));
    expect([...readFileSync(target)]).toEqual([1, 2]);
    const error = await engineErrorFrom(() => writeFileAtomic(target, 'other'));
    expect(error.hint).toContain('--force');
    expect([...readFileSync(target)]).toEqual([1, 2]);
    await writeFileAtomic(target, 'other', { force: true });
    expect(readFileSync(target, 'utf8')).toBe('other');
    expect(readdirSync(join(root, 'sub'))).toEqual(['a.npz']);
  });

  test('a target that is a folder is refused, cancellation leaves nothing', async () => {
    const root = temporaryFolder();
    expect((await engineErrorFrom(() => writeFileAtomic(root, 'x'))).code).toBe('bad-usage');
    const signal = AbortSignal.abort();
    expect((await engineErrorFrom(() => writeFileAtomic(join(root, 'a'), 'x', { signal }))).code).toBe('cancelled');
    writeFileSync(join(root, 'kept'), 'x');
    expect(readdirSync(root)).toEqual(['kept']);
  });
});
