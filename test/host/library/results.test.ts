/** Results, scans and arrays: what they show, and what may be deleted. */
import { existsSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ndarray } from '../../../engine/arrays/ndarray.ts';
import { quietContext } from '../../../engine/context.ts';
import { writeNifti } from '../../../engine/io/nifti.ts';
import { writeNpy } from '../../../engine/io/npy.ts';
import { writeNpz } from '../../../engine/io/npz.ts';
import { writeResultFolder } from '../../../engine/recon/result-folder.ts';
import { itemDescription } from '../../../main/host/api/item.ts';
import { temporaryFolder } from '../../io/temporary-folder.ts';
import { exampleCommand, exampleResult } from '../../recon/example-result.ts';
import { openLibrary, slicePixels } from './open-library.ts';

const options = { version: '1.2.3', command: exampleCommand, formats: ['npy', 'png'] as const, force: true };

test('a result shows its arrays, its parts, what it was compared with and where it lies', async () => {
  const plane = (z: number) => ({
    position: [1, 2, z] as [number, number, number],
    rowCosines: [1, 0, 0] as [number, number, number],
    columnCosines: [0, 1, 0] as [number, number, number],
  });
  const result = exampleResult({ geometry: [plane(0), plane(5)] });
  const folder = join(temporaryFolder(), 'r');
  await writeResultFolder(folder, result, quietContext(), options);
  const { library } = openLibrary();
  const id = await library.addResult(folder);
  expect(await library.addResult(folder)).toBe(id);
  expect(library.folderOf(id)).toBe(folder);
  const description = itemDescription.parse(await library.describe(id));
  const compared = result.baselines.map((baseline) => baseline.id);
  expect(description.components.map(({ name }) => name)).toEqual([
    ...['image', 'phase', 'real', 'imaginary', 'std', 'evidence', 'reference'],
    ...compared,
  ]);
  expect(description.components.map(({ role }) => role).slice(0, 7)).toEqual([
    ...['image', 'phase', 'image', 'image', 'uncertainty', 'evidence', 'image'],
  ]);
  expect(description).toMatchObject({
    kind: 'result',
    origin: result.method,
    badges: ['derived', 'simulated', 'research'],
  });
  expect(description.planes).toEqual([plane(0), plane(5)]);
  const [image] = description.components;
  expect(image.range).toEqual([Math.min(...result.image.data), Math.max(...result.image.data)]);
  expect([...(await library.volume(id, 'image'))]).toEqual([...result.image.data]);
  const size = 6 * 5;
  const complex = result.imageComplex?.data ?? new Float32Array();
  const second = Array.from({ length: size }, (_, i) => [complex[2 * (size + i)], complex[2 * (size + i) + 1]]);
  expect([...(await slicePixels(library, id, 1, 'real'))]).toEqual(second.map(([re]) => re));
  expect([...(await slicePixels(library, id, 1, 'imaginary'))]).toEqual(second.map(([, im]) => im));
  expect([...(await slicePixels(library, id, 1, 'phase'))]).toEqual(
    second.map(([re, im]) => Math.fround(Math.atan2(im, re))),
  );
  expect([...(await library.volume(id, compared[0]))]).toEqual([...result.baselines[0].image.data]);
});

test('files: those that are listed, no others', async () => {
  const folder = join(temporaryFolder(), 'r');
  await writeResultFolder(folder, exampleResult(), quietContext(), options);
  writeFileSync(join(folder, '..', 'outside.txt'), 'no');
  symlinkSync(join(folder, '..', 'outside.txt'), join(folder, 'link.txt'));
  const { library } = openLibrary();
  const id = await library.addResult(folder);
  const { files } = await library.describe(id);
  expect(files).toContain('report.html');
  expect(files).not.toContain('link.txt');
  const report = await library.data(['file', id, 'report.html']);
  expect(report).toMatchObject({ contentType: 'text/html; charset=utf-8', name: 'report.html' });
  expect(report?.bytes).toEqual(new Uint8Array(readFileSync(join(folder, 'report.html'))));
  expect(
    (await library.data(['file', id, 'compare', files.find((f) => f.startsWith('compare/'))?.slice(8) ?? '']))?.bytes,
  ).toBeDefined();
  for (const name of [['link.txt'], ['..', 'outside.txt'], ['../outside.txt'], ['none.txt'], ['']])
    await expect(library.data(['file', id, ...name])).rejects.toMatchObject({ code: 'not-found' });
});

test('results of the results folder are listed from the start, newest first, and only those can be deleted', async () => {
  const results = join(temporaryFolder(), 'results');
  mkdirSync(results);
  for (const [name, day] of [
    ['old', 1],
    ['new', 3],
    ['middle', 2],
  ] as const) {
    await writeResultFolder(join(results, name), exampleResult(), quietContext(), options);
    utimesSync(join(results, name, 'result.json'), day * 86400, day * 86400);
  }
  const elsewhere = join(temporaryFolder(), 'mine');
  await writeResultFolder(elsewhere, exampleResult(), quietContext(), options);
  const { library, event } = openLibrary({ results });
  for (const name of ['old', 'new', 'middle']) await event((e) => e.type === 'item' && e.item.title === name);
  expect(library.list('').map(({ title }) => title)).toEqual(['new', 'middle', 'old']);
  const old = library.list('old')[0];
  await library.remove(old.id);
  expect(existsSync(join(results, 'old'))).toBe(false);
  expect(library.list('').map(({ title }) => title)).toEqual(['new', 'middle']);
  const mine = await library.addResult(elsewhere);
  await expect(library.remove(mine)).rejects.toMatchObject({ code: 'untrusted' });
  symlinkSync(elsewhere, join(results, 'link'));
  const linked = await library.addResult(join(results, 'link'));
  expect(linked).toBe(mine);
  await expect(library.remove(linked)).rejects.toMatchObject({ code: 'untrusted' });
  expect(existsSync(join(elsewhere, 'result.json'))).toBe(true);
});

