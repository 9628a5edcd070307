/** The commands by name. A command's code is loaded when it is used, so that --version and --help stay quick. */
import type { AnyCommand } from './command.ts';

interface Entry {
  summary: string;
  load(): Promise<AnyCommand>;
}

export const commandTable: Readonly<Record<string, Entry>> = {
  doctor: {
    summary: 'Devices, packages and priors found; what is missing.',
    load: async () => (await import('./commands/doctor.ts')).doctor as AnyCommand,
  },
  info: {
    summary: 'What a scan is.',
    load: async () => (await import('./commands/info.ts')).info as AnyCommand,
  },
  priors: {
    summary: 'List, show, inspect, import and evaluate priors.',
    load: async () => (await import('./commands/priors.ts')).priors as AnyCommand,
  },
  bench: {
    summary: 'Benchmarks, side by side with installed peers.',
    load: async () => (await import('./commands/bench.ts')).bench as AnyCommand,
  },
};
