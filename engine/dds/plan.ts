/** Everything about a run that is fixed before its first step. */
import { check, EngineError } from '../errors.ts';
import type { VectorSpace } from '../linear/space.ts';
import { complexSpace, realSpace } from '../linear/typed-space.ts';
import type { NoiseLevel, Prior } from '../prior/prior.ts';
import type { VpSchedule } from '../prior/schedule.ts';
import { vpSchedule } from '../prior/schedule.ts';
import type { DdsParameters, Method } from './parameters.ts';
import { resolveMethod } from './parameters.ts';
import type { DdsProblem } from './problem.ts';
import { imageLength } from './problem.ts';
import type { StepCoefficients } from './renoise.ts';
import { stepCoefficients } from './renoise.ts';
import { ResidualCurve, ResidualMeter } from './residual.ts';
import { noiseLevels } from './time-steps.ts';

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
  /** Images per network evaluation, and per group when slices are not coupled. */
  readonly batch: number;
  readonly meter: ResidualMeter;
  /** One per slice. */
  readonly curves: readonly ResidualCurve[];
  /** The space of a whole volume, when slices are coupled. */
  readonly volumeSpace: VectorSpace<Float32Array> | undefined;
  /** When aborted, the running step is finished and its estimate kept. */
  readonly finish: AbortSignal | undefined;
}

export const cleanLevel: NoiseLevel = { t: -1, alphaBar: 1 };

/** Values one group may hold when `batch` is automatic: about 4 images of 320² with two channels. */
const automaticBatchValues = 4 * 2 * 320 * 320;
const automaticBatchLimit = 16;

/** Throws `bad-usage` when the parameters do not fit the problem. */
export function makePlan(
  problem: DdsProblem,
  prior: Prior,
  parameters: DdsParameters,
  scale: number,
  finish: AbortSignal | undefined,
): Plan {
  const { height, width, slices, complex } = problem;
  const schedule = vpSchedule();
  const { steps, spacing, tStart, tEnd } = parameters;
  const levels = noiseLevels(steps, spacing, schedule, tStart, tEnd);
  const sigmaY = scaledNoise(problem, parameters, scale);
  const method = resolveMethod(parameters, sigmaY, slices.length, complex);
  const volumeShape = [slices.length, height, width];
  return {
    problem,
    prior,
    parameters,
    method,
    schedule,
    levels,
    coefficients: levels.map((level, k) => stepCoefficients(level, levels[k + 1] ?? cleanLevel, parameters)),
    scale,
    sigmaY,
    priorVariance: parameters.priorVar === 'auto' ? prior.variance : parameters.priorVar,
    batch: parameters.batch === 'auto' ? automaticBatch(imageLength(problem)) : parameters.batch,
    meter: new ResidualMeter(slices, scale),
    curves: slices.map(() => new ResidualCurve(levels)),
    volumeSpace: method.coupled ? (complex ? complexSpace(volumeShape) : realSpace(volumeShape)) : undefined,
    finish,
  };
}

/** Coupled: one group per sample. Otherwise groups of `batch` images, samples of one slice next to each other. */
export function groupJobs({ problem, parameters, method, batch }: Plan): Job[][] {
  const samples = Array.from({ length: parameters.samples }, (_, sample) => sample);
  const slices = problem.slices.map((_, slice) => slice);
  if (method.coupled) return samples.map((sample) => slices.map((slice) => ({ sample, slice })));
  const jobs = slices.flatMap((slice) => samples.map((sample) => ({ sample, slice })));
  return Array.from({ length: Math.ceil(jobs.length / batch) }, (_, g) => jobs.slice(g * batch, (g + 1) * batch));
}

/** The seeded identity of one image's random numbers; step 0 is x_T. */
export function noiseKey({ problem, parameters }: Plan, job: Job) {
  return { seed: parameters.seed, sample: job.sample, slice: problem.slices[job.slice].index ?? job.slice };
}

function scaledNoise(problem: DdsProblem, parameters: DdsParameters, scale: number): number {
  if (parameters.sigmaY !== 'auto') return parameters.sigmaY;
  const sigmaY = problem.sigmaY ?? 0;
  check(sigmaY > 0, () => 'sigmaY=auto needs an estimate of the noise, and there is none', {
    code: 'bad-usage',
    path: 'sigmaY',
    hint: 'set sigmaY to a number in scaled units, or leave it out',
  });
  if (!Number.isFinite(sigmaY))
    throw new EngineError('bad-input', `the noise level is ${sigmaY}, expected a finite number`, { path: 'sigmaY' });
  return sigmaY / scale;
}

function automaticBatch(values: number): number {
  return Math.max(1, Math.min(automaticBatchLimit, Math.floor(automaticBatchValues / values)));
}
