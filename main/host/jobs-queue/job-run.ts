/** What a kind of job is given to run with, and what it hands back. */
import type { Progress } from '../../../engine/context.ts';
import type { JobRecord } from '../api/job.ts';
import type { RunOptions } from '../engine-client.ts';
import type { JobInput, JobName, JobOutput } from '../job-table.ts';
import type { DeviceName } from '../messages.ts';
import type { Exporter, FileAccess, Library } from '../services.ts';

export interface JobSurroundings {
  library: Library;
  files: FileAccess;
  exporter: Exporter;
  dataFolder: string;
  resultsFolder: string;
  threads?: () => number | undefined;
}

export interface JobRun extends JobSurroundings {
  readonly id: string;
  /** ISO 8601. */
  readonly created: string;
  readonly signal: AbortSignal;
  /** Told to stop, it is to go on later: leave what is needed for that. */
  pausing(): boolean;
  /** Where files may lie while the job runs; made on demand, removed at the end. */
  readonly scratch: string;
  /** Where it may keep what it needs to go on; stays until the job is done or cancelled. */
  readonly checkpoints: string;
  /** An engine process of this job. */
  engine<N extends JobName>(
    name: N,
    input: JobInput<N>,
    options?: Pick<RunOptions, 'afterKill' | 'graceMs'> & { device?: DeviceName },
  ): Promise<JobOutput<N>>;
  /** Told the process that computes, where it is not one of `engine`. */
  process(pid: number | null): void;
  progress(event: Progress): void;
  rows(rows: JobRecord['rows']): void;
  /** First files of the scans of a batch that failed, for a retry; and those a retry is to take. */
  failedScans(files: readonly string[]): void;
  readonly retryOnly: readonly string[] | undefined;
  warn(code: string, message: string): void;
}

export interface JobOutcome {
  result?: string;
  resultFolder?: string;
  warnings?: { code: string; message: string }[];
  downloads?: JobRecord['downloads'];
  saved?: string;
  output?: JobRecord['output'];
}

/** Rejects with an EngineError; with `cancelled` when the signal fired. */
export type RunKind<R> = (request: R, run: JobRun) => Promise<JobOutcome>;
