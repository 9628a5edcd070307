import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import daikon from 'daikon';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EngineError } from '../../../engine/errors.ts';
import { openDicom } from '../../../engine/io/dicom/read-series.ts';
import { buildDicom, type SliceOptions, sliceElements } from './build-dicom.ts';
import { folderOf, SAMPLES, SHARED_PRESENT, sharedFiles } from './test-folder.ts';

function daikonSeries(files: Uint8Array[]) {
  const series = new daikon.Series();
  for (const bytes of files) {
    const image = daikon.Series.parseImage(new DataView(bytes.slice().buffer));
    if (!image) throw new Error('daikon could not parse');
    series.addImage(image);
  }
  series.buildSeries();
  return series.images;
}

function stackOf(slices: SliceOptions[]): Record<string, Uint8Array> {
  return Object.fromEntries(
    slices.map((slice, i) => [`f${i}`, buildDicom(sliceElements({ instance: i + 1, ...slice }))]),
  );
}

/** Pixels whose value names their slice. */
function filled(value: number): Uint8Array {
  return new Uint8Array(new Uint16Array(12).fill(value).buffer);
}

async function failure(promise: Promise<unknown>): Promise<EngineError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof EngineError)) throw new Error(`expected an EngineError, found ${error}`);
  return error;
}

describe('against daikon', () => {
  test('its MR series: pixels, order, geometry', async () => {
    const folder = join(SAMPLES, 'volume');
    const scan = await openDicom([folder]);
    const files = readdirSync(folder).map((name) => new Uint8Array(readFileSync(join(folder, name))));
    const images = daikonSeries(files);
    expect(scan.volume.shape).toEqual([images.length, images[0].getRows(), images[0].getCols()]);
    expect(scan.modality).toBe('MR');
    const pixels = 256 * 256;
    const firstPosition = images[0].getImagePosition();
    // daikon may stack along the opposite direction.
    const reversed = Math.abs(firstPosition[2] - (scan.geometry?.[0].position[2] ?? 0)) > 1e-6;
    for (const [i, image] of images.entries()) {
      const k = reversed ? images.length - 1 - i : i;
      expect(scan.geometry?.[k].position).toEqual(image.getImagePosition());
      const cosines = [...(scan.geometry?.[k].rowCosines ?? []), ...(scan.geometry?.[k].columnCosines ?? [])];
      for (const [c, value] of image.getImageDirections().entries()) expect(cosines[c]).toBeCloseTo(value, 6);
      expect(
        Buffer.compare(
          Buffer.from(new Uint8Array(scan.volume.data.slice(k * pixels, (k + 1) * pixels).buffer)),
          Buffer.from(new Uint8Array(Float32Array.from(image.getInterpretedData()).buffer)),
        ),
      ).toBe(0);
    }
    // Thickness is 5 mm and the stated "spacing" 2 mm is the gap: only positions tell the true 6.97 mm.
    expect(scan.spacingMm?.[0]).toBeCloseTo(6.972, 3);
    expect(scan.spacingMm?.slice(1)).toEqual([0.859375, 0.859375]);
  });

  test.skipIf(!SHARED_PRESENT)('a sagittal series of 26 slices', async () => {
    const files = sharedFiles('mr_t1_sag_26.zip');
    const scan = await openDicom([folderOf(files)]);
    expect(scan.volume.shape).toEqual([26, 192, 192]);
    expect(scan.spacingMm?.[0]).toBeCloseTo(1, 6);
    const images = daikonSeries(Object.values(files));
    const sum = (data: Float32Array): number => data.reduce((a, b) => a + b, 0);
    const ours = Array.from({ length: 26 }, (_, k) => sum(scan.volume.data.slice(k * 192 * 192, (k + 1) * 192 * 192)));
    const theirs = images.map((image) => sum(Float32Array.from(image.getInterpretedData())));
    expect([theirs, [...theirs].reverse()]).toContainEqual(ours);
    expect(scan.notes).toEqual([]);
  });
});

