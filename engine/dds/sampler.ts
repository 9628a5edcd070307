/**
 * The Decomposed Diffusion Sampler (Chung, Lee, Ye: "Decomposed Diffusion Sampler for Accelerating Large-Scale Inverse
 * Problems", ICLR 2024): samples images that agree with a measurement y = A x + n and with a diffusion prior.
 *
 * The measurement is divided by the intensity scale, sampled in scaled units, and the result multiplied back. Images
 * (samples × slices) run in groups of `batch`, each through the whole schedule; slices coupled by total variation run
 * together, in overlapping slabs where a volume exceeds the memory allowed (groups.ts). Random numbers are keyed by (seed, sample, slice, step), so grouping and order never change a result.
 */
import { fillNormal } from '../arrays/random.ts';
import type { RunContext } from '../context.ts';
import type { Prior } from '../prior/prior.ts';
import { sigmaOf, vpSchedule } from '../prior/schedule.ts';
import { meanOf, spreadOf } from './ensemble.ts';
import type { Group, Job } from './groups.ts';
import { imageToPlanes, planesToImage } from './layout.ts';
import type { MemoryPlan } from './memory-plan.ts';
import type { DdsParameters, Method } from './parameters.ts';
import type { Plan } from './plan.ts';
import { makePlan, noiseKey } from './plan.ts';
import type { DdsProblem } from './problem.ts';
import { checkProblem, imageLength } from './problem.ts';
import type { ResidualRow } from './residual.ts';
import { ResidualCurve } from './residual.ts';
import { type CheckpointOptions, RunCheckpoint } from './run-checkpoint.ts';
import { announce, layOut } from './run-layout.ts';
import { runningPreview } from './running-preview.ts';
import { intensityScale, quickImage } from './scale.ts';
import { type StepSaver, Trajectory } from './trajectory.ts';

export interface DdsResult {
  /** Mean over samples in the units of the data, [slices, y, x], complex interleaved or real. */
  image: Float32Array;
  /** The samples, each like `image`; one for `samples` = 1. */
  samples: Float32Array[];
  /** [slices, y, x], when there are at least two samples; `spreadFactor` times their standard deviation. */
  std: Float32Array | undefined;
  /** x_T of each sample, image layout, unscaled; empty when it was not to be kept. */
  init: Float32Array[];
  /** Over all images, one row per step. */
  residual: ResidualRow[];
  /** The same per slice, over its samples. */
  residualBySlice: ResidualRow[][];
  /** Divisor of the data. */
  scale: number;
  /** Noise per real component in scaled units, 0 = unknown. */
  sigmaY: number;
  method: Method;
  priorVariance: number;
  /** Network evaluations per image (the most any image took). */
  nfe: number;
  /** What the run was planned to hold in memory, with its batch and slab thickness. */
  memory: MemoryPlan;
  /** Whether sampling was told to finish early and the running estimate kept. */
  finishedEarly: boolean;
}

export interface SampleOptions {
  /** Abort to keep the estimate of the running step instead of completing the schedule. */
  finish?: AbortSignal;
  /**
   * Saves where the run stands and goes on from what is found there, to the same bits. The caller removes it when the result
   * is safe. Throws `mismatch` for the checkpoint of another run.
   */
  checkpoint?: CheckpointOptions;
  /** Most bytes the run may hold; smaller batches and slabs are chosen to stay below. Throws `resource` where none do. */
  maxMemory?: number;
  /** Bytes that are free, when there is no limit: the run is fitted to them as far as possible, and warns beyond. */
  freeMemory?: number;
  /** Keep x_T in the result; default true. */
  keepInit?: boolean;
}

/**
 * Reconstructs. Throws `mismatch`/`bad-input` for inconsistent problems, `bad-usage` for parameters that do not fit,
 * `numerical` when the iteration leaves the finite numbers, `cancelled` on abort.
 */
