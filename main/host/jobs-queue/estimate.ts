/**
 * Time and memory a request would take on this machine, from a trial: the job itself on one slice, stopped after a few
 * steps. Trials are remembered for requests that differ in nothing that changes a step.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../../../engine/errors.ts';
import { freeMemory } from '../../../engine/recon/free-memory.ts';
import type { CallOutput, CallRequest } from '../api/api.ts';
import type { ItemDescription } from '../api/item.ts';
import { runJob } from '../engine-client.ts';
import { removeTemporary } from '../remove-temporary.ts';
import { commandRecord, engineSettings } from './command-record.ts';
import type { JobSurroundings } from './job-run.ts';
import { residentMemory } from './resident-memory.ts';
import { itemInput } from './run-reconstruct.ts';

type Request = CallRequest<'jobs.estimate'>;
type Estimate = CallOutput<'jobs.estimate'>;

export interface Estimator {
  /** Rejects with what is wrong with the request; `cancelled` when a newer estimate was asked for. */
  estimate(request: Request): Promise<Estimate>;
  dispose(): Promise<void>;
}

/** What one slice took, in seconds. */
interface Trial {
  /** Until the scan was read. */
  start: number;
  /** From the first to the last sign of calibration. */
  calibrate: number;
  /** From then to the first step: loading of the prior. */
  prepare: number;
  perStep: number;
  /** Steps of the whole run; 0 where the method tells of none. */
  steps: number;
  /** After the last step: evidence, comparison, writing; undefined when it was stopped before. */
  after: number | undefined;
  /** Largest resident memory, bytes. */
  peak: number;
}

const trialSteps = 3;
const trialMs = 25_000;
/** A trial that will end within this runs to its end, which tells of more than the steps. */
const shortSeconds = 4;
const lookMs = 100;
/** Stages whose steps are not the method's. */
const noStep: readonly string[] = ['load', 'calibrate', 'evidence', 'write'];
const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

/** Numbers of the measurement per slice and of the running state, bytes. */
function sliceBytes({ scan, rows, columns }: ItemDescription, { simulate, samples = 1 }: Request): number {
  const stored = Array.isArray(scan?.shape) ? scan.shape.map(Number) : [];
  const slices = Math.max(1, Number(stored[0] ?? 1));
  const values =
    stored.length > 0 ? stored.reduce((a, b) => a * b, 1) / slices : rows * columns * (simulate?.coils ?? 1);
  const coils = Number(scan?.coils ?? simulate?.coils ?? 0);
  const pixels = rows * columns;
  // Complex float32 each: the measurement, its copies under work, maps, images and the state of the samples. The counts
  // are what 12 slices of 256², 8 coils, held beyond one slice (36 MB a slice).
  return 8 * (4 * values + 3 * coils * pixels + (6 + 3 * samples) * pixels);
}

function chosenSlices({ slices }: ItemDescription, request: Request): number {
  const count = Math.max(1, slices);
  if (request.slices === undefined) return count;
  const at = (end: number) => Math.min(count, end < 0 ? end + count : end);
  return Math.max(1, at(request.slices.to) - at(request.slices.from));
}

