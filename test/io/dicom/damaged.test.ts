/** Mutated files: the only outcome besides success is an EngineError; no hang, no allocation out of proportion. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { deflateSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { EngineError } from '../../../engine/errors.ts';
import { carriedElements } from '../../../engine/io/dicom/elements.ts';
import { frameReader, parseDicomFile } from '../../../engine/io/dicom/read-file.ts';
import { openDicom } from '../../../engine/io/dicom/read-series.ts';
import { BIG, buildDicom, concat, EXPLICIT, encapsulated, IMPLICIT, sliceElements } from './build-dicom.ts';
import { folderOf, SAMPLES, SHARED_PRESENT, sharedFiles } from './test-folder.ts';

const nested = [
  {
    tag: 0x00081140,
    vr: 'SQ',
    items: [[{ tag: 0x00081150, vr: 'UI', value: '1.2' }], [{ tag: 0x00081155, vr: 'UI', value: '1.3' }]],
  },
  { tag: 0x00281053, vr: 'DS', value: '0.5' },
  { tag: 0x00280008, vr: 'IS', value: '1' },
];
const elements = sliceElements({ extra: nested });
const withoutPixels = elements.filter((element) => element.tag !== 0x7fe00010);
const rle = new Uint8Array(64 + 8);
rle.set([2, 0, 0, 0, 64, 0, 0, 0, 68, 0, 0, 0]);
rle.set([245, 1, 128, 128, 245, 9, 128, 128], 64);

function sample(name: string): Uint8Array {
  return new Uint8Array(readFileSync(join(SAMPLES, name)));
}

const seeds: Record<string, Uint8Array> = {
  explicit: buildDicom(elements),
  implicit: buildDicom(elements, IMPLICIT),
  'big endian': buildDicom(elements, BIG),
  bare: buildDicom(elements, { ...EXPLICIT, meta: false }),
  deflated: concat([
    buildDicom([], { syntax: '1.2.840.10008.1.2.1.99' }),
    deflateSync(buildDicom(elements, { ...EXPLICIT, meta: false })),
  ]),
  rle: concat([buildDicom(withoutPixels, { syntax: '1.2.840.10008.1.2.5' }), encapsulated([rle])]),
  'JPEG lossless': sample('jpeg_lossless_sel1.dcm'),
  ...(SHARED_PRESENT
    ? Object.fromEntries(
        Object.entries(sharedFiles('ct_slice_transfer_syntaxes.zip')).filter(([name]) => /4\.(80|90)\.dcm$/.test(name)),
      )
    : {}),
};

/** Overwrites a few places, most of them in the header, and perhaps cuts the end off. */
const mutations = fc.record({
  places: fc.array(
    fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      early: fc.boolean(),
      bytes: fc.oneof(
        fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 4 }),
        fc.constantFrom<number[]>(
          [0xff, 0xff, 0xff, 0xff],
          [0, 0, 0, 0],
          [0xfe, 0xff, 0x00, 0xe0],
          [0x53, 0x51],
          [0x55, 0x4e],
        ),
      ),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  cut: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
});

function mutated(
  seed: Uint8Array,
  mutation: { places: { at: number; early: boolean; bytes: number[] }[]; cut: number },
): Uint8Array {
  const out = seed.slice(0, Math.ceil(seed.length * mutation.cut));
  for (const { at, early, bytes } of mutation.places) {
    const range = early ? Math.min(out.length, 2500) : out.length;
    for (const [i, byte] of bytes.entries()) {
      const index = Math.floor(at * range) + i;
      if (index < out.length) out[index] = byte;
    }
  }
  return out;
}

async function outcome(bytes: Uint8Array): Promise<string> {
  try {
    const file = parseDicomFile(bytes);
    // Everything allocated later follows from these, which the file's own length must bear out.
    const pixels = file.pixels.rows * file.pixels.columns * file.pixels.frames;
    if (file.coding === 'native')
      expect((pixels * file.pixels.bitsAllocated) / 8).toBeLessThanOrEqual(file.dataset.body.length);
    expect(file.data.length).toBeLessThanOrEqual(bytes.length);
    carriedElements(file.dataset);
    (await frameReader(file.coding))(file, 0, new Float32Array(file.pixels.rows * file.pixels.columns));
    return 'read';
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    expect(error.code).not.toBe('internal');
    expect(error.message + error.path + error.hint).not.toContain('Secret');
    return error.code;
  }
}

describe('fuzz', () => {
  test.each(Object.keys(seeds))('%s', async (name) => {
    expect(await outcome(seeds[name])).toBe('read');
    const big = seeds[name].length > 50_000;
    await fc.assert(
      fc.asyncProperty(mutations, async (mutation) => {
        await outcome(mutated(seeds[name], mutation));
      }),
      { numRuns: big ? 30 : 1500 },
    );
    // The decoders survive what they were fed.
    expect(await outcome(seeds[name])).toBe('read');
  });

  test('every truncation of a small file', async () => {
    for (const name of ['explicit', 'implicit', 'rle'])
      for (let length = 0; length < seeds[name].length; length++)
        expect(await outcome(seeds[name].slice(0, length))).toMatch(/^(bad-input|unsupported)$/);
  });
});

test('deep nesting and endless lengths end in an error', async () => {
  const item = Uint8Array.of(0xfe, 0xff, 0x00, 0xe0, 0xff, 0xff, 0xff, 0xff);
  const open = Uint8Array.of(0x08, 0x00, 0x40, 0x11, 0x53, 0x51, 0, 0, 0xff, 0xff, 0xff, 0xff);
  const deep = concat([buildDicom([]), ...Array.from({ length: 50_000 }, () => [open, item]).flat()]);
  expect(await outcome(deep)).toBe('bad-input');
});

test('one damaged file among good ones is counted, not fatal; alone it is named', async () => {
  const good = Object.fromEntries(
    [1, 2, 3].map((n) => [`Secret-${n}.dcm`, buildDicom(sliceElements({ instance: n }))]),
  );
  const damaged = good['Secret-1.dcm'].slice(0, 300);
  const scan = await openDicom([folderOf({ ...good, 'Secret-4.dcm': damaged })]);
  expect(scan.volume.shape[0]).toBe(3);
  expect(scan.notes).toEqual(['1 DICOM file could not be used and skipped']);
  await expect(openDicom([folderOf({ 'only.dcm': damaged })])).rejects.toMatchObject({
    code: 'bad-input',
    path: expect.stringContaining('only.dcm'),
  });
});
