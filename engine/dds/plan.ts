/** Everything about a run that is fixed before its first step. */
import { check, EngineError } from '../errors.ts';
import type { NoiseLevel, Prior } from '../prior/prior.ts';
import type { VpSchedule } from '../prior/schedule.ts';
import { vpSchedule } from '../prior/schedule.ts';
import type { Job } from './groups.ts';
import type { DdsParameters, Method } from './parameters.ts';
import { resolveMethod } from './parameters.ts';
import type { DdsProblem } from './problem.ts';
import type { StepCoefficients } from './renoise.ts';
import { stepCoefficients } from './renoise.ts';
import { ResidualCurve, ResidualMeter } from './residual.ts';
import { noiseLevels } from './time-steps.ts';

/** Which arrays a run needs beside state, estimate and back-projection. */
export interface RunNeeds {
  /** ε̂ after data consistency. */
  readonly noise: boolean;
  /** The estimate of the step before. */
  readonly previous: boolean;
  /** r² per value, from a network that predicts it. */
  readonly variance: boolean;
  /** Fresh noise. */
  readonly fresh: boolean;
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
  readonly needs: RunNeeds;
  readonly meter: ResidualMeter;
  /** One per slice. */
  readonly curves: readonly ResidualCurve[];
  /** When aborted, the running step is finished and its estimate kept. */
  readonly finish: AbortSignal | undefined;
}

export const cleanLevel: NoiseLevel = { t: -1, alphaBar: 1 };

/** Throws `bad-usage` when the parameters do not fit the problem. */
export function makePlan(
  problem: DdsProblem,
  prior: Prior,
  parameters: DdsParameters,
  scale: number,
  finish: AbortSignal | undefined,
): Plan {
  const { slices, complex } = problem;
  const schedule = vpSchedule();
  const { steps, spacing, tStart, tEnd } = parameters;
  const levels = noiseLevels(steps, spacing, schedule, tStart, tEnd);
  const sigmaY = scaledNoise(problem, parameters, scale);
  const method = resolveMethod(parameters, sigmaY, slices.length, complex, problem.volumeMeasurement !== undefined);
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
    needs: needsOf(parameters, method),
    meter: new ResidualMeter(slices, scale),
    curves: slices.map(() => new ResidualCurve(levels)),
    finish,
  };
}

function needsOf(parameters: DdsParameters, method: Method): RunNeeds {
  const { sampler, noiseRule, momentum, earlyStop, eta, learnedVariance } = parameters;
  const multistep = sampler === 'dpm2m';
  return {
    noise: !multistep && noiseRule !== 'none' && method.epsRule === 'keep',
    previous: multistep || momentum > 0 || earlyStop > 0,
    variance: learnedVariance && method.dc === 'posterior' && !method.coupled,
    fresh: !multistep && eta > 0 && noiseRule !== 'none',
  };
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
