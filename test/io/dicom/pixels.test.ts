import fc from 'fast-check';
import { deflateSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { EngineError } from '../../../engine/errors.ts';
import { frameReader, parseDicomFile } from '../../../engine/io/dicom/read-file.ts';
import type { Encoding, SliceOptions } from './build-dicom.ts';
import { BIG, buildDicom, concat, EXPLICIT, IMPLICIT, sliceElements } from './build-dicom.ts';

/** Decodes frame 0, or the given one. */
async function decode(bytes: Uint8Array, frame = 0): Promise<number[]> {
  const file = parseDicomFile(bytes);
  const out = new Float32Array(file.pixels.rows * file.pixels.columns);
  (await frameReader(file.coding))(file, frame, out);
  return [...out];
}

function caught(run: () => unknown): EngineError {
  try {
    run();
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
  throw new Error('expected a failure');
}

/** Cells of `bits` bits, least significant first, without gaps, in an even number of bytes. */
function pack(cells: number[], bits: number): Uint8Array {
  const out = new Uint8Array(Math.ceil((cells.length * bits) / 16) * 2);
  let at = 0;
  for (const cell of cells)
    for (let b = 0; b < bits; b++, at++) if (Math.floor(cell / 2 ** b) % 2 === 1) out[at >> 3] |= 1 << (at & 7);
  return out;
}

function swap(bytes: Uint8Array): Uint8Array {
  return bytes.map((_, i) => bytes[i ^ 1]);
}

const layout = fc
  .record({ bitsAllocated: fc.integer({ min: 1, max: 32 }), signed: fc.boolean(), seed: fc.integer() })
  .chain(({ bitsAllocated, signed, seed }) =>
    fc.record({
      bitsAllocated: fc.constant(bitsAllocated),
      signed: fc.constant(signed),
      seed: fc.constant(seed),
      bitsStored: fc.integer({ min: 1, max: bitsAllocated }),
      above: fc.integer({ min: 0, max: 31 }),
      big: fc.boolean(),
    }),
  );

describe('stored values', () => {
  test('1 to 32 bits, any place inside the cell, signed or not, both byte orders', async () => {
    await fc.assert(
      fc.asyncProperty(layout, async ({ bitsAllocated, bitsStored, signed, above, seed, big }) => {
        const highBit = Math.min(bitsAllocated - 1, bitsStored - 1 + (above % (bitsAllocated - bitsStored + 1)));
        const shift = highBit - bitsStored + 1;
        const low = signed ? -(2 ** (bitsStored - 1)) : 0;
        let state = seed >>> 0;
        const stored = Array.from({ length: 12 }, (_, i) => {
          state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
          const value = Math.floor((state / 2 ** 32) * 2 ** bitsStored) + low;
          return i === 0 ? low : i === 1 ? low + 2 ** bitsStored - 1 : value;
        });
        // Other bits of the cell are noise that must be masked away.
        const cells = stored.map((value) => {
          const field = value < 0 ? value + 2 ** bitsStored : value;
          const below = 2 ** shift - 1;
          const top = 2 ** (bitsAllocated - highBit - 1) - 1;
          return below + field * 2 ** shift + top * 2 ** (highBit + 1);
        });
        const packed = pack(cells, bitsAllocated);
        const elements = sliceElements({
          bitsAllocated,
          bitsStored,
          highBit,
          signed,
          pixels: big ? swap(packed) : packed,
        });
        expect(await decode(buildDicom(elements, big ? BIG : EXPLICIT))).toEqual(
          stored.map(Math.fround).map((v) => v + 0),
        );
      }),
      { numRuns: 300 },
    );
  });

  test('implicit, bare, deflated and preamble-less files give the same', async () => {
    const pixels = new Uint8Array(new Uint16Array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 65535]).buffer);
    const elements = sliceElements({ pixels });
    const explicit = buildDicom(elements);
    const wanted = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 65535];
    const bare = (encoding: Encoding) => buildDicom(elements, { ...encoding, meta: false });
    const start = buildDicom([], { syntax: '1.2.840.10008.1.2.1.99' });
    const deflated = concat([start, deflateSync(bare(EXPLICIT))]);
    const noSyntax = concat([explicit.slice(0, 132), bare(EXPLICIT)]);
    for (const bytes of [
      explicit,
      buildDicom(elements, IMPLICIT),
      bare(EXPLICIT),
      bare(IMPLICIT),
      deflated,
      noSyntax,
      explicit.slice(128 + 4),
    ])
      expect(await decode(bytes)).toEqual(wanted);
    const swapped = sliceElements({ pixels: swap(pixels) });
    expect(await decode(buildDicom(swapped, { ...BIG, meta: false }))).toEqual(wanted);
  });

  test('big-endian bytes: OW words are swapped, OB is not, also for odd frames', async () => {
    const bytes = Uint8Array.from({ length: 30 }, (_, i) => i);
    const options: SliceOptions = {
      rows: 5,
      columns: 3,
      bitsAllocated: 8,
      extra: [{ tag: 0x00280008, vr: 'IS', value: '2' }],
    };
    const words = buildDicom(sliceElements({ ...options, pixels: swap(bytes) }), BIG);
    const plain = buildDicom(sliceElements({ ...options, pixels: bytes, pixelVr: 'OB' }), BIG);
    for (const file of [words, plain]) {
      expect(await decode(file, 0)).toEqual([...bytes.slice(0, 15)]);
      expect(await decode(file, 1)).toEqual([...bytes.slice(15)]);
    }
  });

  test('fractional rescale, and floating-point pixels', async () => {
    const pixels = new Uint8Array(new Int16Array(12).map((_, i) => i - 5).buffer);
    const extra = [
      { tag: 0x00281052, vr: 'DS', value: '-1.25' },
      { tag: 0x00281053, vr: 'DS', value: '0.000125' },
    ];
    const values = await decode(buildDicom(sliceElements({ pixels, signed: true, extra })));
    expect(values).toEqual(Array.from({ length: 12 }, (_, i) => Math.fround((i - 5) * 0.000125 - 1.25)));
    const floats = new Float32Array(12).map((_, i) => Math.fround(i / 7));
    const elements = sliceElements().filter((element) => element.tag !== 0x7fe00010);
    const single = { tag: 0x7fe00008, vr: 'OF', value: new Uint8Array(floats.buffer) };
    expect(await decode(buildDicom([...elements, single]))).toEqual([...floats]);
    const double = { tag: 0x7fe00009, vr: 'OD', value: new Uint8Array(Float64Array.from(floats).buffer) };
    expect(await decode(buildDicom([...elements, double]))).toEqual([...floats]);
  });

  test('padding: 0 in MR, at least -1024 HU in CT, a range where one is stated', async () => {
    const pixels = new Uint8Array(new Int16Array([-2000, -1999, -1000, 0, 1, 2, 3, 4, 5, 6, 7, 8]).buffer);
    const padding = { tag: 0x00280120, vr: 'SS', value: [-2000] };
    const limit = { tag: 0x00280121, vr: 'SS', value: [-1500] };
    const ct = { tag: 0x00080060, vr: 'CS', value: 'CT' };
    const first = async (extra: SliceOptions['extra']) =>
      (await decode(buildDicom(sliceElements({ pixels, signed: true, extra: extra ?? [] })))).slice(0, 3);
    expect(await first([padding])).toEqual([0, -1999, -1000]);
    expect(await first([padding, limit])).toEqual([0, 0, -1000]);
    expect(await first([padding, ct])).toEqual([-1024, -1999, -1000]);
    expect(await first([])).toEqual([-2000, -1999, -1000]);
  });

  test('MONOCHROME1 keeps its values and is remembered', () => {
    const file = parseDicomFile(
      buildDicom(sliceElements({ extra: [{ tag: 0x00280004, vr: 'CS', value: 'MONOCHROME1' }] })),
    );
    expect(file.pixels.photometric).toBe('MONOCHROME1');
  });
});

