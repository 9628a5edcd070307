import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeNpy } from '../../engine/io/npy.ts';
import { writeTinyPrior } from '../prior/tiny-prior.ts';
import { jsonOf, tangent } from './tangent-process.ts';
import { ellipses, writeTinyScan } from './tiny-scan.ts';

let folder: string;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tangent-check-'));
  env = { TANGENT_PRIORS: join(folder, 'priors') };
  await writeTinyPrior(join(folder, 'priors', 'tiny'), {
    quality: [{ data: 'test', metric: 'PSNR at sigma 0.1, dB', value: 20 }],
  });
  await writeFile(join(folder, 'images.npy'), writeNpy(ellipses(5, 32)));
});
afterAll(() => rm(folder, { recursive: true }));

interface Report {
  levels: { sigma: number; reference: number | null; ratio: number; balance: number }[];
  verdict: string[];
  fit: { verdict: string; message: string };
  images: { slices: number[]; reference: string; source: string };
}

describe('priors check', () => {
  test('prints one JSON object, the same for the same seed, and ends with 0 whatever the verdict', async () => {
    const words = ['priors', 'check', 'tiny', '--on', join(folder, 'images.npy'), '--slices', '2', '--json'];
    const result = await tangent(words, { env });
    expect(result.code).toBe(0);
    const report = jsonOf(result) as Report;
    expect(report.levels.map(({ sigma }) => sigma)).toEqual([0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 3]);
    expect(report.levels.map(({ reference }) => reference)).toEqual([null, null, null, 20, null, null, null, null]);
    expect(report.levels.every(({ ratio, balance }) => Number.isFinite(ratio) && Number.isFinite(balance))).toBe(true);
    expect(report.images).toMatchObject({ source: 'npy', reference: 'the images as stored' });
    expect(report.images.slices).toHaveLength(2);
    expect(report.verdict.length).toBeGreaterThanOrEqual(4);
    // A prior without a fit model says so instead of a score.
    expect(report.fit).toMatchObject({ verdict: 'unknown', message: expect.stringContaining('no fit model') });
    expect(jsonOf(await tangent(words, { env }))).toEqual(report);
    expect(jsonOf(await tangent([...words, '--seed', '1'], { env }))).not.toEqual(report);
  });
  test('takes a raw scan, whose CG-SENSE image is the reference', async () => {
    const path = join(folder, 'scan.npz');
    await writeTinyScan(path);
    const result = await tangent(['priors', 'check', 'tiny', '--on', path, '--slices', '1'], { env });
    expect({ code: result.code, stderr: result.stderr }).toEqual({ code: 0, stderr: '' });
    expect(result.stdout).toContain('CG-SENSE image of the data');
    expect(result.stdout).toMatch(/sigma +PSNR dB +card dB/);
  });
  test.each([
    [['priors', 'check', 'nobody'], /there is no prior nobody/],
    [['priors', 'check', 'tiny', '--on', '/does/not/exist'], /does\/not\/exist/],
    [['priors', 'check', 'tiny', '--slices', '0'], /whole number from 1/],
  ])('%j ends with 2', async (words, message) => {
    const result = await tangent(words, { env });
    expect({ code: result.code, stderr: result.stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) });
  });
  test('a damaged fit model is refused by name', async () => {
    await writeTinyPrior(join(folder, 'priors', 'damaged'), {
      fit: { file: 'fit.safetensors', sha256: '0'.repeat(64), bytes: 5 },
    });
    await writeFile(join(folder, 'priors', 'damaged', 'fit.safetensors'), 'hello');
    const result = await tangent(['priors', 'check', 'damaged', '--on', join(folder, 'images.npy')], { env });
    expect({ code: result.code, stderr: result.stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/the fit model of prior tiny has 5 bytes and SHA-256/),
    });
  });
});
