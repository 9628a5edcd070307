/** A weight file to a prior folder. */
import { z } from 'zod';
import { importPrior } from '../../../engine/prior/import-prior.ts';
import { job } from '../job.ts';

export const priorImport = job({
  input: z.object({
    file: z.string(),
    config: z.string().optional(),
    licence: z.string().optional(),
    source: z.string().optional(),
    out: z.string().optional(),
    name: z.string().optional(),
    force: z.boolean(),
  }),
  output: z.object({
    name: z.string(),
    folder: z.string(),
    hash: z.string(),
    licence: z.string(),
    source: z.string(),
    statedBy: z.enum(['user', 'file', 'nobody']),
    assumed: z.array(z.string()),
    warnings: z.array(z.string()),
  }),
  run: async ({ file, ...options }, context) => {
    const { manifest, folder, assumed, warnings } = await importPrior(file, { ...options, signal: context.signal });
    for (const warning of warnings) context.log('warn', warning);
    const { source = '', statedBy = 'nobody' } = manifest.provenance ?? {};
    return {
      name: manifest.id,
      folder: options.out ?? folder,
      hash: manifest.weights.sha256,
      licence: manifest.licence,
      source,
      statedBy,
      assumed,
      warnings,
    };
  },
});
