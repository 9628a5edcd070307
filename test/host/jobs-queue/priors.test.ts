/** Priors trained and imported by jobs, into a folder of the test's own. */
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { priorImportRequest, priorTrainRequest } from '../../../main/host/api/job.ts';
import { createCatalogue } from '../../../main/host/catalogue.ts';
import { createJobs } from '../../../main/host/jobs-queue/create-jobs.ts';
import type { Jobs } from '../../../main/host/services.ts';
import { tinyTraining, writeNpyFolder } from '../../cli/training-folder.ts';
import { fakeFiles, fakeLibrary, jobEvents, noExporter } from './fake-surroundings.ts';

let folder: string;
let jobs: Jobs;
const files = fakeFiles();
const events = jobEvents();
const library = fakeLibrary();
const before = process.env.TANGENT_PRIORS;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tangent-jobs-priors-'));
  process.env.TANGENT_PRIORS = join(folder, 'priors');
  await mkdir(join(folder, 'priors'));
  await writeNpyFolder(join(folder, 'images'));
  jobs = createJobs({
    ...{ emit: events.emit, library, files, exporter: noExporter, threads: () => 1 },
    ...{ dataFolder: join(folder, 'data'), resultsFolder: join(folder, 'results') },
  });
});
afterAll(async () => {
  await jobs.dispose();
  if (before === undefined) delete process.env.TANGENT_PRIORS;
  else process.env.TANGENT_PRIORS = before;
  await rm(folder, { recursive: true });
});
const ended = (id: string) => events.until((job) => job.id === id && job.ended !== null, jobs);
const { id: _, ...config } = tinyTraining;
const training = (name: string, change: object = {}) =>
  priorTrainRequest.parse({
    ...{ kind: 'prior-train', name, data: files.grant(join(folder, 'images')), config: { ...config, ...change } },
  });
const weights = (name: string) => readFile(join(folder, 'priors', name, 'weights.safetensors'));

describe('prior jobs', () => {
  test('training shows curves, goes on after a pause to the same weights, and leaves nothing when cancelled', async () => {
    const plain = await ended(await jobs.start(training('plain', { steps: 40 })));
    expect(plain).toMatchObject({ state: 'done', error: null, saved: 'plain', output: { steps: 40 } });
    expect(Object.keys(plain.curves).length).toBeGreaterThan(0);
    expect(await createCatalogue({ library }).priors()).toMatchObject({
      priors: expect.arrayContaining([expect.objectContaining({ name: 'plain', licence: 'CC0-1.0' })]),
    });

    const broken = await jobs.start(training('broken', { steps: 40 }));
    await events.until((job) => job.id === broken && (job.step?.index ?? 0) >= 12, jobs);
    await jobs.pause(broken);
    await events.until((job) => job.id === broken && job.state === 'paused', jobs);
    expect(await readdir(join(folder, 'priors'))).toEqual(['plain']);
    await jobs.resume(broken);
    expect(await ended(broken)).toMatchObject({ state: 'done', error: null });
    for (const points of Object.values(plain.curves)) {
      const steps = points.map(([step]) => step);
      expect(new Set(steps).size).toBe(steps.length);
    }
    expect(Object.keys((await ended(broken)).curves)).toEqual(Object.keys(plain.curves));
    expect((await weights('broken')).equals(await weights('plain'))).toBe(true);

    const dropped = await jobs.start(training('dropped', { steps: 100_000 }));
    await events.until((job) => job.id === dropped && (job.step?.index ?? 0) >= 12, jobs);
    await jobs.cancel({ id: dropped, keepPartial: false });
    expect((await ended(dropped)).state).toBe('cancelled');
    expect(await readdir(join(folder, 'priors'))).toEqual(['broken', 'plain']);
    expect(await readdir(join(folder, 'data', 'checkpoints')).catch(() => [])).toEqual([]);
    const taken = await ended(await jobs.start(training('plain')));
    expect(taken.error).toMatchObject({ code: 'bad-usage' });
  }, 120_000);

  test('a weight file is imported under a name, with what was said of it', async () => {
    const file = files.grant(join(folder, 'priors', 'plain', 'weights.safetensors'));
    const request = { kind: 'prior-import', file, name: 'again', licence: 'CC0-1.0', source: 'this test' };
    const done = await ended(await jobs.start(priorImportRequest.parse(request)));
    expect(done).toMatchObject({ state: 'done', error: null, saved: 'again', output: { licence: 'CC0-1.0' } });
    expect(await readdir(join(folder, 'priors', 'again'))).toContain('manifest.json');
    expect((await weights('again')).equals(await weights('plain'))).toBe(true);
  }, 60_000);
});