export async function sample(
  problem: DdsProblem,
  prior: Prior,
  parameters: DdsParameters,
  context: RunContext,
  options: SampleOptions = {},
): Promise<DdsResult> {
  checkProblem(problem, prior.channels, parameters.samples);
  const scale = await intensityScale(problem, parameters.scale, prior.scaleRule, context);
  const plan = makePlan(problem, prior, parameters, scale, options.finish);
  const saved = options.checkpoint && (await RunCheckpoint.open(options.checkpoint, plan, context.device));
  const keepsInit = options.keepInit ?? true;
  const limit = options.maxMemory ?? options.freeMemory;
  const layout = layOut(plan, {
    keepsInit,
    limit,
    binding: options.maxMemory !== undefined,
    ...(saved?.layout ? { saved: saved.layout } : {}),
  });
  announce(layout, plan, limit, context);
  const { groups, batch } = layout;
  saved?.begin(layout);
  if (saved && (saved.finishedGroups > 0 || saved.current))
    context.log(
      'info',
      `going on from a checkpoint: group ${saved.finishedGroups + 1}, step ${(saved.current?.step ?? 0) + 1}`,
    );
  const length = imageLength(problem);
  const volumeLength = length * problem.slices.length;
  const volumes = (count: number) => Array.from({ length: count }, () => new Float32Array(volumeLength));
  const images = volumes(parameters.samples);
  const init = volumes(keepsInit ? parameters.samples : 0);
  const warm = await startImages(problem, parameters, context);
  const preview = parameters.previewEvery > 0 ? runningPreview(plan) : undefined;
  let nfe = saved?.nfe ?? 0;
  for (let g = 0; g < groups.length; g++) {
    const group = groups[g];
    const state = startState(plan, group.jobs, init, warm);
    if (saved && g < saved.finishedGroups) {
      await saved.restoreGroup(g, state);
      addToResult(images, state, group, length, scale);
      continue;
    }
    const report = (k: number, estimates: Float32Array) => {
      const shown = preview && (k + 1) % parameters.previewEvery === 0 ? preview(estimates, group.jobs) : undefined;
      context.progress({
        stage: 'sample',
        fraction: (g + (k + 1) / plan.levels.length) / groups.length,
        step: { index: k + 1, count: plan.levels.length },
        ...(shown ? { preview: shown } : {}),
      });
    };
    const trajectory = new Trajectory(plan, group, batch, state, context);
    const from = saved?.current;
    if (from) await saved?.restore(trajectory.arrays);
    const save: StepSaver | undefined =
      saved &&
      (async (step, progress) => {
        if (saved.due(step)) await saved.saveStep(progress(), trajectory.arrays);
      });
    const { estimates, stepsRun } = await trajectory.run(report, save, from);
    nfe = stepsRun.reduce((most, steps) => Math.max(most, steps), nfe);
    addToResult(images, estimates, group, length, scale);
    if (!options.finish?.aborted) await saved?.saveGroup(estimates, nfe);
  }
  return {
    image: images.length > 1 ? meanOf(images) : images[0],
    samples: images,
    std: images.length > 1 ? spreadOf(images, problem.complex, parameters.spreadFactor) : undefined,
    init,
    residual: ResidualCurve.merge(plan.curves),
    residualBySlice: plan.curves.map((curve) => curve.rows()),
    scale,
    sigmaY: plan.sigmaY,
    method: plan.method,
    priorVariance: plan.priorVariance,
    nfe,
    memory: layout.memory,
    finishedEarly: options.finish?.aborted ?? false,
  };
}

/** Adds scale·weight·estimate of every job. */
function addToResult(
  images: readonly Float32Array[],
  estimates: Float32Array,
  { jobs, weights }: Group,
  length: number,
  scale: number,
): void {
  jobs.forEach((job, i) => {
    const target = images[job.sample].subarray(job.slice * length, (job.slice + 1) * length);
    const factor = weights[i] * scale;
    if (weights[i] === 1) for (let j = 0; j < length; j++) target[j] = scale * estimates[i * length + j];
    else for (let j = 0; j < length; j++) target[j] += factor * estimates[i * length + j];
  });
}

/** The images sampling starts from, when it does not start from pure noise. */
async function startImages(
  problem: DdsProblem,
  parameters: DdsParameters,
  context: RunContext,
): Promise<Float32Array | undefined> {
  if (parameters.tStart === vpSchedule().steps - 1 || problem.init) return undefined;
  if (problem.warmStart) return problem.warmStart;
  const length = imageLength(problem);
  const images = new Float32Array(length * problem.slices.length);
  for (const [z, slice] of problem.slices.entries())
    images.set(slice.scaleReference ?? (await quickImage(slice, length, context)), z * length);
  return images;
}

/**
 * x_t of the jobs at the first level as planes; recorded in `init` in image layout. From pure noise z (VE: σ_T z), or
 * from a start image x̄ in scaled units: √ᾱ x̄ + √(1−ᾱ) z (VE: x̄ + σ z), as by Chung, Sim, Ye: "Come-Closer-Diffuse-Faster"
 * (CVPR 2022). With `noiseRule=none` the start image itself, √ᾱ x̄.
 */
function startState(
  plan: Plan,
  jobs: readonly Job[],
  init: readonly Float32Array[],
  warm: Float32Array | undefined,
): Float32Array {
  const { problem, parameters } = plan;
  const length = imageLength(problem);
  const state = new Float32Array(jobs.length * length);
  const scratch = new Float32Array(init.length > 0 ? 0 : length);
  const { alphaBar } = plan.levels[0];
  const exploding = parameters.param === 've';
  const spread =
    warm && parameters.noiseRule === 'none' ? 0 : exploding ? sigmaOf(alphaBar) : warm ? Math.sqrt(1 - alphaBar) : 1;
  const signal = (exploding ? 1 : Math.sqrt(alphaBar)) / plan.scale;
  jobs.forEach((job, i) => {
    const planes = state.subarray(i * length, (i + 1) * length);
    const record = init[job.sample]?.subarray(job.slice * length, (job.slice + 1) * length) ?? scratch;
    if (problem.init) {
      const volume = length * problem.slices.length;
      const from = (problem.init.length === volume ? 0 : job.sample * volume) + job.slice * length;
      record.set(problem.init.subarray(from, from + length));
      imageToPlanes(record, planes, problem.complex);
      return;
    }
    fillNormal(planes, { ...noiseKey(plan, job), step: 0 });
    if (spread !== 1) for (let j = 0; j < length; j++) planes[j] *= spread;
    planesToImage(planes, record, problem.complex);
    if (!warm) return;
    for (let j = 0; j < length; j++) record[j] += signal * warm[job.slice * length + j];
    imageToPlanes(record, planes, problem.complex);
  });
  return state;
}
