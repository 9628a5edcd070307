/** From a weight file and a configuration to a prior folder: manifest.json and weights. */
import { copyFile, readdir, stat, writeFile } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { check, EngineError } from '../errors.ts';
import { writeFolderAtomic } from '../io/atomic-folder.ts';
import type { Architecture } from './architectures/architecture.ts';
import { fileSha256 } from './digest.ts';
import { embeddedConfig, mergeConfigs } from './embedded-config.ts';
import { importedManifest, noLicenceOfPublished } from './imported-manifest.ts';
import { inferArchitecture } from './infer-architecture.ts';
import { type Manifest, notStated, type Provenance, parseManifest } from './manifest.ts';
import { openWeights, type WeightFormat, weightFormat } from './open-weights.ts';
import { isFile, userPriorFolder } from './prior-folder.ts';
import { inspectOnnx } from './probe-onnx.ts';
import { parseReferenceConfig, type ReferenceConfig, readReferenceConfig } from './reference-config.ts';
import { writeSafetensors } from './safetensors.ts';

export interface ImportOptions {
  /** Path of a JSON configuration, or its content. */
  config?: string | Record<string, unknown>;
  /** Licence of the weights, and where they were had from; they go before the configuration's. */
  licence?: string;
  source?: string;
  /** Folder to make. One of `out` and `name` is needed. */
  out?: string;
  /** Name under the user's own priors. */
  name?: string;
  /** Replaces an existing folder. */
  force?: boolean;
  signal?: AbortSignal;
}

export interface ImportedPrior {
  folder: string;
  manifest: Manifest;
  /** What neither the file nor the configuration says, and was assumed. */
  assumed: string[];
  /** What a user should know before relying on the prior. */
  warnings: string[];
}

function idFrom(text: string): string {
  const id = text
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .replace(/^[^a-z0-9]+|-+$/g, '')
    .slice(0, 64);
  return id === '' ? 'imported' : id;
}

/** Where the prior goes, and whether something that stands there may be replaced: a prior if asked, an empty folder. */
async function target(options: ImportOptions): Promise<{ folder: string; force: boolean }> {
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
  const found = await stat(folder).catch(() => undefined);
  const taken = found !== undefined && (!found.isDirectory() || (await readdir(folder)).length > 0);
  const replaceable = options.force === true && (await isFile(join(folder, 'manifest.json')));
  check(!taken || replaceable, () => 'the folder exists already', {
    code: 'bad-usage',
    path: folder,
    hint:
      options.force === true
        ? 'only a prior folder is ever replaced'
        : 'choose another one, or allow it to be replaced',
  });
  return { folder, force: found !== undefined };
}

interface Converted {
  file: string;
  data: string[];
  architecture: Architecture;
  config: ReferenceConfig;
  size?: [number, number];
  assumed: string[];
  known?: string;
}

/** Writes the weights into `folder` and says what network they are. Tensors pass through memory one at a time. */
async function convert(
  file: string,
  format: WeightFormat,
  folder: string,
  given: ReferenceConfig,
  signal: AbortSignal | undefined,
): Promise<Converted> {
  if (format === 'onnx') {
    const { architecture, size, config, external: data } = await inspectOnnx(file, given);
    const own = 'model.onnx';
    check(!data.some(({ name }) => name === own), () => `the network keeps weights in a file called ${own}`, {
      code: 'unsupported',
      path: file,
    });
    await copyFile(file, join(folder, own));
    for (const { name, path } of data) await copyFile(path, join(folder, name));
    const names = data.map(({ name }) => name);
    return { file: own, data: names, architecture, config, assumed: [], ...(size === undefined ? {} : { size }) };
  }
  const source = await openWeights(file);
  try {
    const config = mergeConfigs(embeddedConfig(source.metadata ?? {}, file), given, file);
    const { architecture, assumed, known } = inferArchitecture(source, config);
    const half = [...source.tensors.values()].every((t) => t.dtype === 'F16');
    const own = 'weights.safetensors';
    await writeSafetensors(join(folder, own), source, { dtype: half ? 'F16' : 'F32', signal });
    return { file: own, data: [], architecture, config, assumed, ...(known === undefined ? {} : { known }) };
  } finally {
    await source.close();
  }
}

