/** Archives and media directories: what is inside opens; what is meant to do harm is refused and leaves nothing. */
import { readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { unpackZip } from '../../../engine/io/unpack-zip.ts';
import { buildDicom, type RawElement, sliceElements } from '../../io/dicom/build-dicom.ts';
import { temporaryFolder } from '../../io/temporary-folder.ts';
import { openLibrary, slicePixels } from './open-library.ts';

function slice(k: number): Uint8Array {
  const pixels = new Uint8Array(new Uint16Array(12).fill(k).buffer);
  return buildDicom(sliceElements({ instance: k, pixels }));
}

/** File system names of the private folders libraries of this process may have. */
function privateFolders(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('tangent-library-') && !name.includes('-test-'));
}

test('the series in a zip archive opens, and its unpacked files go with the library', async () => {
  const before = new Set(privateFolders());
  const zip = zipSync({ 'study/2.dcm': slice(2), 'study/1.dcm': slice(1), 'readme.txt': strToU8('hello') });
  const { library, search } = openLibrary();
  const progress = await search([join(temporaryFolder({ 'a.zip': zip }), 'a.zip')]);
  expect(progress).toMatchObject({ state: 'done', skipped: 1, unreadable: [] });
  const [id] = progress.items;
  expect(library.list('')[0].slices).toBe(2);
  expect((await slicePixels(library, id, 1))[0]).toBe(2);
  const source = library.source(id);
  if (!('files' in source)) throw new Error('no files');
  expect(source.files.every((path) => path.startsWith(tmpdir()))).toBe(true);
  const own = privateFolders().filter((name) => !before.has(name) && source.files[0].includes(name));
  expect(own).toHaveLength(1);
  await library.dispose();
  expect(privateFolders()).not.toContain(own[0]);
});

test('an archive in a folder that was opened is counted, not unpacked', async () => {
  const { search } = openLibrary();
  const folder = temporaryFolder({ 'a.zip': zipSync({ '1.dcm': slice(1) }), 'b.dcm': slice(3) });
  expect(await search([folder])).toMatchObject({ filesSeen: 2, skipped: 1, items: [expect.any(String)] });
});

test.each([
  '../out.dcm',
  'a/../../out.dcm',
  '/etc/out.dcm',
  'C:\\out.dcm',
  'a\\..\\..\\out.dcm',
  'a//b.dcm',
  'a\u0000b',
])('a member named %j is refused and nothing is written', async (name) => {
  const folder = temporaryFolder({ 'a.zip': zipSync({ 'good.dcm': slice(1), [name]: slice(2) }) });
  const target = join(folder, 'deep', 'target');
  await expect(unpackZip(join(folder, 'a.zip'), target)).rejects.toMatchObject({ code: 'untrusted' });
  expect(readdirSync(folder)).toEqual(['a.zip']);
  const { search } = openLibrary();
  const progress = await search([join(folder, 'a.zip')]);
  expect(progress.items).toEqual([]);
  expect(progress.unreadable[0]).toMatchObject({ name: 'a.zip', reason: expect.stringContaining('outside') });
});

/** The directory of an archive with one of its 32-bit fields overwritten, for the first member. */
function withField(zip: Uint8Array, offset: number, value: number): Uint8Array {
  const out = zip.slice();
  const view = new DataView(out.buffer);
  let at = out.length - 22;
  while (view.getUint32(at, true) !== 0x06054b50) at--;
  view.setUint32(view.getUint32(at + 16, true) + offset, value, true);
  return out;
}

