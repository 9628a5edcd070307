import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { elements, ndarray } from '../../engine/arrays/ndarray.ts';
import { readNifti, writeNifti } from '../../engine/io/nifti.ts';
import { affineToGeometry, geometryToAffine } from '../../engine/io/nifti-geometry.ts';
import { parseNiftiHeader } from '../../engine/io/nifti-header.ts';
import type { SliceGeometry } from '../../engine/io/scan.ts';
import { engineErrorOf } from './engine-error-of.ts';
import { sharedBytes, sharedPresent } from './shared-file.ts';

type Vector = [number, number, number];

/** Right-handed rotation about a unit axis (Rodrigues), columns as vectors. */
function frame(axis: Vector, angle: number): [Vector, Vector, Vector] {
  const n = Math.hypot(...axis) || 1;
  const [x, y, z] = axis.map((v) => v / n);
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const t = 1 - c;
  return [
    [t * x * x + c, t * x * y + s * z, t * x * z - s * y],
    [t * x * y - s * z, t * y * y + c, t * y * z + s * x],
    [t * x * z + s * y, t * y * z - s * x, t * z * z + c],
  ];
}

const component = fc.double({ min: -1, max: 1, noNaN: true });
const oriented = fc.record({
  axis: fc.tuple(component, component, component).filter((v) => Math.hypot(...v) > 0.1),
  angle: fc.double({ min: -Math.PI, max: Math.PI, noNaN: true }),
  mirrored: fc.boolean(),
  spacing: fc.tuple(...[0, 1, 2].map(() => fc.double({ min: 0.2, max: 8, noNaN: true }))),
  corner: fc.tuple(...[0, 1, 2].map(() => fc.double({ min: -200, max: 200, noNaN: true }))),
  slices: fc.integer({ min: 2, max: 5 }),
});

function geometryOf(o: typeof oriented extends fc.Arbitrary<infer T> ? T : never): SliceGeometry[] {
  const [u, v, w] = frame(o.axis, o.angle);
  const step = o.spacing[0] * (o.mirrored ? -1 : 1);
  return Array.from({ length: o.slices }, (_, k) => ({
    position: [0, 1, 2].map((i) => o.corner[i] + k * step * w[i]) as Vector,
    rowCosines: u,
    columnCosines: v,
  }));
}

/** A NIfTI-1 file with any header fields set by `fill`. */
function niftiFile(fill: (view: DataView, le: boolean) => void, body: Uint8Array, le = true): Uint8Array {
  const bytes = new Uint8Array(352 + body.length);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, 348, le);
  view.setFloat32(108, 352, le);
  bytes.set([0x6e, 0x2b, 0x31, 0], 344);
  fill(view, le);
  bytes.set(body, 352);
  return bytes;
}

function dims(view: DataView, le: boolean, sizes: number[], datatype: number): void {
  for (const [i, size] of [sizes.length, ...sizes].entries()) view.setInt16(40 + 2 * i, size, le);
  view.setInt16(70, datatype, le);
}

