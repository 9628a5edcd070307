/**
 * The configuration an exported network carries in its own metadata, under one key, in the words a user would write in
 * a configuration file beside it. Importing the file again gives a prior with the same conventions.
 */
import { check, EngineError } from '../errors.ts';
import { describeNetwork } from './architectures/architecture.ts';
import { type Manifest, notStated } from './manifest.ts';
import { parseReferenceConfig, type ReferenceConfig } from './reference-config.ts';

export const configKey = 'tangent_config';
const maxConfigLength = 1 << 20;

/** Conventions of the exported network: its own, or those of a graph that takes x_t and t and gives ε̂. */
export type ExportAs = 'network' | 'eps';

const epsConvention = { prediction: 'eps', parametrisation: 'vp', time_input: 'index' } as const;

/** The configuration that makes an import of the exported network the prior of this manifest. */
export function configOf(manifest: Manifest, as: ExportAs = 'network'): ReferenceConfig {
  const { architecture, schedule, scale, size, provenance } = manifest;
  // The record stays in the prior's folder.
  const { log: _, ...training } = manifest.training;
  const guided = architecture.kind === 'guided-diffusion' ? architecture : undefined;
  const own = {
    prediction: manifest.prediction,
    parametrisation: manifest.parametrisation,
    time_input: manifest.timeInput,
    ...(manifest.sigmaData === undefined ? {} : { sigma_data: manifest.sigmaData }),
  };
  return {
    ...(as === 'eps' ? epsConvention : own),
    title: manifest.title,
    task: manifest.task,
    modality: manifest.modality,
    in_channels: manifest.channels,
    ...(manifest.slab ? { slab: true } : {}),
    ...(guided === undefined ? {} : { image_size: guided.imageSize }),
    image_shape: size,
    ...(guided === undefined
      ? {}
      : {
          num_head_channels: guided.heads === undefined ? guided.headWidth : -1,
          ...(guided.heads === undefined ? {} : { num_heads: guided.heads }),
          use_new_attention_order: guided.attentionOrder === 'new',
        }),
    ...(architecture.kind === 'onnx' ? {} : { size_multiple: describeNetwork(architecture).multiple }),
    beta_start: schedule.betaStart,
    beta_end: schedule.betaEnd,
    num_diffusion_timesteps: schedule.steps,
    scale_rule: scale.rule,
    scale_quantile: scale.quantile,
    ...(scale.window === undefined ? {} : { scale_window: scale.window }),
    prior_var: manifest.priorVar,
    ...(manifest.licence === notStated ? {} : { licence: manifest.licence }),
    source:
      provenance === undefined || provenance.source === notStated
        ? `export of the prior ${manifest.id}, weights with SHA-256 ${manifest.weights.sha256}`
        : provenance.source,
    intended_use: manifest.intendedUse,
    known_limits: manifest.limits,
    trained_on: training,
  };
}

/** The configuration in a file's metadata; empty when there is none. Throws `bad-input` when it is damaged. */
export function embeddedConfig(metadata: Readonly<Record<string, string>>, path: string): ReferenceConfig {
  const text = Object.hasOwn(metadata, configKey) ? metadata[configKey] : undefined;
  if (text === undefined) return {};
  check(text.length <= maxConfigLength, () => `the file's own configuration has ${text.length} characters`, { path });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new EngineError('bad-input', "the file's own configuration is not valid JSON", { path, cause });
  }
  return parseReferenceConfig(json, path);
}

/** Fields that say what the network's numbers mean: the file that carries them knows. */
const conventions = [
  'prediction',
  'parametrisation',
  'time_input',
  'sigma_data',
  'beta_start',
  'beta_end',
  'num_diffusion_timesteps',
] as const;

/** What the user gives goes before what the file says; a contradiction in the conventions is a `mismatch`. */
export function mergeConfigs(own: ReferenceConfig, given: ReferenceConfig, path: string): ReferenceConfig {
  for (const name of conventions)
    check(
      own[name] === undefined || given[name] === undefined || own[name] === given[name],
      () => `the configuration says ${name} = ${given[name]}, the file's own metadata say ${own[name]}`,
      { code: 'mismatch', path, hint: `leave ${name} out of the configuration` },
    );
  return { ...own, ...given };
}
