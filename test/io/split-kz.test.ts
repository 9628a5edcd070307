/** 3D k-space to slices: against the three-dimensional transform, through .npz, and what is refused. */
import { describe, expect, test } from 'vitest';
import { fft2, fftAxis } from '../../engine/arrays/fft.ts';
import { type NdArray, ndarray } from '../../engine/arrays/ndarray.ts';
import { norm } from '../../engine/arrays/statistics.ts';
import { writeNpz } from '../../engine/io/npz.ts';
import { npzScan } from '../../engine/io/npz-scan.ts';
import type { KspaceScan } from '../../engine/io/scan.ts';
import { splitKz } from '../../engine/io/split-kz.ts';
import { numbered } from './arrays.ts';
import { engineErrorOf } from './engine-error-of.ts';

const [coils, nz, ny, nx] = [2, 5, 4, 6];
const extent = { images: 1, coils, kz: nz, ky: ny, kx: nx };

/** Coil images [coils, z, y, x] and their 3D k-space, centred and orthonormal along every axis. */
function volume(): { image: Float32Array; kspace: Float32Array } {
  const image = Float32Array.from({ length: 2 * coils * nz * ny * nx }, (_, i) => Math.sin(0.7 * i) + 0.2 * (i % 5));
  const planes = fft2(image.slice(), [coils * nz, ny, nx], 'forward');
  return { image, kspace: fftAxis(planes, [coils, nz, ny * nx], 1, 'forward') };
}

/** Relative distance. */
function distance(a: Float32Array, b: Float32Array): number {
  return norm(a.map((v, i) => v - b[i])) / norm(b);
}

function scanOf(record: Record<string, NdArray>): KspaceScan {
  const scan = npzScan(writeNpz(record), 'scan.npz');
  if (scan.kind !== 'kspace') throw new Error(`expected k-space, found ${scan.kind}`);
  return scan;
}

describe('splitKz', () => {
  test('leaves the 2D k-space of every slice, coil by coil, and its energy', () => {
    const { image, kspace } = volume();
    const energy = norm(kspace);
    const slices = splitKz(kspace, extent);
    expect(norm(slices)).toBeCloseTo(energy, 4);
    const images = fft2(slices, [nz * coils, ny, nx], 'inverse');
    const block = 2 * ny * nx;
    for (let z = 0; z < nz; z++)
      for (let c = 0; c < coils; c++) {
        const found = images.subarray((z * coils + c) * block, (z * coils + c + 1) * block);
        const expected = image.subarray((c * nz + z) * block, (c * nz + z + 1) * block);
        expect(distance(found, expected)).toBeLessThan(1e-5);
      }
  });

  test('one constant along kz is the middle slice', () => {
    const kspace = new Float32Array(2 * nz * ny * nx);
    for (let z = 0; z < nz; z++) kspace[2 * z * ny * nx] = 1;
    const slices = splitKz(kspace, { ...extent, coils: 1 });
    const at = (z: number) => slices[2 * z * ny * nx];
    expect([0, 1, 2, 3, 4].map((z) => Math.round(1e6 * at(z)) / 1e6 + 0)).toEqual([
      ...[0, 0, Math.round(1e6 * Math.sqrt(5)) / 1e6, 0, 0],
    ]);
  });

  test('columns left out everywhere are fine, a missing line of one partition is not', () => {
    const { kspace } = volume();
    const whole = kspace.slice();
    for (let i = 0; i < whole.length / 2; i++) if (i % nx === 3) whole.fill(0, 2 * i, 2 * i + 2);
    expect(() => splitKz(whole.slice(), extent)).not.toThrow();
    for (let c = 0; c < coils; c++)
      for (let x = 0; x < nx; x++) {
        const at = 2 * (((c * nz + 4) * ny + 2) * nx + x);
        whole.fill(0, at, at + 2);
      }
    expect(() => splitKz(whole, extent, 'file')).toThrow(/4 of 5 partitions at \(ky, kx\) = \(2, 0\)/);
  });
});

describe('.npz', () => {
  const stored = (): NdArray<'complex64'> => ndarray('complex64', [coils, nz, ny, nx], volume().kspace);

  test('kspace_3d becomes slices, with a note', () => {
    const scan = scanOf({ kspace_3d: stored() });
    expect(scan.kspace.shape).toEqual([nz, coils, ny, nx]);
    expect(distance(scan.kspace.data, splitKz(volume().kspace, extent))).toBe(0);
    expect(scan.notes).toEqual(['3D k-space was transformed along kz into 5 slices']);
    expect(scan.mask.shape).toEqual([ny, nx]);
  });
  test('one coil needs no axis, and a mask may be given per kz when it is the same', () => {
    const one = ndarray('complex64', [nz, ny, nx], volume().kspace.slice(0, 2 * nz * ny * nx));
    const mask = ndarray('uint8', [nz, ny, nx], new Uint8Array(nz * ny * nx).fill(1));
    const scan = scanOf({ kspace_3d: one, mask });
    expect(scan.kspace.shape).toEqual([nz, 1, ny, nx]);
    expect(scan.mask.shape).toEqual([ny, nx]);
  });
  test('slices without signal are measured like the others', () => {
    const flat = ndarray('complex64', [1, 4, 2, 2], new Float32Array(32).fill(1));
    const { kspace, mask } = scanOf({ kspace_3d: flat });
    expect([...kspace.data.subarray(0, 8)]).toEqual(new Array(8).fill(0));
    expect(mask).toEqual(ndarray('uint8', [2, 2], Uint8Array.of(1, 1, 1, 1)));
  });
  test('a mask that differs along kz is refused', () => {
    const kspace = stored();
    const mask = ndarray('uint8', [nz, ny, nx], new Uint8Array(nz * ny * nx).fill(1));
    // Nothing measured at this place, but the mask says so for some partitions.
    for (let c = 0; c < coils; c++)
      for (let z = 0; z < nz; z++) kspace.data.fill(0, 2 * (c * nz + z) * ny * nx, 2 * (c * nz + z) * ny * nx + 2);
    mask.data[0] = 0;
    expect(engineErrorOf(() => scanOf({ kspace_3d: kspace, mask }))).toMatchObject({
      code: 'unsupported',
      path: 'scan.npz:mask',
    });
  });
  test('undersampling along kz is refused by place', () => {
    const kspace = stored();
    for (let c = 0; c < coils; c++) kspace.data.fill(0, 2 * c * nz * ny * nx, 2 * c * nz * ny * nx + 2 * nx);
    expect(engineErrorOf(() => scanOf({ kspace_3d: kspace }))).toMatchObject({
      code: 'unsupported',
      path: 'scan.npz:kspace_3d',
    });
  });
  test('too few axes, a real array, and both kinds at once', () => {
    expect(engineErrorOf(() => scanOf({ kspace_3d: numbered([4, 5]) })).message).toMatch(/\[coils, kz, ky, kx\]/);
    const real = ndarray('float32', [2, 2, 2, 2], new Float32Array(16).fill(1));
    expect(engineErrorOf(() => scanOf({ kspace_3d: real })).message).toMatch(/kspace_3d is float32/);
    expect(engineErrorOf(() => scanOf({ kspace: stored(), kspace_3d: stored() })).message).toMatch(/both "kspace" and/);
  });
});
