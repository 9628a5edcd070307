/** What every long computation is handed: cancellation, progress, log, device. The engine has no other surroundings. */
import { EngineError } from './errors.ts';

export interface Progress {
  /** Monotone, in [0, 1]. */
  fraction: number;
  /** Short name of the stage, for example "calibrate" or "sample". */
  stage: string;
  /** Step k of K inside the stage, where there is one. */
  step?: { index: number; count: number };
  /**
   * Running estimate: float32 magnitude [slices, y, x]. Of volumes of more than 8 slices the middle one alone, [1, y, x], and
   * with it three planes through the middle. Valid until the next event.
   */
  preview?: { data: Float32Array; shape: readonly number[]; planes?: readonly PreviewPlane[] };
  /** Newest figures in a few words, for example "loss 0.31, validation 0.28". */
  note?: string;
  /** New points of curves to draw. */
  points?: readonly { curve: string; x: number; y: number }[];
}

/** A plane of a volume [z, y, x] across one axis, at that index: [y, x], [z, x] or [z, y], float32 magnitude. */
export interface PreviewPlane {
  axis: 'z' | 'y' | 'x';
  index: number;
  data: Float32Array;
  shape: readonly [rows: number, columns: number];
}

export interface RunContext {
  signal: AbortSignal;
  progress(event: Progress): void;
  log(level: 'debug' | 'info' | 'warn', message: string): void;
  device: 'cpu' | 'webgpu' | 'cuda';
  /** Of networks on graphics devices; default float32. */
  precision?: 'float32' | 'float16';
  threads: number;
}

/** A context for scripts and tests: never cancelled, silent, one CPU thread. */
export function quietContext(overrides: Partial<RunContext> = {}): RunContext {
  return {
    signal: new AbortController().signal,
    progress: () => {},
    log: () => {},
    device: 'cpu',
    threads: 1,
    ...overrides,
  };
}

/**
 * Polled once per outer iteration of every loop. Gives the event loop a turn first, so that a cancel message sent to
 * this process is seen even while the computation never waits for anything else. Throws `cancelled`.
 */
export async function checkpoint(context: Pick<RunContext, 'signal'>): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  if (context.signal.aborted) throw new EngineError('cancelled', 'cancelled');
}

/** A context whose progress fills the share [from, to] of the parent's. */
export function subContext(parent: RunContext, from: number, to: number, stage?: string): RunContext {
  return {
    ...parent,
    progress: (event) =>
      parent.progress({
        ...event,
        stage: stage ?? event.stage,
        fraction: from + (to - from) * Math.min(1, Math.max(0, event.fraction)),
      }),
  };
}
