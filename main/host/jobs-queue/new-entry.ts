/** Entries of the queue: of a new request, and of one that was stored. */
import { randomBytes } from 'node:crypto';
import { basename, join } from 'node:path';
import type { JobRequest } from '../api/job.ts';
import type { JobEntry } from './job-entry.ts';
import type { StoredJob } from './stored-jobs.ts';

const methodTitles: Readonly<Record<string, string>> = {
  dds: 'DDS',
  'zero-filled': 'Zero-filled',
  'cg-sense': 'CG-SENSE',
  tv: 'Total variation',
  fbp: 'FBP',
  cg: 'Conjugate gradients',
  sirt: 'SIRT',
  tv3d: 'Total variation, 3D',
};

/** What the job is, without anything of the item. */
export function plainTitle(request: JobRequest): string {
  switch (request.kind) {
    case 'reconstruct':
      return methodTitles[request.method] ?? request.method;
    case 'solve':
      return request.solver;
    case 'batch':
      return request.watch ? 'Batch, watching' : 'Batch';
    case 'export':
      return `Export, ${request.format}`;
    case 'prior-check':
      return `Check ${request.prior}`;
    case 'prior-import':
      return `Import ${request.name}`;
    case 'prior-train':
      return `Train ${request.name}`;
  }
}

export function newEntry(request: JobRequest, itemTitle?: string): JobEntry {
  const id = `j${randomBytes(8).toString('hex')}`;
  const title = plainTitle(request);
  return {
    ...{ id, request },
    record: {
      ...{ id, kind: request.kind, title: itemTitle === undefined ? title : `${title} · ${itemTitle}` },
      ...{ state: 'queued', created: new Date().toISOString(), ended: null },
      ...{ fraction: 0, stage: 'waiting', step: null, elapsedSeconds: 0, remainingSeconds: null, memoryBytes: null },
      ...{ note: null, preview: null, curves: {}, warnings: [], result: null, downloads: [], saved: null, error: null },
      ...{ rows: [], resumable: false, output: null },
    },
    ...{ preview: undefined, secondsBefore: 0, began: null, pid: null, abort: undefined, stop: undefined },
    ...{ keepPartial: false, pace: undefined, running: undefined, resultFolder: undefined, replayOf: undefined },
    ...{ failedScans: [], retryOnly: undefined, begunCurves: new Set<string>() },
  };
}

const ended = ['done', 'failed', 'cancelled'];

/** Jobs the last host left unfinished are paused. */
export function restoredEntry(stored: StoredJob, resultsFolder: string): JobEntry {
  const entry = newEntry(stored.request);
  const finished = ended.includes(stored.state);
  const record = {
    ...entry.record,
    ...{ id: stored.id, created: stored.created, ended: finished ? stored.ended : null, fraction: stored.fraction },
    ...{ state: finished ? stored.state : ('paused' as const), stage: finished ? stored.state : 'paused' },
    ...{ warnings: stored.warnings, result: stored.result, resumable: !finished },
    error: stored.error === null ? null : { ...stored.error, path: null },
  };
  return {
    ...entry,
    ...{ id: stored.id, record, secondsBefore: stored.seconds },
    resultFolder: stored.resultFolder === null ? undefined : join(resultsFolder, stored.resultFolder),
    replayOf: stored.replayOf ?? undefined,
  };
}

/** Paths, and names of files of the formats that are opened. */
const fileNames =
  /(?<=^|[\s"'(])(?:[A-Za-z]:)?[\\/]\S+|\S+\.(?:npz|npy|h5|hdf5|dcm|ima|nii|gz|cfl|hdr|csv|obj|json)\b/gi;

/** Messages name files now and then, and files may be named after a person. */
function withoutPaths(text: string): string {
  return text.replace(fileNames, '…');
}

export function storedEntry({ id, request, record, secondsBefore, resultFolder, replayOf }: JobEntry): StoredJob {
  const { state, created, ended: end, fraction, error, warnings, result } = record;
  return {
    ...{ id, request, state, created, ended: end, fraction, result },
    warnings: warnings.map(({ code, message }) => ({ code, message: withoutPaths(message) })),
    seconds: secondsBefore,
    error:
      error === null
        ? null
        : { code: error.code, message: withoutPaths(error.message), hint: error.hint && withoutPaths(error.hint) },
    resultFolder: resultFolder === undefined ? null : basename(resultFolder),
    replayOf: replayOf ?? null,
  };
}
