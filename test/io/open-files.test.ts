/** The files of one series, given one by one. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openScan } from '../../engine/io/recognise.ts';
import { writeTinyScan } from '../cli/tiny-scan.ts';
import { writeTinySeries } from '../cli/tiny-series.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tangent-open-files-'));
  await writeTinySeries(join(folder, 'series'));
  await writeTinyScan(join(folder, 'scan.npz'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('openScan of several files', () => {
  test('is the scan of their folder, in whatever order they are named', async () => {
    const whole = await openScan(join(folder, 'series'));
    const files = (await readdir(join(folder, 'series'))).map((name) => join(folder, 'series', name));
    for (const order of [files, files.toReversed()]) {
      const scan = await openScan(order);
      expect(scan).toMatchObject({ kind: 'image', digest: whole.digest });
      if (scan.kind === 'image' && whole.kind === 'image') expect(scan.volume).toEqual(whole.volume);
    }
    const part = await openScan(files.slice(0, 2));
    expect(part.digest).not.toBe(whole.digest);
    expect(await openScan([join(folder, 'scan.npz')])).toMatchObject({ kind: 'kspace' });
  });

  test('refuses none, and files that are no series', async () => {
    await expect(openScan([])).rejects.toMatchObject({ code: 'bad-usage' });
    const [first] = (await readdir(join(folder, 'series'))).map((name) => join(folder, 'series', name));
    const stranger = join(folder, 'scan.npz');
    await expect(openScan([first, stranger])).rejects.toMatchObject({ code: 'bad-input', path: stranger });
    await expect(openScan([first, join(folder, 'missing')])).rejects.toMatchObject({ code: 'not-found' });
  });
});
