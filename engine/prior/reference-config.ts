/**
 * The configuration a user gives beside a weight file: the reference's names for a guided-diffusion network, flat or in
 * the sections model, data and diffusion, plus a few of this program's own for what no weight file can say.
 */
import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { check, EngineError } from '../errors.ts';
import { trainingSchema } from './manifest.ts';

const maxConfigBytes = 1 << 20;
const size = z.int().min(1).max(65536);
/** Configurations of the reference write -1 for "not this way". */
const sizeOrUnset = z.union([size, z.literal(-1)]);
/** "1,1,2" or [1, 1, 2] or a single number. */
const list = z
  .union([z.string(), z.array(z.number()), z.number()])
  .transform((v) => (typeof v === 'string' ? v.split(',').filter((s) => s.trim() !== '') : [v].flat()).map(Number))
  .pipe(z.array(z.number().positive()).max(16));

/** Names the program does not know are left alone: such files also hold training options. */
export const referenceConfigSchema = z.looseObject({
  image_size: size.optional(),
  in_channels: size.optional(),
  out_channels: size.optional(),
  num_channels: size.optional(),
  channel_mult: list.optional(),
  num_res_blocks: size.optional(),
  attention_resolutions: list.optional(),
  num_head_channels: sizeOrUnset.optional(),
  num_heads: sizeOrUnset.optional(),
  use_scale_shift_norm: z.boolean().optional(),
  resblock_updown: z.boolean().optional(),
  use_new_attention_order: z.boolean().optional(),
  learn_sigma: z.boolean().optional(),
  class_cond: z.boolean().optional(),
  beta_start: z.number().positive().lt(1).optional(),
  beta_end: z.number().positive().lt(1).optional(),
  num_diffusion_timesteps: z.int().min(1).max(100_000).optional(),
  // Not in the reference:
  id: z.string().optional(),
  title: z.string().optional(),
  task: z.string().optional(),
  licence: z.string().trim().min(1).optional(),
  /** Where the weights were had from. */
  source: z.string().trim().min(1).optional(),
  intended_use: z.string().optional(),
  known_limits: z.array(z.string()).max(64).optional(),
  trained_on: trainingSchema.optional(),
  modality: z.enum(['mri', 'ct', 'any']).optional(),
  prediction: z.enum(['eps', 'x0', 'v', 'score', 'denoiser-edm']).optional(),
  parametrisation: z.enum(['vp', 've']).optional(),
  time_input: z.enum(['index', 'sigma', 'log-sigma', 'quarter-log-sigma']).optional(),
  scale_rule: z.enum(['quantile', 'max', 'none']).optional(),
  scale_quantile: z.number().gt(0).max(1).optional(),
  /** CT: Hounsfield units that are 0 and 1 in the network's images. */
  scale_window: z.tuple([z.number(), z.number()]).optional(),
  sigma_data: z.number().positive().optional(),
  prior_var: z.number().positive().optional(),
  /** The three channels are a slice between its two neighbours. */
  slab: z.boolean().optional(),
  /** Height and width where they differ; `image_size` otherwise. */
  image_shape: z.tuple([size, size]).optional(),
  /** Sizes of an ONNX network must be multiples of this. */
  size_multiple: size.optional(),
  /** Names of an ONNX network's ends, where it has more than an image, a time and one output. */
  onnx_image: z.string().min(1).optional(),
  onnx_time: z.string().min(1).optional(),
  onnx_output: z.string().min(1).optional(),
});
export type ReferenceConfig = z.infer<typeof referenceConfigSchema>;

const sections = ['model', 'data', 'diffusion'];

/** Checks a configuration given as a value. Throws `bad-input` naming the field. */
export function parseReferenceConfig(value: unknown, path: string): ReferenceConfig {
  const object = z.record(z.string(), z.unknown()).safeParse(value);
  check(object.success, () => 'the configuration is not a JSON object', { path });
  const flat: Record<string, unknown> = {};
  const take = (entries: Record<string, unknown>) => {
    for (const [key, v] of Object.entries(entries)) {
      if (v === null) continue;
      const known = flat[key];
      check(
        known === undefined || JSON.stringify(known) === JSON.stringify(v),
        () => `the configuration gives ${key} twice, differently`,
        { path },
      );
      flat[key] = v;
    }
  };
  for (const section of sections) {
    const inner = z.record(z.string(), z.unknown()).safeParse(object.data[section]);
    if (inner.success) take(inner.data);
  }
  take(Object.fromEntries(Object.entries(object.data).filter(([key]) => !sections.includes(key))));
  const parsed = referenceConfigSchema.safeParse(flat);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new EngineError('bad-input', `configuration field ${issue.path.join('.') || '(root)'}: ${issue.message}`, {
    path,
  });
}

/** Reads a JSON configuration file. Throws `bad-input`, or `not-found` when it cannot be read. */
export async function readReferenceConfig(path: string): Promise<ReferenceConfig> {
  const { size: bytes } = await stat(path).catch((cause: unknown) => {
    throw new EngineError('not-found', 'the configuration file cannot be read', { path, cause });
  });
  check(bytes <= maxConfigBytes, () => `the configuration has ${bytes} bytes, more than ${maxConfigBytes}`, { path });
  const text = await readFile(path, 'utf8');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new EngineError('bad-input', 'the configuration is not valid JSON', { path, cause });
  }
  return parseReferenceConfig(json, path);
}
