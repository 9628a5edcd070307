/** From a configuration, and a prior to start from, to what a training is: architecture, convention, images, settings. */
import type { z } from 'zod';
import { check, EngineError } from '../../errors.ts';
import type { DescribedArchitecture } from '../architectures/architecture.ts';
import { verifiedWeights } from '../load-prior.ts';
import type { Manifest } from '../manifest.ts';
import type { Convention } from '../preconditioning.ts';
import { loadManifest } from '../prior-folder.ts';
import { openSafetensors } from '../safetensors.ts';
import { defaultSchedule } from '../schedule.ts';
import type { WeightSource } from '../weights.ts';
import { loneSlice } from './lone-slice.ts';
import type { NoiseDistribution } from './noise-draw.ts';
import type { OptimiserOptions } from './trainer.ts';
import type { TrainingConfig } from './training-config.ts';

type Json = z.infer<ReturnType<typeof z.json>>;

/** How a network is spoken to, and the scaling of its images, as a manifest says it. */
export type TrainedConvention = Convention & Pick<Manifest, 'schedule' | 'scale'>;

export interface InitialPrior {
  manifest: Manifest;
  /** Open; the caller closes it. */
  weights: WeightSource;
}

/** Opens the weights of a prior to start from; of a prior of slabs those of one slice. Throws as `loadPrior` does, `unsupported` for ONNX files. */
export async function openInitialPrior(nameOrFolder: string, roots?: string[]): Promise<InitialPrior> {
  const { manifest, folder } = await loadManifest(nameOrFolder, roots);
  check(manifest.architecture.kind !== 'onnx', () => `prior ${manifest.id} is an ONNX file, which cannot be trained`, {
    code: 'unsupported',
    path: folder,
    hint: 'Start from a prior with safetensors weights.',
  });
  const weights = await openSafetensors(await verifiedWeights(manifest, folder));
  return manifest.slab ? loneSlice(manifest, weights) : { manifest, weights };
}

function scaleOf(config: TrainingConfig): Manifest['scale'] {
  const { image } = config;
  if (image.rule === 'quantile') return { rule: 'quantile', quantile: image.quantile };
  return { rule: 'none', quantile: 0.99, ...(image.rule === 'window' ? { window: image.window } : {}) };
}

/** The convention of a network trained from nothing: the preconditioned denoiser, or ε̂ told the time index. */
export function conventionOf(config: TrainingConfig): TrainedConvention {
  const film = config.architecture.kind === 'film-resunet';
  return {
    prediction: film ? 'denoiser-edm' : 'eps',
    parametrisation: 'vp',
    timeInput: film ? 'quarter-log-sigma' : 'index',
    ...(film ? { sigmaData: config.sigmaData } : {}),
    schedule: { kind: 'vp-linear', ...defaultSchedule },
    scale: scaleOf(config),
  };
}

/**
 * What a fine-tuning takes over from the prior it starts from: its architecture, unless the configuration states one,
 * its channels and its scaling of images. `stated`: the fields written in the configuration file. Throws `mismatch`
 * naming the field when the file says something else than the prior.
 */
