/** How each kind of job is run. */
import type { JobRequest } from '../api/job.ts';
import type { RunKind } from './job-run.ts';
import { runBatch } from './run-batch.ts';
import { runExport } from './run-export.ts';
import { runPriorCheck, runPriorImport, runPriorTrain } from './run-prior.ts';
import { runReconstruct } from './run-reconstruct.ts';
import { runSolve } from './run-solve.ts';

export const runKinds: { readonly [K in JobRequest['kind']]: RunKind<Extract<JobRequest, { kind: K }>> } = {
  reconstruct: runReconstruct,
  solve: runSolve,
  batch: runBatch,
  export: runExport,
  'prior-check': runPriorCheck,
  'prior-import': runPriorImport,
  'prior-train': runPriorTrain,
};