async function trialOf(
  request: Request,
  item: ItemDescription,
  around: JobSurroundings,
  signal: AbortSignal,
): Promise<Trial> {
  const out = join(around.dataFolder, 'scratch', 'trial');
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const middle = Math.floor(item.slices / 2);
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  const trial: Trial = { start: 0, calibrate: 0, prepare: 0, perStep: 0, steps: 0, after: undefined, peak: 0 };
  let calibrated = 0;
  let first = 0;
  let last = 0;
  let seen = 0;
  let pid: number | undefined;
  const watch = setInterval(async () => {
    if (pid !== undefined) trial.peak = Math.max(trial.peak, (await residentMemory(pid)) ?? 0);
    if (performance.now() - began > trialMs) stop.abort();
  }, lookMs);
  try {
    const settings = engineSettings({ ...request, slices: undefined, compare: [] });
    const slices = item.slices > 1 ? { from: middle, to: middle + 1 } : undefined;
    await runJob(
      'reconstruct',
      {
        ...{ ...settings, slices, input: itemInput(around.library, request.item), out, force: true, formats: [] },
        command: commandRecord(request),
      },
      {
        ...{ signal: both, device: request.device, threads: around.threads?.() || undefined, graceMs: 300 },
        afterKill: removeTemporary(out),
        onStart: (id) => {
          pid = id;
        },
        onProgress: ({ stage, step }) => {
          const now = seconds();
          if (stage === 'calibrate') {
            if (calibrated === 0) trial.start = now;
            calibrated = now;
            trial.calibrate = now - trial.start;
          }
          if (step === undefined || (request.method === 'dds' ? stage !== 'sample' : noStep.includes(stage))) return;
          trial.steps = step.count;
          last = now;
          if (seen === 0) first = now;
          else trial.perStep = (now - first) / seen;
          trial.prepare = Math.max(0, first - Math.max(calibrated, trial.start));
          if (++seen > trialSteps && trial.perStep * (step.count - step.index) > shortSeconds) stop.abort();
        },
      },
    );
    trial.after = seconds() - Math.max(last, calibrated);
  } catch (thrown) {
    // Its own end; anything else is what the job itself would fail with.
    if (signal.aborted || !stop.signal.aborted) throw thrown;
    if (seen < 2)
      throw new EngineError('resource', `the first steps take longer than ${trialMs / 1000} s`, {
        hint: 'Try fewer slices or another method.',
      });
  } finally {
    clearInterval(watch);
    await rm(out, { recursive: true, force: true }).catch(() => undefined);
  }
  return trial;
}

/** Everything a step depends on. */
function keyOf(request: Request, { revision }: ItemDescription): string {
  const other = { slices: null, seed: null, formats: null, compare: null, reference: null };
  // In front as well, so that the order of the names is the same.
  return JSON.stringify([revision, { ...other, ...request, ...other }]);
}

function summed(
  request: Request,
  item: ItemDescription,
  trial: Trial,
  remembered: boolean,
  free: () => number,
): Estimate {
  const slices = chosenSlices(item, request);
  const { start, calibrate, prepare, perStep, steps, after = 0 } = trial;
  const dds = request.method === 'dds';
  // Samples are images of their own.
  const images = slices * (dds ? (request.samples ?? 1) : 1);
  const seconds = start + prepare + slices * (calibrate + after) + perStep * steps * images;
  const bytes = trial.peak + (slices - 1) * sliceBytes(item, request);
  const availableBytes = Math.floor(free());
  const fits = bytes <= availableBytes;
  const how = remembered
    ? 'From an earlier trial'
    : trial.after === undefined
      ? `From ${trialSteps} steps`
      : 'From a run';
  const extra = request.compare.length > 0 ? ' Methods to compare with are not counted.' : '';
  const text = fits
    ? `${how} on one slice here, times ${slices} slices.${extra}`
    : `It would need about ${gib(bytes)} of memory, ${gib(availableBytes)} are free. Choose fewer slices.`;
  return { seconds, bytes, availableBytes, networkCalls: dds && steps > 0 ? steps * images : null, text, fits };
}

export function createEstimator(around: JobSurroundings, free: () => number = freeMemory): Estimator {
  const known = new Map<string, Promise<Trial>>();
  let current: AbortController | undefined;
  let last: Promise<unknown> = Promise.resolve();
  return {
    estimate: async (request) => {
      const item = await around.library.describe(request.item);
      const key = keyOf(request, item);
      const remembered = known.get(key);
      if (remembered !== undefined) return summed(request, item, await remembered, true, free);
      current?.abort();
      const abort = new AbortController();
      current = abort;
      await last;
      if (abort.signal.aborted) throw new EngineError('cancelled', 'a newer estimate was asked for');
      const trial = trialOf(request, item, around, abort.signal);
      last = trial.catch(() => undefined);
      known.set(key, trial);
      trial.catch(() => known.delete(key));
      return summed(request, item, await trial, false, free);
    },
    dispose: async () => {
      current?.abort();
      await last;
    },
  };
}
