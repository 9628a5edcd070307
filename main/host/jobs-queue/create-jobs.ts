/** The queue of a host: one engine process per running job, its progress as events, and a list that outlives the host. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../../../engine/errors.ts';
import type { JobRecord, JobRequest } from '../api/job.ts';
import type { Emit, Exporter, FileAccess, Jobs, Library } from '../services.ts';
import { createEstimator } from './estimate.ts';
import { jobCommand } from './job-command.ts';
import { elapsedSeconds, type JobEntry, type Stop } from './job-entry.ts';
import type { JobSurroundings } from './job-run.ts';
import { newEntry, restoredEntry, storedEntry } from './new-entry.ts';
import { inputFinder, replayRequest } from './replay.ts';
import { checkOpen } from './request-inputs.ts';
import { residentMemory } from './resident-memory.ts';
import { exportsFolder } from './run-export.ts';
import { checkpointsOf, startRun } from './start-run.ts';
import { jobsWriter, readStoredJobs } from './stored-jobs.ts';

export interface JobsOptions {
  emit: Emit;
  library: Library;
  files: FileAccess;
  exporter: Exporter;
  /** The program's own: list of jobs, checkpoints, temporary files. */
  dataFolder: string;
  resultsFolder: string;
  /** Computing jobs at a time; default 1, since each uses every core. */
  maxConcurrent?: number;
  /** Threads a job may use; absent or 0 = all. */
  threads?: () => number | undefined;
}

/** Jobs that compute little, or wait for scans most of the time, run beside the others. */
type Lane = 'compute' | 'light' | 'watch';

function laneOf({ request }: JobEntry): Lane {
  if (request.kind === 'export' || request.kind === 'prior-import') return 'light';
  return request.kind === 'batch' && request.watch ? 'watch' : 'compute';
}

const leastGapMs = 100;
const tickMs = 500;

