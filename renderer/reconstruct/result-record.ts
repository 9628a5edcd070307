/** The record of a result as far as the screen shows it; members this version does not know are left alone. */
import { z } from 'zod';

const metrics = z.looseObject({ psnr: z.number().nullable(), ssim: z.number(), nmse: z.number() });
const residual = z.looseObject({ relative: z.number(), expected: z.number().nullable() });

const record = z.looseObject({
  tangent: z.string(),
  method: z.string(),
  prior: z.looseObject({ name: z.string(), hash: z.string() }).nullable(),
  device: z.string(),
  threads: z.number(),
  modality: z.string(),
  parameters: z.record(z.string(), z.json()),
  seed: z.number(),
  slices: z.array(z.number()).default([]),
  unit: z.string().optional(),
  nfe: z.number(),
  seconds: z.looseObject({
    sample: z.number(),
    total: z.number(),
    baselines: z.record(z.string(), z.number()).optional(),
  }),
  residual,
  measured_fraction: z.number(),
  simulated: z.boolean(),
  fit: z.looseObject({ message: z.string(), verdict: z.string(), percentile: z.number().nullable() }).nullish(),
  metrics: metrics.optional(),
  calibration: z.array(z.looseObject({ nominal: z.number(), observed: z.number() })).optional(),
  consistency: z.array(z.looseObject({ part: z.string(), residual: z.number(), expected: z.number().nullable() })),
  curve: z.array(
    z.looseObject({ slice: z.number(), step: z.number(), before: z.number().nullable(), after: z.number() }),
  ),
  baselines: z.record(
    z.string(),
    z.looseObject({ metrics: metrics.optional(), residual: residual.nullable(), nfe: z.number() }),
  ),
  warnings: z.array(z.looseObject({ code: z.string(), message: z.string() })),
  job_hash: z.string().optional(),
  source: z.looseObject({ format: z.string(), digest: z.string() }),
  notice: z.string(),
});
export type ResultRecord = z.output<typeof record>;

/** Undefined when it is the record of something else. */
export function readRecord(value: unknown): ResultRecord | undefined {
  const parsed = record.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}
