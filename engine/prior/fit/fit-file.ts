/** The fit model as a file beside a prior's weights: fit.safetensors, named with its hash in the manifest. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { check, EngineError } from '../../errors.ts';
import { fileSha256 } from '../digest.ts';
import type { Manifest } from '../manifest.ts';
import { isFile } from '../prior-folder.ts';
import { openSafetensors, writeSafetensors } from '../safetensors.ts';
import { memoryWeights, type NamedTensor, type WeightSource } from '../weights.ts';
import { quantileCount } from './calibration.ts';
import type { FitModel } from './fit-model.ts';
import { featureCount, invariantCount } from './layout-features.ts';
import type { LayoutGaussian } from './layout-gaussian.ts';
import { type SurpriseModel, surpriseColumns } from './surprise.ts';

export const fitFileName = 'fit.safetensors';
const format = 'tangent-fit-1';
/** A fit file is small; a large one is not a fit file. */
export const maxFitBytes = 300_000;
const maxDirections = 96;
const maxLevels = 16;

export interface FitFile {
  model: FitModel;
  surprise?: SurpriseModel;
}

function gaussianTensors(name: string, model: LayoutGaussian): [string, NamedTensor][] {
  const n = model.mean.length;
  return [
    [`${name}.mean`, { shape: [n], data: model.mean }],
    [`${name}.spread`, { shape: [n], data: model.spread }],
    [`${name}.directions`, { shape: [model.variances.length, n], data: model.directions }],
    [`${name}.variances`, { shape: [model.variances.length], data: model.variances }],
    [`${name}.rest`, { shape: [1], data: Float32Array.of(model.rest) }],
  ];
}

/** Writes folder/fit.safetensors and returns the manifest's `fit` entry for it. */
export async function writeFitFile(
  folder: string,
  { model, surprise }: FitFile,
): Promise<{ file: string; sha256: string; bytes: number }> {
  const path = join(folder, fitFileName);
  const tensors = new Map<string, NamedTensor>([
    ...gaussianTensors('layout', model.layout),
    ...gaussianTensors('whole', model.whole),
    ['standard', { shape: [4], data: Float32Array.from(model.standard) }],
    ['best', { shape: [model.best.length], data: model.best }],
  ]);
  if (model.orientation) {
    const { weights, expected } = model.orientation;
    tensors.set('orientation.weights', { shape: [weights.length], data: weights });
    tensors.set('orientation.expected', { shape: [expected.length], data: expected });
  }
  if (surprise)
    tensors.set('surprise', { shape: [surprise.rows.length / surpriseColumns, surpriseColumns], data: surprise.rows });
  const metadata = { format, ...(surprise ? { network: surprise.network } : {}) };
  await writeSafetensors(path, memoryWeights(tensors, 'fit model'), { metadata });
  return { file: fitFileName, sha256: await fileSha256(path), bytes: (await stat(path)).size };
}

/**
 * The fit model of a prior, undefined when its manifest names none. Throws `not-found` when the file is missing,
 * `mismatch` when size or hash differ from the manifest, `bad-input` when it is not a fit file or a number in it is
 * impossible.
 */
export async function readFitFile(manifest: Manifest, folder: string): Promise<FitFile | undefined> {
  const { fit } = manifest;
  if (fit === undefined) return undefined;
  const path = join(folder, fit.file);
  const hint = 'the file was changed or damaged; install the prior again';
  check(await isFile(path), () => `the fit model of prior ${manifest.id} is missing`, {
    code: 'not-found',
    path,
    hint,
  });
  const { size } = await stat(path);
  check(size <= maxFitBytes, () => `a fit model has at most ${maxFitBytes} bytes, found ${size}`, { path });
  const found = await fileSha256(path);
  check(
    size === fit.bytes && found === fit.sha256,
    () =>
      `the fit model of prior ${manifest.id} has ${size} bytes and SHA-256 ${found}, the manifest says ${fit.bytes} and ${fit.sha256}`,
    { code: 'mismatch', path, hint },
  );
  const source = await openSafetensors(path);
  try {
    return await parse(source, path);
  } finally {
    await source.close();
  }
}

