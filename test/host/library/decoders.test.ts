/** Every transfer syntax of the table opens exactly, or is refused by its name; every kind of pixel opens. */
import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  BIG,
  buildDicom,
  concat,
  EXPLICIT,
  encapsulated,
  IMPLICIT,
  type RawElement,
  sliceElements,
} from '../../io/dicom/build-dicom.ts';
import { temporaryFolder } from '../../io/temporary-folder.ts';
import { type Frame, htj2k, jpeg2000, jpegBaseline, jpegLossless, jpegLs, nativeFrame, rle } from './encode-frame.ts';
import { openLibrary, sliceColours, slicePixels } from './open-library.ts';

const rows = 20;
const columns = 24;
const ROOT = '1.2.840.10008.1.2';

function smooth(bits: number, samples = 1): Frame {
  const top = 2 ** bits - 1;
  const values = Array.from({ length: rows * columns * samples }, (_, i) => {
    const x = Math.floor(i / samples) % columns;
    const y = Math.floor(i / samples / columns);
    return Math.round(top * (0.5 + 0.3 * Math.sin(x / 5 + (i % samples)) + 0.19 * Math.cos(y / 4)));
  });
  return { rows, columns, bits, samples, values };
}

const grey = smooth(12);

function elementsOf(frame: Frame, extra: RawElement[] = []): RawElement[] {
  const bitsAllocated = frame.bits <= 8 ? 8 : 16;
  const photometric = frame.samples === 3 ? 'RGB' : 'MONOCHROME2';
  return sliceElements({
    ...{ rows, columns, bitsAllocated, bitsStored: frame.bits, pixels: nativeFrame(frame) },
    extra: [
      { tag: 0x00280002, vr: 'US', value: [frame.samples] },
      { tag: 0x00280004, vr: 'CS', value: photometric },
      { tag: 0x00280006, vr: 'US', value: [0] },
      ...extra.filter(({ tag }) => tag !== 0x00280004),
    ].map((element) => extra.find(({ tag }) => tag === element.tag) ?? element),
  });
}

function compressed(frame: Frame, syntax: string, bytes: Uint8Array, extra: RawElement[] = []): Uint8Array {
  const head = elementsOf(frame, extra).filter(({ tag }) => tag !== 0x7fe00010);
  return concat([
    buildDicom(head, { syntax: ROOT + syntax }),
    encapsulated([bytes.length % 2 === 0 ? bytes : concat([bytes, new Uint8Array(1)])]),
  ]);
}

function swapped(bytes: Uint8Array): Uint8Array {
  return bytes.map((_, i) => bytes[i ^ 1]);
}

async function open(file: Uint8Array) {
  const opened = openLibrary();
  const progress = await opened.search([temporaryFolder({ 'a.dcm': file })]);
  return { ...opened, progress, item: progress.items[0] };
}