async function describeFile(folder: string, file: string): Promise<{ file: string; sha256: string; bytes: number }> {
  const path = join(folder, file);
  return { file, sha256: await fileSha256(path), bytes: (await stat(path)).size };
}

/** SOURCE_DATE_EPOCH (reproducible-builds.org) as a date; nothing else may put a time into a result. */
function buildDate(env: NodeJS.ProcessEnv = process.env): { importedAt?: string } {
  const seconds = env.SOURCE_DATE_EPOCH ?? '';
  return /^\d{1,11}$/.test(seconds) ? { importedAt: new Date(Number(seconds) * 1000).toISOString() } : {};
}

function warningsOf(manifest: Manifest, known: string | undefined): string[] {
  const { licence, provenance } = manifest;
  const unsaid = [
    ...(licence === notStated ? ['licence'] : []),
    ...(provenance?.source === notStated ? ['source'] : []),
  ];
  return [
    ...(known === undefined ? [] : [`the weights are the published ${known} model. ${noLicenceOfPublished}`]),
    ...(unsaid.length === 0
      ? []
      : [
          `the ${unsaid.join(' and ')} of the weights ${unsaid.length === 1 ? 'is' : 'are'} recorded as "${notStated}"`,
        ]),
  ];
}

/**
 * Imports a .pt, .safetensors or .onnx file as a prior folder, which appears complete or not at all. Licence and source
 * are the user's, else the file's own, else recorded as not stated, with a warning. Throws `bad-input`, `untrusted`,
 * `unsupported` or `mismatch` as the readers do, `bad-usage` when the folder exists.
 */
export async function importPrior(file: string, options: ImportOptions): Promise<ImportedPrior> {
  const { licence, source, signal } = options;
  const read =
    typeof options.config === 'string'
      ? await readReferenceConfig(options.config)
      : parseReferenceConfig(options.config ?? {}, 'configuration');
  const said = {
    ...(licence === undefined || licence.trim() === '' ? {} : { licence: licence.trim() }),
    ...(source === undefined || source.trim() === '' ? {} : { source: source.trim() }),
  };
  const given: ReferenceConfig = { ...read, ...said };
  const { folder, force } = await target(options);
  const write = async (part: string): Promise<Omit<ImportedPrior, 'folder'>> => {
    const format = await weightFormat(file);
    const converted = await convert(file, format, part, given, signal);
    const { architecture, config, assumed, known, size } = converted;
    const side = config.image_size ?? (architecture.kind === 'guided-diffusion' ? architecture.imageSize : 256);
    const byUser = given.licence !== undefined || given.source !== undefined;
    const byFile = config.licence !== undefined || config.source !== undefined;
    const provenance: Provenance = {
      source: config.source ?? notStated,
      statedBy: byUser ? 'user' : byFile ? 'file' : 'nobody',
      file: basename(file),
      format,
      sha256: await fileSha256(file),
      ...buildDate(),
    };
    const weights: Manifest['weights'] = await describeFile(part, converted.file);
    if (converted.data.length > 0) {
      weights.data = [];
      for (const name of converted.data) weights.data.push(await describeFile(part, name));
    }
    const network = {
      id: config.id ?? idFrom(options.name ?? basename(folder)),
      title: config.title ?? known ?? basename(file, extname(file)),
      architecture,
      weights,
      size: size ?? config.image_shape ?? ([side, side] satisfies [number, number]),
      fixedSize: size !== undefined,
      provenance,
      ...(known === undefined ? {} : { known }),
    };
    const path = join(part, 'manifest.json');
    const text = `${JSON.stringify(importedManifest(network, config), null, 2)}\n`;
    const manifest = parseManifest(text, path);
    await writeFile(path, text);
    return { manifest, assumed, warnings: warningsOf(manifest, known) };
  };
  try {
    const atomic = { force, ...(signal === undefined ? {} : { signal }) };
    return { folder, ...(await writeFolderAtomic(folder, atomic, write)) };
  } catch (error) {
    if (error instanceof EngineError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new EngineError('resource', `the prior cannot be written: ${reason}`, { path: folder, cause: error });
  }
}
