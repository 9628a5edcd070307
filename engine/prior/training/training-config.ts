/**
 * The configuration file of `priors train`: one JSON object. Every field has a default, a range and a description but
 * the three a person must answer (title, licence and provenance of the data). Losses, optimiser and noise levels are
 * named as in models/training/train.py.
 */
import { z } from 'zod';
import { check, EngineError } from '../../errors.ts';
import type { FilmResUNetConfig } from '../architectures/film-resunet.ts';
import type { GuidedDiffusionConfig } from '../architectures/guided-diffusion.ts';
import { describeConfigIssue } from './describe-config-issue.ts';
import {
  about,
  augmentationsSchema,
  type ImageRule,
  imageRuleSchema,
  phaseSchema,
  planesSchema,
} from './images/image-config.ts';
import { defaultNoise, type NoiseDistribution } from './noise-draw.ts';

const MAX_BYTES = 1 << 20;
const text = (description: string) => z.string().trim().min(1).max(10_000).meta(about(description));

const filmSchema = z.strictObject({
  kind: z.literal('film-resunet').meta(about('Small U-Net without normalisation layers.')),
  width: z.int().min(1).max(1024).default(16).meta(about('Channels of the first stage.')),
  mult: z.array(z.int().min(1).max(64)).min(2).max(6).default([1, 2, 4]).meta(about('Widths of the stages.', 'widths')),
  blocks: z
    .array(z.int().min(0).max(16))
    .min(2)
    .max(6)
    .default([1, 1, 1])
    .meta(about('Residual blocks per stage; one entry per entry of mult.')),
  embedding: z.int().min(2).max(4096).multipleOf(2).default(64).meta(about('Length of the noise-level embedding.')),
});

const guidedSchema = z.strictObject({
  kind: z.literal('guided-diffusion').meta(about('U-Net with group normalisation and attention.')),
  width: z.int().min(32).max(2048).multipleOf(32).default(32).meta(about('Channels of the first stage.')),
  mult: z.array(z.int().min(1).max(64)).min(1).max(8).default([1, 2, 4]).meta(about('Widths of the stages.', 'widths')),
  resBlocks: z.int().min(1).max(16).default(1).meta(about('Residual blocks per stage.')),
  attentionFactors: z
    .array(z.int().min(1))
    .max(8)
    .default([4])
    .meta(about('Downsampling factors at which attention follows each residual block.')),
  headWidth: z.int().min(1).max(1024).default(32).meta(about('Channels per attention head.')),
  attentionOrder: z.enum(['legacy', 'new']).default('new').meta(about('Order of query, key and value channels.')),
});

/** Draws as in models/training/train.py; sigma in image units. */
const logNormalSchema = z
  .strictObject({
    kind: z.literal('log-normal').meta(about('ln(sigma) normal, or uniform in the rest of the draws.')),
    mean: z.number().min(-20).max(20).default(-2).meta(about('Mean of ln(sigma) of the normal draws.')),
    std: z.number().min(0).max(20).default(1.4).meta(about('Standard deviation of ln(sigma).')),
    share: z.number().min(0).max(1).default(0.8).meta(about('Share of normal draws.')),
    low: z.number().min(1e-6).max(1e4).default(0.003).meta(about('Lowest sigma.', 'image units')),
    high: z.number().min(1e-6).max(1e4).default(160).meta(about('Highest sigma.', 'image units')),
  })
  .refine((n) => n.low <= n.high, { message: 'expected low not above high' });
const indexSchema = z.strictObject({
  kind: z.literal('index').meta(about('Every index of the noise schedule equally likely.')),
});