describe('grey images of 12 bits', () => {
  const big = { pixels: swapped(nativeFrame(grey)) };
  const native = elementsOf(grey);
  const table: [string, () => Promise<Uint8Array> | Uint8Array][] = [
    ['implicit little endian', () => buildDicom(native, IMPLICIT)],
    ['explicit little endian', () => buildDicom(native)],
    [
      'explicit big endian',
      () =>
        buildDicom(
          native.map((e) => (e.tag === 0x7fe00010 ? { ...e, value: big.pixels } : e)),
          BIG,
        ),
    ],
    [
      'deflated',
      () =>
        concat([
          buildDicom([], { syntax: `${ROOT}.1.99` }),
          new Uint8Array(deflateRawSync(buildDicom(native, { ...EXPLICIT, meta: false }))),
        ]),
    ],
    ['without meta header', () => buildDicom(native, { ...EXPLICIT, meta: false })],
    ['RLE', () => compressed(grey, '.5', rle(grey))],
    ['JPEG lossless .57', () => compressed(grey, '.4.57', jpegLossless(grey))],
    ['JPEG lossless .70', () => compressed(grey, '.4.70', jpegLossless(grey))],
    ['JPEG-LS lossless', async () => compressed(grey, '.4.80', await jpegLs(grey))],
    ['JPEG 2000 lossless', async () => compressed(grey, '.4.90', await jpeg2000(grey))],
    ['JPEG 2000, without loss', async () => compressed(grey, '.4.91', await jpeg2000(grey))],
    ['HTJ2K lossless', async () => compressed(grey, '.4.201', await htj2k(grey))],
    ['HTJ2K RPCL', async () => compressed(grey, '.4.202', await htj2k(grey))],
    ['HTJ2K', async () => compressed(grey, '.4.203', await htj2k(grey))],
  ];

  test.each(table)('%s is exact', async (_, make) => {
    const { library, item } = await open(await make());
    const description = await library.describe(item);
    expect(description.problem).toBeNull();
    expect(description.components[0]).toMatchObject({ shape: [1, rows, columns], range: [0, 4095], integer: true });
    expect([...(await slicePixels(library, item))]).toEqual(grey.values);
  });

  test('JPEG-LS near-lossless stays within its bound', async () => {
    const { library, item } = await open(compressed(grey, '.4.81', await jpegLs(grey, 2)));
    const pixels = await slicePixels(library, item);
    const worst = Math.max(...grey.values.map((value, i) => Math.abs(value - pixels[i])));
    expect(worst).toBeLessThanOrEqual(2);
    expect((await library.describe(item)).notes).toContain('the images were compressed with loss');
  });

  test('JPEG baseline of 8 bits at full quality stays within a few levels', async () => {
    const frame = smooth(8);
    const { library, item } = await open(compressed(frame, '.4.50', await jpegBaseline(frame)));
    const pixels = await slicePixels(library, item);
    expect(Math.max(...frame.values.map((value, i) => Math.abs(value - pixels[i])))).toBeLessThanOrEqual(2);
  });

  test.each([
    ['.4.51', 'JPEG Extended (12 bit)', 'dcmdjpeg'],
    ['.4.92', 'JPEG 2000 Part 2 Lossless Only', 'gdcmconv'],
    ['.4.93', 'JPEG 2000 Part 2', 'gdcmconv'],
    ['.4.94', 'JPIP Referenced', ''],
    ['.4.100', 'MPEG-2 Main Profile', ''],
    ['.4.102', 'MPEG-4 AVC/H.264', ''],
    ['.4.107', 'HEVC/H.265 Main', ''],
    ['.9.77', 'unknown (1.2.840.10008.1.2.9.77)', ''],
  ])('%s is refused as %s', async (syntax, name, advice) => {
    const { library, item, progress } = await open(compressed(grey, syntax, Uint8Array.of(1, 2, 3, 4)));
    expect(progress.unreadable).toEqual([]);
    const description = await library.describe(item);
    expect(description.problem).toContain(`"${name}"`);
    expect(description.problem).toContain(advice);
    expect(description.thumbnail).toBe(false);
    const { tags } = await library.tags({ id: item, slice: 0 });
    expect(tags.find(({ name: keyword }) => keyword === 'Rows')?.value).toBe(String(rows));
  });
});

test('all codecs beside one another in one reader', async () => {
  const eight = smooth(8);
  const frames: [Frame, string, Uint8Array][] = [
    [grey, '.4.90', await jpeg2000(grey)],
    [eight, '.4.50', await jpegBaseline(eight)],
    [grey, '.4.80', await jpegLs(grey)],
    [grey, '.4.201', await htj2k(grey)],
    [grey, '.4.70', jpegLossless(grey)],
    [grey, '.5', rle(grey)],
  ];
  const series = (i: number): RawElement[] => [{ tag: 0x0020000e, vr: 'UI', value: `1.2.${i}` }];
  const files = frames.map(([frame, syntax, bytes], i) => compressed(frame, syntax, bytes, series(i)));
  const { library, search } = openLibrary();
  const { items } = await search([temporaryFolder(Object.fromEntries(files.map((file, i) => [`${i}.dcm`, file])))]);
  expect(items).toHaveLength(frames.length);
  for (let round = 0; round < 2; round++)
    for (const id of items) {
      const [wanted] = (await library.describe(id)).components[0].range[1] === 255 ? [eight] : [grey];
      const pixels = await slicePixels(library, id);
      const tolerance = wanted === eight ? 2 : 0;
      expect(Math.max(...wanted.values.map((value, i) => Math.abs(value - pixels[i])))).toBeLessThanOrEqual(tolerance);
    }
});

