/** Every rule of the ISMRMRD import on readouts made by hand, with the expected k-space written down. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fft2, fftAxis } from '../../engine/arrays/fft.ts';
import { type NdArray, ndarray } from '../../engine/arrays/ndarray.ts';
import { EngineError } from '../../engine/errors.ts';
import { assembleReadouts } from '../../engine/io/assemble-readouts.ts';
import type { Readout, ReadoutHead } from '../../engine/io/ismrmrd-head.ts';
import { engineErrorOf } from './engine-error-of.ts';
import { flags, makeHeader, makeReadout } from './make-readouts.ts';

/** Value [re, im] at an index. */
function at(a: NdArray, ...index: number[]): [number, number] {
  let element = 0;
  for (const [axis, i] of index.entries()) element = element * a.shape[axis] + i;
  return [a.data[2 * element], a.data[2 * element + 1]];
}

/** Line `step` whose sample i of channel c is 1000 c + 10 step + i, imaginary part 1. */
const line = (step: number, overrides: Partial<ReadoutHead> = {}): Readout =>
  makeReadout({ step1: step, ...overrides }, (c, i) => [1000 * c + 10 * step + i, 1]);

const lines = (count: number, overrides: Partial<ReadoutHead> = {}): Readout[] =>
  Array.from({ length: count }, (_, step) => line(step, overrides));

const square = makeHeader({ encoded: [8, 4, 1] });

describe('placement', () => {
  test('sample i of line s lies at [s, i]; channels follow one another', () => {
    const { kspace, mask } = assembleReadouts(square, lines(4, { activeChannels: 2 }));
    expect(kspace.shape).toEqual([1, 2, 4, 8]);
    for (let c = 0; c < 2; c++)
      for (let s = 0; s < 4; s++)
        for (let i = 0; i < 8; i++) expect(at(kspace, 0, c, s, i)).toEqual([1000 * c + 10 * s + i, 1]);
    expect(mask).toEqual(ndarray('uint8', [4, 8], new Uint8Array(32).fill(1)));
  });

  test('lines are placed by the stated centre, not by the middle of the acquired ones', () => {
    // Partial Fourier: 6 of 8 lines, the centre is line 2, so line s lies at 4 + s − 2.
    const { kspace, mask } = assembleReadouts(makeHeader({ encoded: [8, 8, 1], step1: [2, 5] }), lines(6));
    expect(at(kspace, 0, 0, 4, 0)).toEqual([20, 1]);
    expect([...Array(8).keys()].map((y) => mask?.data[y * 8])).toEqual([0, 0, 1, 1, 1, 1, 1, 1]);
    expect(at(kspace, 0, 0, 1, 3)).toEqual([0, 0]);
  });

  test('odd sizes: the centre is floor(n/2)', () => {
    const { kspace } = assembleReadouts(
      makeHeader({ encoded: [7, 5, 1], step1: [2, 4] }),
      lines(5, { numberOfSamples: 7, centerSample: 3 }),
    );
    expect(at(kspace, 0, 0, 2, 3)).toEqual([23, 1]);
  });

  test('partial echo: samples are placed by centre sample, the rest is zero and not measured', () => {
    // 6 samples with centre 2 in 8: sample i lies at 4 + i − 2.
    const { kspace, mask } = assembleReadouts(square, lines(4, { numberOfSamples: 6, centerSample: 2 }));
    expect(at(kspace, 0, 0, 1, 4)).toEqual([12, 1]);
    expect(at(kspace, 0, 0, 1, 1)).toEqual([0, 0]);
    expect([...(mask?.data.subarray(0, 8) ?? [])]).toEqual([0, 0, 1, 1, 1, 1, 1, 1]);
  });

  test('reversed readouts are mirrored', () => {
    const { kspace } = assembleReadouts(square, [line(0), line(1, { flags: flags(22) }), line(2), line(3)]);
    expect(at(kspace, 0, 0, 1, 0)).toEqual([17, 1]);
    expect(at(kspace, 0, 0, 1, 7)).toEqual([10, 1]);
    expect(at(kspace, 0, 0, 2, 0)).toEqual([20, 1]);
  });

  test('discarded samples are neither data nor measured; on reversed lines they count after mirroring', () => {
    const cut = { discardPre: 2, discardPost: 1 };
    const readouts = [line(0, cut), line(1, { ...cut, flags: flags(22) }), line(2), line(3)];
    const { kspace, mask } = assembleReadouts(square, readouts);
    for (const y of [0, 1])
      expect([...(mask?.data.subarray(8 * y, 8 * y + 8) ?? [])]).toEqual([0, 0, 1, 1, 1, 1, 1, 0]);
    expect(at(kspace, 0, 0, 0, 2)).toEqual([2, 1]);
    expect(at(kspace, 0, 0, 0, 1)).toEqual([0, 0]);
    expect(at(kspace, 0, 0, 1, 2)).toEqual([15, 1]);
  });

  test.each([
    ['a line above the matrix', lines(5)],
    ['samples beyond the matrix', [line(0, { centerSample: 3 })]],
  ])('%s is refused', (_, readouts) => {
    expect(engineErrorOf(() => assembleReadouts(square, readouts, 'x.h5')).message).toContain('outside');
  });

  test('a readout of another length is refused, with both numbers', () => {
    const broken = line(0);
    const error = engineErrorOf(() => assembleReadouts(square, [{ ...broken, data: broken.data.subarray(2) }]));
    expect(error.message).toMatch(/readout 0 holds 14 numbers, expected 16/);
  });

  test('readouts with another number of channels are refused', () => {
    const error = engineErrorOf(() => assembleReadouts(square, [line(0), line(1, { activeChannels: 2 })]));
    expect(error.code).toBe('mismatch');
  });

  test.each([
    ['a matrix of 2^48 points', [65_536, 65_536, 65_536]],
    ['a matrix a thousand times the data', [64, 8192, 1]],
  ] as const)('%s is refused before it is allocated', (_, encoded) => {
    const before = process.memoryUsage().arrayBuffers;
    const header = makeHeader({ encoded: [encoded[0], encoded[1], encoded[2]] });
    expect(engineErrorOf(() => assembleReadouts(header, [line(0)])).code).toBe('bad-input');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 20);
  });
});

