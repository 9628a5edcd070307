/** Scans from NumPy files: what contract.md accepts and refuses. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { elements, type NdArray, ndarray } from '../../engine/arrays/ndarray.ts';
import { kspaceScan } from '../../engine/io/kspace-scan.ts';
import { writeNpy } from '../../engine/io/npy.ts';
import { writeNpz } from '../../engine/io/npz.ts';
import { npyScan, npzScan } from '../../engine/io/npz-scan.ts';
import type { KspaceScan, SinogramScan } from '../../engine/io/scan.ts';
import { numbered } from './arrays.ts';
import { engineErrorOf } from './engine-error-of.ts';
import { sharedBytes, sharedPresent } from './shared-file.ts';

function mri(record: Record<string, NdArray>): KspaceScan {
  const scan = npzScan(writeNpz(record), 'scan.npz');
  if (scan.kind !== 'kspace') throw new Error(`expected k-space, found ${scan.kind}`);
  return scan;
}

function ct(record: Record<string, NdArray>): SinogramScan {
  const scan = npzScan(writeNpz(record), 'scan.npz');
  if (scan.kind !== 'sinogram') throw new Error(`expected a sinogram, found ${scan.kind}`);
  return scan;
}

const u8 = (shape: number[], values: number[]): NdArray<'uint8'> => ndarray('uint8', shape, Uint8Array.from(values));
const f64 = (...values: number[]): NdArray<'float64'> => ndarray('float64', [values.length], Float64Array.from(values));
const scalar = (value: number): NdArray<'float64'> => ndarray('float64', [], Float64Array.of(value));

/** k-space that is zero except where `mask` is 1. */
function masked(shape: number[], mask: (s: number, y: number, x: number) => boolean): NdArray<'complex64'> {
  const a = numbered(shape);
  const [ny, nx] = shape.slice(-2);
  const perSlice = shape.length === 4 ? shape[1] * ny * nx : elements(shape);
  for (let i = 0; i < elements(shape); i++)
    if (!mask(Math.floor(i / perSlice), Math.floor(i / nx) % ny, i % nx)) a.data.fill(0, 2 * i, 2 * i + 2);
  return a;
}

