/**
 * Every parameter of the sampler: type, default, range, unit and meaning in one schema, from which flags, help and forms
 * are made. sigmaY, priorVar and lambda are in scaled units, that is relative to the image after division by `scale`, so that
 * multiplying the measurement by a factor multiplies the result by it and changes nothing else; a noise level known in
 * the units of the data belongs to the problem (`DdsProblem.sigmaY`) and is used with `sigmaY=auto`.
 */
import { z } from 'zod';
import { EngineError } from '../errors.ts';
import type { PresetName } from './presets.ts';
import { presetNames, presets } from './presets.ts';
import { noiseRules, parametrisations } from './renoise.ts';
import { spacings } from './time-steps.ts';

export const samplers = ['ddim', 'dpm2m'] as const;
export const epsRules = ['keep', 'rederive'] as const;
export const consistencyModes = ['noiseless', 'proximal', 'posterior', 'none'] as const;
export const zBoundaries = ['neumann', 'periodic'] as const;

const about = (description: string, unit?: string) => (unit === undefined ? { description } : { description, unit });

export const ddsSchema = z.strictObject({
  preset: z
    .enum(['none', ...presetNames])
    .default('none')
    .meta(about('Sets several parameters at once to a published or calibrated combination; explicit values win.')),
  steps: z.int().min(1).max(1000).default(50).meta(about('Number of sampling steps, one network evaluation each.')),
  spacing: z.enum(spacings).default('leading').meta(about('How the steps are placed on the noise schedule.')),
  tStart: z
    .int()
    .min(0)
    .max(999)
    .default(999)
    .meta(
      about(
        'Noise level, as an index into the schedule, at which sampling starts. 999: from pure noise. Below: from a quick classical reconstruction to which noise of that level is added.',
      ),
    ),
  tEnd: z
    .int()
    .min(0)
    .max(999)
    .default(0)
    .meta(about('Lowest noise level visited; its data-consistent estimate is the result.')),
  sampler: z
    .enum(samplers)
    .default('ddim')
    .meta(about('ddim: first order, with fresh noise by eta. dpm2m: second order multistep, deterministic.')),
  noiseRule: z
    .enum(noiseRules)
    .default('ddim')
    .meta(
      about(
        'What eta means: the DDIM rule, or a fraction of the noise amplitude as in the reference code. none: no noise at all, neither at a start image nor between steps; deterministic, a point estimate and not a sample.',
      ),
    ),
  eta: z.number().min(0).max(1).default(0.5).meta(about('Share of fresh noise per step; 0 is deterministic.')),
  momentum: z
    .number()
    .min(0)
    .max(0.99)
    .default(0)
    .meta(
      about(
        'Extrapolation between steps: the next starts from the estimate plus this times its last change. Speeds up few steps; ddim sampler only.',
      ),
    ),
  mirror: z
    .boolean()
    .default(false)
    .meta(
      about('Show the prior the image mirrored and turned in phase, another way at every step, and undo it after.'),
    ),
  epsRule: z
    .enum(epsRules)
    .default('keep')
    .meta(about('Noise used to go on: the one predicted, or the one rederived from the data-consistent image.')),
  dc: z
    .enum(['auto', ...consistencyModes])
    .default('auto')
    .meta(
      about(
        'Data consistency. auto: posterior when the noise level is known and gamma is not set; noiseless when sigmaY=0 is set; else proximal.',
      ),
    ),
  gamma: z
    .number()
    .min(0)
    .max(1e12)
    .default(1)
    .meta(about('Weight of the data in proximal consistency, relative to the norm of A*A.', '1/variance, scaled')),
  dataWeight: z
    .number()
    .positive()
    .max(1e6)
    .default(1)
    .meta(
      about(
        'Factor on the weight that posterior consistency gives the data; 1 is calibrated for a Gaussian prior, more trusts a network less than its noise level says.',
      ),
    ),
  cgIters: z.int().min(0).max(10_000).default(5).meta(about('Conjugate-gradient iterations per step.')),
  cgTol: z.number().min(0).max(1).default(1e-6).meta(about('Relative residual at which conjugate gradients stop.')),
  sigmaY: z
    .union([z.literal('auto'), z.number().min(0).max(1e6)])
    .default(0)
    .meta(about('Noise per real component of a measured value; 0 = unknown, auto = as estimated.', 'scaled units')),
  priorVar: z
    .union([z.literal('auto'), z.number().min(1e-12).max(1e6)])
    .default('auto')
    .meta(about('Variance of a clean image per real channel; auto = as the prior states.', 'scaled units squared')),
  learnedVariance: z
    .boolean()
    .default(false)
    .meta(about('Use the variance a network predicts, pixel by pixel, in posterior consistency where it is reliable.')),
  param: z
    .enum(parametrisations)
    .default('vp')
    .meta(about('Coordinates of the state: variance preserving or exploding.')),
  tv: z
    .union([z.literal('auto'), z.boolean()])
    .default('auto')
    .meta(about('Total variation across slices, solving the volume as one; auto = on for CT volumes.')),
  rho: z.number().min(1e-9).max(1e9).default(10).meta(about('ADMM penalty of the total variation.')),
  lambda: z
    .number()
    .min(0)
    .max(1e9)
    .default(0.04)
    .meta(about('Weight of the total variation across slices.', 'scaled units')),
  admmIters: z.int().min(1).max(10_000).default(1).meta(about('ADMM iterations per step.')),
  zBoundary: z
    .enum(zBoundaries)
    .default('neumann')
    .meta(about('Difference at the last slice: zero, or tied to the first slice as in the reference code.')),
  tileSlices: z
    .union([z.literal('auto'), z.int().min(8).max(65_536)])
    .default('auto')
    .meta(
      about(
        'Slices of a coupled volume solved together; thicker volumes are tiled along z. auto = all, unless memory is short.',
        'slices',
      ),
    ),
  tileOverlap: z
    .int()
    .min(4)
    .max(1024)
    .default(8)
    .meta(about('Slices two neighbouring tiles share, over which one fades into the other.', 'slices')),
  scale: z
    .union([z.enum(['auto', 'max', 'none']), z.number().positive().max(1e30)])
    .default('auto')
    .meta(about('Divisor that brings the image to the range the prior knows; auto = as the prior states.')),
  legacyLast: z
    .boolean()
    .default(false)
    .meta(about('Reference quirk: no noise before the evaluation at t = 0. Only for comparison.')),
  kspaceFill: z
    .enum(['measured', 'model'])
    .default('measured')
    .meta(about('Exported k-space: with the acquired samples inserted, or as the model predicts everywhere.')),
  samples: z
    .int()
    .min(1)
    .max(1024)
    .default(1)
    .meta(about('Independent samples; more than one give a mean and a spread.')),
  spreadFactor: z
    .number()
    .positive()
    .max(100)
    .default(1)
    .meta(
      about(
        'Factor on the reported standard deviation. 1 is the spread of the samples; a preset whose samples are known to be too alike sets the factor measured on another subject.',
      ),
    ),
  batch: z
    .union([z.literal('auto'), z.int().min(1).max(4096)])
    .default('auto')
    .meta(about('Images per network evaluation. Does not change the result.')),
  seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).default(0).meta(about('Fixes all random numbers.')),
  earlyStop: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .meta(about('Stop an image when it changed less than this over three steps, or explains the data; 0 = never.')),
  previewEvery: z
    .int()
    .min(0)
    .max(1000)
    .default(0)
    .meta(about('Show the running estimate every so many steps; 0 = never.')),
});

