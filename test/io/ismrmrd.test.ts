/** ISMRMRD files of the reference tools against their own reconstruction. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fft2 } from '../../engine/arrays/fft.ts';
import { EngineError } from '../../engine/errors.ts';
import { withHdf5 } from '../../engine/io/hdf5-file.ts';
import { hdf5Scan } from '../../engine/io/hdf5-scan.ts';
import { openScan } from '../../engine/io/recognise.ts';
import type { KspaceScan } from '../../engine/io/scan.ts';
import { temporaryFolder } from './temporary-folder.ts';

function installed(): boolean {
  const { error } = spawnSync('ismrmrd_generate_cartesian_shepp_logan', ['--help'], { stdio: 'ignore' });
  return error === undefined;
}
const present = installed();
if (!present) console.log('skipped: ismrmrd_generate_cartesian_shepp_logan (Debian: ismrmrd-tools) is not installed');

function generate(...options: string[]): string {
  const path = join(temporaryFolder(), 'phantom.h5');
  execFileSync('ismrmrd_generate_cartesian_shepp_logan', [...options, '-o', path], { stdio: 'ignore' });
  return path;
}

async function open(path: string): Promise<KspaceScan> {
  const scan = await openScan(path);
  if (scan.kind !== 'kspace') throw new Error('expected k-space');
  return scan;
}

describe.skipIf(!present)('ISMRMRD phantom', () => {
  test('root of squares equals the reconstruction of the reference program', async () => {
    const path = generate('-m', '64', '-c', '4');
    const { kspace, mask, spacingMm, format } = await open(path);
    expect(format).toBe('ismrmrd');
    expect(kspace.shape).toEqual([1, 4, 64, 64]);
    expect(mask.data.every((v) => v === 1)).toBe(true);
    expect(spacingMm).toEqual([6, 300 / 64, 300 / 64]);
    const n = 64 * 64;
    const images = fft2(kspace.data, [4, 64, 64], 'inverse');
    const rss = Float64Array.from({ length: n }, (_, i) =>
      Math.sqrt(
        [0, 1, 2, 3].reduce((sum, c) => sum + images[2 * (c * n + i)] ** 2 + images[2 * (c * n + i) + 1] ** 2, 0),
      ),
    );
    execFileSync('ismrmrd_recon_cartesian_2d', [path], { stdio: 'ignore' });
    const bytes = await withHdf5(path, (file) => file.read('/dataset/cpp/data', 0, 1));
    const expected = new Float32Array(bytes.buffer);
    // The program scales by its own factor; shapes must agree to float32 accuracy.
    let [cross, power, own] = [0, 0, 0];
    for (let i = 0; i < n; i++) {
      cross += expected[i] * rss[i];
      power += expected[i] ** 2;
      own += rss[i] ** 2;
    }
    const scale = cross / power;
    let error = 0;
    for (let i = 0; i < n; i++) error += (scale * expected[i] - rss[i]) ** 2;
    expect(Math.sqrt(error / own)).toBeLessThan(1e-6);
  });

  test('accelerated repetitions with calibration lines and a noise scan', async () => {
    const scan = await open(generate('-m', '32', '-c', '2', '-r', '2', '-a', '2', '-w', '8', '-C', '-n', '0.1'));
    expect(scan.outerAxes?.map((axis) => axis.name)).toEqual(['repetition', 'slice']);
    const images = scan.kspace.shape[0];
    expect(scan.mask.shape).toEqual([images, 32, 32]);
    for (let s = 0; s < images; s++) {
      const lines = [...Array(32).keys()].filter((y) => scan.mask.data[(s * 32 + y) * 32] === 1);
      expect(lines.length).toBe(16);
      expect(new Set(lines.map((y) => y % 2)).size).toBe(1);
    }
    expect(scan.calibration?.shape).toEqual(scan.kspace.shape);
    // Independent noise of standard deviation 0.1 per real component: Ψ = 0.02 I within 5 standard errors of 256 samples.
    const psi = scan.noiseCovariance;
    expect(psi?.shape).toEqual([2, 2]);
    for (let i = 0; i < 4; i++)
      expect(Math.abs((psi?.data[2 * i] ?? 9) - (i % 3 === 0 ? 0.02 : 0))).toBeLessThan(0.02 * (5 / 16));
  });

  test('stored trajectories of a Cartesian scan change nothing', async () => {
    const scan = await open(generate('-m', '16', '-c', '2', '-k'));
    expect(scan.kspace.shape).toEqual([1, 2, 16, 16]);
    expect(scan.mask.data.every((v) => v === 1)).toBe(true);
  });

  test('damaged records give a scan or an EngineError', async () => {
    const path = generate('-m', '16', '-c', '2');
    const original = new Uint8Array(readFileSync(path));
    let refused = 0;
    for (let k = 0; k < 8; k++) {
      const bytes = k < 4 ? original.slice(0, Math.floor((original.length * (k + 1)) / 5)) : original.slice();
      for (let j = 0; k >= 4 && j < 40; j++) bytes[(j * 7919 + k * 104_729) % Math.min(bytes.length, 30_000)] ^= 0xff;
      writeFileSync(path, bytes);
      try {
        expect((await hdf5Scan(path, undefined, { stepMs: 3000 })).kind).toBe('kspace');
      } catch (error) {
        expect(error).toBeInstanceOf(EngineError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThanOrEqual(4);
  });
});
