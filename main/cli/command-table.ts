/** The commands by name. A command's code is loaded when it is used, so that --version and --help stay quick. */
import type { AnyCommand } from './command.ts';

interface Entry {
  summary: string;
  load(): Promise<AnyCommand>;
}

export const commandTable: Readonly<Record<string, Entry>> = {
  studio: {
    summary: 'The workstation, in a window or in the browser.',
    load: async () => (await import('./commands/studio.ts')).studio as AnyCommand,
  },
  doctor: {
    summary: 'Devices, packages and priors found; what is missing.',
    load: async () => (await import('./commands/doctor.ts')).doctor as AnyCommand,
  },
  info: {
    summary: 'What a scan is.',
    load: async () => (await import('./commands/info.ts')).info as AnyCommand,
  },
  demo: {
    summary: 'Reconstruct a real brain scan with every method and compare.',
    load: async () => (await import('./commands/demo.ts')).demo as AnyCommand,
  },
  simulate: {
    summary: 'Retrospective undersampling of an image or volume.',
    load: async () => (await import('./commands/simulate.ts')).simulate as AnyCommand,
  },
  reconstruct: {
    summary: 'One scan to one result folder.',
    load: async () => (await import('./commands/reconstruct.ts')).reconstruct as AnyCommand,
  },
  deidentify: {
    summary: 'DICOM images without identity.',
    load: async () => (await import('./commands/deidentify.ts')).deidentify as AnyCommand,
  },
  batch: {
    summary: 'Every scan of files and folders to results.',
    load: async () => (await import('./commands/batch.ts')).batch as AnyCommand,
  },
  priors: {
    summary: 'List, show, inspect, import, evaluate and train priors.',
    load: async () => (await import('./commands/priors.ts')).priors as AnyCommand,
  },
  solvers: {
    summary: 'List solvers or show one.',
    load: async () => (await import('./commands/solvers.ts')).solvers as AnyCommand,
  },
  solve: {
    summary: 'Run a solver on files.',
    load: async () => (await import('./commands/solve.ts')).solve as AnyCommand,
  },
  bench: {
    summary: 'Benchmarks, side by side with installed peers.',
    load: async () => (await import('./commands/bench.ts')).bench as AnyCommand,
  },
};
