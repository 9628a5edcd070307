/** What a weight file holds. */
import { z } from 'zod';
import { describeWeights } from '../../../engine/prior/describe-weights.ts';
import { readReferenceConfig } from '../../../engine/prior/reference-config.ts';
import { job } from '../job.ts';

export const priorInfo = job({
  input: z.object({ file: z.string(), config: z.string().optional() }),
  output: z.object({
    format: z.string(),
    bytes: z.number(),
    tensors: z.number().nullable(),
    parameters: z.number().nullable(),
    dtypes: z.record(z.string(), z.number()),
    architecture: z.record(z.string(), z.json()).nullable(),
    known: z.string().nullable(),
    licence: z.string().nullable(),
    source: z.string().nullable(),
    assumed: z.array(z.string()),
    problems: z.array(z.string()),
    list: z.array(z.object({ name: z.string(), dtype: z.string(), shape: z.array(z.number()) })),
  }),
  run: async ({ file, config }) => {
    const held = await describeWeights(file, config === undefined ? {} : await readReferenceConfig(config));
    return {
      format: held.format,
      bytes: held.bytes,
      tensors: held.tensors ?? null,
      parameters: held.parameters ?? null,
      dtypes: held.dtypes ?? {},
      architecture: held.architecture === undefined ? null : z.record(z.string(), z.json()).parse(held.architecture),
      known: held.known ?? null,
      licence: held.licence ?? null,
      source: held.source ?? null,
      assumed: held.assumed,
      problems: held.problems,
      list: (held.list ?? []).map(({ name, dtype, shape }) => ({ name, dtype, shape: [...shape] })),
    };
  },
});
