import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeNpy } from '../../engine/io/npy.ts';
import { listPriors } from '../../engine/prior/registry.ts';
import { readResult } from '../../engine/recon/result-folder.ts';
import { freeFolder } from '../../main/cli/free-folder.ts';
import { jsonOf, tangent } from './tangent-process.ts';
import { ellipses } from './tiny-scan.ts';

const methods = ['zero-filled', 'cg-sense', 'l1-wavelet', 'tv', 'dds'];
const ready = (await listPriors()).some(({ name, manifest }) => name === 'brain-mri' && manifest !== undefined);
if (!ready) console.log('skipped: the demo needs the brain-mri prior in models/');

let folder: string;
let image: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tangent-demo-'));
  image = join(folder, 'image.npy');
  await writeFile(image, writeNpy(ellipses(5, 32)));
});
afterAll(() => rm(folder, { recursive: true }));

test('without --out the folder gets a name that is free', async () => {
  const name = join(folder, 'taken');
  expect(await freeFolder(name)).toBe(name);
  await mkdir(name);
  await mkdir(`${name}-2`);
  expect(await freeFolder(name)).toBe(`${name}-3`);
  await rm(name, { recursive: true });
  await rm(`${name}-2`, { recursive: true });
});

describe.skipIf(!ready)('demo', () => {
  test('on a scan of one’s own: every method, its folder, the table and the report', async () => {
    const words = ['demo', '--scan', image, '--no-open', '--acs', '0.3', '--accel', '2', '--json'];
    const result = await tangent(words, { cwd: folder });
    expect(result.stderr).not.toMatch(/^tangent:/m);
    expect(result.code).toBe(0);
    const shown = jsonOf(result) as { methods: Record<string, { folder: string }>; report: string };
    expect(Object.keys(shown.methods).sort()).toEqual([...methods].sort());
    for (const [name, one] of Object.entries(shown.methods)) {
      expect(one).toEqual({
        metrics: { psnr: expect.any(Number), ssim: expect.any(Number), nmse: expect.any(Number) },
        seconds: expect.any(Number),
        folder: join('tangent-demo', name),
      });
      const record = await readResult(join(folder, one.folder));
      expect(record).toMatchObject({ method: name, shape: [3, 32, 32], slices: [1, 2, 3], simulated: true });
    }
    expect((await readResult(join(folder, 'tangent-demo', 'dds'))).prior?.name).toBe('brain-mri');
    expect(await readdir(join(folder, 'tangent-demo', 'dds', 'dicom'))).toHaveLength(3);
    const page = await readFile(join(folder, shown.report), 'utf8');
    expect(page).toContain('Seconds');
    expect(page).toContain('tangent demo --seed 0');
  });

  test('an earlier demo is never overwritten, and a failing one leaves nothing', async () => {
    const before = existsSync(join(folder, 'tangent-demo'));
    const result = await tangent(['demo', '--scan', join(folder, 'nothing'), '--no-open'], { cwd: folder });
    expect(result).toMatchObject({ code: 2, stderr: expect.stringContaining('nothing') });
    const taken = await tangent(['demo', '--scan', image, '--no-open', '--out', 'tangent-demo'], { cwd: folder });
    expect({ before, code: taken.code }).toEqual({ before: true, code: 2 });
    expect(taken.stderr).toContain('the result exists already (tangent-demo)');
    expect((await readdir(folder)).sort()).toEqual(['image.npy', 'tangent-demo']);
  });
});