describe('k-space', () => {
  test.each([[[4, 5]], [[3, 4, 5]], [[2, 3, 4, 5]]])('leading axes may be absent: %j', (shape) => {
    const { kspace, mask } = mri({ kspace: numbered(shape) });
    expect(kspace.shape).toEqual([...[1, 1, 1].slice(0, 4 - shape.length), ...shape]);
    expect(kspace.data).toEqual(numbered(shape).data);
    expect(mask).toEqual(u8([4, 5], new Array<number>(20).fill(1)));
  });

  test('without a mask the non-zero support of any coil counts as measured', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 24, maxLength: 24 }), (keep) => {
        fc.pre(keep.some(Boolean));
        const kspace = masked([2, 2, 3, 4], (s, y, x) => keep[12 * s + 4 * y + x]);
        // One coil happens to be zero everywhere.
        kspace.data.fill(0, 0, 24);
        const { mask } = kspaceScan({ format: 'npz', digest: '', notes: [], kspace });
        const shared = [...Array(12).keys()].every((i) => keep[i] === keep[12 + i]);
        expect(mask.shape).toEqual(shared ? [3, 4] : [2, 3, 4]);
        expect([...mask.data]).toEqual(keep.slice(0, shared ? 12 : 24).map(Number));
      }),
    );
  });

  test('a mask of one axis stands for ky, where only kx fits for kx, on a square grid as the data say', () => {
    const rows = mri({ kspace: masked([2, 3, 5], (_, y) => y !== 1), mask: u8([3], [1, 0, 1]) });
    expect([...rows.mask.data]).toEqual([1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
    const columns = mri({ kspace: masked([2, 3, 5], (_s, _y, x) => x !== 0), mask: u8([5], [0, 1, 1, 1, 1]) });
    expect([...columns.mask.data.subarray(0, 5)]).toEqual([0, 1, 1, 1, 1]);
    const square = mri({ kspace: masked([1, 3, 3], (_s, _y, x) => x === 1), mask: u8([3], [0, 1, 0]) });
    expect([...square.mask.data]).toEqual([0, 1, 0, 0, 1, 0, 0, 1, 0]);
  });

  test('a mask may mark zeros as measured, and be given for each slice', () => {
    expect([
      ...mri({ kspace: masked([1, 2, 2], (_s, y) => y === 0), mask: u8([2, 2], [1, 1, 1, 1]) }).mask.data,
    ]).toEqual([1, 1, 1, 1]);
    const perSlice = u8([2, 2, 2], [1, 1, 0, 0, 0, 0, 1, 1]);
    const kspace = masked([2, 1, 2, 2], (s, y) => s === y);
    expect(mri({ kspace, mask: perSlice }).mask).toEqual(perSlice);
  });

  test('maps: one set serves all slices', () => {
    const { maps } = mri({ kspace: numbered([3, 2, 4, 4]), maps: numbered([2, 4, 4]) });
    expect(maps?.shape).toEqual([3, 2, 4, 4]);
    expect(maps?.data.slice(2 * 64)).toEqual(numbered([2, 4, 4]).data);
  });

  test('spacing and reference are kept, other arrays are named in a note', () => {
    const reference = ndarray('float32', [4, 4], new Float32Array(16).fill(2));
    const scan = mri({ kspace: numbered([2, 4, 4]), spacing_mm: f64(3, 1, 0.5), reference, extra: f64(1) });
    expect(scan.spacingMm).toEqual([3, 1, 0.5]);
    expect(scan.reference?.shape).toEqual([1, 4, 4]);
    expect(scan.notes).toEqual(['arrays not used: extra']);
  });

  const kspace = numbered([2, 3, 4, 4]);
  const spoiled = (value: number): NdArray<'complex64'> => {
    const a = numbered([2, 3, 4, 4]);
    a.data[2 * ((1 * 3 + 2) * 16 + 1 * 4 + 3) + 1] = value;
    return a;
  };
  test('a cone beam: views before rows, geometry and slices', () => {
    const beam = { source_origin_mm: scalar(400), source_detector_mm: scalar(600), detector_row_spacing_mm: scalar(2) };
    const panel = ndarray('float32', [5, 3, 8], new Float32Array(120));
    const lengths = { pixel_spacing_mm: scalar(1), slice_spacing_mm: scalar(1.5), detector_spacing_mm: scalar(1) };
    const angles_deg = f64(0, 72, 144, 216, 288);
    const scan = ct({
      sinogram: panel,
      angles_deg,
      ...beam,
      ...lengths,
      slices: scalar(2),
      detector_row_centre: scalar(1),
    });
    expect(scan).toMatchObject({
      sinogram: { shape: [5, 3, 8] },
      fan: { sourceOriginMm: 400, sourceDetectorMm: 600 },
      cone: { rowSpacingMm: 2, rowCentre: 1, slices: 2 },
      spacingMm: [1.5, 1, 1],
    });
    expect(scan.anglesDeg).toHaveLength(5);
  });

  const refused: [name: string, record: Record<string, NdArray>, code: string, message: RegExp][] = [
    [
      'real k-space',
      { kspace: ndarray('float32', [4, 4], new Float32Array(16)) },
      'bad-input',
      /float32, expected complex64/,
    ],
    ['k-space of one axis', { kspace: numbered([16]) }, 'bad-input', /\[16\]/],
    ['k-space of five axes', { kspace: numbered([1, 1, 1, 2, 2]) }, 'bad-input', /\[1,1,1,2,2\]/],
    ['empty k-space', { kspace: numbered([0, 4, 4]) }, 'bad-input', /empty/],
    [
      'k-space without a sample',
      { kspace: ndarray('complex64', [4, 4], new Float32Array(32)) },
      'bad-input',
      /zero everywhere/,
    ],
    ['NaN, with its place', { kspace: spoiled(Number.NaN) }, 'bad-input', /NaN at \[1,2,1,3\]/],
    ['infinity, with its place', { kspace: spoiled(Number.POSITIVE_INFINITY) }, 'bad-input', /Infinity at \[1,2,1,3\]/],
    [
      'a mask of another size',
      { kspace, mask: u8([3, 4], new Array<number>(12).fill(1)) },
      'mismatch',
      /mask has shape \[3,4\], expected \[4, 4\]/,
    ],
    [
      'a mask the data contradict',
      { kspace, mask: u8([4, 4], [0, ...new Array<number>(15).fill(1)]) },
      'mismatch',
      /not zero at \[0,0,0,0\]/,
    ],
    [
      'a mask of other numbers',
      { kspace, mask: u8([4, 4], new Array<number>(16).fill(2)) },
      'bad-input',
      /mask holds 2/,
    ],
    ['a mask without a sample', { kspace, mask: u8([4, 4], new Array<number>(16).fill(0)) }, 'bad-input', /no sample/],
    [
      'maps of another size',
      { kspace, maps: numbered([3, 4, 5]) },
      'mismatch',
      /maps have shape \[3,4,5\], expected \[2,3,4,4\]/,
    ],
    ['maps of other coils', { kspace, maps: numbered([2, 4, 4]) }, 'mismatch', /\[2,4,4\]/],
    ['a spacing of zero', { kspace, spacing_mm: f64(1, 0, 1) }, 'bad-input', /spacing_mm is \[1,0,1\]/],
    ['a spacing of two numbers', { kspace, spacing_mm: f64(1, 1) }, 'bad-input', /three positive/],
    [
      'a reference of another size',
      { kspace, reference: ndarray('float32', [2, 3, 3], new Float32Array(18)) },
      'mismatch',
      /\[2,3,3\]/,
    ],
    ['k-space and sinogram together', { kspace, sinogram: f64(1) }, 'bad-input', /both/],
    ['neither of them', { volume: f64(1) }, 'bad-input', /holds volume, expected "kspace" or "sinogram"/],
  ];
  test.each(refused)('refused: %s', (_, record, code, message) => {
    const error = engineErrorOf(() => npzScan(writeNpz(record), 'scan.npz'));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.path).toContain('scan.npz');
  });
});

