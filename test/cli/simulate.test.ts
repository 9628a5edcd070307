import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import { writeNpy } from '../../engine/io/npy.ts';
import { readNpz } from '../../engine/io/npz.ts';
import { jsonOf, tangent } from './tangent-process.ts';
import { ellipses, writeTinyScan } from './tiny-scan.ts';

let folder: string;
let image: string;
let out: string;
let runs = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tangent-simulate-'));
  image = join(folder, 'image.npy');
  await writeFile(image, writeNpy(ellipses(2, 32)));
});
beforeEach(() => {
  out = join(folder, `scan-${runs++}.npz`);
});
afterAll(() => rm(folder, { recursive: true }));

describe('simulate', () => {
  test('MRI: k-space of the asked size and acceleration, zeros where not measured', async () => {
    const words = ['simulate', image, '--out', out, '--coils', '3', '--mask', 'uniform1d', '--accel', '4', '--json'];
    const result = await tangent([...words, '--acs', '0.1', '--noise', '0']);
    expect(result.code).toBe(0);
    expect(jsonOf(result)).toMatchObject({
      file: out,
      kind: 'kspace',
      arrays: { kspace: [2, 3, 32, 32], mask: [32, 32], reference: [2, 32, 32] },
      measured_fraction: 0.25,
      acceleration: 4,
      sigma: 0,
      seed: 0,
    });
    const arrays = readNpz(await readFile(out));
    const [kspace, mask] = [arrays.get('kspace'), arrays.get('mask')];
    const wrong = kspace?.data.findIndex((v, i) => v !== 0 && mask?.data[Math.floor(i / 2) % 1024] === 0);
    expect({ dtype: kspace?.dtype, wrong }).toEqual({ dtype: 'complex64', wrong: -1 });
    // The reference is the image itself: the phase that is put on has magnitude 1.
    const reference = arrays.get('reference')?.data ?? [];
    ellipses(2, 32).data.forEach((value, i) => {
      expect(reference[i]).toBeCloseTo(value, 3);
    });
  });

  test('what it writes is a scan, and carries its own reference', async () => {
    await tangent(['simulate', image, '--out', out, '--coils', '4', '--accel', '2', '--acs', '0.3']);
    const info = await tangent(['info', out, '--json']);
    expect(jsonOf(info)).toMatchObject({ kind: 'kspace', coils: 4, slices: 2, mask: { kind: 'columns' } });
    const result = await tangent(['reconstruct', out, '--out', `${out}.result`, '--method', 'cg-sense', '--json']);
    const { metrics } = jsonOf(result) as { metrics: { psnr: number } };
    expect(metrics.psnr).toBeGreaterThan(20);
  });

  test('the seed decides mask, phase and noise', async () => {
    const bytes: Buffer[] = [];
    for (const [name, seed] of [
      ['a', '1'],
      ['b', '1'],
      ['c', '2'],
    ]) {
      await tangent(['simulate', image, '--out', `${out}.${name}`, '--seed', seed]);
      bytes.push(await readFile(`${out}.${name}`));
    }
    expect(bytes[0].equals(bytes[1])).toBe(true);
    expect(bytes[0].equals(bytes[2])).toBe(false);
  });

  test('CT: a disk projects to the chord length in every view', async () => {
    const [size, radius] = [64, 20];
    const disk = new Float32Array(size * size);
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++)
        disk[y * size + x] = (x - size / 2) ** 2 + (y - size / 2) ** 2 <= radius ** 2 ? 1 : 0;
    const file = join(folder, 'disk.npy');
    await writeFile(file, writeNpy(ndarray('float32', [size, size], disk)));
    const result = await tangent([
      'simulate',
      file,
      '--out',
      out,
      '--angles',
      '12',
      '--arc',
      '180',
      '--noise',
      '0',
      '--json',
    ]);
    expect(result.code).toBe(0);
    const arrays = readNpz(await readFile(out));
    const sinogram = arrays.get('sinogram');
    expect(sinogram?.shape.slice(0, 2)).toEqual([1, 12]);
    expect([...(arrays.get('angles_deg')?.data ?? [])]).toEqual(Array.from({ length: 12 }, (_, k) => 15 * k));
    const detectors = sinogram?.shape[2] ?? 0;
    for (let v = 0; v < 12; v++) {
      const middle = sinogram?.data[v * detectors + Math.floor(detectors / 2)] ?? 0;
      // 2·radius pixels, up to the staircase of the rim.
      expect(Math.abs(middle - 2 * radius)).toBeLessThan(2.5);
    }
  });

  test('an existing file stays without --force, measured data are refused, nothing is left', async () => {
    await writeFile(out, 'precious');
    const refused = await tangent(['simulate', image, '--out', out]);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('the file exists already') });
    expect(await readFile(out, 'utf8')).toBe('precious');
    const scan = join(folder, 'scan.npz');
    await writeTinyScan(scan);
    const before = await readdir(folder);
    const measured = await tangent(['simulate', scan, '--out', join(folder, 'new.npz')]);
    expect(measured).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('expected an image or volume, found k-space'),
    });
    expect(await readdir(folder)).toEqual(before);
  });

  test.each([
    ['--coils', '0', /whole number from 1 to 64/],
    ['--mask', 'spiral', /uniform1d/],
    ['--accel', 'fast', /number from 1/],
    ['--angles', '-3', /whole number/],
    ['--geometry', 'spiral', /parallel/],
  ])('%s %s is a usage error', async (option, value, message) => {
    const result = await tangent(['simulate', image, '--out', out, option, value]);
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(message);
  });
});
