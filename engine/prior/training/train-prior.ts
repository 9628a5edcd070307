/**
 * Training of a prior: batches, learning rate, validation, early stop, checkpoints, and the prior folder at the end.
 * Every random number is a function of seed and step, so a run resumed at step k draws what an unbroken run draws.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { createRandom, fillNormal } from '../../arrays/random.ts';
import { type RunContext, subContext } from '../../context.ts';
import { check, EngineError } from '../../errors.ts';
import { writeFileAtomic } from '../../io/atomic-file.ts';
import type { Tensors } from '../../tensor/backend.ts';
import { describeNetwork } from '../architectures/architecture.ts';
import type { Manifest } from '../manifest.ts';
import type { NoiseLevel } from '../prior.ts';
import { vpSchedule } from '../schedule.ts';
import type { NamedTensors } from '../weights.ts';
import {
  type Checkpoint,
  type CheckpointState,
  checkResumable,
  readCheckpoint,
  writeCheckpoint,
} from './checkpoint.ts';
import { curveSvg } from './curve.ts';
import { judge } from './early-stop.ts';
import { initialWeights } from './initialise.ts';
import { denoisingPsnr, logCsv, meanLoss } from './log.ts';
import { drawLevels, levelsAt } from './noise-draw.ts';
import type { GreyPicture } from './sample-sheet.ts';
import { writeTrainedPrior } from './train-prior-output.ts';
import {
  conventionOf,
  type InitialPrior,
  noiseDistribution,
  optimiserOptions,
  settingsOf,
  type TrainedConvention,
} from './train-prior-settings.ts';
import { createTrainer, type Trainer } from './trainer.ts';
import type { TrainingConfig } from './training-config.ts';
import type { TrainingImages } from './training-images.ts';

/** Validation noise is the same in every training, whatever its seed. */
const validationSeed = 1;
/** Keeps the noise of training apart from other uses of the same seed. */
const noiseSample = 0x7472;

export interface TrainPriorOptions {
  /** Complete, with what a prior to start from has (`takeOver`). */
  config: TrainingConfig;
  images: TrainingImages;
  tensors: Tensors;
  /** Folder that becomes the prior's. */
  out: string;
  /** Go on from OUT/checkpoint. */
  resume: boolean;
  initial?: InitialPrior;
  encodePng: (picture: GreyPicture) => Uint8Array;
}

export interface TrainedPrior {
  manifest: Manifest;
  /** Steps done in all, and the step whose averaged weights are kept. */
  steps: number;
  kept: number;
  /** True when training ended because validation stopped improving. */
  stoppedEarly: boolean;
  /** Mean over the levels of the validation loss of the kept weights. */
  validation: number;
  loss: number | null;
  /** Of all runs together, and wall milliseconds per step of this one, validation and checkpoints not counted. */
  seconds: number;
  msPerStep: number | null;
}

/** Of what the images are: names, slice counts and every held-out pixel. */
export function digestImages(images: TrainingImages): string {
  const hash = createHash('sha256');
  const { channels, size, count, sources, heldOut } = images;
  hash.update(JSON.stringify({ channels, size, count, sources, heldOut }));
  for (const { buffer, byteOffset, byteLength } of images.validation)
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  return hash.digest('hex');
}

interface Batch {
  images: Float32Array;
  noise: Float32Array;
  levels: NoiseLevel[];
}

/** What step k sees, in buffers that are used again. */
function batches(
  config: TrainingConfig,
  convention: TrainedConvention,
  source: TrainingImages,
): (step: number) => Batch {
  const { seed, batch, size } = config;
  const length = source.channels * size * size;
  const images = new Float32Array(batch * length);
  const noise = new Float32Array(batch * length);
  const places = Array.from({ length: batch }, (_, b) => images.subarray(b * length, (b + 1) * length));
  const schedule = vpSchedule(convention.schedule);
  const distribution = noiseDistribution(config, convention);
  return (step) => {
    // Negative streams: initial weights and images drawn elsewhere use the others.
    const random = createRandom(seed, -1 - step);
    const levels = drawLevels(distribution, schedule, random, batch);
    for (const place of places) source.draw(random, place);
    fillNormal(noise, { seed, sample: noiseSample, slice: 0, step });
    return { images, noise, levels };
  };
}

