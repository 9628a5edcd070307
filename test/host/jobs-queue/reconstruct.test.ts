/** A request on an item through the queue: progress, preview, result; and the same bytes as the command line gives. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readResult } from '../../../engine/recon/result-folder.ts';
import { jobRecord, reconstructRequest } from '../../../main/host/api/job.ts';
import { createJobs } from '../../../main/host/jobs-queue/create-jobs.ts';
import type { Jobs } from '../../../main/host/services.ts';
import { tangent } from '../../cli/tangent-process.ts';
import { writeTinyScan } from '../../cli/tiny-scan.ts';
import { type FakeLibrary, fakeFiles, fakeLibrary, jobEvents, noExporter } from './fake-surroundings.ts';

let folder: string;
let scan: string;
let library: FakeLibrary;
let jobs: Jobs;
const events = jobEvents();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tangent-jobs-'));
  scan = join(folder, 'DOE-JOHN.npz');
  await writeTinyScan(scan);
  library = fakeLibrary();
  jobs = createJobs({
    ...{ emit: events.emit, library, files: fakeFiles(), exporter: noExporter },
    ...{ dataFolder: join(folder, 'data'), resultsFolder: join(folder, 'results'), threads: () => 1 },
  });
});
afterAll(async () => {
  await jobs.dispose();
  await rm(folder, { recursive: true });
});

const request = (change: object = {}) =>
  reconstructRequest.parse({
    ...{ kind: 'reconstruct', item: library.add(scan), steps: 4, seed: 3, compare: ['zero-filled'] },
    ...{ formats: ['npy', 'nifti', 'dicom'], parameters: { momentum: 0.5 }, slices: { from: 0, to: 2 } },
    ...change,
  });

/** Words of a command line without quotes in it, with files in place of the capitals. */
function wordsOf(command: string, files: Record<string, string>): string[] {
  return command
    .split(' ')
    .slice(1)
    .map((word) => files[word] ?? word);
}

describe('a reconstruct job', () => {
  test('runs with progress, preview and result, and gives the bytes of its own command line', async () => {
    const id = await jobs.start(request());
    const done = await events.until((job) => job.id === id && job.ended !== null, jobs);
    expect(done).toMatchObject({ state: 'done', error: null, fraction: 1 });
    const seen = events.records.filter((record) => record.id === id);
    for (const record of seen) expect(jobRecord.safeParse(record).success).toBe(true);
    const fractions = seen.map(({ fraction }) => fraction);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(seen.some(({ state }) => state === 'running')).toBe(true);
    expect(done.preview).toMatchObject({ rows: 32, columns: 32 });
    const preview = await jobs.data(['preview', id, String(done.preview?.revision)]);
    expect(preview?.bytes.byteLength).toBe(4 * 32 * 32);

    const folders = await readdir(join(folder, 'results'));
    expect(folders).toEqual([expect.stringMatching(/^\d{8}-\d{6}-dds-[0-9a-f]{8}$/)]);
    const made = join(folder, 'results', folders[0]);
    const command = await jobs.command({ request: request() });
    expect(command).toMatch(/^tangent reconstruct INPUT --out RESULT --compare zero-filled --device auto /);
    expect(await jobs.command({ result: done.result ?? '' })).toBe(command);
    const out = join(folder, 'by-command');
    const ran = await tangent([...wordsOf(command, { INPUT: scan, RESULT: out }), '--threads', '1', '--quiet']);
    expect(ran).toMatchObject({ code: 0 });
    const record = await readResult(out);
    expect(record.files).toContain('dicom/image-0001.dcm');
    for (const name of record.files.filter((one) => one !== 'result.json')) {
      const [one, other] = await Promise.all([out, made].map((where) => readFile(join(where, name))));
      expect(other.equals(one), name).toBe(true);
    }
    const { seconds: _, ...own } = await readResult(made);
    const { seconds: __, ...theirs } = record;
    expect(own).toEqual(theirs);
  }, 120_000);
});
