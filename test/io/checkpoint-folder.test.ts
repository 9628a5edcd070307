/** The folder holds the old checkpoint or the new one, and says what is wrong with a damaged one. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { checkpointFolder } from '../../engine/io/checkpoint-folder.ts';
import { readNpy } from '../../engine/io/npy.ts';

const root = mkdtempSync(join(tmpdir(), 'tangent-checkpoint-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;
const fresh = () => join(root, `case-${count++}`);
const arrays = (...values: number[]) =>
  new Map<string, Float32Array | Float64Array>([
    ['state', Float32Array.from(values)],
    ['sums', Float64Array.from(values, (v) => v / 3)],
  ]);
async function loaded(folder: string, name: string, length: number): Promise<number[]> {
  const target = new Float32Array(length);
  await checkpointFolder(folder).load(name, target);
  return [...target];
}

test('what is written is read by another process, as .npy', async () => {
  const folder = fresh();
  expect(await checkpointFolder(folder).read()).toBeUndefined();
  await checkpointFolder(folder).write({ step: 4, share: 0.1 }, arrays(1, 2, 3), []);
  const store = checkpointFolder(folder);
  expect(await store.read()).toEqual({ step: 4, share: 0.1 });
  expect(await loaded(folder, 'state', 3)).toEqual([1, 2, 3]);
  const sums = new Float64Array(3);
  await store.load('sums', sums);
  expect([...sums]).toEqual([1 / 3, 2 / 3, 1]);
  const file = readdirSync(folder).find((name) => name.endsWith('-state.npy')) ?? '';
  expect([...readNpy(readFileSync(join(folder, file))).data]).toEqual([1, 2, 3]);
});

test('a new checkpoint replaces the old, but for the arrays it keeps', async () => {
  const folder = fresh();
  const store = checkpointFolder(folder);
  await store.write(1, arrays(1, 2), []);
  await store.write(2, new Map([['image', Float32Array.of(7)]]), ['state']);
  expect(await loaded(folder, 'state', 2)).toEqual([1, 2]);
  expect(await loaded(folder, 'image', 1)).toEqual([7]);
  await expect(loaded(folder, 'sums', 2)).rejects.toMatchObject({ code: 'bad-input' });
  expect(readdirSync(folder)).toHaveLength(3);
});

test('until the index names them, new arrays change nothing, and what a kill leaves is swept up', async () => {
  const folder = fresh();
  await checkpointFolder(folder).write({ step: 1 }, arrays(1, 2), []);
  // A kill after some arrays and before the index.
  writeFileSync(join(folder, 'checkpoint-2-state.npy'), 'half');
  writeFileSync(join(folder, '.checkpoint-2-sums.npy.0a1b2c3d.partial'), 'half');
  writeFileSync(join(folder, '.checkpoint.json.0a1b2c3d.partial'), '{');
  writeFileSync(join(folder, 'notes.txt'), 'mine');
  expect(await checkpointFolder(folder).read()).toEqual({ step: 1 });
  expect(await loaded(folder, 'state', 2)).toEqual([1, 2]);
  const store = checkpointFolder(folder);
  await store.write({ step: 2 }, arrays(5, 6), []);
  expect(await loaded(folder, 'state', 2)).toEqual([5, 6]);
  expect(readdirSync(folder).sort()).toEqual([
    'checkpoint-2-state.npy',
    'checkpoint-2-sums.npy',
    'checkpoint.json',
    'notes.txt',
  ]);
  await store.remove();
  expect(readdirSync(folder)).toEqual(['notes.txt']);
});

test('removing leaves no folder, and can be done twice', async () => {
  const folder = fresh();
  const store = checkpointFolder(folder);
  await store.write(1, arrays(1), []);
  await store.remove();
  expect(existsSync(folder)).toBe(false);
  await store.remove();
  expect(await store.read()).toBeUndefined();
});

describe('damage is named', () => {
  async function damaged(damage: (folder: string) => void): Promise<string> {
    const folder = fresh();
    await checkpointFolder(folder).write({ step: 1 }, arrays(1, 2), []);
    damage(folder);
    return folder;
  }
  const state = (folder: string) => join(folder, 'checkpoint-1-state.npy');

  test('an array cut short', async () => {
    const folder = await damaged((f) => truncateSync(state(f), 130));
    await expect(loaded(folder, 'state', 2)).rejects.toMatchObject({ code: 'mismatch', path: state(folder) });
  });
  test('an array with one changed byte', async () => {
    const folder = await damaged((f) => {
      const bytes = readFileSync(state(f));
      bytes[bytes.length - 1] ^= 1;
      writeFileSync(state(f), bytes);
    });
    await expect(loaded(folder, 'state', 2)).rejects.toThrow(/SHA-256/);
  });
  test('an array of another type', async () => {
    const folder = await damaged(() => {});
    await expect(checkpointFolder(folder).load('state', new Float64Array(1))).rejects.toThrow(/another type or length/);
  });
  test('a missing array', async () => {
    const folder = await damaged((f) => rmSync(state(f)));
    await expect(loaded(folder, 'state', 2)).rejects.toMatchObject({ code: 'not-found', path: state(folder) });
  });
  test('an index that is no JSON, and one of another program', async () => {
    for (const text of ['{"format"', '{"format":"other"}']) {
      const folder = await damaged((f) => writeFileSync(join(f, 'checkpoint.json'), text));
      await expect(checkpointFolder(folder).read()).rejects.toMatchObject({ code: 'bad-input' });
    }
  });
  test('names in the index cannot leave the folder', async () => {
    const folder = await damaged((f) => {
      const path = join(f, 'checkpoint.json');
      writeFileSync(path, readFileSync(path, 'utf8').replace('checkpoint-1-state.npy', '../x.npy'));
    });
    await expect(checkpointFolder(folder).read()).rejects.toMatchObject({ code: 'bad-input' });
  });
});

test('a file where the folder should be is an error that says so', async () => {
  const path = fresh();
  writeFileSync(path, '');
  await expect(checkpointFolder(path).write(1, arrays(1), [])).rejects.toMatchObject({ code: 'bad-usage', path });
});