describe('stacking', () => {
  test('any order of files and names gives the order along the normal', async () => {
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }), async (order) => {
        const files = stackOf(order.map((k) => ({ position: [1, 2, 3 * k], instance: 9 - k, pixels: filled(k) })));
        const scan = await openDicom([folderOf(files)]);
        expect(Array.from({ length: 5 }, (_, k) => scan.volume.data[k * 12])).toEqual([0, 1, 2, 3, 4]);
        expect(scan.spacingMm).toEqual([3, 2, 1.5]);
        expect(scan.notes).toEqual([]);
        expect(scan.dicom?.slices.map(({ instance }) => instance.instanceNumber)).toEqual([9, 8, 7, 6, 5]);
      }),
      { numRuns: 8 },
    );
  });

  test('a missing slice, uneven steps and copies are said', async () => {
    const at = (...zs: number[]) => zs.map((z) => ({ position: [0, 0, z] }));
    const gap = await openDicom([folderOf(stackOf(at(0, 2, 4, 8, 10)))]);
    expect(gap.notes).toEqual(['1 slice missing inside the series']);
    expect(gap.spacingMm?.[0]).toBe(2);
    const uneven = await openDicom([folderOf(stackOf(at(0, 2, 4.5, 6.5)))]);
    expect(uneven.notes).toEqual(['slice positions are uneven: steps 2.000 to 2.500 mm']);
    const files = stackOf(at(0, 2, 4));
    const copies = await openDicom([folderOf({ ...files, copy: files.f1 })]);
    expect(copies.volume.shape[0]).toBe(3);
    expect(copies.notes).toEqual(['1 duplicate image left out']);
  });

  test('the largest series wins; others, strangers and imageless files are counted, without their text', async () => {
    const many = stackOf([{}, {}, {}]);
    const few = Object.fromEntries(Object.entries(stackOf([{ series: '1.2.7' }])).map(([k, v]) => [`sub/dir/${k}`, v]));
    const report = buildDicom([
      { tag: 0x00080060, vr: 'CS', value: 'SR' },
      { tag: 0x00100010, vr: 'PN', value: 'Secret^Patient' },
    ]);
    const readme = new TextEncoder().encode('not an image');
    const scan = await openDicom([
      folderOf({ ...many, ...few, 'Secret/report': report, 'README.txt': readme, empty: new Uint8Array(0) }),
    ]);
    expect(scan.volume.shape[0]).toBe(3);
    expect(scan.notes).toEqual([
      '1 other series was found and not read',
      '2 files are not DICOM and skipped',
      '1 DICOM file holds no image and skipped',
    ]);
    expect(JSON.stringify(scan.notes)).not.toContain('Secret');
  });

  test('a localiser in the series is left out', async () => {
    const files = stackOf([{}, {}, {}, { orientation: [0, 1, 0, 0, 0, -1], position: [5, 5, 5] }, { rows: 2 }]);
    const scan = await openDicom([folderOf(files)]);
    expect(scan.volume.shape).toEqual([3, 4, 3]);
    expect(scan.notes).toEqual(['2 images of another size, spacing or orientation left out']);
  });

  test('of several echoes one volume is read', async () => {
    const echo = (n: number, z: number, instance: number): SliceOptions => ({
      position: [0, 0, z],
      instance,
      pixels: filled(100 * n + z),
      extra: [{ tag: 0x00180086, vr: 'IS', value: String(n) }],
    });
    const scan = await openDicom([folderOf(stackOf([echo(2, 0, 3), echo(2, 1, 4), echo(1, 0, 1), echo(1, 1, 2)]))]);
    expect(scan.volume.shape[0]).toBe(2);
    expect([scan.volume.data[0], scan.volume.data[12]]).toEqual([100, 101]);
    expect(scan.notes).toEqual(['series holds 2 volumes (echoes, time points or image types); one was read']);
  });

  test('without positions the instance numbers decide', async () => {
    const scan = await openDicom([
      folderOf(stackOf([3, 1, 2].map((n) => ({ position: undefined, instance: n, pixels: filled(n) })))),
    ]);
    expect([0, 12, 24].map((i) => scan.volume.data[i])).toEqual([1, 2, 3]);
    expect(scan.geometry).toBeUndefined();
    expect(scan.notes).toContain('slice positions are not given; slices follow their instance numbers');
  });

  test('enhanced multi-frame: plane, spacing and rescale per frame', async () => {
    const frame = (z: number, slope: number) => [
      { tag: 0x00209113, vr: 'SQ', items: [[{ tag: 0x00200032, vr: 'DS', value: `0\\0\\${z}` }]] },
      {
        tag: 0x00289145,
        vr: 'SQ',
        items: [
          [
            { tag: 0x00281052, vr: 'DS', value: '1' },
            { tag: 0x00281053, vr: 'DS', value: String(slope) },
          ],
        ],
      },
    ];
    const shared = [
      { tag: 0x00209116, vr: 'SQ', items: [[{ tag: 0x00200037, vr: 'DS', value: '1\\0\\0\\0\\1\\0' }]] },
      {
        tag: 0x00289110,
        vr: 'SQ',
        items: [
          [
            { tag: 0x00280030, vr: 'DS', value: '0.5\\0.25' },
            { tag: 0x00180050, vr: 'DS', value: '9' },
          ],
        ],
      },
    ];
    const pixels = new Uint8Array(new Uint16Array(36).map((_, i) => Math.floor(i / 12) + 1).buffer);
    const file = buildDicom(
      sliceElements({
        position: undefined,
        pixels,
        extra: [
          { tag: 0x00280008, vr: 'IS', value: '3' },
          { tag: 0x52009229, vr: 'SQ', items: [shared] },
          { tag: 0x52009230, vr: 'SQ', items: [frame(8, 10), frame(4, 100), frame(6, 0.5)] },
        ],
      }),
    );
    const scan = await openDicom([folderOf({ file })]);
    expect(scan.geometry?.map((g) => g.position[2])).toEqual([4, 6, 8]);
    expect([0, 12, 24].map((i) => scan.volume.data[i])).toEqual([201, 2.5, 11]);
    expect(scan.spacingMm).toEqual([2, 0.5, 0.25]);
    expect(scan.dicom?.slices.map(({ frame: k }) => k)).toEqual([1, 2, 0]);
    expect(scan.dicom?.multiFrame).toBe(true);
    expect(scan.dicom?.rescale.uniform).toBe(false);
  });

  test('the digest does not depend on names', async () => {
    const files = stackOf([{ pixels: filled(3) }, { pixels: filled(4) }]);
    const renamed = { zzz: files.f0, aaa: files.f1 };
    const [a, b] = [await openDicom([folderOf(files)]), await openDicom([folderOf(renamed)])];
    expect(a.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(b.digest).toBe(a.digest);
    const other = await openDicom([folderOf(stackOf([{ pixels: filled(3) }, { pixels: filled(5) }]))]);
    expect(other.digest).not.toBe(a.digest);
  });
});

