/** Many scans, one result folder each: the batch of the command line and of the window. */
import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { EngineError } from '../../engine/errors.ts';
import { readResult } from '../../engine/recon/result-folder.ts';
import type { ResultJson } from '../../engine/recon/result-json.ts';
import { runJob } from '../host/engine-client.ts';
import { toEngineError } from '../host/engine-error.ts';
import type { JobInput } from '../host/job-table.ts';
import type { DeviceName } from '../host/messages.ts';
import { removeTemporary } from '../host/remove-temporary.ts';
import type { FoundScan } from './find-scans.ts';
import { jobHash, priorHashes } from './job-hash.ts';
import type { WorkQueue } from './work-queue.ts';

export type BatchSettings = Omit<JobInput<'reconstruct'>, 'input' | 'out' | 'force'>;

export interface BatchOptions {
  inputs: readonly string[];
  out: string;
  settings: BatchSettings;
  device?: DeviceName | undefined;
  threads?: number | undefined;
  concurrency: number;
  /** Leave finished results of the same hash. */
  resume: boolean;
  /** Replace them. */
  force: boolean;
  /** Go on looking for new scans until cancelled. */
  watch: boolean;
  /** Every `count`th scan, beginning with number `index` from 1. */
  shard?: { index: number; count: number } | undefined;
  /** Only these, by their first file. */
  only?: readonly string[] | undefined;
  /** Where a scan that was stopped may go on from, a folder for each. */
  checkpoints?: { folder: string; every: number };
  /** Find and name, compute nothing. */
  dryRun: boolean;
  signal: AbortSignal;
  queue: WorkQueue;
  /** A row is new or has changed. */
  changed(row: BatchScan): void;
  /** Told the process of a scan while it runs; null when it has ended. */
  process?(row: BatchScan, pid: number | null): void;
}

export interface BatchScan {
  /** From 0, in the order found. */
  index: number;
  files: readonly string[];
  /** For the screen. */
  name: string;
  state: 'waiting' | 'running' | 'done' | 'failed' | 'skipped';
  fraction: number;
  seconds: number | null;
  /** Result folder; known once the input was read through. */
  folder: string | null;
  result: ResultJson | null;
  error: { code: string; message: string; hint: string | null; path: string | null } | null;
}

const watchMs = 2000;

function failed(row: BatchScan, thrown: unknown): void {
  const { code, message, hint, path } = toEngineError(thrown);
  row.state = 'failed';
  row.error = { code, message, hint: hint ?? null, path: path ?? null };
}

const isThere = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

function newRow(index: number, { files, name }: Pick<FoundScan, 'files' | 'name'>): BatchScan {
  const open = { seconds: null, folder: null, result: null, error: null };
  return { index, files, name, state: 'waiting', fraction: 0, ...open };
}

/** Waits, or less when cancelled. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}

/** New rows as they are found; with `watch` a scan counts when it looked the same twice. */
async function* discover(options: BatchOptions, rows: BatchScan[]): AsyncGenerator<BatchScan> {
  const { inputs, out, signal, watch, shard, changed } = options;
  const known = new Set<string>();
  let before = new Map<string, string>();
  for (let look = 0; ; look++) {
    const { scans, unreadable } = await runJob('find-scans', { paths: [...inputs], exclude: [out] }, { signal });
    const wanted = (file: string) => options.only === undefined || options.only.includes(file);
    const mine = (place: number) => shard === undefined || place % shard.count === shard.index - 1;
    const states = new Map(scans.map(({ files, state }) => [files[0], state]));
    const fresh: BatchScan[] = [];
    for (const [place, scan] of scans.entries()) {
      const settled = !watch || before.get(scan.files[0]) === scan.state;
      if (known.has(scan.files[0]) || !settled) continue;
      known.add(scan.files[0]);
      if (mine(place) && wanted(scan.files[0])) fresh.push(newRow(rows.length + fresh.length, scan));
    }
    rows.push(...fresh);
    for (const { file, code, message } of unreadable) {
      if (known.has(file) || !wanted(file) || (watch && look === 0)) continue;
      known.add(file);
      const row = newRow(rows.length, { files: [file], name: file.split(/[\\/]/).at(-1) ?? file });
      Object.assign(row, { state: 'failed', error: { code, message, hint: null, path: file } });
      rows.push(row);
      changed(row);
    }
    for (const row of fresh) changed(row);
    yield* fresh;
    if (!watch) return;
    before = states;
    await pause(look === 0 ? watchMs / 2 : watchMs, signal);
    if (signal.aborted) throw new EngineError('cancelled', 'cancelled');
  }
}

/**
 * Rows of everything found. Rejects with `cancelled` when the signal fires (finished results stay), and with what is
 * wrong with the inputs as a whole; what is wrong with one scan stands in its row.
 */
export async function runBatch(options: BatchOptions, rows: BatchScan[] = []): Promise<BatchScan[]> {
  const { settings, out, signal, changed } = options;
  const priors = await priorHashes(settings.prior?.split(/[\\/]/).at(-1));
  const cores = options.threads ?? Math.max(1, Math.floor(availableParallelism() / options.concurrency));

  const compute = async (row: BatchScan, folder: string) => {
    const input = row.files.length === 1 ? row.files[0] : [...row.files];
    const { checkpoints } = options;
    const own = checkpoints && { ...checkpoints, folder: join(checkpoints.folder, basename(folder)) };
    const checkpoint = own === undefined ? {} : { checkpoint: own };
    const done = await runJob(
      'reconstruct',
      { ...settings, ...checkpoint, input, out: folder, force: options.force },
      {
        ...{ signal, device: options.device ?? 'auto', threads: cores },
        onStart: (pid) => options.process?.(row, pid),
        onProgress: ({ fraction }) => {
          row.fraction = fraction;
          changed(row);
        },
        afterKill: removeTemporary(folder),
      },
    ).finally(() => options.process?.(row, null));
    row.result = done.result;
  };

  const one = async (row: BatchScan) => {
    if (signal.aborted) throw new EngineError('cancelled', 'cancelled');
    const began = performance.now();
    try {
      const hash = await jobHash(row.files, settings.command, priors);
      const folder = join(out, `${settings.method}-${hash.slice(0, 16)}`);
      row.folder = folder;
      const there = await isThere(join(folder, 'result.json'));
      if (there && options.resume) {
        row.result = await readResult(folder);
        row.state = 'skipped';
      } else if (!options.dryRun) {
        // Two copies of one scan are one result.
        const twin = rows.find((other) => other !== row && other.folder === folder && other.state !== 'failed');
        if (twin !== undefined) row.state = 'skipped';
        else {
          row.state = 'running';
          changed(row);
          await compute(row, folder);
          row.state = 'done';
        }
      }
      row.fraction = row.state === 'waiting' ? 0 : 1;
    } catch (thrown) {
      if (signal.aborted) {
        row.state = 'waiting';
        row.fraction = 0;
        changed(row);
        throw new EngineError('cancelled', 'cancelled');
      }
      failed(row, thrown);
    }
    row.seconds = row.state === 'done' || row.state === 'failed' ? (performance.now() - began) / 1000 : null;
    changed(row);
  };

  await options.queue.run(discover(options, rows), options.concurrency, one);
  if (signal.aborted) throw new EngineError('cancelled', 'cancelled');
  return rows;
}

/** Figures of a finished scan. */
export function batchFigures({ result }: BatchScan): {
  psnr: number | null;
  residual: number | null;
  warnings: number;
} {
  return {
    psnr: result?.metrics?.psnr ?? null,
    residual: result?.residual.relative ?? null,
    warnings: result?.warnings.length ?? 0,
  };
}
