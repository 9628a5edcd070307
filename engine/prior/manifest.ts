/** The model card of a prior: everything the sampler and a person need to know about a network, in manifest.json. */
import { z } from 'zod';
import { EngineError } from '../errors.ts';
import { architectureSchema } from './architectures/architecture.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits');
/** A file inside the prior's own folder. */
const fileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'expected a plain file name');

/** A second file of an ONNX network, named inside it; names may be freer than ours, but stay in the folder. */
export const dataFileName = z
  .string()
  .max(200)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  .regex(/^[^./\\:\u0000-\u001f][^/\\:\u0000-\u001f]*$/, 'expected a plain file name');

/** Where imported weights came from and who says so. */
export const provenanceSchema = z.strictObject({
  /** Address, paper or person the weights were had from; `not stated` when nobody said. */
  source: z.string().min(1),
  /** Who stated licence and source: the user at import, the file's own metadata, or nobody. */
  statedBy: z.enum(['user', 'file', 'nobody']),
  /** The imported file: name without folder, format, digest. */
  file: z.string(),
  format: z.enum(['pt', 'safetensors', 'onnx']),
  sha256,
  /** ISO 8601; only where the build clock SOURCE_DATE_EPOCH gives it, since results carry no time of day. */
  importedAt: z.string().optional(),
});
export type Provenance = z.infer<typeof provenanceSchema>;

export const trainingSchema = z.strictObject({
  summary: z.string(),
  steps: z.int().min(0).optional(),
  seed: z.int().min(0).optional(),
  /** The prior whose weights training started from. */
  initial: z.strictObject({ id: z.string(), sha256 }).optional(),
  /** The training's own record beside this file. */
  log: z.strictObject({ file: fileName, sha256 }).optional(),
  data: z.array(z.strictObject({ name: z.string(), licence: z.string(), source: z.string() })),
});

/** What stands where nobody said. */
export const notStated = 'not stated';

const qualityRow = z.strictObject({
  data: z.string(),
  metric: z.string(),
  value: z.number(),
  note: z.string().optional(),
});

const fields = z.strictObject({
  version: z.literal(1),
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/, 'expected lower-case letters, digits, dots and hyphens'),
  title: z.string().min(1),
  task: z.string().min(1),
  modality: z.enum(['mri', 'ct', 'any']),
  /** Real channels of an image: 2 for complex MRI, 1 for CT. */
  channels: z.int().min(1).max(16),
  /** The three channels are a slice between its two neighbours (slab-prior.ts). */
  slab: z.boolean().optional(),
  /** [height, width] of the training images; other sizes work unless `fixedSize`. */
  size: z.tuple([z.int().min(1), z.int().min(1)]),
  fixedSize: z.boolean().default(false),
  /** Narrowest and widest pixels of the training images in mm, where objects have one size. */
  pixelMm: z.tuple([z.number().positive(), z.number().positive()]).optional(),
  architecture: architectureSchema,
  weights: z.strictObject({
    file: fileName,
    sha256,
    bytes: z.int().min(1),
    /** External data files of an ONNX network, beside it. */
    data: z
      .array(z.strictObject({ file: dataFileName, sha256, bytes: z.int().min(1) }))
      .max(64)
      .optional(),
  }),
  /** Model of the training images' layout, beside the weights: tells when an image is not of their kind. */
  fit: z.strictObject({ file: fileName, sha256, bytes: z.int().min(1) }).optional(),
  /** What the network's output is; `denoiser-edm` is the preconditioned residual F of Karras et al. 2022, eq. 7. */
  prediction: z.enum(['eps', 'x0', 'v', 'score', 'denoiser-edm']),
  /** Scaling of the network's input: √ᾱ x + √(1−ᾱ) ε (vp) or x + σ ε (ve). `denoiser-edm` scales by itself. */
  parametrisation: z.enum(['vp', 've']),
  /** The scalar the network is told: time index 0 … steps−1, σ, ln σ, or ln(σ)/4. */
  timeInput: z.enum(['index', 'sigma', 'log-sigma', 'quarter-log-sigma']),
  schedule: z.strictObject({
    kind: z.literal('vp-linear'),
    betaStart: z.number().positive().lt(1),
    betaEnd: z.number().positive().lt(1),
    steps: z.int().min(1).max(100_000),
  }),
  /** Data are divided by this before the network: 0.99 quantile or maximum of the magnitude, or nothing. */
  scale: z.strictObject({
    rule: z.enum(['quantile', 'max', 'none']),
    quantile: z.number().gt(0).max(1).default(0.99),
    /** CT: the Hounsfield units that were 0 and 1 in training. */
    window: z.tuple([z.number(), z.number()]).optional(),
  }),
  /** σ_data of the preconditioning; required for `denoiser-edm`. */
  sigmaData: z.number().positive().optional(),
  /** Variance of a clean image's real channel after scaling. */
  priorVar: z.number().positive(),
  training: trainingSchema,
  licence: z.string(),
  provenance: provenanceSchema.optional(),
  intendedUse: z.string(),
  limits: z.array(z.string()),
  quality: z.array(qualityRow).optional(),
});

export const manifestSchema = fields
  .refine((m) => m.prediction !== 'denoiser-edm' || m.sigmaData !== undefined, {
    message: 'denoiser-edm needs sigmaData',
    path: ['sigmaData'],
  })
  .refine(
    (m) =>
      (m.architecture.kind === 'film-resunet' ? m.architecture.channels : m.architecture.inChannels) === m.channels,
    {
      message: 'channels differ from the architecture',
      path: ['channels'],
    },
  )
  .refine((m) => m.slab !== true || (m.channels === 3 && m.modality !== 'mri'), {
    message: 'a slab has three channels, each a real slice',
    path: ['slab'],
  });

export type Manifest = z.infer<typeof manifestSchema>;

/** Real channels of the images a prior is used on: those of its network, but one for slabs. */
export function imageChannels({ channels, slab }: Pick<Manifest, 'channels' | 'slab'>): number {
  return slab ? 1 : channels;
}

/** Parses manifest.json text. Throws `bad-input` naming the file, the field, and what was found. */
export function parseManifest(text: string, path: string): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new EngineError('bad-input', 'the manifest is not valid JSON', { path, cause });
  }
  const parsed = manifestSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new EngineError('bad-input', `manifest field ${issue.path.join('.') || '(root)'}: ${issue.message}`, { path });
}
