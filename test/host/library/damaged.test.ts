/** Damaged files of every kind: the search ends, the reader lives, and every failure is a plain one. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { EngineError } from '../../../engine/errors.ts';
import { parseColourFile, readColourFrame } from '../../../engine/io/dicom/colour-file.ts';
import { BIG, buildDicom, concat, encapsulated, IMPLICIT, sliceElements } from '../../io/dicom/build-dicom.ts';
import { SAMPLES } from '../../io/dicom/test-folder.ts';
import { type Mutation, mutate, mutations } from '../../io/mutations.ts';
import { temporaryFolder } from '../../io/temporary-folder.ts';
import { jpegLossless, rle } from './encode-frame.ts';
import { openLibrary } from './open-library.ts';

const colour = { rows: 4, columns: 3, bits: 8, samples: 3, values: Array.from({ length: 36 }, (_, i) => 7 * i) };
const colourSlice = (series: string) =>
  sliceElements({
    series,
    bitsAllocated: 8,
    pixels: Uint8Array.from(colour.values),
    extra: [
      { tag: 0x00280002, vr: 'US', value: [3] },
      { tag: 0x00280004, vr: 'CS', value: 'RGB' },
    ],
  });

function compressed(series: string, syntax: string, bytes: Uint8Array): Uint8Array {
  const head = colourSlice(series).filter(({ tag }) => tag !== 0x7fe00010);
  return concat([buildDicom(head, { syntax: `1.2.840.10008.1.2${syntax}` }), encapsulated([bytes])]);
}

const even = (bytes: Uint8Array) => (bytes.length % 2 === 0 ? bytes : concat([bytes, new Uint8Array(1)]));
const colourSeeds = (series: string) => [
  buildDicom(colourSlice(series)),
  compressed(series, '.5', rle(colour)),
  compressed(series, '.4.70', even(jpegLossless(colour))),
];

test('colour files', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...colourSeeds('1.2.8')), mutations, async (seed, steps) => {
      try {
        const file = parseColourFile(mutate(seed, steps));
        const pixels = await readColourFrame(file, 0);
        expect(pixels.length).toBe(4 * file.pixels.rows * file.pixels.columns);
      } catch (thrown) {
        // The parser package throws strings, which the library turns into errors of its own.
        if (typeof thrown !== 'string') expect(thrown).toBeInstanceOf(EngineError);
      }
    }),
    { numRuns: 400 },
  );
});

test('a folder of 400 damaged files of all formats', async () => {
  const sample = (name: string) => new Uint8Array(readFileSync(join(SAMPLES, name)));
  const samples = [
    ...[sample('rle.dcm').slice(0, 20_000), sample('jpeg_2000.dcm'), sample('jpeg_ls.dcm').slice(0, 60_000)],
    zipSync({ 'kspace.npy': new Uint8Array(200) }),
  ];
  // Series of their own, so that every file that opens is an item.
  const seedsOf = (i: number) => {
    const slice = sliceElements({ pixels: new Uint8Array(24), series: `1.2.${i}` });
    const grey = [buildDicom(slice), buildDicom(slice, IMPLICIT), buildDicom(slice, BIG)];
    return [...grey, ...colourSeeds(`1.2.${i}`), ...samples];
  };
  const files: Record<string, Uint8Array> = {};
  const cases = fc.sample(fc.tuple(fc.nat(seedsOf(0).length - 1), mutations), { numRuns: 400, seed: 5 });
  for (const [i, [seed, steps]] of cases.entries()) files[`${i}.bin`] = mutate(seedsOf(i)[seed], steps as Mutation[]);
  const { library, search } = openLibrary();
  const progress = await search([temporaryFolder(files)]);
  expect(progress).toMatchObject({ state: 'done', filesSeen: 400, error: null });
  expect(JSON.stringify(progress)).not.toContain('Secret');
  const items = library.list('');
  expect(items.length).toBeGreaterThan(50);
  for (const { id, revision } of items) {
    const { components } = await library.describe(id).catch(failed);
    for (let k = 0; k < Math.min(3, components[0]?.shape[0] ?? 0); k++)
      await library.data(['pixels', id, String(revision), components[0].name, String(k)]).catch(failed);
    await library.tags({ id, slice: 0 }).catch(failed);
  }
  expect(library.list('').filter(({ problem }) => problem?.includes('stopped the reader'))).toEqual([]);
}, 60_000);

function failed(thrown: unknown): { components: [] } {
  expect(thrown).toBeInstanceOf(EngineError);
  const { code, message } = thrown as EngineError;
  expect(`${code}: ${message}`).not.toMatch(/^internal/);
  expect(message).not.toContain('Secret');
  return { components: [] };
}