type Progressing = Omit<CheckpointState, 'version' | 'tensors'>;

class Run {
  readonly options: TrainPriorOptions;
  readonly context: RunContext;
  readonly convention: TrainedConvention;
  readonly trainer: Trainer;
  readonly state: Progressing;
  readonly first: number;
  best: NamedTensors | undefined;
  /** Spent in steps. */
  stepMs = 0;
  private readonly levels: NoiseLevel[];
  private readonly batch: (step: number) => Batch;
  private readonly begun = performance.now();
  private readonly earlier: number;

  constructor(
    options: TrainPriorOptions,
    context: RunContext,
    convention: TrainedConvention,
    trainer: Trainer,
    state: Progressing,
    best?: NamedTensors,
  ) {
    this.options = options;
    this.context = context;
    this.convention = convention;
    this.trainer = trainer;
    this.state = state;
    this.first = state.step;
    this.earlier = state.seconds;
    this.best = best;
    this.levels = levelsAt(options.config.levels, convention.timeInput, vpSchedule(convention.schedule));
    this.batch = batches(options.config, convention, options.images);
  }

  private get wallMs(): number {
    return performance.now() - this.begun;
  }

  private report(points: { curve: string; x: number; y: number }[] = []): void {
    const { step, steps, running, rows } = this.state;
    const last = rows.at(-1);
    const figures = [
      ...(running === null ? [] : [`loss ${running.toFixed(4)}`]),
      ...(last === undefined ? [] : [`validation ${last.validation.toFixed(4)}`]),
    ];
    this.context.progress({
      fraction: (step - this.first) / Math.max(1, steps - this.first),
      stage: 'train',
      step: { index: step, count: steps },
      note: figures.join(', '),
      points: [...(running === null ? [] : [{ curve: 'loss', x: step, y: running }]), ...points],
    });
  }

  async validate(lr: number | null): Promise<void> {
    const { options, state } = this;
    const { config, images, out } = options;
    const errors = await this.trainer.validate(images.validation, this.levels, validationSeed);
    const validation = meanLoss(errors);
    const psnr = errors.map(({ mse }) => denoisingPsnr(mse, images.channels));
    state.seconds = this.earlier + this.wallMs / 1000;
    state.rows.push({ step: state.step, seconds: state.seconds, loss: state.running, lr, validation, psnr });
    const verdict = judge(state.best ?? undefined, state.step, validation, config.earlyStop.patience);
    state.best = verdict.best;
    state.stopped = verdict.stop && state.step < state.steps;
    if (verdict.improved && config.earlyStop.patience > 0) this.best = await this.trainer.emaWeights();
    await writeFileAtomic(join(out, 'log.csv'), logCsv(config.levels, state.rows), { force: true });
    await writeFileAtomic(join(out, 'curve.svg'), curveSvg(config.levels, state.rows), { force: true });
    this.context.log('info', `step ${state.step}: loss ${state.running ?? '-'}, validation ${validation}`);
    this.report([{ curve: 'validation', x: state.step, y: validation }]);
  }

  async save(): Promise<void> {
    this.state.seconds = this.earlier + this.wallMs / 1000;
    await writeCheckpoint(this.options.out, this.state, await this.trainer.exportState(), this.best);
  }

  /** One step. Returns its learning rate. */
  async step(): Promise<number> {
    const { state, trainer } = this;
    const start = performance.now();
    const { images, levels, noise } = this.batch(state.step);
    const { loss, learningRate } = await trainer.step(images, levels, noise);
    state.running = state.running === null ? loss : 0.98 * state.running + 0.02 * loss;
    state.step++;
    this.stepMs += performance.now() - start;
    return learningRate;
  }

  async loop(): Promise<void> {
    const { state, context } = this;
    const { validateEvery, checkpointEvery } = this.options.config;
    if (state.rows.length === 0) await this.validate(null);
    while (state.step < state.steps && !state.stopped) {
      // A turn of the event loop: a cancel message comes through even when a step never waits.
      await new Promise((resolve) => setImmediate(resolve));
      if (context.signal.aborted) {
        await this.save();
        throw new EngineError('cancelled', `cancelled after step ${state.step}`, {
          hint: 'Go on with --resume.',
          path: this.options.out,
        });
      }
      const lr = await this.step();
      const last = state.step === state.steps;
      if (last || state.step % validateEvery === 0) await this.validate(lr);
      else this.report();
      if (last || state.stopped || state.step % checkpointEvery === 0) await this.save();
    }
  }
}