const fields = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{0,63}$/, 'expected lower-case letters, digits, dots and hyphens')
    .default('my-prior')
    .meta(about('Name of the prior.')),
  title: text('One line that says what the prior is for.'),
  modality: z.enum(['mri', 'ct']).default('mri').meta(about('What the images are.')),
  data: z
    .strictObject({
      name: z.string().trim().min(1).default('own images').meta(about('What the images are called in the model card.')),
      licence: text('Licence or permission under which the images are used.'),
      provenance: text('Where the images come from: site, scanner, cohort, address.'),
    })
    .meta(about('Told to everyone who uses the prior.')),
  licence: z.string().trim().min(1).default('unspecified').meta(about('Licence of the trained weights.')),
  intendedUse: z.string().trim().min(1).default('Research. Not for diagnosis.').meta(about('Intended use.')),
  limits: z.array(z.string()).default([]).meta(about('Known limits, for the model card.')),

  architecture: z
    .discriminatedUnion('kind', [filmSchema, guidedSchema])
    .prefault({ kind: 'film-resunet' })
    .meta(about('The network. Its channels follow from the images.')),
  size: z.int().min(16).max(1024).default(64).meta(about('Side of the square training images.', 'pixels')),
  image: imageRuleSchema
    .optional()
    .meta(about('How intensities are scaled. Default: 0.99 quantile (mri), window (ct).')),
  complex: z.boolean().optional().meta(about('Complex images with synthetic phase. Default: true (mri), false (ct).')),
  phase: phaseSchema,
  planes: planesSchema,
  minimumHead: z
    .number()
    .min(0)
    .max(1)
    .default(0.15)
    .meta(about('Slices where head or body covers no more than this share of the plane are left out.')),
  maximumAnisotropy: z
    .number()
    .min(1)
    .max(100)
    .default(1.5)
    .meta(about('Planes whose two pixel spacings differ by more than this factor are left out.')),
  fit: z
    .enum(['resample', 'crop'])
    .default('resample')
    .meta(about('Without augmentation: shrink or enlarge the whole slice, or crop or pad it about its centre.')),
  augment: z.enum(['default', 'none']).default('default').meta(about('none: images as they are, but for the phase.')),
  augmentations: augmentationsSchema,
  validation: z
    .strictObject({
      files: z
        .array(z.string().min(1))
        .max(10_000)
        .default([])
        .meta(about('Files, folders ("name/") or series held out whole. Empty: chosen by seed.')),
      share: z
        .number()
        .gt(0)
        .lt(1)
        .default(0.1)
        .meta(about('Share of files (of slices, if there is one file) held out.')),
      images: z.int().min(1).max(1024).default(16).meta(about('Validation images, spread over what is held out.')),
    })
    .prefault({}),
  exclude: z
    .array(z.string().min(1))
    .max(10_000)
    .default([])
    .meta(about('Files or folders ("name/") of the data folder that are not training images, such as label maps.')),
  memoryMiB: z.int().min(16).max(262_144).default(4096).meta(about('Largest memory for the volumes.', 'MiB')),

  loss: z
    .enum(['edm', 'eps'])
    .optional()
    .meta(
      about(
        'edm: E || F - F* ||^2 of the preconditioned denoiser (weight 1/c_out^2). eps: E || eps_hat - eps ||^2. Default: edm for film-resunet, eps for guided-diffusion.',
      ),
    ),
  sigmaData: z.number().positive().max(100).default(0.25).meta(about('Standard deviation of a clean channel (edm).')),
  noise: z
    .discriminatedUnion('kind', [logNormalSchema, indexSchema])
    .optional()
    .meta(about('Noise levels of the batches. Default: log-normal for film-resunet, index for guided-diffusion.')),
  levels: z
    .array(z.number().positive().max(1e4))
    .min(1)
    .max(64)
    .default([0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 3])
    .meta(about('Noise levels sigma the validation loss is reported at.', 'image units')),

  steps: z.int().min(1).max(100_000_000).default(2000).meta(about('Optimiser steps.')),
  batch: z.int().min(1).max(4096).default(16).meta(about('Images per step.')),
  lr: z.number().positive().max(1).default(4e-4).meta(about('Learning rate of AdamW after warm-up.')),
  warmup: z.int().min(0).max(1_000_000).default(200).meta(about('Steps over which the learning rate rises.')),
  decay: z.number().min(0).max(1).default(0.3).meta(about('Last share of the steps, along a half cosine to 0.')),
  weightDecay: z.number().min(0).max(1).default(1e-4).meta(about('Decoupled weight decay of AdamW.')),
  betas: z
    .tuple([z.number().min(0).lt(1), z.number().min(0).lt(1)])
    .default([0.9, 0.99])
    .meta(about('Decay of the first and second moments of AdamW.')),
  clip: z.number().min(0).max(1e6).default(1).meta(about('Largest norm of the gradient; 0: no limit.')),
  ema: z.number().min(0).lt(1).default(0.9995).meta(about('Decay of the averaged weights, warmed up.')),
  weights: z.enum(['float32', 'float16']).default('float32').meta(about('How the trained weights are stored.')),
  checkpointEvery: z.int().min(1).max(100_000_000).default(250).meta(about('Steps between checkpoints.')),
  validateEvery: z.int().min(1).max(100_000_000).default(250).meta(about('Steps between validations.')),
  earlyStop: z
    .strictObject({
      patience: z
        .int()
        .min(0)
        .max(1_000_000)
        .default(8)
        .meta(about('Validations without a better mean loss after which training stops; 0: never.')),
    })
    .prefault({}),
  seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).default(0).meta(about('Fixes every random number.')),
});

