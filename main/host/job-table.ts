/** The jobs by name; their code is loaded inside the engine process. */
import type { z } from 'zod';

export const jobTable = {
  info: async () => (await import('./jobs/info.ts')).info,
  doctor: async () => (await import('./jobs/doctor.ts')).doctor,
  'find-scans': async () => (await import('./jobs/find-scans.ts')).findScans,
  simulate: async () => (await import('./jobs/simulate.ts')).simulate,
  reconstruct: async () => (await import('./jobs/reconstruct.ts')).reconstruct,
  deidentify: async () => (await import('./jobs/deidentify.ts')).deidentify,
  demo: async () => (await import('./jobs/demo.ts')).demo,
  solvers: async () => (await import('./jobs/solvers.ts')).solvers,
  solve: async () => (await import('./jobs/solve.ts')).solve,
  bench: async () => (await import('./jobs/bench.ts')).bench,
  'prior-info': async () => (await import('./jobs/prior-info.ts')).priorInfo,
  'prior-import': async () => (await import('./jobs/prior-import.ts')).priorImport,
  'prior-check': async () => (await import('./jobs/prior-check.ts')).priorCheck,
  'prior-train': async () => (await import('./jobs/prior-train.ts')).priorTrain,
  'prior-export': async () => (await import('./jobs/prior-export.ts')).priorExport,
  'prior-eval': async () => (await import('./jobs/prior-eval.ts')).priorEval,
};

export type JobName = keyof typeof jobTable;
type JobOf<N extends JobName> = Awaited<ReturnType<(typeof jobTable)[N]>>;
export type JobInput<N extends JobName> = z.input<JobOf<N>['input']>;
export type JobOutput<N extends JobName> = z.output<JobOf<N>['output']>;
