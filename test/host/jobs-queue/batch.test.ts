/** A batch of the window: rows, failures, retry of those alone, results in the library. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { batchRequest, jobRecord } from '../../../main/host/api/job.ts';
import { createJobs } from '../../../main/host/jobs-queue/create-jobs.ts';
import type { Jobs } from '../../../main/host/services.ts';
import { tangent } from '../../cli/tangent-process.ts';
import { writeTinyScan } from '../../cli/tiny-scan.ts';
import { fakeFiles, fakeLibrary, jobEvents, noExporter } from './fake-surroundings.ts';

let folder: string;
let jobs: Jobs;
const files = fakeFiles();
const library = fakeLibrary();
const events = jobEvents();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tangent-jobs-batch-'));
  await mkdir(join(folder, 'in'));
  await writeTinyScan(join(folder, 'in', 'one.npz'));
  await writeFile(join(folder, 'in', 'two.npz'), 'PK\u0003\u0004 not an archive');
  jobs = createJobs({
    ...{ emit: events.emit, library, files, exporter: noExporter, threads: () => 1 },
    ...{ dataFolder: join(folder, 'data'), resultsFolder: join(folder, 'results') },
  });
});
afterAll(async () => {
  await jobs.dispose();
  await rm(folder, { recursive: true });
});
const ended = (id: string) => events.until((job) => job.id === id && job.ended !== null, jobs);
const request = (change: object = {}) =>
  batchRequest.parse({
    ...{ kind: 'batch', folder: files.grant(join(folder, 'in')) },
    settings: { method: 'cg-sense', cg: 3, formats: ['npy'] },
    ...change,
  });

describe('a batch job', () => {
  test('has a row per scan; a retry takes the failed ones; the command line finds nothing left to do', async () => {
    const id = await jobs.start(request());
    const done = await ended(id);
    expect(jobRecord.parse(done)).toMatchObject({ state: 'done', warnings: [{ code: 'batch-failed' }] });
    expect(done.rows).toMatchObject([
      { name: 'one.npz', state: 'done', fraction: 1, error: null, residual: expect.any(Number) },
      { name: 'two.npz', state: 'failed', result: null, error: expect.stringMatching(/zip|archive/i) },
    ]);
    expect(library.folderOf(done.rows[0].result ?? '')).toMatch(/results.cg-sense-[0-9a-f]{16}$/);

    await writeTinyScan(join(folder, 'in', 'two.npz'), { seed: 5, slices: 1 });
    const again = await ended(await jobs.retry(id));
    expect(again.rows).toMatchObject([{ name: 'two.npz', state: 'done' }]);
    expect(await readdir(join(folder, 'results'))).toHaveLength(2);

    const command = await jobs.command({ request: request() });
    expect(command).toBe(
      'tangent batch INPUT --out RESULT --cg 3 --device auto --format npy --method cg-sense --seed 0 --resume',
    );
    const paths: Record<string, string> = { INPUT: join(folder, 'in'), RESULT: join(folder, 'results') };
    const words = command
      .split(' ')
      .slice(1)
      .map((word) => paths[word] ?? word);
    const ran = await tangent([...words, '--json', '--quiet']);
    expect(JSON.parse(ran.stdout)).toMatchObject({ scans: 2, done: 0, skipped: 2 });
  }, 120_000);

  test('watching goes on until it is paused, and goes on again', async () => {
    const id = await jobs.start(request({ watch: true }));
    const settled = (count: number) =>
      events.until((job) => job.id === id && job.rows.filter(({ result }) => result !== null).length >= count, jobs);
    expect((await settled(2)).rows.map(({ state }) => state)).toEqual(['skipped', 'skipped']);
    await jobs.pause(id);
    await events.until((job) => job.id === id && job.state === 'paused', jobs);
    await writeTinyScan(join(folder, 'in', 'three.npz'), { seed: 6, slices: 1 });
    await jobs.resume(id);
    expect((await settled(3)).rows.filter(({ state }) => state === 'done')).toMatchObject([{ name: 'three.npz' }]);
    await jobs.cancel({ id, keepPartial: false });
    expect((await ended(id)).state).toBe('cancelled');
  }, 120_000);
});
