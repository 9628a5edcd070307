/** Writes a small film-resunet prior folder with pseudo-random weights. */
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FilmResUNetConfig, filmResUNet } from '../../engine/prior/architectures/film-resunet.ts';
import { fileSha256 } from '../../engine/prior/digest.ts';
import { parameterShapes } from '../../engine/prior/graph.ts';
import { writeSafetensors } from '../../engine/prior/safetensors.ts';
import { memoryWeights } from '../../engine/prior/weights.ts';
import type { NamedTensor } from './reference-network.ts';

export const tinyFilmConfig: FilmResUNetConfig = {
  kind: 'film-resunet',
  channels: 2,
  width: 4,
  mult: [1, 2, 4],
  blocks: [1, 0, 2],
  embedding: 8,
};

/** Uniform in ±1/√inputs by a hash of the element's place. */
export function tinyFilmTensors(config: FilmResUNetConfig = tinyFilmConfig): Map<string, NamedTensor> {
  const entries = [...parameterShapes(filmResUNet(config))].map(([name, shape], j) => {
    const length = shape.reduce((n, s) => n * s, 1);
    const fan = shape.slice(1).reduce((n, s) => n * s, 1);
    const noise = (i: number) => ((Math.sin(12.9898 * (i + 1) + 78.233 * (j + 1)) * 43758.5453) % 1) / Math.sqrt(fan);
    return [name, { shape, data: Float32Array.from({ length }, (_, i) => noise(i)) }] as const;
  });
  return new Map(entries);
}

/** A manifest of the tiny network; `change` overrides fields. */
export function manifestOfTiny(change: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    version: 1,
    id: 'tiny',
    title: 'Tiny',
    task: 'test',
    modality: 'mri',
    channels: 2,
    size: [16, 16],
    architecture: tinyFilmConfig,
    weights: { file: 'weights.safetensors', sha256: '0'.repeat(64), bytes: 1 },
    prediction: 'denoiser-edm',
    parametrisation: 'vp',
    timeInput: 'quarter-log-sigma',
    schedule: { kind: 'vp-linear', betaStart: 1e-4, betaEnd: 0.02, steps: 1000 },
    scale: { rule: 'quantile' },
    sigmaData: 0.25,
    priorVar: 0.0625,
    training: { summary: 'none', data: [] },
    licence: 'none',
    intendedUse: 'test',
    limits: [],
    ...change,
  };
}

/** Makes folder/manifest.json and folder/weights.safetensors. */
export async function writeTinyPrior(folder: string, change: Record<string, unknown> = {}): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'weights.safetensors');
  await writeSafetensors(path, memoryWeights(tinyFilmTensors()));
  const weights = { file: 'weights.safetensors', sha256: await fileSha256(path), bytes: statSync(path).size };
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifestOfTiny({ weights, ...change })));
}