type Fields = ReturnType<typeof fieldReader>;

async function parse(source: WeightSource & { metadata: Record<string, string> }, path: string): Promise<FitFile> {
  check(
    source.metadata.format === format,
    () => `format is ${source.metadata.format ?? 'not stated'}, expected ${format}`,
    {
      path,
      hint: 'This is not a fit model that this version can read.',
    },
  );
  const fields = fieldReader(source, path);
  const cells = featureCount - invariantCount;
  const standard = await fields.read('standard', [4]);
  check(standard[1] > 0 && standard[3] > 0, () => `standard holds the spreads ${standard[1]} and ${standard[3]}`, {
    path,
  });
  const model: FitModel = {
    layout: await gaussian(fields, 'layout', cells),
    whole: await gaussian(fields, 'whole', invariantCount),
    standard: [standard[0], standard[1], standard[2], standard[3]],
    best: await ascending(fields, 'best'),
    ...(source.tensors.has('orientation.weights')
      ? {
          orientation: {
            weights: await fields.read('orientation.weights', [featureCount]),
            expected: await ascending(fields, 'orientation.expected'),
          },
        }
      : {}),
  };
  if (!source.tensors.has('surprise')) return { model };
  const levels = source.tensors.get('surprise')?.shape[0] ?? 0;
  check(levels >= 1 && levels <= maxLevels, () => `surprise has ${levels} rows, expected 1 to ${maxLevels}`, { path });
  const rows = await fields.read('surprise', [levels, surpriseColumns]);
  for (let l = 0; l < levels; l++)
    check(
      rows[l * surpriseColumns] > 0 && rows[l * surpriseColumns + 3] > 0,
      () => `surprise row ${l} is not positive`,
      {
        path,
      },
    );
  return { model, surprise: { network: source.metadata.network ?? '', rows } };
}

function fieldReader(source: WeightSource, path: string) {
  return {
    path,
    shapeOf: (name: string) => source.tensors.get(name)?.shape ?? [],
    /** float32 of the given shape, every number finite. */
    async read(name: string, shape: readonly number[]): Promise<Float32Array> {
      const found = source.tensors.get(name);
      if (found === undefined) throw new EngineError('bad-input', `the fit model lacks ${name}`, { path });
      check(found.shape.join() === shape.join(), () => `${name} is [${found.shape}], expected [${shape}]`, { path });
      const data = await source.read(name);
      const wrong = data.findIndex((value) => !Number.isFinite(value));
      check(wrong < 0, () => `${name} holds ${data[wrong]}`, { path });
      return data;
    },
  };
}

async function gaussian(fields: Fields, name: string, n: number): Promise<LayoutGaussian> {
  const { path } = fields;
  const [k] = fields.shapeOf(`${name}.directions`);
  check(k >= 1 && k <= maxDirections, () => `${name}.directions has ${k} rows, expected 1 to ${maxDirections}`, {
    path,
  });
  const [rest] = await fields.read(`${name}.rest`, [1]);
  const model = {
    mean: await fields.read(`${name}.mean`, [n]),
    spread: await fields.read(`${name}.spread`, [n]),
    directions: await fields.read(`${name}.directions`, [k, n]),
    variances: await fields.read(`${name}.variances`, [k]),
    rest,
  };
  const positive = [...model.spread, ...model.variances, rest].every((value) => value > 0);
  check(positive, () => `${name} holds a variance or spread that is not positive`, { path });
  return model;
}

async function ascending(fields: Fields, name: string): Promise<Float32Array> {
  const values = await fields.read(name, [quantileCount]);
  const wrong = values.findIndex((value, i) => i > 0 && value < values[i - 1]);
  check(wrong < 0, () => `${name} falls at ${wrong}, quantiles rise`, { path: fields.path });
  return values;
}
