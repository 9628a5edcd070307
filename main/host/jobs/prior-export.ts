/** A prior's network as an ONNX or safetensors file. */
import { z } from 'zod';
import { exportPrior } from '../../../engine/prior/export-prior.ts';
import { job } from '../job.ts';
import { checkOutputFile } from '../output-file.ts';

export const priorExport = job({
  input: z.object({
    prior: z.string(),
    out: z.string(),
    format: z.enum(['onnx', 'safetensors']),
    weights: z.enum(['float32', 'float16']).optional(),
    as: z.enum(['network', 'eps']),
    external: z.boolean(),
    force: z.boolean(),
  }),
  output: z.object({
    prior: z.string(),
    format: z.string(),
    weights: z.string(),
    as: z.string(),
    files: z.array(z.object({ path: z.string(), bytes: z.number() })),
    conventions: z.record(z.string(), z.string()),
  }),
  run: async ({ prior, out, ...options }, context) => {
    await checkOutputFile(out, options.force);
    const { files, conventions, ...done } = await exportPrior(prior, out, { ...options, signal: context.signal });
    const { format, as } = options;
    return { ...done, format, as, files, conventions: Object.fromEntries(conventions) };
  },
});
