/**
 * The Decomposed Diffusion Sampler (Chung, Lee, Ye: "Decomposed Diffusion Sampler for Accelerating Large-Scale Inverse
 * Problems", ICLR 2024): samples images that agree with a measurement y = A x + n and with a diffusion prior.
 *
 * The measurement is divided by the intensity scale, sampled in scaled units, and the result multiplied back. Images
 * (samples × slices) run in groups of `batch`, each through the whole schedule; slices coupled by total variation run
 * together. Random numbers are keyed by (seed, sample, slice, step), so grouping and order never change a result.
 */
import { fillNormal } from '../arrays/random.ts';
import type { RunContext } from '../context.ts';
import type { Prior } from '../prior/prior.ts';
import { sigmaOf, vpSchedule } from '../prior/schedule.ts';
import { meanOf, spreadOf } from './ensemble.ts';
import { imageToPlanes, magnitude, planesToImage } from './layout.ts';
import type { DdsParameters, Method } from './parameters.ts';
import type { Job, Plan } from './plan.ts';
import { groupJobs, makePlan, noiseKey } from './plan.ts';
import type { DdsProblem } from './problem.ts';
import { checkProblem, imageLength } from './problem.ts';
import type { ResidualRow } from './residual.ts';
import { ResidualCurve } from './residual.ts';
import { intensityScale, quickImage } from './scale.ts';
import { Trajectory } from './trajectory.ts';

export interface DdsResult {
  /** Mean over samples in the units of the data, [slices, y, x], complex interleaved or real. */
  image: Float32Array;
  /** The samples, each like `image`; one for `samples` = 1. */
  samples: Float32Array[];
  /** [slices, y, x], when there are at least two samples; `spreadFactor` times their standard deviation. */
  std: Float32Array | undefined;
  /** x_T of each sample, image layout, unscaled. */
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
  /** Whether sampling was told to finish early and the running estimate kept. */
  finishedEarly: boolean;
}

export interface SampleOptions {
  /** Abort to keep the estimate of the running step instead of completing the schedule. */
  finish?: AbortSignal;
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
  const length = imageLength(problem);
  const volumeLength = length * problem.slices.length;
  const images = Array.from({ length: parameters.samples }, () => new Float32Array(volumeLength));
  const init = Array.from({ length: parameters.samples }, () => new Float32Array(volumeLength));
  const warm = await startImages(problem, parameters, context);
  const groups = groupJobs(plan);
  const preview = parameters.previewEvery > 0 ? makePreview(plan) : undefined;
  let nfe = 0;
  for (let g = 0; g < groups.length; g++) {
    const jobs = groups[g];
    const state = startState(plan, jobs, init, warm);
    const report = (k: number, estimates: Float32Array) => {
      const shown = preview && (k + 1) % parameters.previewEvery === 0 ? preview(estimates, jobs) : undefined;
      context.progress({
        stage: 'sample',
        fraction: (g + (k + 1) / plan.levels.length) / groups.length,
        step: { index: k + 1, count: plan.levels.length },
        ...(shown ? { preview: shown } : {}),
      });
    };
    const { estimates, stepsRun } = await new Trajectory(plan, jobs, state, context).run(report);
    jobs.forEach((job, i) => {
      const target = images[job.sample].subarray(job.slice * length, (job.slice + 1) * length);
      for (let j = 0; j < length; j++) target[j] = scale * estimates[i * length + j];
      nfe = Math.max(nfe, stepsRun[i]);
    });
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
    finishedEarly: options.finish?.aborted ?? false,
  };
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
  const { alphaBar } = plan.levels[0];
  const exploding = parameters.param === 've';
  const spread =
    warm && parameters.noiseRule === 'none' ? 0 : exploding ? sigmaOf(alphaBar) : warm ? Math.sqrt(1 - alphaBar) : 1;
  const signal = (exploding ? 1 : Math.sqrt(alphaBar)) / plan.scale;
  jobs.forEach((job, i) => {
    const planes = state.subarray(i * length, (i + 1) * length);
    const record = init[job.sample].subarray(job.slice * length, (job.slice + 1) * length);
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

/** Keeps the magnitude of the first sample of every slice, in the units of the data; one buffer, reused. */
function makePreview({ problem, scale }: Plan) {
  const { height, width, slices, complex } = problem;
  const pixels = height * width;
  const length = imageLength(problem);
  const data = new Float32Array(slices.length * pixels);
  const shape = [slices.length, height, width];
  return (estimates: Float32Array, jobs: readonly Job[]) => {
    jobs.forEach(({ sample, slice }, i) => {
      if (sample !== 0) return;
      const image = estimates.subarray(i * length, (i + 1) * length);
      magnitude(image, data.subarray(slice * pixels, (slice + 1) * pixels), complex, scale);
    });
    return { data, shape };
  };
}
