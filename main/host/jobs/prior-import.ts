/** A weight file to a prior folder. */
import { z } from 'zod';
import { importPrior } from '../../../engine/prior/import-prior.ts';
import { job } from '../job.ts';

export const priorImport = job({
  input: z.object({
    file: z.string(),
    config: z.string().optional(),
    out: z.string().optional(),
    name: z.string().optional(),
    force: z.boolean(),
  }),
  output: z.object({ name: z.string(), folder: z.string(), hash: z.string(), assumed: z.array(z.string()) }),
  run: async ({ file, ...options }) => {
    const { manifest, folder, assumed } = await importPrior(file, options);
    return { name: manifest.id, folder: options.out ?? folder, hash: manifest.weights.sha256, assumed };
  },
});