export function takeOver(config: TrainingConfig, stated: ReadonlySet<string>, initial: Manifest): TrainingConfig {
  const refuse = (field: string, here: unknown, there: unknown): never => {
    throw new EngineError(
      'mismatch',
      `${field} is ${JSON.stringify(here)}, prior ${initial.id} has ${JSON.stringify(there)}`,
      {
        path: field,
        hint: 'Leave the field out to take over what the prior has.',
      },
    );
  };
  const { architecture } = initial;
  if (architecture.kind === 'onnx') throw new EngineError('unsupported', `prior ${initial.id} is an ONNX file`);
  const complex = initial.channels === 2;
  const modality = initial.modality === 'any' ? config.modality : initial.modality;
  if (stated.has('modality') && config.modality !== modality) refuse('modality', config.modality, modality);
  if (stated.has('complex') && config.complex !== complex) refuse('complex', config.complex, complex);
  if (initial.channels > 2) refuse('complex', config.complex, `${initial.channels} channels`);
  const image = imageRuleOf(config, initial, stated.has('image'), refuse);
  const sigmaData = initial.sigmaData ?? config.sigmaData;
  if (stated.has('sigmaData') && config.sigmaData !== sigmaData) refuse('sigmaData', config.sigmaData, sigmaData);
  const own = { ...config.architecture, ...channelsOf(config.architecture, initial.channels) } as DescribedArchitecture;
  const chosen = stated.has('architecture') ? own : architecture;
  if (chosen.kind !== architecture.kind) refuse('architecture.kind', chosen.kind, architecture.kind);
  const multiple = 2 ** (chosen.mult.length - 1);
  check(
    config.size % multiple === 0,
    () => `size is ${config.size}, prior ${initial.id} needs a multiple of ${multiple}`,
    {
      code: 'mismatch',
      path: 'size',
    },
  );
  const loss = stated.has('loss') ? config.loss : initial.prediction === 'denoiser-edm' ? 'edm' : 'eps';
  return { ...config, modality, complex, image, sigmaData, loss, architecture: chosen };
}

function channelsOf(architecture: DescribedArchitecture, channels: number) {
  return architecture.kind === 'film-resunet' ? { channels } : { inChannels: channels };
}

function imageRuleOf(
  config: TrainingConfig,
  initial: Manifest,
  stated: boolean,
  refuse: (field: string, here: unknown, there: unknown) => never,
): TrainingConfig['image'] {
  const { scale } = initial;
  if (stated) {
    const own = scaleOf(config);
    if (own.rule !== scale.rule) refuse('image.rule', own.rule, scale.rule);
    if (own.rule === 'quantile' && own.quantile !== scale.quantile)
      refuse('image.quantile', own.quantile, scale.quantile);
    if (scale.window !== undefined && JSON.stringify(own.window) !== JSON.stringify(scale.window))
      refuse('image.window', own.window, scale.window);
    return config.image;
  }
  if (scale.rule === 'quantile') return { rule: 'quantile', quantile: scale.quantile };
  if (scale.rule === 'max') return { rule: 'quantile', quantile: 1 };
  if (scale.window !== undefined) return { rule: 'window', window: scale.window, ceiling: 1.2 };
  return config.image.rule === 'window' ? config.image : { rule: 'none' };
}

/** Levels a batch draws: always the index for networks that are told it. */
export function noiseDistribution(config: TrainingConfig, convention: Convention): NoiseDistribution {
  return convention.timeInput === 'index' ? { kind: 'index' } : config.noise;
}

export function optimiserOptions(config: TrainingConfig): Partial<OptimiserOptions> {
  return {
    learningRate: config.lr,
    warmup: config.warmup,
    steps: config.steps,
    decay: config.decay,
    beta1: config.betas[0],
    beta2: config.betas[1],
    weightDecay: config.weightDecay,
    maxGradNorm: config.clip === 0 ? Number.MAX_VALUE : config.clip,
    emaDecay: config.ema,
  };
}

/** Fields that change no number of a training, or that may change on resuming: its length and what the card says. */
const free = new Set<string>([
  'steps',
  'checkpointEvery',
  'memoryMiB',
  'weights',
  'id',
  'title',
  'data',
  'licence',
  'intendedUse',
  'limits',
]);

/** What a resumed training must share with the one that wrote the checkpoint. */
export function settingsOf(
  config: TrainingConfig,
  convention: TrainedConvention,
  initial: Manifest | undefined,
): Record<string, Json> {
  const kept = Object.fromEntries(Object.entries(config).filter(([name]) => !free.has(name)));
  const settings = {
    ...kept,
    convention,
    init: initial === undefined ? null : { id: initial.id, sha256: initial.weights.sha256 },
  };
  // Through text: what JSON leaves out is left out here too, as in the file it is compared with.
  return JSON.parse(JSON.stringify(settings)) as Record<string, Json>;
}