describe('flags', () => {
  test.each([23, 24, 26, 27, 28, 29, 30, 31])('readouts with flag %i are skipped, with a note', (flag) => {
    const strange = makeReadout({ step1: 1, flags: flags(flag) }, () => [999, 999]);
    const { kspace, notes, averages } = assembleReadouts(square, [...lines(4), strange]);
    expect(at(kspace, 0, 0, 1, 0)).toEqual([10, 1]);
    expect(averages).toBeUndefined();
    expect(notes.join()).toMatch(/1 .* readouts were skipped/);
  });

  test('flag 25 (last in measurement) and flags above 32 change nothing', () => {
    const { kspace } = assembleReadouts(square, [...lines(3), line(3, { flags: flags(25) })]);
    expect(at(kspace, 0, 0, 3, 2)).toEqual([32, 1]);
  });

  test('flag 20 lines are for calibration only, flag 21 lines for both', () => {
    const readouts = [
      line(0),
      line(1, { flags: flags(20) }),
      line(2, { flags: flags(21) }),
      line(3, { flags: flags(20, 21) }),
    ];
    const { kspace, mask, calibration } = assembleReadouts(square, readouts);
    expect([0, 1, 2, 3].map((y) => mask?.data[8 * y])).toEqual([1, 0, 1, 1]);
    expect(at(kspace, 0, 0, 1, 0)).toEqual([0, 0]);
    expect(calibration?.shape).toEqual(kspace.shape);
    expect([0, 1, 2, 3].map((y) => at(calibration ?? kspace, 0, 0, y, 5))).toEqual([
      [0, 0],
      [15, 1],
      [25, 1],
      [35, 1],
    ]);
  });

  test('without calibration-only lines there is no separate calibration', () => {
    expect(assembleReadouts(square, lines(4, { flags: flags(21) })).calibration).toBeUndefined();
  });

  test('calibration of the first repetition serves the others', () => {
    const readouts = [
      line(1, { flags: flags(20) }),
      ...lines(4).filter((_, i) => i !== 1),
      ...lines(4, { repetition: 1 }).filter((_, i) => i !== 1),
    ];
    const { calibration } = assembleReadouts(square, readouts);
    expect(calibration?.shape[0]).toBe(2);
    if (calibration) expect(at(calibration, 1, 0, 1, 3)).toEqual([13, 1]);
  });

  test('nothing for imaging is an error', () => {
    expect(engineErrorOf(() => assembleReadouts(square, lines(4, { flags: flags(20) }))).message).toContain('imaging');
    expect(engineErrorOf(() => assembleReadouts(square, [])).code).toBe('bad-input');
  });
});

