/** A folder of images and a configuration to a prior folder. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { type RunContext, subContext } from '../../../engine/context.ts';
import { EngineError } from '../../../engine/errors.ts';
import { hasCheckpoint } from '../../../engine/prior/training/checkpoint.ts';
import { openTrainingImages } from '../../../engine/prior/training/images/open-training-images.ts';
import { trainPrior } from '../../../engine/prior/training/train-prior.ts';
import { openInitialPrior, takeOver } from '../../../engine/prior/training/train-prior-settings.ts';
import { parseTrainingConfig, type TrainingConfig } from '../../../engine/prior/training/training-config.ts';
import { encodePng } from '../../../engine/recon/preview-png.ts';
import { openTensors } from '../../../engine/tensor/backend.ts';
import { job } from '../job.ts';
import { deviceName } from '../messages.ts';
import { tensorBackend } from '../tensor-backend.ts';

const input = z.object({
  data: z.string(),
  config: z.string(),
  out: z.string(),
  init: z.string().optional(),
  resume: z.boolean(),
  steps: z.int().min(1).optional(),
  seed: z.int().min(0).optional(),
  device: deviceName,
});

const output = z.object({
  prior: z.string(),
  folder: z.string(),
  hash: z.string(),
  steps: z.number(),
  kept: z.number(),
  stoppedEarly: z.boolean(),
  validation: z.number(),
  loss: z.number().nullable(),
  seconds: z.number(),
  msPerStep: z.number().nullable(),
  priorVar: z.number(),
  backend: z.string(),
});

/** Refuses what is no checkpoint to go on from, and, without --resume, any folder that holds something. */
async function checkTrainingTarget(out: string, resume: boolean): Promise<void> {
  const found = await stat(out).catch(() => undefined);
  if (found !== undefined && !found.isDirectory())
    throw new EngineError('bad-usage', 'expected a folder to write, found a file', {
      path: out,
      hint: 'Choose another --out.',
    });
  const begun = await hasCheckpoint(out);
  if (resume && !begun)
    throw new EngineError('not-found', 'there is no checkpoint to go on from', {
      path: out,
      hint: 'Start without --resume.',
    });
  if (!resume && found !== undefined && (await readdir(out)).length > 0)
    throw new EngineError('bad-usage', begun ? 'a training was begun there' : 'the folder exists and is not empty', {
      path: out,
      hint: begun ? 'Go on with --resume, or choose another --out.' : 'Choose another --out.',
    });
}

/** The configuration with the values of the command line, and the fields the file itself states. */
async function readConfig(request: z.output<typeof input>): Promise<{ config: TrainingConfig; stated: Set<string> }> {
  const text = await readFile(request.config, 'utf8').catch((cause: unknown) => {
    throw new EngineError('not-found', 'the training configuration cannot be read', { path: request.config, cause });
  });
  const parsed = parseTrainingConfig(text, request.config);
  const stated = new Set(Object.keys(z.record(z.string(), z.unknown()).parse(JSON.parse(text))));
  const { steps = parsed.steps, seed = parsed.seed } = request;
  return { config: { ...parsed, steps, seed }, stated };
}

async function train(request: z.output<typeof input>, context: RunContext) {
  const { config: own, stated } = await readConfig(request);
  const initial = request.init === undefined ? undefined : await openInitialPrior(request.init);
  try {
    const config = initial === undefined ? own : takeOver(own, stated, initial.manifest);
    const tensors = await openTensors(tensorBackend(request.device));
    context.log('info', `training on ${tensors.backend}: ${tensors.detail}`);
    const images = await openTrainingImages(request.data, config, subContext(context, 0, 0.05, 'read images'));
    const trained = await trainPrior(
      { config, images, tensors, out: request.out, resume: request.resume, encodePng, ...(initial && { initial }) },
      subContext(context, 0.05, 1),
    );
    return { ...trained, backend: tensors.backend };
  } finally {
    await initial?.weights.close();
  }
}

export const priorTrain = job({
  input,
  output,
  run: async (request, context) => {
    await checkTrainingTarget(request.out, request.resume);
    const { manifest, ...figures } = await train(request, context);
    return {
      prior: manifest.id,
      folder: request.out,
      hash: manifest.weights.sha256,
      priorVar: manifest.priorVar,
      ...figures,
    };
  },
});