describe('nifti', () => {
  test('values, spacing and place survive writing and reading, compressed or not', () => {
    fc.assert(
      fc.property(oriented, fc.boolean(), fc.boolean(), (o, complex, gzip) => {
        const shape = [o.slices, 3, 2];
        const n = elements(shape) * (complex ? 2 : 1);
        const data = Float32Array.from({ length: n }, (_, i) => Math.fround(i * 1.7 - 5));
        const volume = complex ? ndarray('complex64', shape, data) : ndarray('float32', shape, data);
        const geometry = geometryOf(o);
        const spacingMm: Vector = [o.spacing[0], o.spacing[1], o.spacing[2]];
        const read = readNifti(writeNifti({ volume, spacingMm, geometry }, { gzip }));
        expect(read.volume).toEqual(volume);
        // The header stores float32; distances over the stack stay within 1e-4 mm per 200 mm.
        for (let i = 0; i < 3; i++) expect(read.spacingMm[i]).toBeCloseTo(spacingMm[i], 4);
        for (const [k, slice] of geometry.entries())
          for (let i = 0; i < 3; i++) {
            expect(read.geometry?.[k].position[i]).toBeCloseTo(slice.position[i], 3);
            expect(read.geometry?.[k].rowCosines[i]).toBeCloseTo(slice.rowCosines[i], 5);
            expect(read.geometry?.[k].columnCosines[i]).toBeCloseTo(slice.columnCosines[i], 5);
          }
      }),
      { numRuns: 60 },
    );
  });

  test('the written quaternion is the same place as the written matrix', () => {
    fc.assert(
      fc.property(oriented, (o) => {
        const volume = ndarray('float32', [o.slices, 1, 1], new Float32Array(o.slices));
        const bytes = writeNifti({ volume, spacingMm: [...o.spacing] as Vector, geometry: geometryOf(o) });
        const sform = parseNiftiHeader(bytes).affine;
        new DataView(bytes.buffer).setInt16(254, 0, true);
        const qform = parseNiftiHeader(bytes).affine;
        // float32 quaternion: a rotation error of 1e-6 rad times the spacing; near a = 0 its square root.
        for (let r = 0; r < 3; r++)
          for (let c = 0; c < 4; c++)
            expect(Math.abs((qform?.[r][c] ?? 9e9) - (sform?.[r][c] ?? 0))).toBeLessThan(0.01);
      }),
    );
  });

  test('RAS to LPS: an identity matrix points columns right to left, rows front to back reversed', () => {
    const placed = affineToGeometry(
      [
        [2, 0, 0, 10],
        [0, 3, 0, 20],
        [0, 0, 4, 30],
      ],
      2,
    );
    expect(placed?.geometry[1]).toEqual({
      position: [-10, -20, 34],
      rowCosines: [-1, 0, 0],
      columnCosines: [0, -1, 0],
    });
    expect(placed?.spacingMm).toEqual([4, 3, 2]);
    expect(geometryToAffine(placed?.geometry ?? [], [4, 3, 2])).toEqual([
      [2, 0, 0, 10],
      [0, 3, 0, 20],
      [0, 0, 4, 30],
    ]);
  });

  test('a sheared matrix is told, a singular one ignored', () => {
    expect(
      affineToGeometry(
        [
          [1, 0, 0.2, 0],
          [0, 1, 0, 0],
          [0, 0, 1, 0],
        ],
        1,
      )?.oblique,
    ).toBe(true);
    expect(
      affineToGeometry(
        [
          [1, 1, 0, 0],
          [0, 0, 0, 0],
          [0, 0, 1, 0],
        ],
        1,
      ),
    ).toBeUndefined();
  });

  test('unevenly spaced slices cannot be written', () => {
    const at = (z: number): SliceGeometry => ({ position: [0, 0, z], rowCosines: [1, 0, 0], columnCosines: [0, 1, 0] });
    expect(engineErrorOf(() => geometryToAffine([at(0), at(1), at(5)], [1, 1, 1])).code).toBe('unsupported');
  });

  const cases: [
    name: string,
    code: number,
    bytes: number,
    write: (v: DataView, at: number, x: number, le: boolean) => void,
  ][] = [
    ['uint8', 2, 1, (v, at, x) => v.setUint8(at, x)],
    ['int16', 4, 2, (v, at, x, le) => v.setInt16(at, -x, le)],
    ['int32', 8, 4, (v, at, x, le) => v.setInt32(at, -x * 1000, le)],
    ['float32', 16, 4, (v, at, x, le) => v.setFloat32(at, x / 4, le)],
    ['float64', 64, 8, (v, at, x, le) => v.setFloat64(at, x / 4, le)],
    ['int8', 256, 1, (v, at, x) => v.setInt8(at, -x)],
    ['uint16', 512, 2, (v, at, x, le) => v.setUint16(at, x * 200, le)],
    ['uint32', 768, 4, (v, at, x, le) => v.setUint32(at, x * 2 ** 20, le)],
    ['int64', 1024, 8, (v, at, x, le) => v.setBigInt64(at, BigInt(-x), le)],
    ['uint64', 1280, 8, (v, at, x, le) => v.setBigUint64(at, BigInt(x), le)],
  ];
  const factor: Record<string, number> = {
    int16: -1,
    int32: -1000,
    float32: 0.25,
    float64: 0.25,
    int8: -1,
    uint16: 200,
    uint32: 2 ** 20,
    int64: -1,
  };
  test.each(
    cases.flatMap((c) => [[...c, true] as const, [...c, false] as const]),
  )('datatype %s (code %i), scaled by slope and intercept', (name, code, bytes, write, le) => {
    const body = new Uint8Array(24 * bytes);
    for (let i = 0; i < 24; i++) write(new DataView(body.buffer), i * bytes, i, le);
    const file = niftiFile(
      (view) => {
        dims(view, le, [2, 3, 4], code);
        view.setFloat32(112, 2, le);
        view.setFloat32(116, 10, le);
      },
      body,
      le,
    );
    const { volume } = readNifti(file);
    expect(volume.shape).toEqual([4, 3, 2]);
    expect([...volume.data]).toEqual(
      Array.from({ length: 24 }, (_, i) => Math.fround(2 * i * (factor[name] ?? 1) + 10)),
    );
  });

  test('slope 0 or NaN means no scaling; complex128 is read; four axes join along slices', () => {
    const body = new Uint8Array(Float64Array.of(1, 2, 3, 4).buffer);
    const file = niftiFile((view, le) => {
      dims(view, le, [1, 1, 1, 2], 1792);
      view.setFloat32(112, Number.NaN, le);
    }, body);
    const { volume, notes } = readNifti(file);
    expect(volume).toEqual({ dtype: 'complex64', shape: [2, 1, 1], data: Float32Array.of(1, 2, 3, 4) });
    expect(notes[0]).toContain('2 volumes');
  });

  test('NIfTI-2', () => {
    const bytes = new Uint8Array(540 + 8);
    const view = new DataView(bytes.buffer);
    view.setInt32(0, 540, true);
    bytes.set([0x6e, 0x2b, 0x32, 0, 0x0d, 0x0a, 0x1a, 0x0a], 4);
    view.setInt16(12, 16, true);
    for (const [i, size] of [3, 2, 1, 1].entries()) view.setBigInt64(16 + 8 * i, BigInt(size), true);
    for (const [i, d] of [1, 0.5, 0.25, 3].entries()) view.setFloat64(104 + 8 * i, d, true);
    view.setBigInt64(168, 540n, true);
    view.setInt32(500, 1, true); // metres
    view.setFloat32(540, 1.5, true);
    view.setFloat32(544, -2, true);
    const read = readNifti(bytes);
    expect(read.volume).toEqual({ dtype: 'float32', shape: [1, 1, 2], data: Float32Array.of(1.5, -2) });
    expect(read.spacingMm).toEqual([3000, 250, 500]);
    expect(read.geometry).toBeUndefined();
  });

  test.each([
    ['a size of zero', (v: DataView) => dims(v, true, [2, 0, 2], 16)],
    ['a negative size', (v: DataView) => dims(v, true, [2, -2, 2], 16)],
    ['eight axes', (v: DataView) => v.setInt16(40, 8, true)],
    ['an absurd product', (v: DataView) => dims(v, true, [32767, 32767, 32767, 32767], 16)],
    ['a larger volume than the file', (v: DataView) => dims(v, true, [2, 2, 3], 16)],
    ['an offset behind the end', (v: DataView) => v.setFloat32(108, 1e9, true)],
    ['an offset that is no number', (v: DataView) => v.setFloat32(108, Number.NaN, true)],
    [
      'an infinite orientation',
      (v: DataView) => {
        v.setInt16(254, 1, true);
        v.setFloat32(280, Number.POSITIVE_INFINITY, true);
      },
    ],
  ])('%s is refused, compressed or not', (_, spoil) => {
    const file = niftiFile((view, le) => {
      dims(view, le, [2, 2, 2], 16);
      spoil(view);
    }, new Uint8Array(32));
    expect(engineErrorOf(() => readNifti(file, 'x.nii')).code).toBe('bad-input');
    expect(engineErrorOf(() => readNifti(gzipSync(file), 'x.nii.gz')).code).toBe('bad-input');
  });

  test('colour volumes and header–image pairs are unsupported', () => {
    expect(
      engineErrorOf(() => readNifti(niftiFile((v, le) => dims(v, le, [1, 1, 1], 128), new Uint8Array(3)))).code,
    ).toBe('unsupported');
    const pair = niftiFile((v, le) => dims(v, le, [1, 1, 1], 2), new Uint8Array(1));
    pair[345] = 0x69;
    expect(engineErrorOf(() => readNifti(pair)).code).toBe('unsupported');
  });

  test('a gzip bomb stops at the size the header promises; a truncated stream is told', () => {
    const file = niftiFile((view, le) => dims(view, le, [2, 2, 2], 16), new Uint8Array(1 << 24));
    expect(engineErrorOf(() => readNifti(gzipSync(file))).message).toContain('more than');
    const whole = gzipSync(
      niftiFile(
        (view, le) => dims(view, le, [9, 9, 9], 16),
        new Uint8Array(9 ** 3 * 4).map((_, i) => i * 37),
      ),
    );
    expect(engineErrorOf(() => readNifti(whole.subarray(0, whole.length - 40))).message).toContain('truncated');
  });

  test.skipIf(!sharedPresent)('real volumes keep their axes: [slices, y, x] of the README', () => {
    const head = readNifti(sharedBytes('mri/pd_adult28y.nii.gz'));
    expect(head.volume.shape).toEqual([20, 232, 189]);
    expect(head.spacingMm[0]).toBeCloseTo(6.97, 2);
    expect(head.geometry?.[19].position[2]).toBeCloseTo(19 * 6.97, 1);
    const ct = readNifti(sharedBytes('ct/body_totalseg_3mm.nii.gz'));
    expect(ct.volume.shape).toEqual([112, 101, 122]);
    expect(ct.geometry?.[0].rowCosines).toEqual([-1, 0, 0]);
    const again = readNifti(writeNifti(ct, { gzip: true }));
    expect(Buffer.from(again.volume.data.buffer).equals(Buffer.from(ct.volume.data.buffer))).toBe(true);
    expect(again.geometry).toEqual(ct.geometry);
  });
});