describe('averages', () => {
  test('repeated samples are averaged and counted', () => {
    const twice = makeReadout({ step1: 1 }, (_, i) => [30 + i, 3]);
    const { kspace, averages } = assembleReadouts(square, [...lines(4), twice]);
    // (10 + i + 30 + i) / 2 and (1 + 3) / 2.
    expect(at(kspace, 0, 0, 1, 4)).toEqual([24, 2]);
    expect(averages?.shape).toEqual([4, 8]);
    expect([0, 1, 2, 3].map((y) => averages?.data[8 * y])).toEqual([1, 2, 1, 1]);
  });

  test('counts that differ between slices are kept for each', () => {
    const readouts = [...lines(4), ...lines(4, { slice: 1 }), line(2, { slice: 1 })];
    const { averages } = assembleReadouts(square, readouts);
    expect(averages?.shape).toEqual([2, 4, 8]);
    expect([averages?.data[2 * 8], averages?.data[32 + 2 * 8]]).toEqual([1, 2]);
  });
});

describe('noise', () => {
  /** Noise samples of two channels with Σ|n₀|² = 40, Σ|n₁|² = 10, Σ n₁ n₀* = 10 − 10i over n = 6 samples. */
  const noise = (sampleTimeUs: number): Readout =>
    makeReadout({ numberOfSamples: 6, activeChannels: 2, flags: flags(19), sampleTimeUs }, (c, i) => {
      const table: [number, number][][] = [
        [
          [2, 0],
          [0, 2],
          [4, 0],
          [0, 4],
          [0, 0],
          [0, 0],
        ],
        [
          [1, -1],
          [1, 1],
          [1, -1],
          [1, 1],
          [1, 0],
          [0, 1],
        ],
      ];
      return table[c][i];
    });
  const imaging = lines(4, { activeChannels: 2, sampleTimeUs: 5 });

  test('Ψ = N Nᴴ/(n − 1), Hermitian, E[n nᴴ]', () => {
    const { noiseCovariance: psi } = assembleReadouts(square, [noise(5), ...imaging]);
    if (psi === undefined) throw new Error('no covariance');
    expect(at(psi, 0, 0)).toEqual([8, 0]);
    expect(at(psi, 1, 1)).toEqual([2, 0]);
    // Σ n₁ n₀*: (1−i)2 + (1+i)(−2i) + (1−i)4 + (1+i)(−4i) = 12 − 12i.
    expect(at(psi, 1, 0)).toEqual([Math.fround(12 / 5), Math.fround(-12 / 5)]);
    expect(at(psi, 0, 1)).toEqual([Math.fround(12 / 5), Math.fround(12 / 5)]);
  });

  test('noise power follows the bandwidth: dwell time ratio and relative receiver bandwidth', () => {
    const header = makeHeader({ encoded: [8, 4, 1], relativeBandwidth: 0.8 });
    const { noiseCovariance: psi } = assembleReadouts(header, [noise(10), ...imaging]);
    if (psi === undefined) throw new Error('no covariance');
    // The noise scan's samples are twice as long: half the bandwidth, so the image has twice the variance.
    expect(at(psi, 0, 0)[0]).toBeCloseTo((8 * 2) / 0.8, 5);
  });

  test('several noise readouts add up; those with other channels do not', () => {
    const other = makeReadout({ flags: flags(19), activeChannels: 1 }, () => [99, 0]);
    const { noiseCovariance: psi, notes } = assembleReadouts(square, [noise(5), noise(5), other, ...imaging]);
    if (psi === undefined) throw new Error('no covariance');
    expect(at(psi, 0, 0)[0]).toBeCloseTo(80 / 11, 5);
    expect(notes.join()).toContain('1 noise readouts');
  });

  test('too few samples give none', () => {
    const short = makeReadout({ numberOfSamples: 2, activeChannels: 2, flags: flags(19) }, () => [1, 0]);
    const { noiseCovariance, notes } = assembleReadouts(square, [short, ...imaging]);
    expect(noiseCovariance).toBeUndefined();
    expect(notes.join()).toContain('too few');
  });
});