/** What a file may state; modality-dependent fields may be absent. */
export const trainingConfigSchema = fields;
type Stated = z.infer<typeof fields>;

/** A configuration with nothing left open. */
export interface TrainingConfig extends Omit<Stated, 'architecture' | 'image' | 'complex' | 'loss' | 'noise'> {
  /** With its channels filled in; passes architectureSchema. */
  architecture: FilmResUNetConfig | GuidedDiffusionConfig;
  image: ImageRule;
  complex: boolean;
  loss: 'edm' | 'eps';
  noise: NoiseDistribution;
}

function complete(stated: Stated, path: string): TrainingConfig {
  const refuse = (field: string, message: string): never => {
    throw new EngineError('bad-input', `training configuration field ${field}: ${message}`, { path });
  };
  const { modality, size } = stated;
  const complex = stated.complex ?? modality === 'mri';
  if (complex && modality === 'ct') refuse('complex', 'expected false for ct, found true');
  const image: ImageRule =
    stated.image ??
    (modality === 'mri'
      ? { rule: 'quantile', quantile: 0.99 }
      : { rule: 'window', window: [-1000, 1500], ceiling: 1.2 });
  if (complex && image.rule === 'window')
    refuse('image.rule', 'expected quantile or none for complex images, found window');
  const channels = complex ? 2 : 1;
  const a = stated.architecture;
  if (a.kind === 'film-resunet' && a.blocks.length !== a.mult.length)
    refuse('architecture.blocks', `expected ${a.mult.length} entries, one per entry of mult, found ${a.blocks.length}`);
  const multiple = 2 ** (a.mult.length - 1);
  if (size % multiple !== 0)
    refuse('size', `expected a multiple of ${multiple} for ${a.mult.length} stages, found ${size}`);
  return {
    ...stated,
    image,
    complex,
    noise: stated.noise ?? (a.kind === 'film-resunet' ? defaultNoise : { kind: 'index' }),
    loss: stated.loss ?? (a.kind === 'film-resunet' ? 'edm' : 'eps'),
    architecture:
      a.kind === 'film-resunet'
        ? { ...a, channels }
        : { ...a, imageSize: size, inChannels: channels, outChannels: channels },
  };
}

/**
 * Parses the text of a configuration file and fills in what follows from other fields. Throws `bad-input` naming the
 * file, the field, what was found and what was expected.
 */
export function parseTrainingConfig(content: string, path: string): TrainingConfig {
  check(content.length <= MAX_BYTES, () => `the configuration has ${content.length} characters, at most ${MAX_BYTES}`, {
    path,
  });
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch (cause) {
    throw new EngineError('bad-input', 'the training configuration is not valid JSON', { path, cause });
  }
  const parsed = fields.safeParse(json);
  if (parsed.success) return complete(parsed.data, path);
  const { field, message } = describeConfigIssue(parsed.error.issues[0], json);
  throw new EngineError('bad-input', `training configuration field ${field}: ${message}`, { path });
}
