/** From a weight file and a configuration to a prior folder: manifest.json and weights. */
import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, readdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { check, EngineError } from '../errors.ts';
import type { Architecture } from './architectures/architecture.ts';
import { fileSha256 } from './digest.ts';
import { inferArchitecture } from './infer-architecture.ts';
import { type Manifest, parseManifest } from './manifest.ts';
import { openWeights, weightFormat } from './open-weights.ts';
import { isFile, userPriorFolder } from './prior-folder.ts';
import { probeOnnx } from './probe-onnx.ts';
import { parseReferenceConfig, type ReferenceConfig, readReferenceConfig } from './reference-config.ts';
import { writeSafetensors } from './safetensors.ts';
import { defaultSchedule } from './schedule.ts';

export interface ImportOptions {
  /** Path of a JSON configuration, or its content. */
  config?: string | Record<string, unknown>;
  /** Folder to make. One of `out` and `name` is needed. */
  out?: string;
  /** Name under the user's own priors. */
  name?: string;
  /** Replaces an existing folder. */
  force?: boolean;
}

export interface ImportedPrior {
  folder: string;
  manifest: Manifest;
  /** What neither the file nor the configuration says, and was assumed. */
  assumed: string[];
}

/** Variance of one real channel of an image whose 0.99 quantile is 1, as measured on brain MR. */
const usualPriorVar = 0.0625;
const usualSigmaData = 0.25;

function idFrom(text: string): string {
  const id = text
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .replace(/^[^a-z0-9]+|-+$/g, '')
    .slice(0, 64);
  return id === '' ? 'imported' : id;
}

interface Card {
  id: string;
  title: string;
  architecture: Architecture;
  weights: Manifest['weights'];
  size: [number, number];
  fixedSize: boolean;
  source: string;
  known?: string;
}

function manifestOf(card: Card, config: ReferenceConfig): unknown {
  const { architecture } = card;
  const film = architecture.kind === 'film-resunet';
  const channels = film ? architecture.channels : architecture.inChannels;
  const mri = config.modality === 'mri' || (config.modality === undefined && channels === 2);
  return {
    version: 1,
    id: card.id,
    title: card.title,
    task: config.task ?? (mri ? 'Denoising of complex MR images' : 'Denoising of images'),
    modality: config.modality ?? (channels === 2 ? 'mri' : channels === 1 ? 'ct' : 'any'),
    channels,
    size: card.size,
    fixedSize: card.fixedSize,
    architecture,
    weights: card.weights,
    prediction: config.prediction ?? (film ? 'denoiser-edm' : 'eps'),
    parametrisation: config.parametrisation ?? 'vp',
    timeInput: config.time_input ?? (film ? 'quarter-log-sigma' : 'index'),
    schedule: {
      kind: 'vp-linear',
      betaStart: config.beta_start ?? defaultSchedule.betaStart,
      betaEnd: config.beta_end ?? defaultSchedule.betaEnd,
      steps: config.num_diffusion_timesteps ?? defaultSchedule.steps,
    },
    scale: { rule: config.scale_rule ?? (mri ? 'quantile' : 'max'), quantile: config.scale_quantile ?? 0.99 },
    ...(config.sigma_data !== undefined || film ? { sigmaData: config.sigma_data ?? usualSigmaData } : {}),
    priorVar: config.prior_var ?? usualPriorVar,
    training: {
      summary: `Imported from ${card.source}${card.known ? `, recognised as the published ${card.known} model` : ''}. Training data as stated by its authors.`,
      data: [],
    },
    licence: config.licence ?? 'as stated by its authors',
    intendedUse: 'Research. Not for diagnosis.',
    limits: ['Imported: behaviour outside its training data is unknown.'],
  };
}

async function target(options: ImportOptions): Promise<string> {
  const { out, name } = options;
  check((out === undefined) !== (name === undefined), () => 'an import needs a folder or a name, not both', {
    code: 'bad-usage',
  });
  if (name !== undefined)
    check(/^[a-z0-9][a-z0-9.-]{0,63}$/.test(name), () => `a prior cannot be called ${name}`, {
      code: 'bad-usage',
      hint: 'use lower-case letters, digits, dots and hyphens',
    });
  const folder = name === undefined ? resolve(out ?? '') : join(userPriorFolder(), name);
  const taken = await stat(folder).then(
    async (s) => !s.isDirectory() || (await readdir(folder)).length > 0,
    () => false,
  );
  const replaceable = options.force === true && (await isFile(join(folder, 'manifest.json')));
  check(!taken || replaceable, () => 'the folder exists already', {
    code: 'bad-usage',
    path: folder,
    hint:
      options.force === true
        ? 'only a prior folder is ever replaced'
        : 'choose another one, or allow it to be replaced',
  });
  return folder;
}

/** Writes the weights into `folder` and says what network they are. */
async function convert(file: string, folder: string, config: ReferenceConfig) {
  if ((await weightFormat(file)) === 'onnx') {
    const { architecture, size } = await probeOnnx(file, config);
    await copyFile(file, join(folder, 'model.onnx'));
    return { name: 'model.onnx', architecture, size, assumed: [] as string[], known: undefined };
  }
  const source = await openWeights(file);
  try {
    const { architecture, assumed, known } = inferArchitecture(source, config);
    const half = [...source.tensors.values()].every((t) => t.dtype === 'F16');
    await writeSafetensors(join(folder, 'weights.safetensors'), source, { dtype: half ? 'F16' : 'F32' });
    return { name: 'weights.safetensors', architecture, size: undefined, assumed, known };
  } finally {
    await source.close();
  }
}

/**
 * Imports a .pt, .safetensors or .onnx file as a prior folder, which appears complete or not at all. Throws `bad-input`,
 * `untrusted`, `unsupported` or `mismatch` as the readers do, `bad-usage` when the folder exists.
 */
export async function importPrior(file: string, options: ImportOptions): Promise<ImportedPrior> {
  const config =
    typeof options.config === 'string'
      ? await readReferenceConfig(options.config)
      : parseReferenceConfig(options.config ?? {}, 'configuration');
  const folder = await target(options);
  const part = `${folder}.${randomUUID()}.part`;
  try {
    await mkdir(part, { recursive: true });
    const { name, architecture, size, assumed, known } = await convert(file, part, config);
    const weights = join(part, name);
    const side = config.image_size ?? (architecture.kind === 'guided-diffusion' ? architecture.imageSize : 256);
    const id = config.id ?? idFrom(options.name ?? basename(folder));
    const card: Card = {
      id,
      title: config.title ?? known ?? basename(file, extname(file)),
      architecture,
      weights: { file: name, sha256: await fileSha256(weights), bytes: (await stat(weights)).size },
      size: size ?? [side, side],
      fixedSize: size !== undefined,
      source: basename(file),
      ...(known === undefined ? {} : { known }),
    };
    const path = join(part, 'manifest.json');
    const text = `${JSON.stringify(manifestOf(card, config), null, 2)}\n`;
    const manifest = parseManifest(text, path);
    await writeFile(path, text);
    if (options.force === true) await rm(folder, { recursive: true, force: true });
    else await rmdir(folder).catch(() => {});
    await mkdir(dirname(folder), { recursive: true });
    await rename(part, folder);
    return { folder, manifest, assumed };
  } catch (error) {
    await rm(part, { recursive: true, force: true });
    if (error instanceof EngineError) throw error;
    throw new EngineError(
      'resource',
      `the prior cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      { path: folder, cause: error },
    );
  }
}
