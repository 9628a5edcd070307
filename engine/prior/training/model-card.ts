/** The manifest of a prior just trained: everything the configuration, the images and the training know. */
import { createRandom } from '../../arrays/random.ts';
import type { Manifest } from '../manifest.ts';
import type { LogRow } from './log.ts';
import type { TrainedConvention } from './train-prior-settings.ts';
import type { TrainingConfig } from './training-config.ts';
import type { TrainingImages } from './training-images.ts';

const measuredImages = 64;
/** A stream no training step uses. */
const varianceStream = 2 ** 30;

/** Variance of a real channel over the pixels of augmented images, the mean taken out (it is 0 for random phase). */
export function measurePriorVariance(images: TrainingImages, seed: number): number {
  const random = createRandom(seed, varianceStream);
  const image = new Float32Array(images.channels * images.size * images.size);
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (let k = 0; k < measuredImages; k++) {
    for (const value of images.draw(random, image)) {
      count++;
      sum += value;
      squares += value * value;
    }
  }
  // A folder of blank images must still give a valid manifest.
  return Math.max(1e-6, squares / count - (sum / count) ** 2);
}

export interface CardFacts {
  config: TrainingConfig;
  convention: TrainedConvention;
  images: TrainingImages;
  priorVar: number;
  /** Steps done, and the step whose averaged weights are kept. */
  steps: number;
  kept: number;
  /** The validation of the kept weights. */
  row: LogRow;
  weights: Manifest['weights'];
  logSha256: string;
  initial?: Manifest;
}

const counted = (n: number, one: string) => `${n} ${one}${n === 1 ? '' : 's'}`;

function summary({ config, images, steps, kept, initial }: CardFacts): string {
  const parts = [
    `${images.count} slices of ${counted(images.sources.length, 'file')} at ${config.size}×${config.size}`,
    config.augment === 'none' ? 'not augmented' : 'augmented in shape and intensity',
    ...(config.complex ? ['with synthetic smooth complex phase'] : []),
  ];
  const start = initial === undefined ? '' : ` from the weights of ${initial.id}`;
  const which = kept === steps ? '' : `; the average of step ${kept} is kept, the best on held-out images`;
  return `${parts.join(', ')}. ${steps} steps of ${config.batch} images by AdamW, learning rate ${config.lr}${start}${which}. Trained by tangent priors train.`;
}

/** Passes `parseManifest`. */
export function modelCard(facts: CardFacts): Manifest {
  const { config, convention, images, initial, row } = facts;
  const kind = config.modality === 'ct' ? 'CT' : 'MR';
  const own = { name: config.data.name, licence: config.data.licence, source: config.data.provenance };
  return {
    version: 1,
    id: config.id,
    title: config.title,
    task: `Denoising of ${config.complex ? 'complex-valued ' : ''}${kind} images at every noise level, as the prior of undersampled reconstruction`,
    modality: config.modality,
    channels: images.channels,
    size: [config.size, config.size],
    fixedSize: false,
    architecture: config.architecture,
    weights: facts.weights,
    prediction: convention.prediction,
    parametrisation: convention.parametrisation,
    timeInput: convention.timeInput,
    schedule: convention.schedule,
    scale: convention.scale,
    ...(convention.sigmaData === undefined ? {} : { sigmaData: convention.sigmaData }),
    priorVar: facts.priorVar,
    training: {
      summary: summary(facts),
      steps: facts.kept,
      seed: config.seed,
      ...(initial === undefined ? {} : { initial: { id: initial.id, sha256: initial.weights.sha256 } }),
      log: { file: 'log.csv', sha256: facts.logSha256 },
      data: [own, ...(initial?.training.data ?? [])],
    },
    licence: config.licence,
    intendedUse: config.intendedUse,
    limits: [
      ...config.limits,
      ...(initial?.limits ?? []),
      initial === undefined
        ? `Only images like its training data were seen: ${images.count} slices of ${counted(images.sources.length, 'file')}.`
        : `Tuned on ${images.count} slices of ${counted(images.sources.length, 'file')}; how much of what ${initial.id} knew is left was not measured.`,
    ],
    quality: config.levels.map((sigma, i) => ({
      data: `${images.validation.length} held-out images, denoising`,
      metric: `PSNR at sigma ${sigma}, dB`,
      value: Number(row.psnr[i].toFixed(2)),
    })),
  };
}
