/** Cancel, pause and resume, crash, restart of the host, the order of waiting jobs. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { reconstructRequest } from '../../../main/host/api/job.ts';
import { createJobs } from '../../../main/host/jobs-queue/create-jobs.ts';
import type { Jobs } from '../../../main/host/services.ts';
import { writeTinyScan } from '../../cli/tiny-scan.ts';
import { type FakeLibrary, fakeFiles, fakeLibrary, jobEvents, noExporter } from './fake-surroundings.ts';

let folder: string;
let library: FakeLibrary;
let item: string;
let events: ReturnType<typeof jobEvents>;
let jobs: Jobs;
const open = (name = 'results') => {
  events = jobEvents();
  jobs = createJobs({
    ...{ emit: events.emit, library, files: fakeFiles(), exporter: noExporter },
    ...{ dataFolder: join(folder, 'data'), resultsFolder: join(folder, name), threads: () => 1 },
  });
};
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tangent-jobs-life-'));
  const scan = join(folder, 'DOE-JOHN.npz');
  await writeTinyScan(scan, { slices: 3 });
  library = fakeLibrary();
  item = library.add(scan);
  open();
});
afterEach(async () => {
  await jobs.dispose();
  await rm(folder, { recursive: true });
});

const request = (steps: number, change: object = {}) =>
  reconstructRequest.parse({
    ...{ kind: 'reconstruct', item, steps, seed: 1, formats: ['npy'], parameters: { tv: true, lambda: 0.01 } },
    ...change,
  });
const ended = (id: string) => events.until((job) => job.id === id && job.ended !== null, jobs);
const atStep = (id: string, least: number) =>
  events.until((job) => job.id === id && job.preview !== null && (job.step?.index ?? 0) >= least, jobs);
const bytesOf = async (result: string | null) => {
  const where = library.folderOf(result ?? '');
  return Promise.all(['image.npy', 'image_complex.npy', 'report.html'].map((name) => readFile(join(where, name))));
};

describe('the queue', () => {
  test('cancels at once what runs and what waits, and leaves nothing unless asked', async () => {
    const first = await jobs.start(request(900));
    const second = await jobs.start(request(900));
    await atStep(first, 2);
    expect(jobs.list().map(({ state }) => state)).toEqual(['running', 'queued']);
    const running = jobs.cancel({ id: first, keepPartial: true });
    expect(jobs.list()[0].state).toBe('cancelling');
    await running;
    await jobs.cancel({ id: second, keepPartial: false });
    const done = await ended(first);
    expect(done).toMatchObject({ state: 'cancelled', error: null, result: null });
    expect(done.saved).toMatch(/^\d{8}-\d{6}-dds-[0-9a-f]{8}-unfinished\.npy$/);
    expect(await readdir(join(folder, 'results'))).toEqual([done.saved]);
    expect(library.opened).toEqual([[join(folder, 'results', done.saved ?? '')]]);
    expect(jobs.list()[1].state).toBe('cancelled');
    expect(existsSync(join(folder, 'data', 'checkpoints', first))).toBe(false);
    await expect(jobs.cancel({ id: first, keepPartial: false })).rejects.toMatchObject({ code: 'bad-usage' });
    await jobs.remove(second);
    expect(jobs.list()).toHaveLength(1);
  }, 60_000);

  test('paused, killed, or left by a host that ended, a job goes on to the bytes of an unbroken run', async () => {
    const plain = await ended(await jobs.start(request(32)));
    expect(plain).toMatchObject({ state: 'done', error: null });

    const broken = await jobs.start(request(32));
    await atStep(broken, 6 + Math.floor(8 * Math.random()));
    await jobs.pause(broken);
    const paused = await events.until((job) => job.id === broken && job.state === 'paused', jobs);
    expect(paused).toMatchObject({ resumable: true, ended: null, error: null });
    expect(await readdir(join(folder, 'data', 'checkpoints', broken))).toContain('checkpoint.json');

    await jobs.resume(broken);
    await events.until((job) => job.id === broken && job.state === 'running' && (job.step?.index ?? 0) >= 18, jobs);
    await jobs.dispose();
    open();
    expect(jobs.list().find(({ id }) => id === broken)).toMatchObject({ state: 'paused', resumable: true });
    const stored = await readFile(join(folder, 'data', 'jobs.json'), 'utf8');
    for (const secret of ['DOE', 'JOHN', folder, 'a scan']) expect(stored).not.toContain(secret);

    await jobs.resume(broken);
    const done = await ended(broken);
    expect(done).toMatchObject({ state: 'done', error: null });
    const [one, other] = await Promise.all([bytesOf(plain.result), bytesOf(done.result)]);
    for (const [i, bytes] of one.entries()) expect(other[i].equals(bytes)).toBe(true);
    expect(existsSync(join(folder, 'data', 'checkpoints', broken))).toBe(false);
  }, 90_000);

  test('a host killed at a random step finds its job again and brings it to the bytes of an unbroken run', async () => {
    const steps = 32;
    const plain = await ended(await jobs.start(request(steps)));
    await jobs.dispose();
    const script = fileURLToPath(new URL('./host-process.ts', import.meta.url));
    const child = spawn(process.execPath, [script, folder, join(folder, 'DOE-JOHN.npz'), String(steps)]);
    const id = await new Promise<string>((resolve) => {
      child.stdout.setEncoding('utf8').once('data', (text: string) => resolve(text.trim()));
    });
    const index = join(folder, 'data', 'checkpoints', id, 'checkpoint.json');
    const least = 5 + Math.floor((steps - 15) * Math.random());
    for (;;) {
      const text = await readFile(index, 'utf8').catch(() => undefined);
      if (text !== undefined && JSON.parse(text).state.current?.step >= least) break;
      expect(child.exitCode).toBeNull();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    open();
    const found = jobs.list().find((job) => job.id === id);
    expect(found).toMatchObject({ state: 'paused', resumable: true, result: null });
    library.close(item);
    await expect(jobs.resume(id)).rejects.toMatchObject({ code: 'not-found', hint: expect.stringContaining('Open') });
    expect(jobs.list().find((job) => job.id === id)).toMatchObject({ state: 'paused', resumable: true });
    library.add(join(folder, 'DOE-JOHN.npz'));
    await jobs.resume(id);
    const done = await ended(id);
    expect(done, `killed after step ${least}`).toMatchObject({ state: 'done', error: null });
    const [one, other] = await Promise.all([bytesOf(plain.result), bytesOf(done.result)]);
    for (const [i, bytes] of one.entries()) expect(other[i].equals(bytes)).toBe(true);
  }, 90_000);

  test('one job at a time unless told otherwise; a failure says code, cause and what to do', async () => {
    const wrong = await jobs.start(request(4, { method: 'magic' }));
    const right = await jobs.start(request(4, { method: 'zero-filled', steps: undefined, parameters: {} }));
    const failed = await ended(wrong);
    expect(failed.error).toMatchObject({ code: 'bad-usage', hint: expect.stringContaining('cg-sense') });
    expect((await ended(right)).state).toBe('done');
    const overlap = events.records.filter(({ state }) => state === 'running').map(({ id }) => id);
    expect(overlap.lastIndexOf(wrong)).toBeLessThan(overlap.indexOf(right));
    library.close(item);
    const gone = await ended(await jobs.retry(right));
    expect(gone.error).toMatchObject({ code: 'not-found' });
  }, 60_000);

  test('a list that is damaged is put aside', async () => {
    await jobs.dispose();
    await writeFile(join(folder, 'data', 'jobs.json'), '{"version":1,"jobs":[{"id":"x"}]}');
    open();
    expect(jobs.list()).toEqual([]);
    expect(await readdir(join(folder, 'data'))).toContain('jobs.json.damaged');
  });
});