test('volumes of NIfTI and NumPy, scans of k-space and rays', async () => {
  const ramp = Float32Array.from({ length: 24 }, (_, i) => i / 1000);
  const kspace = new Float32Array(2 * 2 * 16);
  kspace[2 * 5] = 3;
  kspace[2 * (16 + 5) + 1] = 4;
  const folder = temporaryFolder({
    'a.nii': writeNifti({ volume: ndarray('float32', [2, 3, 4], ramp), spacingMm: [3, 2, 1] }),
    'b.nii.gz': writeNifti({ volume: ndarray('float32', [2, 3, 4], ramp), spacingMm: [3, 2, 1] }, { gzip: true }),
    'c.npz': writeNpz({ kspace: ndarray('complex64', [1, 2, 4, 4], kspace) }),
    'd.npz': writeNpz({
      sinogram: ndarray(
        'float32',
        [1, 3, 8],
        Float32Array.from({ length: 24 }, (_, i) => i),
      ),
      angles: ndarray('float32', [3], Float32Array.of(0, 60, 120)),
    }),
    'f.npz': writeNpz({ image: ndarray('complex64', [1, 2, 2], Float32Array.of(3, 4, 0, 1, -2, 0, 0, 0)) }),
    'e.npy': writeNpy(ndarray('float32', [2, 3, 4], ramp)),
  });
  const { library, search } = openLibrary();
  const progress = await search([folder]);
  expect(progress).toMatchObject({ state: 'done', unreadable: [] });
  const items = new Map(library.list('').map((item) => [item.title, item]));
  const idOf = (name: string) => items.get(name)?.id ?? '';
  for (const name of ['a.nii', 'b.nii.gz', 'e.npy']) {
    const { components, kind } = await library.describe(idOf(name));
    expect(kind).toBe('series');
    expect(components[0]).toMatchObject({ name: 'image', shape: [2, 3, 4] });
    expect(components[0].range).toEqual([0, Math.fround(0.023)]);
    expect([...(await slicePixels(library, idOf(name), 1))]).toEqual([...ramp.slice(12)]);
  }
  const complex = await library.describe(idOf('f.npz'));
  expect(complex).toMatchObject({ kind: 'series', scan: null });
  expect(complex.components.map(({ name }) => name)).toEqual(['image', 'phase', 'real', 'imaginary']);
  expect([...(await slicePixels(library, idOf('f.npz')))]).toEqual([5, 1, 2, 0]);
  const scan = await library.describe(idOf('c.npz'));
  expect(scan.scan).toMatchObject({ kind: 'kspace', coils: 2 });
  const pixels = await slicePixels(library, idOf('c.npz'), 0, 'kspace');
  // √(3² + 4²) is the largest value: log10(1 + 10⁴).
  expect(pixels[5]).toBeCloseTo(Math.log10(10001), 5);
  expect(pixels.filter((value) => value !== 0)).toHaveLength(1);
  const rays = await library.describe(idOf('d.npz'));
  expect(rays).toMatchObject({ kind: 'scan', modality: 'CT', scan: { kind: 'sinogram' } });
  expect((await slicePixels(library, idOf('d.npz'), 0, 'sinogram'))[23]).toBe(23);
  expect(library.source(idOf('c.npz'))).toEqual({ path: join(folder, 'c.npz') });
});

test('a folder with a result in it, opened by hand, is one item; a foreign result.json is none', async () => {
  const folder = temporaryFolder({ 'other/result.json': '{"score": 3}' });
  await writeResultFolder(join(folder, 'r'), exampleResult(), quietContext(), options);
  const { library, search } = openLibrary();
  const progress = await search([folder]);
  expect(progress).toMatchObject({ items: [expect.any(String)], skipped: 1 });
  expect(library.list('')[0]).toMatchObject({ kind: 'result', title: 'r' });
});

test("a solver's arrays and tables", async () => {
  const record = {
    solver: 'none.such',
    version: '1',
    params: {},
    seed: 0,
    artifacts: { field: 'field.npy', history: 'history.csv', gone: '../x.npy' },
  };
  const folder = temporaryFolder({
    'result.json': JSON.stringify(record),
    'field.npy': writeNpy(
      ndarray(
        'float32',
        [3, 4],
        Float32Array.from({ length: 12 }, (_, i) => i),
      ),
    ),
    'history.csv': 'step,value\n1,2\n',
  });
  const { library } = openLibrary();
  const id = await library.addResult(folder);
  const { components, artifacts, kind } = await library.describe(id);
  expect(kind).toBe('solution');
  expect(artifacts).toEqual([
    { name: 'field', type: 'array', file: 'field.npy' },
    { name: 'history', type: 'table', file: 'history.csv' },
  ]);
  expect(components[0]).toMatchObject({ name: 'field', shape: [1, 3, 4], range: [0, 11] });
  expect((await slicePixels(library, id, 0, 'field'))[11]).toBe(11);
});
