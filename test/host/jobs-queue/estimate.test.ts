/** What a request would take, from a trial on one slice. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { calls } from '../../../main/host/api/api.ts';
import { reconstructRequest } from '../../../main/host/api/job.ts';
import { createEstimator } from '../../../main/host/jobs-queue/estimate.ts';
import { writeTinyScan } from '../../cli/tiny-scan.ts';
import { fakeFiles, fakeLibrary, noExporter } from './fake-surroundings.ts';

let folder: string;
const library = fakeLibrary();
let item: string;
let free = 2 ** 40;
const estimator = () =>
  createEstimator(
    {
      ...{ library, files: fakeFiles(), exporter: noExporter, threads: () => 1 },
      ...{ dataFolder: join(folder, 'data'), resultsFolder: join(folder, 'results') },
    },
    () => free,
  );
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tangent-jobs-estimate-'));
  await writeTinyScan(join(folder, 'scan.npz'));
  item = library.add(join(folder, 'scan.npz'));
});
afterAll(() => rm(folder, { recursive: true }));
const request = (change: object) => reconstructRequest.parse({ kind: 'reconstruct', item, ...change });

describe('an estimate', () => {
  test('comes from a few steps, says how it was found, and is refused with numbers where memory is short', async () => {
    const { estimate, dispose } = estimator();
    const one = calls['jobs.estimate'].output.parse(await estimate(request({ steps: 100 })));
    // Two slices, one network evaluation per step and slice.
    expect(one).toMatchObject({ networkCalls: 200, fits: true, availableBytes: 2 ** 40 });
    expect(one.seconds).toBeGreaterThan(0);
    if (process.platform === 'linux') expect(one.bytes).toBeGreaterThan(2 ** 25);
    expect(one.text).toMatch(/^From (3 steps|a run) on one slice here, times 2 slices/);
    const half = await estimate(request({ steps: 100, seed: 4, slices: { from: 0, to: 1 } }));
    expect(half).toMatchObject({ networkCalls: 100, text: expect.stringMatching(/earlier trial/) });
    expect(half.seconds).toBeLessThan(one.seconds);
    free = 2 ** 20;
    const tight = await estimate(request({ steps: 100 }));
    if (process.platform === 'linux') expect(tight).toMatchObject({ fits: false, text: expect.stringMatching(/GiB/) });
    free = 2 ** 40;
    const quick = await estimate(request({ method: 'zero-filled' }));
    expect(quick).toMatchObject({ networkCalls: null, text: expect.stringMatching(/^From a run/) });
    await dispose();
    expect(await readdir(join(folder, 'data', 'scratch')).catch(() => [])).toEqual([]);
  }, 90_000);

  test('of a request that cannot run is its error; a newer one ends an older', async () => {
    const { estimate, dispose } = estimator();
    await expect(estimate(request({ method: 'magic' }))).rejects.toMatchObject({ code: 'bad-usage' });
    const older = estimate(request({ steps: 1000 }));
    const refused = expect(older).rejects.toMatchObject({ code: 'cancelled' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await expect(estimate(request({ method: 'cg-sense' }))).resolves.toMatchObject({ fits: true });
    await refused;
    await dispose();
  }, 60_000);
});
