import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fft2 } from '../../engine/arrays/fft.ts';
import { type NdArray, ndarray } from '../../engine/arrays/ndarray.ts';
import { acquiredColumns } from '../../engine/io/fastmri.ts';
import { openScan } from '../../engine/io/recognise.ts';
import type { KspaceScan } from '../../engine/io/scan.ts';
import { numbered } from './arrays.ts';
import { engineErrorFrom } from './engine-error-of.ts';
import { complexRecords, hdf5File } from './hdf5-fixture.ts';
import { type HeaderOptions, headerXml, makeHeader } from './make-readouts.ts';

const [slices, coils, rows, columns] = [2, 3, 12, 10];
/** Image 6 × 8 inside 12 × 10; 7 of 10 columns acquired around centre 3, so columns 5 − 3 … 9 − 1. */
const options: HeaderOptions = {
  encoded: [rows, columns, 1],
  recon: [6, 8, 1],
  reconFov: [120, 160, 4],
  step1: [3, 6],
};
const header = headerXml(options);
const [from, to] = [2, 9];

/** k-space of smooth coil images with the padded columns zero, and the root of squares of the central part. */
function scanData(): { kspace: NdArray<'complex64'>; rss: NdArray<'float32'> } {
  const n = slices * coils;
  const image = new Float32Array(2 * n * rows * columns);
  for (let i = 0; i < image.length; i++) image[i] = Math.sin(i * 0.37) + Math.cos(i * 0.011);
  const kspace = fft2(image, [n, rows, columns], 'forward');
  for (let i = 0; i < kspace.length / 2; i++) {
    const column = i % columns;
    if (column < from || column >= to) kspace.fill(0, 2 * i, 2 * i + 2);
  }
  const shown = fft2(kspace, [n, rows, columns], 'inverse');
  const rss = new Float32Array(slices * 6 * 8);
  for (let s = 0; s < slices; s++)
    for (let y = 0; y < 6; y++)
      for (let x = 0; x < 8; x++) {
        let sum = 0;
        for (let c = 0; c < coils; c++) {
          const at = 2 * (((s * coils + c) * rows + y + 3) * columns + x + 1);
          sum += shown[at] ** 2 + shown[at + 1] ** 2;
        }
        rss[(s * 6 + y) * 8 + x] = Math.sqrt(sum);
      }
  return {
    kspace: ndarray('complex64', [slices, coils, rows, columns], kspace),
    rss: ndarray('float32', [slices, 6, 8], rss),
  };
}

const { kspace, rss } = scanData();
const full = {
  kspace: complexRecords(kspace),
  ismrmrd_header: { data: header },
  reconstruction_rss: { data: rss.data, shape: [...rss.shape] },
};

async function open(path: string, range?: [number, number]): Promise<KspaceScan> {
  const scan = await openScan(path, range === undefined ? {} : { slices: range });
  if (scan.kind !== 'kspace') throw new Error('expected k-space');
  return scan;
}

