/**
 * The sampling loop of one group of images: predict the noise, denoise (Tweedie), make the estimate agree with the data,
 * re-noise to the next level (Chung, Lee, Ye 2024, algorithm 1; second-order multistep: Lu et al. 2022). State in
 * float32 planes [image, channel, y, x]; coefficients in float64. All memory is taken before the loop.
 */
import { fillNormal } from '../arrays/random.ts';
import type { RunContext } from '../context.ts';
import { checkpoint } from '../context.ts';
import { EngineError } from '../errors.ts';
import type { VectorSpace } from '../linear/space.ts';
import type { NoiseLevel, Prior } from '../prior/prior.ts';
import type { VpSchedule } from '../prior/schedule.ts';
import { BatchPrediction } from './batch-prediction.ts';
import type { ConsistencyRequest } from './data-consistency.ts';
import { consistencyScratch, makeConsistent } from './data-consistency.ts';
import { EarlyStop, relativeChange } from './early-stop.ts';
import { imageToPlanes, planesToImage } from './layout.ts';
import type { DdsParameters, Method } from './parameters.ts';
import { denoisedVariance, learnedVariance } from './posterior-variance.ts';
import type { DdsProblem, DdsSlice } from './problem.ts';
import { imageLength } from './problem.ts';
import type { StepCoefficients } from './renoise.ts';
import { multistepWeight } from './renoise.ts';
import type { ResidualCurve, ResidualMeter } from './residual.ts';
import { measurementEnergy } from './residual.ts';
import { VolumeTv } from './volume.ts';

/** One image to draw: which sample of which slice. */
export interface Job {
  sample: number;
  /** Position among the problem's slices. */
  slice: number;
}

export interface Plan {
  readonly problem: DdsProblem;
  readonly prior: Prior;
  readonly parameters: DdsParameters;
  readonly method: Method;
  readonly schedule: VpSchedule;
  /** Levels visited; the clean level follows the last. */
  readonly levels: readonly NoiseLevel[];
  readonly coefficients: readonly StepCoefficients[];
  /** Divisor of the data. */
  readonly scale: number;
  /** Noise per real component in scaled units, 0 = unknown. */
  readonly sigmaY: number;
  readonly priorVariance: number;
  readonly batch: number;
  readonly meter: ResidualMeter;
  /** One per slice. */
  readonly curves: readonly ResidualCurve[];
  /** The space of a whole volume, when slices are coupled. */
  readonly volumeSpace: VectorSpace<Float32Array> | undefined;
  /** When aborted, the running step is finished and its estimate kept. */
  readonly finish: AbortSignal | undefined;
}

/** Called after each step with the running estimates, image layout, scaled units. Do not keep the array. */
export type StepListener = (step: number, estimates: Float32Array, jobs: readonly Job[]) => void;

export interface TrajectoryResult {
  /** x̂0′ at the end, image layout, scaled units, one image per job. */
  estimates: Float32Array;
  /** Steps each job ran. */
  stepsRun: Int32Array;
}

const cleanLevel: NoiseLevel = { t: -1, alphaBar: 1 };

