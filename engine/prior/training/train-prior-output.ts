/** The end of a training: its folder becomes a prior folder. */
import { createHash } from 'node:crypto';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunContext } from '../../context.ts';
import { discard, temporarySibling } from '../../io/atomic-folder.ts';
import { fileSha256 } from '../digest.ts';
import { loadPrior } from '../load-prior.ts';
import { type Manifest, parseManifest } from '../manifest.ts';
import { writeSafetensors } from '../safetensors.ts';
import { vpSchedule } from '../schedule.ts';
import { memoryWeights, type NamedTensors } from '../weights.ts';
import { curveSvg } from './curve.ts';
import { type LogRow, logCsv } from './log.ts';
import { type CardFacts, measurePriorVariance, modelCard } from './model-card.ts';
import { type GreyPicture, sampleSheet } from './sample-sheet.ts';

export interface TrainedParts
  extends Pick<CardFacts, 'config' | 'convention' | 'images' | 'steps' | 'kept' | 'row' | 'initial'> {
  out: string;
  weights: NamedTensors;
  rows: readonly LogRow[];
  encodePng: (picture: GreyPicture) => Uint8Array;
}

/** In the order they appear: a folder that holds a manifest is complete. */
const files = ['weights.safetensors', 'log.csv', 'curve.svg', 'samples.png', 'manifest.json'] as const;

/** Writes everything beside, opens it as a user would, draws the sample sheet from it, and only then moves it in. */
export async function writeTrainedPrior(parts: TrainedParts, context: RunContext): Promise<Manifest> {
  const { out, config, images, rows } = parts;
  const part = temporarySibling(join(out, 'prior'));
  await mkdir(part, { recursive: true });
  try {
    const weights = join(part, 'weights.safetensors');
    await writeSafetensors(weights, memoryWeights(parts.weights), {
      dtype: config.weights === 'float16' ? 'F16' : 'F32',
    });
    const log = logCsv(config.levels, rows);
    const card = modelCard({
      ...parts,
      priorVar: measurePriorVariance(images, config.seed),
      weights: { file: 'weights.safetensors', sha256: await fileSha256(weights), bytes: (await stat(weights)).size },
      logSha256: createHash('sha256').update(log).digest('hex'),
    });
    const manifest = join(part, 'manifest.json');
    const text = `${JSON.stringify(card, null, 2)}\n`;
    const parsed = parseManifest(text, manifest);
    await writeFile(manifest, text);
    await writeFile(join(part, 'log.csv'), log);
    await writeFile(join(part, 'curve.svg'), curveSvg(config.levels, rows));
    await writeFile(join(part, 'samples.png'), parts.encodePng(await sheet(part, parts, context)));
    await rm(join(out, 'manifest.json'), { force: true });
    for (const file of files) await rename(join(part, file), join(out, file));
    return parsed;
  } finally {
    await discard(part);
  }
}

async function sheet(
  folder: string,
  { images, convention, config }: TrainedParts,
  context: RunContext,
): Promise<GreyPicture> {
  const prior = await loadPrior(folder, { threads: context.threads, warn: (message) => context.log('warn', message) });
  try {
    return await sampleSheet(prior, images.validation, {
      seed: config.seed,
      schedule: vpSchedule(convention.schedule),
      signal: context.signal,
      progress: (fraction) => context.progress({ fraction, stage: 'sample sheet' }),
    });
  } finally {
    await prior.dispose();
  }
}
