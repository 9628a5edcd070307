import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import { readNpy, writeNpy } from '../../engine/io/npy.ts';
import { listPriors } from '../../engine/prior/registry.ts';
import { bytesOf, global, protocol2, storedZip, text } from '../prior/checkpoint-writer.ts';
import { addTime, onnxFile } from '../prior/onnx-writer.ts';
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

describe('import and export', () => {
  const at = (name: string) => join(folder, name);
  const network = () => onnxFile(addTime());

  test('an import nobody answers for goes through with a warning; show says who stated what', async () => {
    await writeFile(at('net.onnx'), network());
    const result = await tangent(['priors', 'import', at('net.onnx'), '--out', at('plain'), '--json']);
    expect(result).toMatchObject({ code: 0, stderr: expect.stringMatching(/licence and source .* "not stated"/) });
    expect(jsonOf(result)).toMatchObject({
      name: 'plain',
      licence: 'not stated',
      source: 'not stated',
      statedBy: 'nobody',
    });
    const card = await tangent(['priors', 'show', at('plain')]);
    expect(card.stdout).toMatch(/source\s+not stated \(stated by nobody\)/);
    expect(card.stdout).toMatch(/imported from\s+net\.onnx \(onnx, sha256 [0-9a-f]{64}\)/);
  });

  test('--licence and --source go into the card', async () => {
    const words = ['--licence', 'CC BY 4.0', '--source', 'https://example.org', '--out', at('told')];
    const result = await tangent(['priors', 'import', at('net.onnx'), ...words, '--json']);
    expect(result.stderr).toBe('');
    expect(jsonOf(result)).toMatchObject({ licence: 'CC BY 4.0', source: 'https://example.org', statedBy: 'user' });
  });

  test.each([
    ['a truncated ONNX file', () => network().subarray(0, 100), /the ONNX file is damaged: graph needs/],
    [
      'a malicious pickle',
      () => storedZip([['a/data.pkl', bytesOf([protocol2, global('os', 'system'), '(', text('x'), 'tR.'])]]),
      /asks for os\.system/,
    ],
    [
      'an ONNX file that reaches outside its folder',
      () => onnxFile(addTime({ weights: [{ name: 'w', dims: [1], external: { location: '../w' } }] })),
      /keeps weights in "\.\.\/w"/,
    ],
  ])('%s ends with 2, by name, and leaves nothing', async (_, bytes, message) => {
    await writeFile(at('bad.bin'), bytes());
    const before = await readdir(folder);
    const result = await tangent(['priors', 'import', at('bad.bin'), '--out', at('never')]);
    expect(result).toMatchObject({ code: 2, stderr: expect.stringMatching(message) });
    expect(result.stderr).toContain('bad.bin');
    expect(await readdir(folder)).toEqual(before);
  });

  test.skipIf(installed.length === 0)('export says what its numbers mean, and never overwrites unasked', async () => {
    const name = installed[0]?.name ?? '';
    const words = ['priors', 'export', name, '--format', 'onnx', '--as', 'eps', '--out', at('out.onnx')];
    const first = await tangent(words);
    expect(first.code).toBe(0);
    expect(first.stdout).toMatch(/output\s+the noise eps/);
    expect((await tangent(words)).code).toBe(2);
    const again = jsonOf(await tangent([...words, '--force', '--external', '--json']));
    expect(again).toMatchObject({
      prior: name,
      as: 'eps',
      files: [{ path: at('out.onnx') }, { path: at('out.onnx.data') }],
      conventions: { t: expect.stringContaining('time index') },
    });
  });

  test.each([
    [['priors', 'export', 'brain-mri', '--out', 'x'], /needs --format/],
    [['priors', 'export', 'brain-mri', '--format', 'pt', '--out', 'x'], /onnx, safetensors/],
    [['priors', 'export', 'nobody', '--format', 'onnx', '--out', 'x'], /no prior nobody/],
  ])('%j ends with 2', async (words, message) => {
    expect(await tangent(words)).toMatchObject({ code: 2, stderr: expect.stringMatching(message) });
  });
});
