/** Opening folders: series, counts, early pictures, cancel, restart, and nothing of the patient where it must not be. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { forkReader, type ReaderProcess } from '../../../main/host/library/fork-reader.ts';
import { createReader } from '../../../main/host/library/reader.ts';
import { buildDicom, sliceElements } from '../../io/dicom/build-dicom.ts';
import { temporaryFolder } from '../../io/temporary-folder.ts';
import { openLibrary, readHere, slicePixels } from './open-library.ts';

/** Slice k holds k in every pixel. */
function slice(series: string, k: number, z = k): Uint8Array {
  const pixels = new Uint8Array(new Uint16Array(64).fill(k).buffer);
  const extra = [
    { tag: 0x00081030, vr: 'LO', value: 'Knee of Secret' },
    { tag: 0x00100020, vr: 'LO', value: 'ID-4711' },
  ];
  return buildDicom(
    sliceElements({
      rows: 8,
      columns: 8,
      instance: Number(series) * 1000 + k,
      series: `1.2.${series}`,
      pixels,
      position: [0, 0, z],
      extra,
    }),
  );
}

describe('500 mixed files, 20 of them no DICOM', () => {
  const files: Record<string, Uint8Array | string> = {};
  for (let i = 0; i < 20; i++) files[`${i % 4}/notes-${i}.txt`] = `text ${i}`;
  // Names against the order of the slices.
  for (let k = 0; k < 480; k++) {
    const series = (k % 3) + 1;
    files[`${k % 4}/${String((k * 7919) % 480).padStart(3, '0')}.bin`] = slice(String(series), Math.floor(k / 3));
  }

  test('three series in the order of their places, 20 counted, none unreadable', async () => {
    const folder = temporaryFolder(files);
    const { library, events, event } = openLibrary();
    const scan = library.open([folder]);
    const first = await event((e) => e.type === 'item');
    if (first.type !== 'item') throw new Error('another event');
    const { id, revision } = first.item;
    const early = await library.data(['pixels', id, String(revision), 'image', '0']);
    expect(early?.bytes.byteLength).toBe(4 * 64);
    const end = event((e) => e.type === 'open' && e.progress.state === 'done');
    const done = await end;
    if (done.type !== 'open') throw new Error('another event');
    expect(done.progress).toMatchObject({ scan, state: 'done', filesSeen: 500, skipped: 20, unreadable: [] });
    expect(done.progress.items).toHaveLength(3);
    for (const item of library.list('')) {
      expect(item).toMatchObject({ slices: 160, rows: 8, columns: 8, modality: 'MR', badges: [], problem: null });
      const volume = await library.volume(item.id, 'image');
      expect(Array.from({ length: 160 }, (_, k) => volume[64 * k])).toEqual(Array.from({ length: 160 }, (_, k) => k));
      const { planes } = await library.describe(item.id);
      expect(planes.map(({ position }) => position[2])).toEqual(Array.from({ length: 160 }, (_, k) => k));
    }
    expect(events.filter((e) => e.type === 'item').length).toBeLessThan(100);
  });

  test('a picture comes long before the end of the search', async () => {
    const folder = temporaryFolder(files);
    const told: string[] = [];
    await new Promise<void>((resolve) => {
      let asked = false;
      const reader = createReader((message) => {
        told.push(
          message.type === 'answer' || message.type === 'failed' ? `${message.type} ${message.id}` : message.type,
        );
        if (message.type === 'entry' && !asked) {
          asked = true;
          const { id, revision } = message.entry.summary;
          const input = { id, revision, component: 'image', from: 0, to: 1 };
          reader.receive({ type: 'request', id: 2, name: 'pixels', input });
        }
        if (told.includes('answer 1') && told.includes('answer 2')) resolve();
      });
      const input = { scan: 's', paths: [folder], badges: [], results: false };
      reader.receive({ type: 'request', id: 1, name: 'open', input });
    });
    expect(told.indexOf('answer 2')).toBeGreaterThan(0);
    expect(told.indexOf('answer 2')).toBeLessThan(told.indexOf('answer 1'));
  });

  test('stopping ends the search early and keeps what was found', async () => {
    const folder = temporaryFolder(files);
    const { library, event } = openLibrary({
      fork: readHere,
      heard: (e) => {
        if (e.type === 'item') library.stop(scan);
      },
    });
    const scan = library.open([folder]);
    const end = await event((e) => e.type === 'open' && e.progress.state !== 'running');
    expect(end).toMatchObject({ progress: { state: 'stopped' } });
    const [item] = library.list('');
    expect((await slicePixels(library, item.id)).length).toBe(64);
  });
});

test('a gap makes a series incomplete, other planes are items of their own, and copies are left out', async () => {
  const files: Record<string, Uint8Array> = {};
  for (const k of [0, 1, 2, 4, 5]) files[`${k}.dcm`] = slice('1', k);
  files['copy.dcm'] = slice('1', 2);
  files['scout.dcm'] = buildDicom(
    sliceElements({ rows: 8, columns: 8, instance: 9000, series: '1.2.1', orientation: [0, 1, 0, 0, 0, -1] }),
  );
  const { library, search } = openLibrary();
  const progress = await search([temporaryFolder(files)]);
  expect(progress.items).toHaveLength(2);
  const [stack, scout] = library.list('').sort((a, b) => b.slices - a.slices);
  expect(stack).toMatchObject({ slices: 5, badges: ['incomplete'] });
  expect(scout).toMatchObject({ slices: 1, badges: [] });
  const { notes } = await library.describe(stack.id);
  expect(notes).toContain('1 slice missing inside the series');
  expect(notes).toContain('1 duplicate image left out');
});