describe('kinds of pixels', () => {
  test.each([
    ['1 bit', 1, 1, false],
    ['7 of 8 bits', 8, 7, false],
    ['signed 16 bits', 16, 16, true],
    ['signed 12 of 16 bits', 16, 12, true],
    ['32 bits', 32, 20, false],
  ])('%s', async (_, bitsAllocated, bitsStored, signed) => {
    const low = signed ? -(2 ** (bitsStored - 1)) : 0;
    const values = Array.from({ length: rows * columns }, (__, i) => low + ((i * 37) % 2 ** bitsStored));
    const mask = 2 ** bitsStored - 1;
    let pixels: Uint8Array;
    if (bitsAllocated === 1) {
      pixels = new Uint8Array((rows * columns) / 8);
      for (const [i, value] of values.entries()) pixels[i >> 3] |= value << (i & 7);
    } else if (bitsAllocated === 8) pixels = Uint8Array.from(values);
    else if (bitsAllocated === 16) pixels = new Uint8Array(Uint16Array.from(values, (v) => v & mask).buffer);
    else pixels = new Uint8Array(Uint32Array.from(values).buffer);
    const file = buildDicom(sliceElements({ rows, columns, bitsAllocated, bitsStored, signed, pixels }));
    const { library, item } = await open(file);
    expect([...(await slicePixels(library, item))]).toEqual(values);
    expect((await library.describe(item)).components[0].range).toEqual([low, low + mask]);
  });

  test.each([
    ['float', 0x7fe00008, 'OF', 32],
    ['double', 0x7fe00009, 'OD', 64],
  ])('%s pixel data, with the range of their values', async (_, tag, vr, bits) => {
    const values = Array.from({ length: rows * columns }, (__, i) => Math.fround(Math.sin(i) / 1000));
    const bytes = new Uint8Array((bits === 32 ? Float32Array.from(values) : Float64Array.from(values)).buffer);
    const elements = sliceElements({ rows, columns }).filter((e) => e.tag !== 0x7fe00010);
    const { library, item } = await open(buildDicom([...elements, { tag, vr, value: bytes }]));
    const { components } = await library.describe(item);
    expect(components[0].range).toEqual([Math.min(...values), Math.max(...values)]);
    expect(components[0].integer).toBe(false);
    expect([...(await slicePixels(library, item))]).toEqual(values);
  });

  test('fractional rescale, MONOCHROME1 and the window of the file as LINEAR_EXACT', async () => {
    const extra: RawElement[] = [
      { tag: 0x00280004, vr: 'CS', value: 'MONOCHROME1' },
      { tag: 0x00281050, vr: 'DS', value: '40\\300' },
      { tag: 0x00281051, vr: 'DS', value: '400\\1000' },
      { tag: 0x00281052, vr: 'DS', value: '-3.5' },
      { tag: 0x00281053, vr: 'DS', value: '0.25' },
    ];
    const { library, item } = await open(buildDicom(elementsOf(grey, extra)));
    const [component] = (await library.describe(item)).components;
    expect(component).toMatchObject({
      inverted: true,
      integer: false,
      range: [-3.5, -3.5 + 0.25 * 4095],
      window: { centre: 39.5, width: 399 },
    });
    expect([...(await slicePixels(library, item))]).toEqual(grey.values.map((value) => 0.25 * value - 3.5));
  });

  test('multi-frame files are stacks, and an enhanced one has its planes', async () => {
    const frames = 3;
    const pixels = new Uint8Array(Uint16Array.from({ length: frames * rows * columns }, (_, i) => i).buffer);
    const plane = (z: number): RawElement[] => [
      { tag: 0x00209113, vr: 'SQ', items: [[{ tag: 0x00200032, vr: 'DS', value: `0\\0\\${z}` }]] },
    ];
    const shared: RawElement[] = [
      { tag: 0x00209116, vr: 'SQ', items: [[{ tag: 0x00200037, vr: 'DS', value: '1\\0\\0\\0\\1\\0' }]] },
      { tag: 0x00289110, vr: 'SQ', items: [[{ tag: 0x00280030, vr: 'DS', value: '2\\3' }]] },
    ];
    const elements = sliceElements({
      ...{ rows, columns, pixels, position: undefined },
      extra: [
        { tag: 0x00280008, vr: 'IS', value: String(frames) },
        { tag: 0x52009229, vr: 'SQ', items: [shared] },
        { tag: 0x52009230, vr: 'SQ', items: [plane(4), plane(0), plane(2)] },
      ],
    });
    const { library, item } = await open(buildDicom(elements));
    const { planes, spacingMm, components } = await library.describe(item);
    expect(components[0].shape).toEqual([frames, rows, columns]);
    expect(planes.map(({ position }) => position[2])).toEqual([0, 2, 4]);
    expect(spacingMm).toEqual([2, 2, 3]);
    const size = rows * columns;
    const first = await Promise.all([0, 1, 2].map(async (k) => (await slicePixels(library, item, k))[0]));
    expect(first).toEqual([size, 2 * size, 0]);
    const volume = await library.volume(item, 'image');
    expect([volume[0], volume[size], volume[2 * size]]).toEqual(first);
  });
});