describe('sinogram', () => {
  const sinogram = ndarray(
    'float32',
    [4, 6],
    Float32Array.from({ length: 24 }, (_, i) => i),
  );

  test('defaults and optional fields', () => {
    const plain = ct({ sinogram, angles_deg: f64(0, 45, 90, 135) });
    expect(plain.sinogram.shape).toEqual([1, 4, 6]);
    expect([...plain.anglesDeg]).toEqual([0, 45, 90, 135]);
    expect(plain).not.toHaveProperty('fan');
    const full = ct({
      sinogram,
      angles_deg: f64(0, 1, 2, 3),
      detector_spacing_mm: scalar(0.5),
      pixel_spacing_mm: scalar(0.25),
      image_size: scalar(64),
      detector_centre: scalar(2.25),
      source_origin_mm: scalar(400),
      source_detector_mm: scalar(550),
    });
    expect(full).toMatchObject({
      detectorSpacingMm: 0.5,
      pixelSpacingMm: 0.25,
      imageSize: 64,
      detectorCentre: 2.25,
      fan: { sourceOriginMm: 400, sourceDetectorMm: 550 },
    });
  });

  test('without angles they are spread over 180 degrees, with a note', () => {
    const scan = ct({ sinogram });
    expect([...scan.anglesDeg]).toEqual([0, 45, 90, 135]);
    expect(scan.notes[0]).toContain('180');
  });

  const refused: [name: string, record: Record<string, NdArray>, code: string, message: RegExp][] = [
    ['another number of angles', { sinogram, angles_deg: f64(0, 1, 2) }, 'mismatch', /\[3\], expected \[4\]/],
    ['an angle that is no number', { sinogram, angles_deg: f64(0, Number.NaN, 2, 3) }, 'bad-input', /NaN at \[1\]/],
    ['complex numbers', { sinogram: numbered([4, 6]) }, 'bad-input', /complex/],
    ['a negative spacing', { sinogram, detector_spacing_mm: scalar(-1) }, 'bad-input', /detector_spacing_mm is -1/],
    ['half a pixel', { sinogram, image_size: scalar(63.5) }, 'bad-input', /63.5/],
    ['a centre off the detector', { sinogram, detector_centre: scalar(6) }, 'bad-input', /from 0 to 5/],
    ['water that is nothing', { sinogram, water_per_mm: scalar(0) }, 'bad-input', /water_per_mm is 0/],
    ['no photons', { sinogram, photons: scalar(0) }, 'bad-input', /photons is 0/],
    ['panel rows without a source', { sinogram, detector_row_spacing_mm: scalar(1) }, 'bad-input', /found neither/],
    [
      'a detector before the axis',
      { sinogram, source_origin_mm: scalar(400), source_detector_mm: scalar(300) },
      'bad-input',
      /source_detector_mm is 300/,
    ],
    ['half a fan', { sinogram, source_origin_mm: scalar(400) }, 'bad-input', /source_detector_mm/],
  ];
  test.each(refused)('refused: %s', (_, record, code, message) => {
    const error = engineErrorOf(() => npzScan(writeNpz(record), 'scan.npz'));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  test.skipIf(!sharedPresent)('real scans: parallel tooth, fan-beam challenge data', () => {
    const tooth = npzScan(sharedBytes('sinogram/tooth_180deg.npz'));
    expect(tooth).toMatchObject({ kind: 'sinogram', sinogram: { shape: [1, 181, 640] } });
    const htc = npzScan(sharedBytes('sinogram/htc2022_ta_60deg.npz'));
    expect(htc).toMatchObject({ detectorSpacingMm: 0.2, fan: { sourceOriginMm: 410.66, sourceDetectorMm: 553.74 } });
    if (htc.kind === 'sinogram') expect(htc.anglesDeg[120]).toBe(60);
  });
});

describe('npy alone', () => {
  test('complex is k-space, real is an image, and the user is told', () => {
    const kspace = npyScan(writeNpy(numbered([2, 4, 4])));
    expect(kspace).toMatchObject({ kind: 'kspace', format: 'npy', kspace: { shape: [1, 2, 4, 4] } });
    const image = npyScan(writeNpy(ndarray('int16', [3, 4, 5], new Int16Array(60).fill(-7))));
    expect(image).toMatchObject({ kind: 'image', volume: { dtype: 'float32', shape: [3, 4, 5] } });
    expect(image.notes[0]).toContain('image');
  });

  test('the digest is sha256 over the bytes of the file', () => {
    const bytes = writeNpy(numbered([4, 4]));
    expect(npyScan(bytes).digest).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  test('a real array of four axes is refused', () => {
    const a = ndarray('float32', [1, 1, 2, 2], new Float32Array(4));
    expect(engineErrorOf(() => npyScan(writeNpy(a))).message).toContain('[1,1,2,2]');
  });

  test.skipIf(!sharedPresent)('real k-space: Poisson-disc samples of eight coils, mask and data agree', () => {
    const scan = npzScan(sharedBytes('kspace/brain_8ch_poisson.npz'));
    if (scan.kind !== 'kspace') throw new Error('expected k-space');
    const measured = scan.mask.data.reduce((sum, v) => sum + v, 0) / scan.mask.data.length;
    expect(1 / measured).toBeCloseTo(8.04, 1);
    const { mask: _mask, ...rest } = scan;
    // The stored mask is the support of the data.
    expect(kspaceScan(rest).mask.data.reduce((n, v) => n + v, 0) / scan.mask.data.length).toBeCloseTo(measured, 3);
  });
});