/** Runs the whole schedule for the jobs from the given states (planes, overwritten). */
export async function runTrajectory(
  plan: Plan,
  jobs: readonly Job[],
  state: Float32Array,
  context: RunContext,
  onStep: StepListener,
): Promise<TrajectoryResult> {
  const { problem, prior, parameters, method, levels } = plan;
  const length = imageLength(problem);
  const total = jobs.length * length;
  const slices = jobs.map((job) => problem.slices[job.slice]);
  const noise = new Float32Array(total);
  const estimates = new Float32Array(total);
  const wantsVariance = parameters.learnedVariance && method.dc === 'posterior' && !method.coupled;
  const variance = wantsVariance ? new Float32Array(total) : undefined;
  const variances = wantsVariance ? new Float32Array(length) : undefined;
  const keepsPrevious = parameters.sampler === 'dpm2m' || parameters.earlyStop > 0;
  const previous = keepsPrevious ? new Float32Array(total) : undefined;
  const fresh = new Float32Array(parameters.eta > 0 && parameters.sampler === 'ddim' ? length : 0);
  const planes = new Float32Array(length);
  const scratch = consistencyScratch(slices[0].operator.domain, wantsVariance);
  const predictor = new BatchPrediction(prior, problem.height, problem.width, Math.min(plan.batch, jobs.length));
  const backProjected = method.dc === 'none' ? new Float32Array(0) : backProject(slices, length, plan.scale);
  const energies = slices.map((slice) => measurementEnergy(slice, plan.scale));
  const residualBefore = new Float64Array(jobs.length);
  const changes = new Float64Array(jobs.length).fill(Number.POSITIVE_INFINITY);
  const early = parameters.earlyStop > 0 ? new EarlyStop(jobs.length, parameters.earlyStop) : undefined;
  const solve = { iterations: parameters.cgIters, tolerance: parameters.cgTol };
  const volume = plan.volumeSpace
    ? new VolumeTv(slices, length, plan.volumeSpace, {
        ...solve,
        rho: parameters.rho,
        lambda: parameters.lambda,
        admmIterations: parameters.admmIters,
        boundary: parameters.zBoundary,
        complex: problem.complex,
      })
    : undefined;
  const stepsRun = new Int32Array(jobs.length);
  let active = jobs.map((_, i) => i);
  const at = (array: Float32Array, i: number) => array.subarray(i * length, (i + 1) * length);

  for (let k = 0; k < levels.length; k++) {
    await checkpoint(context);
    const level = levels[k];
    const next = levels[k + 1] ?? cleanLevel;
    const c = plan.coefficients[k];
    const gotVariance = await predictor.run(state, active, c.inputScale, level, noise, variance, context);
    for (const i of active) {
      const x = at(state, i);
      const e = at(noise, i);
      for (let j = 0; j < length; j++) planes[j] = c.fromState * x[j] + c.fromNoise * e[j];
      if (previous && k > 0) at(previous, i).set(at(estimates, i));
      planesToImage(planes, at(estimates, i), problem.complex);
      residualBefore[i] = plan.meter.squared(slices[i], at(estimates, i));
      if (!Number.isFinite(residualBefore[i])) throw notFinite(jobs[i], k, level, prior.name);
    }
    const request = consistencyRequest(plan, level);
    const learned = gotVariance && variance ? learnedVariance(plan.schedule, level.t, plan.priorVariance) : undefined;
    if (volume && request.gamma > 0) {
      const outcome = await volume.makeConsistent(estimates, backProjected, request.gamma, context);
      for (const curve of plan.curves) curve.addSolve(k, outcome);
    } else if (request.gamma > 0) {
      for (const i of active) {
        let own: ConsistencyRequest = request;
        if (learned && variance && variances) {
          const raw = at(variance, i);
          for (let j = 0; j < length; j++) planes[j] = learned.convert(raw[j]);
          planesToImage(planes, variances, problem.complex);
          own = { gamma: 1 / (plan.sigmaY * plan.sigmaY), variances };
        }
        const options = { ...solve, backProjected: at(backProjected, i), measurementScale: plan.scale };
        const outcome = await makeConsistent(slices[i], at(estimates, i), own, options, scratch, context);
        plan.curves[jobs[i].slice].addSolve(k, outcome);
      }
    }
    for (const i of active) {
      const estimate = at(estimates, i);
      const after = request.gamma > 0 ? plan.meter.squared(slices[i], estimate) : residualBefore[i];
      if (!Number.isFinite(after)) throw notFinite(jobs[i], k, level, 'data consistency');
      plan.curves[jobs[i].slice].add(k, {
        before: residualBefore[i],
        after,
        energy: energies[i].squared,
        noisePower: meanSquare(at(noise, i)),
      });
      stepsRun[i] = k + 1;
      if (early && previous && k > 0) changes[i] = relativeChange(estimate, at(previous, i));
    }
    onStep(k, estimates, jobs);
    if (k === levels.length - 1 || plan.finish?.aborted) break;
    if (early) active = remaining(active, early, changes, residualBefore, energies, plan, volume !== undefined);
    if (active.length === 0) break;
    for (const i of active) {
      const x = at(state, i);
      imageToPlanes(at(estimates, i), planes, problem.complex);
      if (parameters.sampler === 'dpm2m') {
        const weight = multistepWeight(k === 0 ? undefined : levels[k - 1], level, next);
        multistep(x, planes, weight, previous ? at(previous, i) : planes, c, problem.complex);
      } else if (parameters.legacyLast && next.t === 0) {
        x.set(planes);
      } else {
        if (c.fresh > 0) fillNormal(fresh, { ...noiseKey(plan, jobs[i]), step: k + 1 });
        renoise(x, planes, at(noise, i), fresh, c, method.epsRule === 'rederive');
      }
    }
  }
  return { estimates, stepsRun };
}

