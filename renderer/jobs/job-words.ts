/** What is said about a job: its state, its stage, its figures, and its failure without patient data. */
import type { JobRecord, JobState } from '../../main/host/api/job.ts';
import { sizeText } from '../library/size-text.ts';
import { durationText } from './duration-text.ts';

export const stateWords: Readonly<Record<JobState, string>> = {
  queued: 'waiting',
  running: 'running',
  paused: 'paused',
  cancelling: 'cancelling',
  done: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
};

export const stateTones = {
  queued: 'plain',
  running: 'accent',
  paused: 'warning',
  cancelling: 'warning',
  done: 'ok',
  failed: 'danger',
  cancelled: 'plain',
} as const satisfies Readonly<Record<JobState, string>>;

const capital = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/** "Sampling, step 21 of 50"; what it waits for while it does not run. */
export function stageText({ state, stage, step }: JobRecord): string {
  if (state === 'queued') return 'Waiting for its turn';
  if (state === 'paused') return 'Paused';
  if (state === 'cancelling') return 'Cancelling';
  const name = stage === '' ? 'Working' : capital(stage);
  return step === null ? name : `${name}, step ${step.index} of ${step.count}`;
}

export function jobFacts(job: JobRecord): { name: string; value: string }[] {
  return [
    { name: 'Elapsed', value: durationText(job.elapsedSeconds) },
    {
      name: 'Remaining',
      value: job.remainingSeconds === null ? 'after three steps' : `about ${durationText(job.remainingSeconds)}`,
    },
    { name: 'Memory', value: job.memoryBytes === null ? '–' : sizeText(job.memoryBytes) },
  ];
}

/** Paths may carry names of patients: they are cut out of what is copied. */
function withoutPaths(text: string, path: string | null): string {
  const named = path === null || path === '' ? text : text.replaceAll(path, 'FILE');
  return named.replaceAll(/(?:[A-Za-z]:\\|\/|\\\\)[^\s"'“”]*[\\/][^\s"'“”,;]*/g, 'FILE');
}

/** For a message to whoever can help. Holds no title, no path and no patient text. */
export function failureReport(job: JobRecord, version: string): string {
  const { error } = job;
  return [
    `Tangent ${version}`,
    `job: ${job.kind}, ${job.state}`,
    `stage: ${stageText({ ...job, state: 'running' })}`,
    `after: ${durationText(job.elapsedSeconds)}`,
    ...(job.memoryBytes === null ? [] : [`memory: ${sizeText(job.memoryBytes)}`]),
    ...(error === null
      ? []
      : [
          `code: ${error.code}`,
          `message: ${withoutPaths(error.message, error.path)}`,
          ...(error.hint === null ? [] : [`hint: ${withoutPaths(error.hint, error.path)}`]),
        ]),
    ...job.warnings.map(({ code }) => `warning: ${code}`),
  ].join('\n');
}
