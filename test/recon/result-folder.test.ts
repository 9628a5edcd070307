import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { quietContext } from '../../engine/context.ts';
import { readNifti } from '../../engine/io/nifti.ts';
import { readNpy } from '../../engine/io/npy.ts';
import { openScan } from '../../engine/io/recognise.ts';
import { readResult, resultFormats, writeResultFolder } from '../../engine/recon/result-folder.ts';
import { exampleCommand, exampleResult } from './example-result.ts';

let parent: string;
let target: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'tangent-result-'));
  target = join(parent, 'result');
});
afterEach(() => rm(parent, { recursive: true }));

const options = { version: '1.2.3', command: exampleCommand, formats: resultFormats, force: false };

async function hashes(folder: string): Promise<Record<string, string>> {
  const result: Record<string, string> = {};
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    const bytes = await readFile(join(folder, name)).catch(() => undefined);
    if (bytes !== undefined && name !== 'result.json') result[name] = createHash('sha256').update(bytes).digest('hex');
  }
  return result;
}

describe('result folder', () => {
  test('holds the files of the contract, all named in result.json, with the arrays as given', async () => {
    const result = exampleResult();
    const written = await writeResultFolder(target, result, quietContext(), options);
    expect(await readResult(target)).toEqual(written);
    const names = ['image.npy', 'image_complex.npy', 'std.npy', 'evidence.npy', 'maps.npy', 'volume.nii.gz'];
    const pages = ['preview.png', 'report.html', 'result.json'];
    const dicom = ['dicom/image-0001.dcm', 'dicom/image-0002.dcm'];
    const others = ['reference.npy', ...result.baselines.map(({ id }) => `compare/${id}.npy`)];
    expect(others.length).toBeGreaterThan(1);
    expect(written.files).toEqual([...names, ...pages, ...dicom, ...others].sort());
    for (const { id, image } of result.baselines)
      expect(readNpy(await readFile(join(target, 'compare', `${id}.npy`)))).toEqual({
        ...image,
        shape: [...image.shape],
      });
    const image = readNpy(await readFile(join(target, 'image.npy')));
    expect(image).toEqual({ dtype: 'float32', shape: [2, 6, 5], data: result.image.data });
    const complex = readNpy(await readFile(join(target, 'image_complex.npy')));
    expect(complex).toMatchObject({ dtype: 'complex64', shape: [2, 6, 5] });
    expect(readNpy(await readFile(join(target, 'maps.npy')))).toMatchObject({
      dtype: 'complex64',
      shape: [2, 3, 6, 5],
    });
    const volume = readNifti(await readFile(join(target, 'volume.nii.gz')));
    expect(volume.volume.data).toEqual(result.image.data);
    expect(volume.spacingMm.map((mm) => Math.round(mm * 1e4) / 1e4)).toEqual([5, 1, 0.9]);
    const scan = await openScan(join(target, 'dicom'));
    expect(scan.kind === 'image' && scan.volume.shape).toEqual([2, 6, 5]);
    expect(await readdir(parent)).toEqual(['result']);
  });

  test('arrays that do not exist are not written', async () => {
    const bare = exampleResult({
      baselines: [],
      reference: undefined,
      std: undefined,
      evidence: undefined,
      maps: undefined,
      imageComplex: undefined,
    });
    const written = await writeResultFolder(target, bare, quietContext(), { ...options, formats: ['npy'] });
    expect(written.files).toEqual(['image.npy', 'report.html', 'result.json']);
  });

  test('equal results give equal bytes, whatever the time they took', async () => {
    await writeResultFolder(target, exampleResult(), quietContext(), options);
    const other = join(parent, 'other-name');
    const slow = exampleResult({ seconds: { load: 8, calibrate: 8, sample: 80 } });
    await writeResultFolder(other, slow, quietContext(), options);
    expect(await hashes(other)).toEqual(await hashes(target));
    const [a, b] = [await readResult(target), await readResult(other)];
    expect({ ...a, seconds: 0 }).toEqual({ ...b, seconds: 0 });
  });

  test('an existing result stays without force, and is replaced with it', async () => {
    await writeResultFolder(target, exampleResult(), quietContext(), options);
    const before = await hashes(target);
    await expect(writeResultFolder(target, exampleResult(), quietContext(), options)).rejects.toMatchObject({
      code: 'bad-usage',
      path: target,
      message: 'the result exists already',
    });
    expect(await hashes(target)).toEqual(before);
    const changed = exampleResult({ std: undefined });
    await writeResultFolder(target, changed, quietContext(), { ...options, force: true });
    expect(Object.keys(await hashes(target))).not.toContain('std.npy');
    expect(await readdir(parent)).toEqual(['result']);
  });

  test('a folder that is no result is never replaced, an empty one may be filled', async () => {
    await mkdir(target);
    await writeFile(join(target, 'thesis.tex'), 'x');
    const forced = { ...options, force: true };
    await expect(writeResultFolder(target, exampleResult(), quietContext(), forced)).rejects.toMatchObject({
      code: 'bad-usage',
    });
    expect(await readdir(target)).toEqual(['thesis.tex']);
    await rm(join(target, 'thesis.tex'));
    await writeResultFolder(target, exampleResult(), quietContext(), options);
    expect(await readdir(target)).toContain('result.json');
  });

  test('a failure half-way leaves nothing', async () => {
    const broken = exampleResult({ residual: { relative: Number.NaN, expected: null } });
    await expect(writeResultFolder(target, broken, quietContext(), options)).rejects.toThrow(/residual.relative/);
    expect(await readdir(parent)).toEqual([]);
  });

  test('cancelling while writing leaves nothing', async () => {
    const abort = new AbortController();
    const context = quietContext({ signal: abort.signal, progress: () => abort.abort() });
    await expect(writeResultFolder(target, exampleResult(), context, options)).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(await readdir(parent)).toEqual([]);
  });

  test('a file in the way is named', async () => {
    await writeFile(join(parent, 'file'), 'x');
    for (const place of [join(parent, 'file'), join(parent, 'file', 'result')])
      await expect(writeResultFolder(place, exampleResult(), quietContext(), options)).rejects.toMatchObject({
        path: place,
      });
    expect(await readdir(parent)).toEqual(['file']);
  });
});