describe('contradictions', () => {
  const withTag = (tag: number, vr: string, value: string | number[]) =>
    caught(() => parseDicomFile(buildDicom(sliceElements({ extra: [{ tag, vr, value }] }))));

  test('pixel data cut off: field, byte, expected and found', () => {
    const bytes = buildDicom(sliceElements());
    const error = caught(() => parseDicomFile(bytes.slice(0, -10)));
    expect(error).toMatchObject({
      code: 'bad-input',
      message: 'pixel data is cut off: 24 bytes expected, 14 found',
      path: `Pixel Data (7fe0,0010) at byte ${bytes.length - 24}`,
    });
    expect(error.hint).toContain('copy it again');
  });

  test('too little pixel data for the size is refused before anything is allocated', () => {
    expect(withTag(0x00280010, 'US', [60000]).message).toContain('60000 × 3 pixels of 16 bits need 360000');
    expect(withTag(0x00280008, 'IS', '2000000000').message).toContain('2000000000 × 4 × 3');
  });

  test('attributes that cannot be', () => {
    expect(withTag(0x00280010, 'US', [0]).path).toBe('Rows (0028,0010)');
    expect(withTag(0x00280101, 'US', [17]).path).toBe('Bits Stored (0028,0101)');
    expect(withTag(0x00280102, 'US', [3]).message).toContain('high bit 3');
    expect(withTag(0x00280008, 'IS', '0').path).toBe('Number of Frames (0028,0008)');
    expect(withTag(0x00281053, 'DS', 'abc').path).toBe('Rescale Slope (0028,1053)');
    expect(withTag(0x00280004, 'CS', 'SEPIA').message).toContain('MONOCHROME1 or MONOCHROME2');
  });

  test('a deflated bomb stops at the limit', async () => {
    const { parseDataset } = await import('../../../engine/io/dicom/dataset.ts');
    const bomb = concat([buildDicom([], { syntax: '1.2.840.10008.1.2.1.99' }), deflateSync(new Uint8Array(5_000_000))]);
    expect(bomb.length).toBeLessThan(10_000);
    expect(caught(() => parseDataset(bomb, 1_000_000)).code).toBe('resource');
  });
});
