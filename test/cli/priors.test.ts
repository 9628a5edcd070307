import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import { readNpy, writeNpy } from '../../engine/io/npy.ts';
import { listPriors } from '../../engine/prior/registry.ts';
import { jsonOf, tangent } from './tangent-process.ts';

const installed = (await listPriors()).filter(({ manifest }) => manifest !== undefined);
if (installed.length === 0) console.log('skipped: tests of the shipped prior need models/ to hold one');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tangent-priors-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('priors', () => {
  test('list --json is an array; a broken card is listed with its problem', async () => {
    await mkdir(join(folder, 'broken'));
    await writeFile(join(folder, 'broken', 'manifest.json'), '{}');
    const result = await tangent(['priors', 'list', '--json'], { env: { TANGENT_PRIORS: folder } });
    expect(result.code).toBe(0);
    const list = jsonOf(result) as { name: string; problem: string | null }[];
    expect(list.find(({ name }) => name === 'broken')?.problem).toMatch(/manifest field/);
    expect(list.filter(({ problem }) => problem === null)).toHaveLength(installed.length);
    const doctor = jsonOf(await tangent(['doctor', '--json'], { env: { TANGENT_PRIORS: folder } }));
    expect(doctor).toMatchObject({ ok: false, problems: [expect.stringContaining('prior broken')] });
  });

  test.each([
    [['priors', 'shwo', 'x'], /unknown action "shwo" .* Did you mean show\?/],
    [['priors', 'show'], /needs a NAME/],
    [['priors', 'show', 'nobody'], /there is no prior nobody/],
    [['priors', 'eval', 'brain-mri', '--t', '5'], /needs --out/],
    [['priors', 'import', 'x.pt', '--out', 'a', '--name', 'b'], /either --out or --name/],
    [['priors', 'info', '/does/not/exist.pt'], /exist\.pt/],
  ])('%j ends with 2', async (words, message) => {
    const result = await tangent(words);
    expect({ code: result.code, stderr: result.stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) });
  });
});

describe.skipIf(installed.length === 0)('the shipped prior', () => {
  const name = installed[0]?.name ?? '';
  const channels = installed[0]?.manifest?.channels ?? 1;

  test('show prints the card, --json gives it whole', async () => {
    const card = jsonOf(await tangent(['priors', 'show', name, '--json']));
    expect(card).toMatchObject({ id: name, weights: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) } });
  });

  test('eval writes one evaluation of the input’s size, the same on every run', async () => {
    const x = join(folder, 'x.npy');
    const values = Float32Array.from({ length: channels * 32 * 32 }, (_, i) => Math.cos(0.5 * i));
    await writeFile(x, writeNpy(ndarray('float32', [channels, 32, 32], values)));
    const files = [join(folder, 'a.npy'), join(folder, 'b.npy')];
    for (const out of files) {
      const result = await tangent(['priors', 'eval', name, '--x', x, '--t', '500', '--out', out, '--json']);
      expect(result.code).toBe(0);
      expect(jsonOf(result)).toMatchObject({ prior: name, t: 500, file: out, norm: expect.any(Number) });
    }
    const [a, b] = await Promise.all(files.map((file) => readFile(file)));
    expect(a.equals(b)).toBe(true);
    expect(readNpy(a).shape.slice(-2)).toEqual([32, 32]);
  });

  test('eval refuses an image with other channels, and leaves nothing', async () => {
    const x = join(folder, 'wrong.npy');
    await writeFile(x, writeNpy(ndarray('float32', [channels + 1, 8, 8], new Float32Array((channels + 1) * 64))));
    const before = await readdir(folder);
    const result = await tangent(['priors', 'eval', name, '--x', x, '--t', '1', '--out', join(folder, 'c.npy')]);
    expect(result).toMatchObject({ code: 2, stderr: expect.stringContaining('wrong.npy') });
    expect(await readdir(folder)).toEqual(before);
  });
});
