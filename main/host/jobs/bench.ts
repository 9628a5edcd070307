/** Runs one benchmark of main/bench/; what it says goes through the standard streams of this process. */
import { z } from 'zod';
import { findBench } from '../find-bench.ts';
import { job } from '../job.ts';
import { deviceName } from '../messages.ts';

export const bench = job({
  input: z.object({
    name: z.string(),
    args: z.array(z.string()),
    seed: z.int(),
    device: deviceName,
    json: z.boolean(),
  }),
  output: z.unknown(),
  run: async ({ name, args, seed, device, json }, context) => {
    const module = await findBench(name);
    return module.run(args, {
      signal: context.signal,
      seed,
      device,
      threads: context.threads,
      json,
      print: (text) => {
        if (!json) process.stdout.write(`${text}\n`);
      },
      note: (text) => process.stderr.write(`${text}\n`),
    });
  },
});