test('the same folder again gives the same item with a new revision; old addresses keep their pixels', async () => {
  const folder = temporaryFolder({ 'b.dcm': slice('1', 5) });
  const { library, search } = openLibrary();
  const [id] = (await search([folder])).items;
  const before = library.list('')[0].revision;
  writeFileSync(join(folder, 'a.dcm'), slice('1', 4));
  expect((await search([folder])).items).toEqual([id]);
  const after = library.list('')[0];
  expect(after).toMatchObject({ id, slices: 2 });
  expect(after.revision).toBeGreaterThan(before);
  expect((await slicePixels(library, id))[0]).toBe(4);
  const old = await library.data(['pixels', id, String(before), 'image', '0']);
  expect(new Float32Array((old?.bytes as Uint8Array).slice().buffer)[0]).toBe(5);
  await expect(library.data(['pixels', id, '12345', 'image', '0'])).rejects.toMatchObject({ code: 'not-found' });
});

test('search words, and no text of the patient in ids, errors or refusals', async () => {
  const folder = temporaryFolder({ 'a.dcm': slice('1', 1), 'cut.dcm': slice('2', 2).slice(0, -40) });
  const { library, search } = openLibrary();
  const progress = await search([folder]);
  expect(progress.unreadable).toHaveLength(1);
  expect(progress.unreadable[0].reason).toMatch(
    /cut off: 128 bytes expected, 88 found.*Pixel Data \(7fe0,0010\) at byte \d+/,
  );
  expect(JSON.stringify(progress)).not.toMatch(/Secret|ID-4711/);
  const count = (words: string) => library.list(words).length;
  expect(['', 'secret', 'sécret patient', '4711', 'mr knee', 'dicom'].map(count)).toEqual([1, 1, 1, 1, 1, 1]);
  expect(['secret ct', 'shoulder'].map(count)).toEqual([0, 0]);
  const [item] = library.list('');
  expect(item.patient).toEqual({ name: 'Secret Patient', id: 'ID-4711', birthDate: '', sex: '' });
  expect(`${item.id} ${item.group} ${item.title} ${item.groupTitle}`).not.toMatch(/ID-4711|Patient/);
  writeFileSync(join(folder, 'a.dcm'), slice('1', 1).slice(0, 300));
  const failure = await library.data(['pixels', item.id, String(item.revision), 'image', '0']).catch((e: unknown) => e);
  expect(failure).toMatchObject({ code: 'bad-input' });
  expect(String(failure)).not.toMatch(/Secret|ID-4711/);
});

test('closing takes an item off the list and leaves the files', async () => {
  const folder = temporaryFolder({ 'a.dcm': slice('1', 1) });
  const { library, events, search } = openLibrary();
  const [id] = (await search([folder])).items;
  await expect(library.remove(id)).rejects.toMatchObject({ code: 'bad-usage' });
  library.close(id);
  expect(library.list('')).toEqual([]);
  expect(events.at(-1)).toEqual({ type: 'item-removed', id });
  expect(readdirSync(folder)).toEqual(['a.dcm']);
  await expect(library.data(['thumbnail', id, '0'])).rejects.toMatchObject({ code: 'not-found' });
  expect(() => library.describe(id)).toThrow(/no such item/);
});

test('addresses that are none of ours, and wrong ones', async () => {
  const { library, search } = openLibrary();
  const [id] = (await search([temporaryFolder({ 'a.dcm': slice('1', 1) })])).items;
  expect(await library.data(['preview', 'j12345678', '0'])).toBeUndefined();
  for (const path of [
    ['pixels', id, '0', 'image', '1'],
    ['pixels', id, '0', 'std', '0'],
    ['pixels', id, '0', 'image'],
    ['pixels', id, '-1', 'image', '0'],
    ['thumbnail', 'nosuchitem', '0'],
  ])
    await expect(library.data(path), path.join('/')).rejects.toMatchObject({ code: 'not-found' });
  await expect(library.data(['file', id, 'a.dcm'])).rejects.toMatchObject({ code: 'bad-usage' });
});

test('when the reader dies, the item it was reading fails and the others go on', async () => {
  const processes: ReaderProcess[] = [];
  let deadly = '';
  const fork = () => {
    const child = forkReader();
    processes.push(child);
    return {
      ...child,
      send: (message: unknown) => {
        const request = message as { type: string; name?: string; input?: { id?: string } };
        // Stands for a decoder that brings the process down.
        if (request.name === 'pixels' && request.input?.id === deadly) child.kill();
        else child.send(message);
      },
    };
  };
  const { library, search } = openLibrary({ fork });
  const folder = temporaryFolder({ 'a.dcm': slice('1', 1), 'b.dcm': slice('2', 2) });
  // Files are read side by side: which series comes first is open.
  const [first, second] = (await search([folder])).items;
  const [before] = await slicePixels(library, second);
  deadly = first;
  const bad = library.data(['pixels', first, '0', 'image', '0']);
  const good = library.data(['pixels', second, '0', 'image', '0']);
  await expect(bad).rejects.toMatchObject({ code: 'internal', message: expect.stringContaining('the reader stopped') });
  expect((await good)?.bytes.byteLength).toBe(256);
  expect(processes).toHaveLength(2);
  const items = library.list('');
  expect(items.find(({ id }) => id === first)?.problem).toMatch(/stopped the reader/);
  expect(items.find(({ id }) => id === second)?.problem).toBeNull();
  expect((await slicePixels(library, second))[0]).toBe(before);
});

test('paths that are not there fail in one sentence', async () => {
  const { search } = openLibrary();
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'empty'));
  expect(await search([join(folder, 'empty')])).toMatchObject({ state: 'done', filesSeen: 0, items: [] });
  expect(await search([join(folder, 'none')])).toMatchObject({ state: 'failed', error: 'no such file or folder' });
});