/** Longer or shorter than planned on resuming is allowed; it is said, because the learning rate follows the length. */
function startState(
  options: TrainPriorOptions,
  saved: Checkpoint | undefined,
  digest: string,
  settings: Progressing['settings'],
  context: RunContext,
): Progressing {
  const { config, out } = options;
  if (saved === undefined)
    return {
      step: 0,
      steps: config.steps,
      settings,
      data: digest,
      running: null,
      seconds: 0,
      best: null,
      stopped: false,
      rows: [],
    };
  const { version, tensors, ...state } = saved.state;
  checkResumable(saved.state, settings, digest, out);
  check(config.steps >= state.step, () => `${config.steps} steps are asked for, ${state.step} are done`, {
    code: 'bad-usage',
    path: '--steps',
    hint: `Give at least ${state.step}.`,
  });
  if (config.steps !== state.steps) {
    context.log(
      'warn',
      `the run was to take ${state.steps} steps and now takes ${config.steps}: its learning rate follows the new length`,
    );
    state.stopped = false;
    if (state.best !== null) state.best.since = 0;
  }
  return { ...state, steps: config.steps };
}

/**
 * Trains and writes the prior folder `out`: manifest.json, weights.safetensors (moving average; the best one when early
 * stop is on), log.csv, curve.svg, samples.png, checkpoint/. Cancelling leaves a checkpoint to resume from and throws
 * `cancelled`. Throws `mismatch` by the name of what changed when a resumed run differs from the one that was begun.
 */
export async function trainPrior(options: TrainPriorOptions, context: RunContext): Promise<TrainedPrior> {
  const { config, images, tensors, out, initial } = options;
  check(images.validation.length > 0, () => 'there are no held-out images to validate on', { path: 'validation' });
  const convention = initial === undefined ? conventionOf(config) : initial.manifest;
  const settings = settingsOf(config, pickConvention(convention), initial?.manifest);
  const saved = options.resume ? await readCheckpoint(out) : undefined;
  const state = startState(options, saved, digestImages(images), settings, context);
  const trainer = await createTrainer({
    tensors,
    network: describeNetwork(config.architecture),
    convention,
    weights: initial?.weights ?? initialWeights(config.architecture, config.seed),
    weighting: config.loss,
    sigmaData: config.sigmaData,
    optimiser: optimiserOptions(config),
  });
  try {
    if (saved !== undefined) trainer.importState(saved.trainer);
    const run = new Run(options, subContext(context, 0, 0.95), pickConvention(convention), trainer, state, saved?.best);
    await run.loop();
    const msPerStep = state.step > run.first ? run.stepMs / (state.step - run.first) : null;
    const useBest = run.best !== undefined && state.best !== null && config.earlyStop.patience > 0;
    const kept = useBest && state.best !== null ? state.best.step : state.step;
    const row = state.rows.findLast((entry) => entry.step === kept) ?? state.rows[state.rows.length - 1];
    const manifest = await writeTrainedPrior(
      {
        out,
        weights: useBest && run.best !== undefined ? run.best : await trainer.emaWeights(),
        config,
        convention: pickConvention(convention),
        images,
        steps: state.step,
        kept,
        rows: state.rows,
        row,
        ...(initial === undefined ? {} : { initial: initial.manifest }),
        encodePng: options.encodePng,
      },
      subContext(context, 0.95, 1, 'sample sheet'),
    );
    return {
      manifest,
      steps: state.step,
      kept,
      stoppedEarly: state.step < state.steps,
      validation: row.validation,
      loss: state.running,
      seconds: state.seconds,
      msPerStep,
    };
  } finally {
    trainer.dispose();
  }
}

/** The part of a manifest that a training keeps. */
function pickConvention(from: TrainedConvention): TrainedConvention {
  const { prediction, parametrisation, timeInput, sigmaData, schedule, scale } = from;
  return { prediction, parametrisation, timeInput, schedule, scale, ...(sigmaData === undefined ? {} : { sigmaData }) };
}
