/** The model card of an imported network: what the file and the configuration say, and plain defaults for the rest. */
import type { Architecture } from './architectures/architecture.ts';
import { type Manifest, notStated, type Provenance } from './manifest.ts';
import type { ReferenceConfig } from './reference-config.ts';
import { defaultSchedule } from './schedule.ts';

/** Variance of one real channel of an image whose 0.99 quantile is 1, as measured on brain MR. */
const usualPriorVar = 0.0625;
const usualSigmaData = 0.25;

export const noLicenceOfPublished =
  'The repository the published DDS checkpoints come from carries no licence: ask their authors before passing the weights on.';

export interface ImportedNetwork {
  id: string;
  title: string;
  architecture: Architecture;
  weights: Manifest['weights'];
  size: [number, number];
  fixedSize: boolean;
  provenance: Provenance;
  /** One of the published checkpoints. */
  known?: string;
}

/** manifest.json of an imported network, still to be checked by `parseManifest`. */
export function importedManifest(network: ImportedNetwork, config: ReferenceConfig): unknown {
  const { architecture, known, provenance } = network;
  const film = architecture.kind === 'film-resunet';
  const channels = film ? architecture.channels : architecture.inChannels;
  const mri = config.modality === 'mri' || (config.modality === undefined && channels === 2);
  const prediction = config.prediction ?? (film ? 'denoiser-edm' : 'eps');
  const sigmaData = config.sigma_data ?? (prediction === 'denoiser-edm' ? usualSigmaData : undefined);
  const summary = `Imported from ${provenance.file}${known === undefined ? '' : `, recognised as the published ${known} model`}. Training data as stated by its authors.`;
  return {
    version: 1,
    id: network.id,
    title: network.title,
    task: config.task ?? (mri ? 'Denoising of complex MR images' : 'Denoising of images'),
    modality: config.modality ?? (channels === 2 ? 'mri' : channels === 1 ? 'ct' : 'any'),
    channels,
    ...(config.slab ? { slab: true } : {}),
    size: network.size,
    fixedSize: network.fixedSize,
    architecture,
    weights: network.weights,
    prediction,
    parametrisation: config.parametrisation ?? 'vp',
    timeInput: config.time_input ?? (film ? 'quarter-log-sigma' : 'index'),
    schedule: {
      kind: 'vp-linear',
      betaStart: config.beta_start ?? defaultSchedule.betaStart,
      betaEnd: config.beta_end ?? defaultSchedule.betaEnd,
      steps: config.num_diffusion_timesteps ?? defaultSchedule.steps,
    },
    scale: {
      rule: config.scale_rule ?? (mri ? 'quantile' : 'max'),
      quantile: config.scale_quantile ?? 0.99,
      ...(config.scale_window === undefined ? {} : { window: config.scale_window }),
    },
    ...(sigmaData === undefined ? {} : { sigmaData }),
    priorVar: config.prior_var ?? usualPriorVar,
    training: config.trained_on ?? { summary, data: [] },
    licence: config.licence ?? notStated,
    provenance,
    intendedUse: config.intended_use ?? 'Research. Not for diagnosis.',
    limits: [
      ...(config.known_limits ?? ['Imported: behaviour outside its training data is unknown.']),
      ...(known === undefined ? [] : [noLicenceOfPublished]),
    ],
  };
}