describe('colours', () => {
  const rgb = smooth(8, 3);
  const wanted = Array.from({ length: rows * columns }, (_, i) => [...rgb.values.slice(3 * i, 3 * i + 3), 255]).flat();
  const planes = [0, 1, 2].flatMap((c) => rgb.values.filter((_, i) => i % 3 === c));
  const planar: RawElement = { tag: 0x00280006, vr: 'US', value: [1] };
  const table: [string, () => Promise<Uint8Array> | Uint8Array][] = [
    ['RGB', () => buildDicom(elementsOf(rgb))],
    ['RGB in planes', () => buildDicom(elementsOf({ ...rgb, values: planes }, [planar]).map(withPlanar))],
    ['RLE', () => compressed(rgb, '.5', rle(rgb))],
    ['JPEG lossless', () => compressed(rgb, '.4.70', jpegLossless(rgb))],
    ['JPEG-LS by sample', async () => compressed(rgb, '.4.80', await jpegLs(rgb))],
    ['JPEG 2000', async () => compressed(rgb, '.4.90', await jpeg2000(rgb), [model('YBR_RCT')])],
    ['HTJ2K', async () => compressed(rgb, '.4.201', await htj2k(rgb), [model('YBR_RCT')])],
  ];
  function model(value: string): RawElement {
    return { tag: 0x00280004, vr: 'CS', value };
  }
  function withPlanar(element: RawElement): RawElement {
    return element.tag === planar.tag ? planar : element;
  }

  test.each(table)('%s is exact', async (_, make) => {
    const { library, item } = await open(await make());
    const { components, revision } = await library.describe(item);
    expect(components[0]).toMatchObject({ format: 'rgba8', shape: [1, rows, columns] });
    expect(await sliceColours(library, item)).toEqual(wanted);
    const thumbnail = await library.data(['thumbnail', item, String(revision)]);
    expect(thumbnail?.contentType).toBe('image/png');
  });

  test('YBR_FULL and uncompressed YBR_FULL_422 become RGB', async () => {
    const pixel = [100, 90, 180];
    const values = Array.from({ length: rows * columns }, () => pixel).flat();
    const full = buildDicom(elementsOf({ ...rgb, values }, [model('YBR_FULL')]));
    // PS3.3 C.7.6.3.1.2
    const expected = [100 + 1.402 * 52, 100 - 0.344136 * -38 - 0.714136 * 52, 100 + 1.772 * -38].map(Math.round);
    const one = await open(full);
    expect((await sliceColours(one.library, one.item)).slice(0, 4)).toEqual([...expected, 255]);
    const half = Array.from({ length: (rows * columns) / 2 }, () => [100, 100, 90, 180]).flat();
    const folded = elementsOf({ ...rgb, values: half }, [model('YBR_FULL_422')]);
    const two = await open(buildDicom(folded));
    expect(await sliceColours(two.library, two.item)).toEqual(await sliceColours(one.library, one.item));
  });

  test('a palette of 16-bit entries', async () => {
    const frame = smooth(8);
    const entries = (f: (i: number) => number) =>
      new Uint8Array(Uint16Array.from({ length: 256 }, (_, i) => f(i) * 257).buffer);
    const tables = [(i: number) => i, (i: number) => 255 - i, (i: number) => i >> 1];
    const extra: RawElement[] = [
      model('PALETTE COLOR'),
      ...tables.flatMap((f, c): RawElement[] => [
        { tag: 0x00281101 + c, vr: 'US', value: [256, 0, 16] },
        { tag: 0x00281201 + c, vr: 'OW', value: entries(f) },
      ]),
    ];
    const base = elementsOf(frame, extra).filter(({ tag }) => !extra.some((e) => e.tag === tag));
    const { library, item } = await open(buildDicom([...base, ...extra]));
    const colours = frame.values.flatMap((v) => [v, 255 - v, v >> 1, 255]);
    expect(await sliceColours(library, item)).toEqual(colours);
  });

  test('a model that is not converted names itself', async () => {
    const { progress } = await open(buildDicom(elementsOf(rgb, [model('HSV')])));
    expect(progress.unreadable[0].reason).toContain('HSV');
  });
});