describe('fastMRI', () => {
  test('multi-coil: k-space, zero padding, image size, reference, spacing', async () => {
    const scan = await open(hdf5File(full, { acquisition: 'AXT1', patient_id: 'secret', max: 1 }));
    expect(scan.format).toBe('fastmri');
    expect(scan.kspace).toEqual(kspace);
    expect(scan.mask.shape).toEqual([rows, columns]);
    expect([...scan.mask.data.subarray(0, columns)]).toEqual([0, 0, 1, 1, 1, 1, 1, 1, 1, 0]);
    expect(scan.imageSize).toEqual([6, 8]);
    expect(scan.reference).toEqual(rss);
    expect(scan.spacingMm).toEqual([4, 20, 20]);
    expect(scan.notes.join()).toContain('3 of 10 columns are zero padding');
    expect(scan.notes.join()).toContain('AXT1');
    expect(JSON.stringify(scan.notes)).not.toContain('secret');
  });

  test('the padding formula of the fastMRI reference code', () => {
    const padded = makeHeader({ encoded: [640, 372, 1], recon: [320, 320, 1], step1: [166, 331] });
    expect(acquiredColumns(padded, 372)).toEqual([20, 352]);
    // A grid of other columns than the header's: nothing is known about padding.
    expect(acquiredColumns(padded, 368)).toEqual([0, 368]);
  });

  test('an undersampled file: its mask, without the padding', async () => {
    const mask = Int8Array.of(1, 0, 1, 0, 1, 1, 0, 1, 0, 0);
    const sampled = ndarray('complex64', kspace.shape, kspace.data.slice());
    for (let i = 0; i < sampled.data.length / 2; i++)
      if (mask[i % columns] === 0) sampled.data.fill(0, 2 * i, 2 * i + 2);
    const scan = await open(
      hdf5File({
        kspace: complexRecords(sampled),
        ismrmrd_header: { data: header },
        mask: { data: mask, shape: [10] },
      }),
    );
    expect([...scan.mask.data.subarray(0, columns)]).toEqual([0, 0, 1, 0, 1, 1, 0, 1, 0, 0]);
    expect(scan.reference).toBeUndefined();
  });

  test('single-coil: [slices, rows, columns], reconstruction_esc as reference', async () => {
    const single = ndarray('complex64', [slices, rows, columns], kspace.data.slice(0, 2 * slices * rows * columns));
    const scan = await open(
      hdf5File({
        kspace: complexRecords(single),
        ismrmrd_header: { data: header },
        reconstruction_rss: { data: new Float32Array(96).fill(1), shape: [slices, 6, 8] },
        reconstruction_esc: { data: new Float32Array(96).fill(2), shape: [slices, 6, 8] },
      }),
    );
    expect(scan.kspace.shape).toEqual([slices, 1, rows, columns]);
    expect(scan.reference?.data[0]).toBe(2);
  });

  test('a range of slices, from compressed chunks too', async () => {
    const chunked = { ...full.kspace, chunks: [1, coils, rows, columns], compression: 4 };
    for (const stored of [full.kspace, chunked]) {
      const scan = await open(hdf5File({ ...full, kspace: stored }), [1, 2]);
      expect(scan.kspace.data).toEqual(kspace.data.slice(kspace.data.length / 2));
      expect(scan.reference?.data).toEqual(rss.data.slice(48));
      expect(scan.mask.shape).toEqual([rows, columns]);
    }
    const error = await engineErrorFrom(() => open(hdf5File(full), [1, 3]));
    expect(error.code).toBe('bad-usage');
  });

  test('without a header the reference tells the image size', async () => {
    const { ismrmrd_header: _left, ...rest } = full;
    const scan = await open(hdf5File(rest));
    expect(scan.imageSize).toEqual([6, 8]);
    expect(scan.notes.join()).toContain('no ismrmrd_header');
  });

  const spoiled = ndarray('complex64', kspace.shape, kspace.data.slice());
  spoiled.data[2 * ((1 * coils + 2) * rows * columns + 5)] = Number.NaN;
  test.each([
    ['NaN', { ...full, kspace: complexRecords(spoiled) }, 'bad-input', /NaN at \[1,2,0,5\]/],
    [
      'a mask of another length',
      { ...full, mask: { data: new Int8Array(9), shape: [9] } },
      'mismatch',
      /\[9\], expected \[10\]/,
    ],
    [
      'a mask the data contradict',
      { ...full, mask: { data: Int8Array.of(1, 1, 1, 0, 1, 1, 1, 1, 1, 1), shape: [10] } },
      'mismatch',
      /not zero at \[0,0,0,3\]/,
    ],
    [
      'a reference of other slices',
      { ...full, reconstruction_rss: { data: new Float32Array(48), shape: [1, 6, 8] } },
      'mismatch',
      /\[1,6,8\]/,
    ],
    [
      'a reference of another size',
      { ...full, reconstruction_rss: { data: new Float32Array(98), shape: [2, 7, 7] } },
      'mismatch',
      /7,7 pixels, expected 6,8/,
    ],
    [
      'real k-space',
      { ...full, kspace: { data: new Float32Array(24), shape: [2, 3, 4] } },
      'bad-input',
      /expected complex/,
    ],
    ['k-space of two axes', { kspace: complexRecords(numbered([4, 4])) }, 'bad-input', /\[4,4\]/],
    ['a header that is no XML', { ...full, ismrmrd_header: { data: 'hello' } }, 'bad-input', /header/],
    ['neither fastMRI nor ISMRMRD', { volume: { data: new Float32Array(4), shape: [4] } }, 'unsupported', /volume/],
  ])('refused: %s', async (_, datasets, code, message) => {
    const path = hdf5File(datasets);
    const error = await engineErrorFrom(() => openScan(path));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.path).toContain(path);
  });

  test('a damaged file is an error, and the next file is read as if nothing had happened', async () => {
    const path = hdf5File(full);
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.subarray(0, Math.floor(bytes.length / 2)));
    expect((await engineErrorFrom(() => openScan(path))).message).toContain('HDF5');
    expect((await open(hdf5File(full))).kspace).toEqual(kspace);
  });
});