test('bombs are refused by what they declare, and stopped when they declare too little', async () => {
  const zeros = zipSync({ 'a.dcm': new Uint8Array(2 ** 22) }, { level: 9 });
  const folder = temporaryFolder({ 'a.zip': zeros, 'lies.zip': withField(zeros, 24, 1000) });
  const target = join(folder, 'target');
  const bomb = unpackZip(join(folder, 'a.zip'), target, { maxBytes: 2 ** 20 });
  await expect(bomb).rejects.toMatchObject({
    code: 'untrusted',
    message: expect.stringContaining('unfolds to 4194304'),
  });
  await expect(unpackZip(join(folder, 'lies.zip'), target)).rejects.toMatchObject({ code: 'bad-input' });
  writeFileSync(join(folder, 'huge.zip'), withField(zeros, 24, 0xfffffff0));
  await expect(unpackZip(join(folder, 'huge.zip'), target)).rejects.toMatchObject({ code: 'untrusted' });
  const many = zipSync(Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`${i}`, new Uint8Array(1)])));
  writeFileSync(join(folder, 'many.zip'), many);
  await expect(unpackZip(join(folder, 'many.zip'), target, { maxMembers: 10 })).rejects.toMatchObject({
    code: 'resource',
  });
  expect(readdirSync(folder).sort()).toEqual(['a.zip', 'huge.zip', 'lies.zip', 'many.zip']);
});

test('a damaged archive is one unreadable file', async () => {
  const zip = zipSync({ 'a.dcm': slice(1), 'b.dcm': slice(2) });
  const { search } = openLibrary();
  for (const length of [10, 60, zip.length - 5]) {
    const progress = await search([join(temporaryFolder({ 'a.zip': zip.slice(0, length) }), 'a.zip')]);
    expect(progress).toMatchObject({ state: 'done', items: [], unreadable: [{ name: 'a.zip' }] });
  }
});

function dicomdir(ids: readonly string[]): Uint8Array {
  const records: RawElement[][] = [
    [{ tag: 0x00041430, vr: 'CS', value: 'PATIENT' }],
    ...ids.map((id): RawElement[] => [
      { tag: 0x00041430, vr: 'CS', value: 'IMAGE' },
      { tag: 0x00041500, vr: 'CS', value: id },
    ]),
  ];
  const body = buildDicom([{ tag: 0x00041220, vr: 'SQ', items: records }]);
  // The media storage class stands in front of the transfer syntax in the meta header.
  const uid = '1.2.840.10008.1.3.10';
  const element = Uint8Array.from([2, 0, 2, 0, 0x55, 0x49, uid.length, 0, ...strToU8(uid)]);
  const head = body.slice(0, 144);
  head[140] += element.length;
  return Uint8Array.from([...head, ...element, ...body.slice(144)]);
}

test('the files a DICOMDIR names open, in any case of letters, and none outside its folder', async () => {
  const outside = temporaryFolder({ 'secret.dcm': slice(9) });
  const folder = temporaryFolder({
    DICOMDIR: dicomdir(['IMAGES\\IM1', 'IMAGES\\IM2 ', 'IMAGES\\NONE', '..\\secret.dcm', 'LINK\\secret.dcm']),
    'IMAGES/IM1': slice(1),
    'images/im2': slice(2),
    'IMAGES/IM3': slice(3),
  });
  symlinkSync(outside, join(folder, 'LINK'));
  const { library, search } = openLibrary();
  const progress = await search([join(folder, 'DICOMDIR')]);
  expect(progress.items).toHaveLength(1);
  const files = library.source(progress.items[0]);
  expect('files' in files && files.files.map((path) => path.slice(folder.length + 1))).toEqual(['IMAGES/IM1']);
  expect(progress.unreadable.map(({ reason }) => reason)).toEqual([
    '2 of the files it names are not there',
    '2 of the files it names lie outside its folder',
  ]);
  const lower = temporaryFolder({ DICOMDIR: dicomdir(['IMAGES\\IM2']), 'images/im2.;1': slice(2) });
  expect((await search([join(lower, 'DICOMDIR')])).items).toHaveLength(1);
});

test('inside a folder a DICOMDIR is neither an image nor a foreign file', async () => {
  const folder = temporaryFolder({ DICOMDIR: dicomdir(['A']), A: slice(1), B: slice(2) });
  const { library, search } = openLibrary();
  expect(await search([folder])).toMatchObject({ filesSeen: 3, skipped: 0, unreadable: [] });
  expect(library.list('')[0].slices).toBe(2);
});