describe('several images', () => {
  const placed = (z: number, slice: number): Partial<ReadoutHead> => ({
    slice,
    position: [10, 20, z],
    readDir: [1, 0, 0],
    phaseDir: [0, 1, 0],
    sliceDir: [0, 0, 1],
  });

  test('slices are sorted by position · slice_dir, not by index, and carry their geometry', () => {
    const heads = [placed(6, 0), placed(-6, 1), placed(0, 2)];
    const readouts = heads.flatMap((head, s) =>
      [0, 1, 2, 3].map((step) => makeReadout({ ...head, step1: step }, () => [s + 1, 0])),
    );
    const scan = assembleReadouts(makeHeader({ encoded: [8, 4, 1], reconFov: [16, 12, 5] }), readouts);
    expect([0, 1, 2].map((s) => at(scan.kspace, s, 0, 0, 0)[0])).toEqual([2, 3, 1]);
    // 2 mm columns, 3 mm rows, slices 6 mm apart although 5 mm thick; pixel [2, 4] is at the position.
    expect(scan.spacingMm).toEqual([6, 3, 2]);
    expect(scan.geometry?.[0]).toEqual({
      position: [10 - 4 * 2, 20 - 2 * 3, -6],
      rowCosines: [1, 0, 0],
      columnCosines: [0, 1, 0],
    });
    expect(scan.outerAxes).toBeUndefined();
  });

  test('contrast, phase, repetition and set become outer axes in that order, slices fastest', () => {
    const readouts: Readout[] = [];
    for (const contrast of [0, 1])
      for (const repetition of [0, 1, 2])
        for (const slice of [0, 1])
          for (let step1 = 0; step1 < 4; step1++)
            readouts.push(
              makeReadout({ contrast, repetition, slice, step1 }, () => [
                100 * contrast + 10 * repetition + slice + 1,
                0,
              ]),
            );
    const { kspace, outerAxes } = assembleReadouts(square, readouts.reverse());
    expect(outerAxes).toEqual([
      { name: 'contrast', size: 2 },
      { name: 'repetition', size: 3 },
      { name: 'slice', size: 2 },
    ]);
    const expected = [1, 2, 11, 12, 21, 22, 101, 102, 111, 112, 121, 122];
    expect(expected.map((_, i) => at(kspace, i, 0, 0, 0)[0])).toEqual(expected);
  });

  test.each(['phase', 'set'] as const)('%s separates images', (axis) => {
    const { kspace, outerAxes } = assembleReadouts(square, [...lines(4), ...lines(4, { [axis]: 3 })]);
    expect(kspace.shape[0]).toBe(2);
    expect(outerAxes?.[0]).toEqual({ name: axis, size: 2 });
  });

  test('average and segment do not separate images; masks that differ are kept for each', () => {
    const { mask } = assembleReadouts(square, [...lines(4), ...lines(2, { slice: 1 })]);
    expect(mask?.shape).toEqual([2, 4, 8]);
    expect([mask?.data[3 * 8], mask?.data[32 + 3 * 8]]).toEqual([1, 0]);
  });
});

describe('readout oversampling', () => {
  /** Readouts of an image that is one point at column x0 of 16. */
  const pointAt = (x0: number, overrides: Partial<ReadoutHead> = {}): Readout[] =>
    [0, 1, 2, 3].map((step1) =>
      makeReadout({ step1, numberOfSamples: 16, ...overrides }, (_, i) => {
        const phase = (-2 * Math.PI * (i - 8) * (x0 - 8)) / 16;
        return [Math.cos(phase) / 4, Math.sin(phase) / 4];
      }),
    );

  test('the central half of the image remains, on its grid', () => {
    const header = makeHeader({ encoded: [16, 4, 1], recon: [8, 4, 1] });
    const { kspace, mask, imageSize } = assembleReadouts(header, pointAt(9));
    expect(kspace.shape).toEqual([1, 1, 4, 8]);
    expect(imageSize).toBeUndefined();
    expect(mask?.data).toEqual(new Uint8Array(32).fill(1));
    const image = fftAxis(kspace.data, [4, 8], 1, 'inverse');
    for (let x = 0; x < 8; x++) expect(image[2 * x]).toBeCloseTo(x === 9 - 4 ? 1 : 0, 5);
  });

  test('what lies outside the field of view is gone', () => {
    const header = makeHeader({ encoded: [16, 4, 1], recon: [8, 4, 1] });
    const { kspace } = assembleReadouts(header, pointAt(1));
    expect(Math.max(...kspace.data.map(Math.abs))).toBeLessThan(1e-6);
  });

  test('equal fields of view with a smaller matrix also crop, interpolated matrices do not enlarge', () => {
    const lazy = makeHeader({
      encoded: [16, 4, 1],
      recon: [8, 4, 1],
      encodedFov: [300, 300, 5],
      reconFov: [300, 300, 5],
    });
    expect(assembleReadouts(lazy, pointAt(9)).kspace.shape).toEqual([1, 1, 4, 8]);
    const interpolated = makeHeader({
      encoded: [16, 4, 1],
      recon: [32, 8, 1],
      encodedFov: [600, 300, 5],
      reconFov: [300, 300, 5],
    });
    expect(assembleReadouts(interpolated, pointAt(9)).kspace.shape).toEqual([1, 1, 4, 8]);
  });

  test('with a partial echo the unmeasured part stays exactly zero', () => {
    const header = makeHeader({ encoded: [16, 4, 1], recon: [8, 4, 1] });
    const { kspace, mask } = assembleReadouts(header, pointAt(9, { discardPre: 6 }));
    const row = [...(mask?.data.subarray(0, 8) ?? [])];
    // Old samples 6…15 remain; new sample k stands for old 8 + 2 (k − 4).
    expect(row).toEqual([0, 0, 0, 1, 1, 1, 1, 1]);
    for (const [x, measured] of row.entries()) if (measured === 0) expect(at(kspace, 0, 0, 2, x)).toEqual([0, 0]);
  });

  test('phase oversampling becomes a smaller image size, k-space keeps its grid', () => {
    const header = makeHeader({ encoded: [8, 8, 1], recon: [8, 6, 1] });
    const { kspace, imageSize } = assembleReadouts(header, lines(8));
    expect(kspace.shape).toEqual([1, 1, 8, 8]);
    expect(imageSize).toEqual([6, 8]);
  });
});