describe('refusals', () => {
  test('missing paths, other files, empty folders', async () => {
    const folder = folderOf({ 'note.txt': new TextEncoder().encode('hello') });
    expect(await failure(openDicom([join(folder, 'none')]))).toMatchObject({ code: 'not-found', path: 'none' });
    expect(await failure(openDicom([join(folder, 'note.txt')]))).toMatchObject({ code: 'bad-input', path: 'note.txt' });
    expect((await failure(openDicom([folder]))).message).toBe('no DICOM image found in 1 file');
  });

  test('colour, unknown compression and a lookup table name themselves', async () => {
    const open = (extra: SliceOptions['extra'], syntax = '1.2.840.10008.1.2.1') =>
      failure(openDicom([folderOf({ f: buildDicom(sliceElements({ extra: extra ?? [] }), { syntax }) })]));
    const colour = await open([
      { tag: 0x00280002, vr: 'US', value: [3] },
      { tag: 0x00280004, vr: 'CS', value: 'RGB' },
    ]);
    expect(colour).toMatchObject({ code: 'unsupported', message: 'colour image (3 samples per pixel, RGB)' });
    const extended = await open([], '1.2.840.10008.1.2.4.51');
    expect(extended.message).toContain('JPEG Extended (12 bit)');
    expect(extended.hint).toContain('dcmdjpeg');
    expect((await open([], '1.2.840.10008.1.2.4.102')).message).toContain('MPEG-4');
    const table = await open([{ tag: 0x00283000, vr: 'SQ', items: [[{ tag: 0x00283006, vr: 'US', value: [1] }]] }]);
    expect(table).toMatchObject({ code: 'unsupported', path: 'f: Modality LUT Sequence (0028,3000)' });
    expect((await open([{ tag: 0x00281053, vr: 'DS', value: '0' }])).message).toContain('slope is 0');
  });

  test('cancelled at once, and volumes beyond the limit', async () => {
    const folder = folderOf(stackOf([{}, {}]));
    const controller = new AbortController();
    controller.abort();
    expect(await failure(openDicom([folder], { signal: controller.signal }))).toMatchObject({ code: 'cancelled' });
    expect(await failure(openDicom([folder], { maxVolumeBytes: 95 }))).toMatchObject({ code: 'resource' });
    expect((await openDicom([folder], { maxVolumeBytes: 96 })).volume.data.length).toBe(24);
  });
});

describe('CT', () => {
  const ct = { tag: 0x00080060, vr: 'CS', value: 'CT' };
  const air = new Uint8Array(new Int16Array(12).fill(-1000).buffer);
  const series = (...extra: SliceOptions['extra'] & object) =>
    folderOf(
      stackOf([1, 2, 3].map((k) => ({ signed: true, pixels: air, position: [0, 0, k], extra: [ct, ...extra] }))),
    );

  test('values are Hounsfield units, and a gantry that leans is told', async () => {
    const scan = await openDicom([series({ tag: 0x00181120, vr: 'DS', value: '-12.5' })]);
    expect(scan).toMatchObject({ modality: 'CT', gantryTiltDeg: 12.5, notes: [] });
    expect(await openDicom([series()])).not.toHaveProperty('gantryTiltDeg');
  });

  test('another stated unit, or no air, is not taken for Hounsfield units without a word', async () => {
    const other = await openDicom([series({ tag: 0x00281054, vr: 'LO', value: 'US' })]);
    expect(other).toMatchObject({ modality: 'OT', notes: [expect.stringContaining('not Hounsfield units')] });
    const bright = await openDicom([series({ tag: 0x00281052, vr: 'DS', value: '1000' })]);
    expect(bright).toMatchObject({ modality: 'CT', notes: [expect.stringContaining('no value lies below -200 HU')] });
  });
});