type Settings = z.output<typeof ddsSchema>;
export type DdsInput = z.input<typeof ddsSchema>;

/** Complete settings, and which of them the caller (not a preset or a default) chose. */
export interface DdsParameters extends Settings {
  readonly explicit: readonly string[];
  readonly fromPreset: readonly string[];
}

/** Fills defaults, then the preset, then the explicit values. Throws `bad-usage` naming parameter and range. */
export function resolveParameters(input: DdsInput = {}): DdsParameters {
  const given = parse(input);
  const preset: DdsInput = given.preset === 'none' ? {} : presets[given.preset satisfies PresetName];
  const explicit = Object.keys(input).filter((key) => (input as Record<string, unknown>)[key] !== undefined);
  const chosen = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
  const fromPreset = Object.keys(preset).filter((key) => !explicit.includes(key));
  return { ...parse({ ...preset, ...chosen }), explicit, fromPreset };
}

function parse(input: unknown): Settings {
  const parsed = ddsSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = issue.path.map(String).join('.');
  throw new EngineError('bad-usage', path === '' ? issue.message : `parameter ${path}: ${issue.message}`, {
    path,
    hint: `parameters are ${Object.keys(ddsSchema.shape).join(', ')}`,
  });
}

export type ConsistencyMode = (typeof consistencyModes)[number];
export interface Method {
  dc: ConsistencyMode;
  epsRule: (typeof epsRules)[number];
  coupled: boolean;
}

/**
 * What `auto` means for one problem. `sigmaY` is the noise level in scaled units, 0 = unknown. Slices coupled by total
 * variation follow the published volume algorithm (no proximal term) unless γ or a noise level is given. Posterior
 * consistency is derived for rederived noise, so `epsRule` follows it unless set. `joint`: the slices have one measurement
 * in common and are solved together whatever the total variation.
 */
export function resolveMethod(
  parameters: DdsParameters,
  sigmaY: number,
  slices: number,
  complex: boolean,
  joint = false,
): Method {
  const coupled = joint || (slices > 1 && (parameters.tv === 'auto' ? !complex : parameters.tv));
  const dc = parameters.dc === 'auto' ? automatic(parameters, sigmaY, coupled) : parameters.dc;
  if (dc === 'posterior' && !(sigmaY > 0))
    throw new EngineError('bad-usage', `posterior data consistency needs a noise level above 0, found ${sigmaY}`, {
      path: 'sigmaY',
      hint: 'set sigmaY to the noise in scaled units, or to auto where the noise can be estimated',
    });
  const chosen = [...parameters.explicit, ...parameters.fromPreset].includes('epsRule');
  const epsRule = dc === 'posterior' && !chosen ? 'rederive' : parameters.epsRule;
  return { dc, epsRule, coupled };
}

function automatic(parameters: DdsParameters, sigmaY: number, coupled: boolean): ConsistencyMode {
  const gammaSet = parameters.explicit.includes('gamma');
  if (parameters.explicit.includes('sigmaY') && parameters.sigmaY === 0) return 'noiseless';
  if (sigmaY > 0 && !gammaSet && !parameters.fromPreset.includes('gamma')) return 'posterior';
  return coupled && !gammaSet ? 'noiseless' : 'proximal';
}
