/** `tangent bench [NAME …]`: runs main/bench/NAME.ts, or lists what there is. */
import { z } from 'zod';
import { findBench, listBenches } from '../../host/find-bench.ts';
import { command } from '../command.ts';
import { commonOptions, deviceOptions, seedOption } from '../option-types.ts';
import { runJobFor } from '../run-job.ts';
import { table } from '../table.ts';

export const bench = command({
  name: 'bench',
  usage: '[NAME …] [options]',
  description:
    'Runs benchmarks beside the peers that are installed and prints ratios from one run. Without NAME it lists them. Options that are not listed here, and what follows them, go to the benchmark.',
  positionals: [
    { name: 'NAME', description: 'Which benchmark; several run one after another.', required: false, many: true },
  ],
  options: z.strictObject({ ...seedOption, ...deviceOptions, ...commonOptions }),
  passThrough: true,
  examples: ['tangent bench cg', 'tangent bench quality --json'],
  run: async ({ options, positionals, rest }, terminal) => {
    if (positionals.length === 0) {
      const found = await listBenches();
      terminal.print(
        table(
          ['benchmark', 'what it shows'],
          found.map(({ id, summary }) => [id, summary]),
          ['left', 'left'],
        ),
      );
      terminal.result(found);
      return 0;
    }
    // A wrong name must not show after an hour of the first benchmark.
    for (const name of positionals) await findBench(name);
    const { seed, device, threads } = options;
    const results: Record<string, unknown> = {};
    for (const name of positionals)
      results[name] = await runJobFor(
        terminal,
        'bench',
        { name, args: rest, seed, device, json: terminal.json },
        { device, threads, relayOutput: true },
      );
    terminal.result(positionals.length === 1 ? results[positionals[0]] : results);
    return 0;
  },
});