/** The seeded identity of one image's random numbers; step 0 is x_T. */
export function noiseKey(plan: Pick<Plan, 'problem' | 'parameters'>, job: Job) {
  const slice = plan.problem.slices[job.slice].index ?? job.slice;
  return { seed: plan.parameters.seed, sample: job.sample, slice };
}

function consistencyRequest(plan: Plan, level: NoiseLevel): ConsistencyRequest {
  switch (plan.method.dc) {
    case 'none':
      return { gamma: 0 };
    case 'noiseless':
      return { gamma: Number.POSITIVE_INFINITY };
    case 'proximal':
      return { gamma: plan.parameters.gamma };
    case 'posterior':
      return { gamma: denoisedVariance(plan.priorVariance, level.alphaBar) / (plan.sigmaY * plan.sigmaY) };
  }
}

/** x ← signal·x̂0′ + kept·ε + fresh·z with ε the predicted or the rederived noise. */
function renoise(
  x: Float32Array,
  estimate: Float32Array,
  noise: Float32Array,
  z: Float32Array,
  c: StepCoefficients,
  rederive: boolean,
): void {
  const fresh = z.length > 0 ? c.fresh : 0;
  for (let j = 0; j < x.length; j++) {
    const kept = rederive ? (x[j] - c.stateSignal * estimate[j]) / c.stateNoise : noise[j];
    const value = c.signal * estimate[j] + c.kept * kept;
    x[j] = fresh > 0 ? value + fresh * z[j] : value;
  }
}

/** x ← carry·x + push·(x̂0′ + weight·(x̂0′ − previous)); `previous` is in image layout. */
function multistep(
  x: Float32Array,
  estimate: Float32Array,
  weight: number,
  previous: Float32Array,
  c: StepCoefficients,
  complex: boolean,
): void {
  const pixels = complex ? x.length / 2 : x.length;
  for (let j = 0; j < x.length; j++) {
    let target = estimate[j];
    if (weight !== 0) {
      const before = complex ? previous[2 * (j % pixels) + (j < pixels ? 0 : 1)] : previous[j];
      target += weight * (estimate[j] - before);
    }
    x[j] = c.carry * x[j] + c.push * target;
  }
}

/** A*y/scale per job. */
function backProject(slices: readonly DdsSlice[], length: number, scale: number): Float32Array {
  const out = new Float32Array(slices.length * length);
  const known = new Map<DdsSlice, number>();
  slices.forEach((slice, i) => {
    const part = out.subarray(i * length, (i + 1) * length);
    const same = known.get(slice);
    if (same !== undefined) {
      part.set(out.subarray(same * length, (same + 1) * length));
      return;
    }
    known.set(slice, i);
    part.set(slice.operator.adjoint(slice.measurement));
    for (let j = 0; j < length; j++) part[j] /= scale;
  });
  return out;
}

/** Images still running; coupled slices stop together or not at all. */
function remaining(
  active: readonly number[],
  early: EarlyStop,
  changes: Float64Array,
  residuals: Float64Array,
  energies: readonly { measured: number }[],
  plan: Plan,
  coupled: boolean,
): number[] {
  const variance = plan.sigmaY * plan.sigmaY;
  const left = active.filter((i) => !early.done(i, changes[i], residuals[i], variance * energies[i].measured));
  return coupled && left.length > 0 ? [...active] : left;
}

function meanSquare(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum / values.length;
}

function notFinite(job: Job, step: number, level: NoiseLevel, where: string): EngineError {
  return new EngineError(
    'numerical',
    `the estimate of slice ${job.slice}, sample ${job.sample} is not finite at step ${step + 1} (t = ${level.t})`,
    { path: where, hint: 'check the intensity scale and gamma; a smaller gamma or fewer cgIters is more stable' },
  );
}
