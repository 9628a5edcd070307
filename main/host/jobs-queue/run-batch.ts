/** A batch of the window: what `tangent batch --resume` does, with a row per scan and every result in the library. */
import type { z } from 'zod';
import { type BatchScan, batchFigures, runBatch as run } from '../../queue/run-batch.ts';
import { localQueue } from '../../queue/work-queue.ts';
import { type batchRequest, type JobRecord, type ReconstructRequest, reconstructRequest } from '../api/job.ts';
import { commandRecord, engineSettings } from './command-record.ts';
import type { JobRun } from './job-run.ts';

type BatchRequest = z.output<typeof batchRequest>;
type Row = JobRecord['rows'][number];

/** A batch that goes on where a scan stood. */
const checkpointEvery = 5;

/** The settings of a batch with their defaults, as a request on an item that does not matter. */
export function batchSettings({ settings }: BatchRequest): ReconstructRequest {
  const stated = Object.entries(settings).filter(([, value]) => value !== undefined);
  return reconstructRequest.parse({ kind: 'reconstruct', item: '00000000', ...Object.fromEntries(stated) });
}

function rowOf(scan: BatchScan, result: string | null): Row {
  const { name, state, fraction, seconds, error } = scan;
  const said = error === null ? null : [error.message, error.hint].filter((part) => part !== null).join('. ');
  return { name, state, fraction, seconds, ...batchFigures(scan), error: said, result };
}

export async function runBatch(request: BatchRequest, job: JobRun) {
  const settings = batchSettings(request);
  const { checkpoints, signal, library } = job;
  const scans: BatchScan[] = [];
  const results = new Map<BatchScan, string>();
  const adding = new Set<Promise<void>>();

  const show = () => {
    job.rows(scans.map((scan) => rowOf(scan, results.get(scan) || null)));
    const ended = scans.filter(({ state }) => state !== 'waiting' && state !== 'running');
    const whole = scans.reduce((sum, { fraction, state }) => sum + (state === 'failed' ? 1 : fraction), 0);
    // Of what is known to be there; a watch is never at its end.
    job.progress({
      fraction: request.watch ? 0 : whole / Math.max(1, scans.length),
      stage: request.watch && ended.length === scans.length ? 'watching' : 'reconstruct',
      step: { index: ended.length, count: scans.length },
    });
    job.failedScans(scans.filter(({ state }) => state === 'failed').map(({ files }) => files[0]));
  };
  const add = (scan: BatchScan) => {
    if (scan.result === null || scan.folder === null || results.has(scan)) return;
    // Taken, but without a name yet.
    results.set(scan, '');
    const one = library
      .addResult(scan.folder)
      .then((id) => {
        results.set(scan, id);
        show();
      })
      .catch(() => {
        results.delete(scan);
      })
      .finally(() => adding.delete(one));
    adding.add(one);
  };

  job.progress({ fraction: 0, stage: 'search' });
  await run(
    {
      inputs: [job.files.pathOf(request.folder)],
      out: request.out === undefined ? job.resultsFolder : job.files.pathOf(request.out),
      settings: { ...engineSettings(settings), command: commandRecord(settings) },
      ...{ device: settings.device, threads: job.threads?.() || undefined, concurrency: request.concurrency },
      ...{ resume: true, force: false, watch: request.watch, dryRun: false, queue: localQueue, signal },
      ...(settings.method === 'dds' ? { checkpoints: { folder: checkpoints, every: checkpointEvery } } : {}),
      only: job.retryOnly,
      process: (_, pid) => job.process(pid),
      changed: (scan) => {
        add(scan);
        show();
      },
    },
    scans,
  ).finally(() => Promise.all(adding));
  const failed = scans.filter(({ state }) => state === 'failed').length;
  const message = `${failed} of ${scans.length} scans failed; the rows say why.`;
  return failed === 0 ? {} : { warnings: [{ code: 'batch-failed', message }] };
}
