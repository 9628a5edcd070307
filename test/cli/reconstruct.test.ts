import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readNpy, writeNpy } from '../../engine/io/npy.ts';
import { type ResultJson, readResultJson } from '../../engine/recon/result-json.ts';
import { programVersion } from '../../main/program-version.ts';
import { jsonOf, tangent } from './tangent-process.ts';
import { type TinyScan, writeTinyScan } from './tiny-scan.ts';

let folder: string;
let file: string;
let reference: string;
let scan: TinyScan;
let out: string;
let runs = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tangent-reconstruct-'));
  file = join(folder, 'scan.npz');
  reference = join(folder, 'reference.npy');
  scan = await writeTinyScan(file);
  await writeFile(reference, writeNpy(scan.reference));
});
beforeEach(() => {
  out = join(folder, `result-${runs++}`);
});
afterAll(() => rm(folder, { recursive: true }));

async function hashes(result: string): Promise<Record<string, string>> {
  const names = (await readdir(result, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const pairs = names
    .filter((entry) => entry.name !== 'result.json')
    .map(async (entry) => {
      const bytes = await readFile(join(entry.parentPath, entry.name));
      return [entry.name, createHash('sha256').update(bytes).digest('hex')] as const;
    });
  return Object.fromEntries(await Promise.all(pairs));
}

describe('reconstruct', () => {
  test.each(['zero-filled', 'cg-sense', 'l1-wavelet', 'tv'])('%s writes a complete result folder', async (method) => {
    const words = ['reconstruct', file, '--out', out, '--method', method, '--reference', reference, '--json'];
    const result = await tangent(words);
    expect(result.stderr).not.toMatch(/^tangent:/m);
    expect(result.code).toBe(0);
    const record = readResultJson(await readFile(join(out, 'result.json'), 'utf8'), out);
    expect(jsonOf(result)).toEqual({ ...record, folder: out });
    expect(record).toMatchObject({
      tangent: programVersion(),
      method,
      prior: null,
      device: 'cpu',
      seed: 0,
      shape: [2, 32, 32],
      nfe: 0,
      measured_fraction: 0.5,
      metrics: { psnr: expect.any(Number), ssim: expect.any(Number), nmse: expect.any(Number) },
    });
    expect(record.files.sort()).toEqual((await readdir(out)).sort());
    const image = readNpy(await readFile(join(out, 'image.npy')));
    expect(image).toMatchObject({ dtype: 'float32', shape: [2, 32, 32] });
    const complex = readNpy(await readFile(join(out, 'image_complex.npy')));
    for (let i = 0; i < image.data.length; i += 97)
      expect(Math.hypot(complex.data[2 * i], complex.data[2 * i + 1])).toBeCloseTo(image.data[i], 3);
  });

  test('iterating beats zero-filling on its own reference', async () => {
    const psnr: number[] = [];
    for (const method of ['zero-filled', 'cg-sense']) {
      const words = ['reconstruct', file, '--out', `${out}-${method}`, '--method', method, '--reference', reference];
      const result = await tangent([...words, '--json']);
      psnr.push((jsonOf(result) as ResultJson).metrics?.psnr ?? Number.NaN);
    }
    expect(psnr[1]).toBeGreaterThan(psnr[0] + 3);
  });

  test('two runs give the same bytes, and result.json the same but for the times', async () => {
    const words = ['reconstruct', file, '--method', 'l1-wavelet', '--format', 'dicom,nifti,npy,png', '--seed', '3'];
    const records: ResultJson[] = [];
    for (const name of [`${out}-a`, `${out}-b`]) {
      expect((await tangent([...words, '--out', name])).code).toBe(0);
      records.push(readResultJson(await readFile(join(name, 'result.json'), 'utf8'), name));
    }
    expect(await hashes(`${out}-a`)).toEqual(await hashes(`${out}-b`));
    expect({ ...records[0], seconds: 0 }).toEqual({ ...records[1], seconds: 0 });
    expect(records[0].files).toEqual(
      expect.arrayContaining(['dicom/image-0001.dcm', 'dicom/image-0002.dcm', 'volume.nii.gz', 'preview.png']),
    );
  });

  test('a slice alone gives the bytes it has in the volume, and keeps its number', async () => {
    await tangent(['reconstruct', file, '--out', `${out}-all`, '--method', 'cg-sense']);
    await tangent(['reconstruct', file, '--out', `${out}-one`, '--method', 'cg-sense', '--slices', '1:2']);
    const all = readNpy(await readFile(join(`${out}-all`, 'image_complex.npy')));
    const one = readNpy(await readFile(join(`${out}-one`, 'image_complex.npy')));
    expect(one.shape).toEqual([1, 32, 32]);
    expect(one.data).toEqual(all.data.slice(all.data.length / 2));
    const record = readResultJson(await readFile(join(`${out}-one`, 'result.json'), 'utf8'), out);
    expect(record.slices).toEqual([1]);
    expect(record.command.options).toMatchObject({ method: 'cg-sense', slices: '1:2' });
  });

  test('result.json and report hold no path, and enough to run it again', async () => {
    await tangent([
      'reconstruct',
      file,
      '--out',
      out,
      '--method',
      'tv',
      '--set',
      'lambda=0.01',
      '--reference',
      reference,
    ]);
    for (const name of ['result.json', 'report.html']) {
      const text = await readFile(join(out, name), 'utf8');
      expect(text).not.toContain(folder);
    }
    const record = readResultJson(await readFile(join(out, 'result.json'), 'utf8'), out);
    expect(record.parameters).toMatchObject({ lambda: 0.01 });
    const page = await readFile(join(out, 'report.html'), 'utf8');
    const command = /<pre>(.*?)<\/pre>/.exec(page)?.[1].split(' --');
    expect(command?.[0]).toBe('tangent reconstruct INPUT');
    expect(command).toEqual(
      expect.arrayContaining(['out DIR', 'method tv', 'seed 0', 'reference REFERENCE.npy', 'set lambda=0.01']),
    );
  });

  test('an existing result stays unless --force is given', async () => {
    const words = ['reconstruct', file, '--out', out, '--method', 'zero-filled'];
    expect((await tangent(words)).code).toBe(0);
    const before = await hashes(out);
    const refused = await tangent([...words, '--json']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toBe(
      `tangent: the result exists already (${out}). Choose another --out, or add --force to replace it.\n`,
    );
    expect(jsonOf(refused)).toMatchObject({ error: { code: 'bad-usage', path: out } });
    expect(await hashes(out)).toEqual(before);
    const forced = await tangent(['reconstruct', file, '--out', out, '--method', 'cg-sense', '--force']);
    expect(forced.code).toBe(0);
    expect(await hashes(out)).not.toEqual(before);
  });

  test('--force does not replace a folder that is no result', async () => {
    await mkdir(out);
    await writeFile(join(out, 'thesis.tex'), 'x');
    const refused = await tangent(['reconstruct', file, '--out', out, '--method', 'zero-filled', '--force']);
    expect(refused.code).toBe(2);
    expect(await readdir(out)).toEqual(['thesis.tex']);
  });

  test('parents of the result folder are made', async () => {
    const deep = join(out, 'a', 'b');
    expect((await tangent(['reconstruct', file, '--out', deep, '--method', 'zero-filled'])).code).toBe(0);
    expect(await readdir(deep)).toContain('result.json');
  });

  test.each([
    [['--method', 'magic'], '--method', /there is no method "magic"/],
    [['--method', 'cg-sense', '--eta', '0.5'], '--eta', /only for dds/],
    [['--method', 'l1-wavelet', '--set', 'lamda=1'], '--set', /lamda/],
    [['--method', 'cg-sense', '--slices', '1:9'], '--slices', /slices 1:9/],
    [['--method', 'cg-sense', '--slices', 'x'], '--slices', /expected a range A:B/],
    [['--method', 'cg-sense', '--accel', '4'], 'scan.npz', /needs no simulation/],
    [['--prior', 'no-such-prior'], 'no-such-prior', /there is no prior no-such-prior/],
    [['--steps', '0'], '--steps', /whole number from 1 to 1000/],
    [['--format', 'gif'], '--format', /expected a comma-separated list of dicom, nifti, npy, png; found "gif"/],
    [['--device', 'cuda'], '--device', /not available/],
  ])('%j ends with 2, names %s and writes nothing', async (extra, path, message) => {
    const result = await tangent(['reconstruct', file, '--out', out, ...extra, '--json']);
    expect(result.code).toBe(2);
    const { error } = jsonOf(result) as { error: { message: string; path: string } };
    expect(error.message).toMatch(message);
    expect(error.path).toContain(path);
    expect(await readdir(folder)).not.toContain(out.slice(folder.length + 1));
  });
});