describe('three dimensions', () => {
  const volume = [6, 4, 8] as const;
  /** k-space of a point at [z, y, x], sample by sample. */
  const point = (
    z0: number,
    y0: number,
    x0: number,
    keep: (kz: number, ky: number) => boolean = () => true,
  ): Readout[] => {
    const image = new Float32Array(2 * 6 * 4 * 8);
    image[2 * ((z0 * 4 + y0) * 8 + x0)] = 1;
    const planes = fft2(image, [6, 4, 8], 'forward');
    const kspace = fftAxis(planes, [6, 32], 0, 'forward');
    const readouts: Readout[] = [];
    for (let kz = 0; kz < 6; kz++)
      for (let ky = 0; ky < 4; ky++)
        if (keep(kz, ky))
          readouts.push(
            makeReadout({ step1: ky, step2: kz }, (_, i) => {
              const from = 2 * ((kz * 4 + ky) * 8 + i);
              return [kspace[from], kspace[from + 1]];
            }),
          );
    return readouts;
  };
  const header = makeHeader({ encoded: [8, 4, 6] });

  test('the transform along kz leaves one k-space for each slice', () => {
    const { kspace, mask } = assembleReadouts(header, point(4, 1, 5));
    expect(kspace.shape).toEqual([6, 1, 4, 8]);
    expect(mask?.shape).toEqual([4, 8]);
    const images = fft2(kspace.data, volume, 'inverse');
    for (let i = 0; i < 6 * 32; i++) expect(images[2 * i]).toBeCloseTo(i === (4 * 4 + 1) * 8 + 5 ? 1 : 0, 5);
  });

  test('slice oversampling is cropped centrally, with the geometry of what remains', () => {
    const cropped = makeHeader({ encoded: [8, 4, 6], recon: [8, 4, 4], reconFov: [8, 4, 8] });
    const frame = { readDir: [1, 0, 0], phaseDir: [0, 1, 0], sliceDir: [0, 0, 1] } as const;
    const readouts = point(4, 1, 5).map(({ head, data }) => ({
      data,
      head: {
        ...head,
        readDir: [...frame.readDir],
        phaseDir: [...frame.phaseDir],
        sliceDir: [...frame.sliceDir],
      } as ReadoutHead,
    }));
    const { kspace, geometry, spacingMm } = assembleReadouts(cropped, readouts);
    expect(kspace.shape[0]).toBe(4);
    const images = fft2(kspace.data, [4, 4, 8], 'inverse');
    expect(images[2 * ((3 * 4 + 1) * 8 + 5)]).toBeCloseTo(1, 5);
    expect(spacingMm).toEqual([2, 1, 1]);
    // Slice floor(4/2) lies at the position.
    expect(geometry?.map((g) => g.position[2])).toEqual([-4, -2, 0, 2]);
  });

  test('undersampling along ky alone is fine, along kz it is refused with a hint', () => {
    const { mask } = assembleReadouts(
      header,
      point(4, 1, 5, (_, ky) => ky !== 3),
    );
    expect([0, 1, 2, 3].map((y) => mask?.data[8 * y])).toEqual([1, 1, 1, 0]);
    const error = engineErrorOf(() =>
      assembleReadouts(
        header,
        point(4, 1, 5, (kz, ky) => kz !== 2 || ky !== 1),
      ),
    );
    expect(error.code).toBe('unsupported');
    expect(error.message).toContain('[0, 1, 0]'.replaceAll(' ', ''));
    expect(error.hint).toContain('kz');
  });

  test('a calibration block need not fill kz', () => {
    const block = point(4, 1, 5, (kz, ky) => kz > 1 && kz < 5 && ky > 0 && ky < 3).map(({ head, data }) => ({
      data,
      head: { ...head, flags: flags(20) },
    }));
    const { calibration } = assembleReadouts(header, [...point(4, 1, 5), ...block]);
    expect(calibration?.shape).toEqual([6, 1, 4, 8]);
    expect(calibration?.data.some((v) => v !== 0)).toBe(true);
  });
});

