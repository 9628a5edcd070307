/** Runs one job of the queue from its start to its end, whatever its kind. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../../../engine/errors.ts';
import type { JobRequest } from '../api/job.ts';
import { runJob } from '../engine-client.ts';
import { toEngineError } from '../engine-error.ts';
import { applyProgress, elapsedSeconds, type JobEntry } from './job-entry.ts';
import type { JobOutcome, JobRun, JobSurroundings } from './job-run.ts';
import { keepPartial } from './keep-partial.ts';
import { compareResults } from './replay.ts';
import { runKinds } from './run-kinds.ts';

export const checkpointsOf = (dataFolder: string, id: string) => join(dataFolder, 'checkpoints', id);
const scratchOf = (dataFolder: string, id: string) => join(dataFolder, 'scratch', id);

function jobRun(entry: JobEntry, around: JobSurroundings, signal: AbortSignal, changed: () => void): JobRun {
  const { record } = entry;
  const run: JobRun = {
    ...around,
    ...{ id: entry.id, created: record.created, signal },
    pausing: () => entry.stop === 'paused',
    scratch: scratchOf(around.dataFolder, entry.id),
    checkpoints: checkpointsOf(around.dataFolder, entry.id),
    engine: (name, input, options = {}) =>
      runJob(name, input, {
        ...options,
        signal,
        threads: around.threads?.() || undefined,
        onStart: (pid) => {
          entry.pid = pid;
        },
        onProgress: (event) => run.progress(event),
        onLog: (level, message) => {
          if (level === 'warn') run.warn('engine', message);
        },
      }).finally(() => {
        entry.pid = null;
      }),
    progress: (event) => {
      applyProgress(entry, event);
      changed();
    },
    retryOnly: entry.retryOnly,
    failedScans: (files) => {
      entry.failedScans = files;
    },
    process: (pid) => {
      entry.pid = pid;
    },
    rows: (rows) => {
      record.rows = rows;
      changed();
    },
    warn: (code, message) => {
      if (!record.warnings.some((known) => known.message === message)) record.warnings.push({ code, message });
    },
  };
  return run;
}

function finish(entry: JobEntry, outcome: JobOutcome): void {
  const { record } = entry;
  const known = new Set(record.warnings.map(({ message }) => message));
  record.warnings.push(...(outcome.warnings ?? []).filter(({ message }) => !known.has(message)));
  record.result = outcome.result ?? null;
  record.downloads = outcome.downloads ?? [];
  record.saved = outcome.saved ?? null;
  record.output = outcome.output ?? record.output;
  entry.resultFolder = outcome.resultFolder;
  record.fraction = 1;
}

/** Where a run stopped; what is thrown belongs to a failure. */
type Ended = { state: 'done' | 'cancelled' | 'paused' } | { state: 'failed'; thrown: unknown };

/** A process that was killed left its checkpoint. */
function canGoOn(entry: JobEntry, ended: Ended): boolean {
  if (ended.state !== 'failed') return ended.state === 'paused';
  const { request } = entry;
  return toEngineError(ended.thrown).code === 'internal' && request.kind === 'reconstruct' && request.method === 'dds';
}

function settle(entry: JobEntry, ended: Ended): void {
  const { record } = entry;
  const { state } = ended;
  entry.secondsBefore = elapsedSeconds(entry);
  entry.began = null;
  record.state = state;
  record.stage = state;
  record.ended = state === 'paused' ? null : new Date().toISOString();
  record.remainingSeconds = null;
  record.step = state === 'paused' ? record.step : null;
  record.resumable = canGoOn(entry, ended);
  if (ended.state !== 'failed') return;
  const { code, message, hint, path } = toEngineError(ended.thrown);
  record.error = { code, message, hint: hint ?? null, path: path ?? null };
}

async function compute(entry: JobEntry, run: JobRun, around: JobSurroundings): Promise<Ended> {
  const { record } = entry;
  try {
    const kind = runKinds[entry.request.kind] as (request: JobRequest, run: JobRun) => Promise<JobOutcome>;
    finish(entry, await kind(entry.request, run));
    if (entry.replayOf !== undefined) record.output = await compareResults(around.library, entry).catch(() => null);
    return { state: 'done' };
  } catch (thrown) {
    const stopped = run.signal.aborted && thrown instanceof EngineError && thrown.code === 'cancelled';
    if (!stopped) return { state: 'failed', thrown };
    if (entry.stop === 'cancelled' && entry.keepPartial)
      record.saved = await keepPartial(entry, around).catch(() => null);
    return { state: entry.stop ?? 'cancelled' };
  }
}

/** Settles when the job has ended or is paused, which shows in its record only then; never rejects. */
export async function startRun(entry: JobEntry, around: JobSurroundings, changed: () => void): Promise<void> {
  const abort = new AbortController();
  const { record } = entry;
  Object.assign(entry, { abort, stop: undefined, began: performance.now(), pace: undefined });
  Object.assign(record, { state: 'running', stage: 'start', error: null, resumable: false });
  entry.begunCurves.clear();
  changed();
  const run = jobRun(entry, around, abort.signal, changed);
  const ended = await compute(entry, run, around);
  const left = canGoOn(entry, ended) ? [run.scratch] : [run.scratch, run.checkpoints];
  for (const folder of left) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  entry.abort = undefined;
  delete entry.preview?.volume;
  settle(entry, ended);
}
