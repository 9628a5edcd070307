/** One job of the queue: what was asked for, where it stands, and the hold on what computes it. */
import type { PreviewPlane, Progress } from '../../../engine/context.ts';
import type { JobRecord, JobRequest } from '../api/job.ts';

/** Running estimate, with the axes the page asks for. */
export interface StoredPreview {
  revision: number;
  /** float32 [rows, columns]. */
  data: Float32Array;
  rows: number;
  columns: number;
  planes: PreviewPlane[];
  /** All slices that were sent, [slices, y, x]; let go when the job has ended. */
  volume?: { data: Float32Array; shape: readonly number[] };
}

/** What happens to a job that was told to stop. */
export type Stop = 'cancelled' | 'paused';

export interface JobEntry {
  readonly id: string;
  readonly request: JobRequest;
  /** `elapsedSeconds` and `memoryBytes` are filled in when it is sent. */
  record: JobRecord;
  preview: StoredPreview | undefined;
  /** Seconds of earlier runs. */
  secondsBefore: number;
  /** performance.now() when this run began; null while it does not run. */
  began: number | null;
  pid: number | null;
  abort: AbortController | undefined;
  stop: Stop | undefined;
  keepPartial: boolean;
  /** First step seen in this run: when, and at what fraction; counts the steps. */
  pace: { at: number; fraction: number; steps: number } | undefined;
  /** Curves this run has drawn to. */
  begunCurves: Set<string>;
  /** The run in progress; settles, never rejects. */
  running: Promise<void> | undefined;
  /** Folder of the result, for `results.replay`. */
  resultFolder: string | undefined;
  /** Scans of a batch that failed, and those it was told to take, by their first file. */
  failedScans: readonly string[];
  retryOnly: readonly string[] | undefined;
  /** Result this job repeats. */
  replayOf: string | undefined;
}

/** Steps after which the rest can be foretold. */
const knownAfter = 3;

export function elapsedSeconds(entry: JobEntry): number {
  return entry.secondsBefore + (entry.began === null ? 0 : (performance.now() - entry.began) / 1000);
}

/** The middle slice [rows, columns] of [slices, y, x]. */
function middleSlice(
  data: Float32Array,
  shape: readonly number[],
): { data: Float32Array; rows: number; columns: number } {
  const [rows, columns] = shape.slice(-2);
  const slices = Math.max(1, Math.round(data.length / (rows * columns)));
  const at = Math.floor(slices / 2) * rows * columns;
  return { data: data.slice(at, at + rows * columns), rows, columns };
}

function keepPreview(entry: JobEntry, preview: NonNullable<Progress['preview']>): void {
  const { data, rows, columns } = middleSlice(preview.data, preview.shape);
  const planes = [...(preview.planes ?? [])];
  const revision = (entry.preview?.revision ?? -1) + 1;
  entry.preview = { revision, data, rows, columns, planes, volume: { data: preview.data, shape: preview.shape } };
  entry.record.preview = {
    ...{ revision, rows, columns },
    planes: planes.map(({ axis, index, shape }) => ({ axis, index, rows: shape[0], columns: shape[1] })),
  };
}

/** Points kept of a curve; of longer ones every second is dropped. */
const maxPoints = 2000;

function addPoints({ record: { curves }, begunCurves }: JobEntry, points: NonNullable<Progress['points']>): void {
  for (const { curve, x, y } of points) {
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
    curves[curve] ??= [];
    // A run that goes on draws anew what came after its checkpoint.
    if (!begunCurves.has(curve)) curves[curve] = curves[curve].filter(([known]) => known < x);
    begunCurves.add(curve);
    curves[curve].push([x, y]);
    if (curves[curve].length > maxPoints) curves[curve] = curves[curve].filter((_, i) => i % 2 === 0);
  }
}

/** Takes over what the engine reports. */
export function applyProgress(entry: JobEntry, event: Progress): void {
  const { record } = entry;
  record.fraction = Math.max(record.fraction, Math.min(1, event.fraction));
  if (entry.stop === undefined) record.stage = event.stage;
  record.step = event.step === undefined ? null : { index: event.step.index, count: event.step.count };
  if (event.note !== undefined) record.note = event.note;
  if (event.preview !== undefined && event.preview.data.length > 0) keepPreview(entry, event.preview);
  if (event.points !== undefined) addPoints(entry, event.points);
  if (event.step !== undefined) {
    const now = performance.now();
    entry.pace ??= { at: now, fraction: record.fraction, steps: 0 };
    entry.pace.steps++;
    const gained = record.fraction - entry.pace.fraction;
    if (entry.pace.steps > knownAfter && gained > 0)
      record.remainingSeconds = (((now - entry.pace.at) / 1000) * (1 - record.fraction)) / gained;
  }
}