describe('trajectory and encoding', () => {
  test.each(['radial', 'spiral', 'goldenangle', 'other'])('a %s trajectory is refused clearly', (trajectory) => {
    const error = engineErrorOf(() => assembleReadouts(makeHeader({ encoded: [8, 4, 1], trajectory }), lines(4)));
    expect(error.code).toBe('unsupported');
    expect(error.message).toContain(trajectory);
  });

  test('an encoding the header lacks is refused; readouts of another one are skipped', () => {
    expect(engineErrorOf(() => assembleReadouts(square, lines(4, { encodingSpaceRef: 3 }))).message).toContain(
      'encoding 3',
    );
    const { notes } = assembleReadouts(square, [...lines(4), line(0, { encodingSpaceRef: 1 })]);
    expect(notes.join()).toContain('1 readouts of other encodings');
  });
});

describe('any heads', () => {
  const small = fc.nat(12);
  const wild = fc.oneof(small, fc.nat(65_535));
  const head = fc.record({
    flags: fc.oneof(fc.constant(0), fc.nat(0xffffffff)),
    numberOfSamples: small,
    activeChannels: fc.integer({ min: 0, max: 3 }),
    discardPre: wild,
    discardPost: small,
    centerSample: fc.oneof(fc.constant(4), wild),
    encodingSpaceRef: fc.nat(1),
    sampleTimeUs: fc.float({ noNaN: false }),
    step1: wild,
    step2: wild,
    slice: wild,
    contrast: fc.nat(2),
    phase: fc.nat(1),
    repetition: wild,
    set: fc.nat(1),
    position: fc.tuple(fc.float(), fc.float(), fc.float()),
    sliceDir: fc.tuple(fc.float(), fc.float(), fc.float()),
  });
  const matrix = fc.tuple(...[0, 1, 2].map(() => fc.oneof(fc.integer({ min: 1, max: 16 }), fc.constant(65_536))));

  test('give k-space of the size they imply, or an EngineError', () => {
    fc.assert(
      fc.property(fc.array(head, { maxLength: 6 }), matrix, (heads, [x, y, z]) => {
        const readouts = heads.map((overrides) => makeReadout(overrides as Partial<ReadoutHead>, (c, i) => [c, i]));
        try {
          const { kspace, mask } = assembleReadouts(makeHeader({ encoded: [x, y, z] }), readouts);
          expect(kspace.shape.slice(-2)).toEqual([y, x]);
          expect(mask?.shape.slice(-2)).toEqual([y, x]);
        } catch (error) {
          expect(error).toBeInstanceOf(EngineError);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('hostile bits in well-formed readouts too', () => {
    fc.assert(
      fc.property(fc.array(head, { minLength: 1, maxLength: 3 }), (heads) => {
        const readouts = [
          ...lines(4),
          ...heads.map((h) =>
            makeReadout({ ...h, numberOfSamples: 8, activeChannels: 1 } as Partial<ReadoutHead>, () => [1, 0]),
          ),
        ];
        try {
          expect(assembleReadouts(square, readouts).kspace.shape[1]).toBe(1);
        } catch (error) {
          expect(error).toBeInstanceOf(EngineError);
        }
      }),
      { numRuns: 300 },
    );
  });
});
