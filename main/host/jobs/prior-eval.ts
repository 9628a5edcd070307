/** One network evaluation. */
import { z } from 'zod';
import { writeFileAtomic } from '../../../engine/io/atomic-file.ts';
import { readFileBytes } from '../../../engine/io/file-bytes.ts';
import { readNpy, writeNpy } from '../../../engine/io/npy.ts';
import { evaluatePrior } from '../../../engine/prior/evaluate-prior.ts';
import { job } from '../job.ts';
import { namingFile } from '../open-input.ts';
import { checkOutputFile } from '../output-file.ts';

export const priorEval = job({
  input: z.object({ prior: z.string(), x: z.string(), t: z.number(), out: z.string(), force: z.boolean() }),
  output: z.object({
    prior: z.string(),
    t: z.number(),
    file: z.string(),
    shape: z.array(z.number()),
    norm: z.number(),
  }),
  run: async ({ prior, x, t, out, force }, context) => {
    await checkOutputFile(out, force);
    const image = readNpy(await readFileBytes(x), x);
    const options = { threads: context.threads, warn: (message: string) => context.log('warn', message) };
    const y = await evaluatePrior(prior, image, t, options).catch((thrown) => {
      throw namingFile(thrown, x);
    });
    await writeFileAtomic(out, writeNpy(y), { force, signal: context.signal });
    let sum = 0;
    for (const value of y.data) sum += value * value;
    return { prior, t, file: out, shape: [...y.shape], norm: Math.sqrt(sum) };
  },
});
