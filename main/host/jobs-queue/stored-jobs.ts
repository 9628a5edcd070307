/**
 * The list of jobs on disk, so that they outlive the host. It holds requests (items by hash), states and results by folder
 * name; no patient text, no title of a series, no path.
 */
import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../../../engine/io/atomic-file.ts';
import { jobId, jobRequest, jobState, warning } from '../api/job.ts';

const storedJob = z.strictObject({
  id: jobId,
  request: jobRequest,
  state: jobState,
  created: z.string(),
  ended: z.string().nullable(),
  fraction: z.number().min(0).max(1),
  seconds: z.number().min(0),
  error: z.strictObject({ code: z.string(), message: z.string(), hint: z.string().nullable() }).nullable(),
  warnings: z.array(warning),
  result: z.string().nullable(),
  /** Name of its folder below the results. */
  resultFolder: z.string().nullable(),
  replayOf: z.string().nullable(),
});
export type StoredJob = z.output<typeof storedJob>;

const storedList = z.strictObject({ version: z.literal(1), jobs: z.array(storedJob).max(10_000) });

const maxJobs = 200;
const fileOf = (folder: string) => join(folder, 'jobs.json');

/** Newest last. A list that cannot be read is put aside under another name, and the queue begins empty. */
export function readStoredJobs(dataFolder: string): { jobs: StoredJob[]; damaged: boolean } {
  mkdirSync(dataFolder, { recursive: true });
  const file = fileOf(dataFolder);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return { jobs: [], damaged: false };
  }
  try {
    return { jobs: storedList.parse(JSON.parse(text)).jobs, damaged: false };
  } catch {
    renameSync(file, `${file}.damaged`);
    return { jobs: [], damaged: true };
  }
}

/** Writes in turn; of many changes while one write runs only the last is written. */
export function jobsWriter(
  dataFolder: string,
  current: () => StoredJob[],
): { changed(): void; settled(): Promise<void> } {
  let running: Promise<void> | undefined;
  let again = false;
  const write = async () => {
    do {
      again = false;
      const list = { version: 1, jobs: current().slice(-maxJobs) };
      // A full disk must not stop the job itself.
      await writeFileAtomic(fileOf(dataFolder), `${JSON.stringify(list)}\n`, { force: true }).catch(() => undefined);
    } while (again);
    running = undefined;
  };
  return {
    changed: () => {
      if (running === undefined) running = write();
      else again = true;
    },
    settled: async () => {
      while (running !== undefined) await running;
    },
  };
}