export function createJobs(options: JobsOptions): Jobs {
  const { emit, library, files, dataFolder, resultsFolder, maxConcurrent = 1 } = options;
  const around: JobSurroundings = { ...options };
  const entries = new Map<string, JobEntry>();
  const waiting: JobEntry[] = [];
  const sent = new Map<string, { at: number; later?: NodeJS.Timeout }>();
  const writer = jobsWriter(dataFolder, () => [...entries.values()].map(storedEntry));
  const estimator = createEstimator(around);
  const findInput = inputFinder(library);
  const lanes: Readonly<Record<Lane, number>> = { light: 2, watch: 4, compute: maxConcurrent };
  let closed = false;
  let tick: NodeJS.Timeout | undefined;

  const snapshot = (entry: JobEntry): JobRecord =>
    structuredClone({ ...entry.record, elapsedSeconds: elapsedSeconds(entry) });

  const send = (entry: JobEntry) => {
    clearTimeout(sent.get(entry.id)?.later);
    sent.set(entry.id, { at: performance.now() });
    if (entries.has(entry.id)) emit({ type: 'job', job: snapshot(entry) });
  };
  /** At most one event in `leastGapMs`; the last state always goes out. */
  const changed = (entry: JobEntry) => {
    const last = sent.get(entry.id);
    const wait = last === undefined ? 0 : last.at + leastGapMs - performance.now();
    if (wait <= 0) send(entry);
    else if (last !== undefined && last.later === undefined) last.later = setTimeout(() => send(entry), wait);
  };
  const stateChanged = (entry: JobEntry) => {
    send(entry);
    writer.changed();
  };

  const running = () => [...entries.values()].filter(({ running: run }) => run !== undefined);
  const look = async () => {
    for (const entry of running()) {
      if (entry.pid !== null) entry.record.memoryBytes = await residentMemory(entry.pid);
      if (entry.running !== undefined) changed(entry);
    }
  };

  const launch = (entry: JobEntry) => {
    tick ??= setInterval(() => void look(), tickMs);
    entry.running = startRun(entry, around, () => changed(entry)).then(() => {
      entry.running = undefined;
      entry.record.memoryBytes = null;
      if (running().length === 0) {
        clearInterval(tick);
        tick = undefined;
      }
      stateChanged(entry);
      pump();
    });
    writer.changed();
  };

  function pump(): void {
    if (closed) return;
    for (const [lane, most] of Object.entries(lanes)) {
      let free = most - running().filter((entry) => laneOf(entry) === lane).length;
      for (const entry of waiting.filter((one) => laneOf(one) === lane)) {
        if (free-- <= 0) break;
        waiting.splice(waiting.indexOf(entry), 1);
        launch(entry);
      }
    }
  }

  const entryOf = (id: string): JobEntry => {
    const entry = entries.get(id);
    if (entry === undefined) throw new EngineError('not-found', 'there is no such job', { hint: 'It was removed.' });
    return entry;
  };
  const itemTitle = (request: JobRequest) => {
    const id = 'item' in request ? request.item : undefined;
    return id === undefined ? undefined : library.list('').find((item) => item.id === id)?.title;
  };
  const enqueue = (request: JobRequest, change: Partial<JobEntry> = {}): string => {
    if (closed) throw new EngineError('cancelled', 'the program is closing');
    const entry = Object.assign(newEntry(request, itemTitle(request)), change);
    entries.set(entry.id, entry);
    waiting.push(entry);
    stateChanged(entry);
    // The answer goes out first.
    setImmediate(pump);
    return entry.id;
  };

  /** A job that does not run yet is stopped here; one that runs by its signal. */
  const stop = async (entry: JobEntry, how: Stop) => {
    const at = waiting.indexOf(entry);
    if (at >= 0) waiting.splice(at, 1);
    if (entry.running !== undefined) {
      entry.stop = how;
      if (how === 'cancelled') entry.record.state = 'cancelling';
      entry.record.stage = how === 'cancelled' ? 'cancelling' : 'pausing';
      entry.abort?.abort();
    } else {
      Object.assign(entry.record, { state: how, stage: how, resumable: how === 'paused' });
      if (how === 'cancelled') {
        entry.record.ended = new Date().toISOString();
        await rm(checkpointsOf(dataFolder, entry.id), { recursive: true, force: true });
      }
    }
    stateChanged(entry);
  };

  const madeBy = (folder: string) => [...entries.values()].find(({ resultFolder }) => resultFolder === folder)?.request;

  const unfinished = ({ record }: JobEntry) => ['queued', 'running', 'paused', 'cancelling'].includes(record.state);
  const refuse = (entry: JobEntry, what: string) =>
    new EngineError('bad-usage', `a job that is ${entry.record.state} cannot be ${what}`);

  const stored = readStoredJobs(dataFolder);
  for (const one of stored.jobs) {
    const entry = restoredEntry(one, resultsFolder);
    entries.set(entry.id, entry);
  }

  return {
    start: async (request) => enqueue(request),
    estimate: (request) => estimator.estimate(request),
    list: () => [...entries.values()].map(snapshot),
    cancel: async ({ id, keepPartial }) => {
      const entry = entryOf(id);
      if (!unfinished(entry)) throw refuse(entry, 'cancelled');
      entry.keepPartial = keepPartial;
      await stop(entry, 'cancelled');
    },
    pause: async (id) => {
      const entry = entryOf(id);
      if (entry.record.state !== 'queued' && entry.record.state !== 'running') throw refuse(entry, 'paused');
      await stop(entry, 'paused');
    },
    resume: async (id) => {
      const entry = entryOf(id);
      if (!entry.record.resumable || entry.running !== undefined) throw refuse(entry, 'resumed');
      checkOpen(entry.request, library, files);
      Object.assign(entry.record, { state: 'queued', stage: 'waiting', resumable: false, ended: null, error: null });
      waiting.push(entry);
      stateChanged(entry);
      setImmediate(pump);
    },
    retry: async (id) => {
      const { request, replayOf, failedScans } = entryOf(id);
      return enqueue(request, { replayOf, ...(failedScans.length > 0 ? { retryOnly: failedScans } : {}) });
    },
    remove: async (id) => {
      const entry = entryOf(id);
      if (entry.running !== undefined) throw refuse(entry, 'removed');
      const at = waiting.indexOf(entry);
      if (at >= 0) waiting.splice(at, 1);
      entries.delete(id);
      clearTimeout(sent.get(id)?.later);
      sent.delete(id);
      await rm(checkpointsOf(dataFolder, id), { recursive: true, force: true });
      for (const { key } of entry.record.downloads)
        await rm(join(exportsFolder(dataFolder), key.split('-')[0]), { recursive: true, force: true });
      writer.changed();
      emit({ type: 'job-removed', id });
    },
    command: (request) => jobCommand(request, library, madeBy),
    replay: async (result) => {
      const request = await replayRequest(result, library, madeBy, findInput);
      return enqueue(request, { replayOf: result });
    },
    data: async ([kind, id, ...rest]) => {
      if (kind === 'preview') return previewOf(entries.get(id), rest);
      if (kind !== 'download') return undefined;
      for (const { record } of entries.values()) {
        const found = record.downloads.find(({ key }) => key === id);
        if (found === undefined) continue;
        const bytes = await readFile(join(exportsFolder(dataFolder), found.key.split('-')[0], found.name));
        return { contentType: 'application/octet-stream', bytes, name: found.name.split('/').at(-1) };
      }
      throw new EngineError('not-found', 'the download has expired', { hint: 'Export again.' });
    },
    dispose: async () => {
      closed = true;
      for (const entry of [...waiting, ...running()]) await stop(entry, 'paused');
      await Promise.all(running().map(({ running: run }) => run));
      clearInterval(tick);
      for (const { later } of sent.values()) clearTimeout(later);
      await estimator.dispose();
      await writer.settled();
      await rm(exportsFolder(dataFolder), { recursive: true, force: true });
    },
  };
}

/** /data/preview/JOB/REVISION and /data/preview/JOB/REVISION/AXIS; a newer revision answers for an older. */
function previewOf(entry: JobEntry | undefined, [, axis]: readonly string[]) {
  const preview = entry?.preview;
  const data = axis === undefined ? preview?.data : preview?.planes.find((plane) => plane.axis === axis)?.data;
  if (data === undefined) throw new EngineError('not-found', 'there is no such picture of a running estimate');
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { contentType: 'application/octet-stream', bytes };
}
