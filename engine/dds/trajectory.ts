/**
 * The sampling loop of one group of images: predict the noise, denoise (Tweedie), make the estimate agree with the data,
 * re-noise to the next level (Chung, Lee, Ye 2024, algorithm 1; second-order multistep: Lu et al. 2022). State in
 * float32 planes [image, channel, y, x]; coefficients in float64. All memory is taken before the loop.
 */
import { fillNormal } from '../arrays/random.ts';
import type { RunContext } from '../context.ts';
import { checkpoint } from '../context.ts';
import { EngineError } from '../errors.ts';
import type { NoiseLevel } from '../prior/prior.ts';
import { advanceFirstOrder, advanceMultistep } from './advance.ts';
import { BatchPrediction, type ViewOf } from './batch-prediction.ts';
import type { ConsistencyRequest, ConsistencyScratch } from './data-consistency.ts';
import { consistencyScratch, makeConsistent } from './data-consistency.ts';
import { EarlyStop, relativeChange } from './early-stop.ts';
import type { Group, Job } from './groups.ts';
import { imageToPlanes, planesToImage } from './layout.ts';
import { plainView, viewAt } from './orientation.ts';
import type { Plan } from './plan.ts';
import { cleanLevel, noiseKey } from './plan.ts';
import { denoisedVariance, learnedVariance } from './posterior-variance.ts';
import type { DdsProblem, DdsSlice } from './problem.ts';
import { imageLength } from './problem.ts';
import { multistepWeight } from './renoise.ts';
import { measurementEnergy } from './residual.ts';
import type { GroupProgress, SavedArray } from './run-checkpoint.ts';
import { openVolume, type VolumeSolver } from './volume-solver.ts';

/** Called after each step with the running estimates, image layout, scaled units. Do not keep the array. */
export type StepListener = (step: number, estimates: Float32Array) => void;

/** Told before step number `step` where the run stands, to save it when it is time to. */
export type StepSaver = (step: number, progress: () => GroupProgress) => Promise<void>;

export interface TrajectoryResult {
  /** x̂0′ at the end, image layout, scaled units, one image per job. */
  estimates: Float32Array;
  /** Steps each job ran. */
  stepsRun: Int32Array;
}

export class Trajectory {
  readonly #plan: Plan;
  readonly #jobs: readonly Job[];
  readonly #reports: readonly boolean[];
  readonly #slices: readonly DdsSlice[];
  readonly #context: RunContext;
  readonly #length: number;
  readonly #predictor: BatchPrediction;
  readonly #volume: VolumeSolver | undefined;
  readonly #early: EarlyStop | undefined;
  /** The first state is an image without noise, from which momentum can be counted. */
  readonly #startIsEstimate: boolean;
  readonly #energies: readonly { squared: number; measured: number }[];
  readonly #stepsRun: Int32Array;
  readonly #before: Float64Array;
  readonly #after: Float64Array;
  /** Mean of ε̂². */
  readonly #power: Float64Array;
  readonly #changes: Float64Array;

  // One image per job.
  readonly #state: Float32Array;
  readonly #noise: Float32Array;
  readonly #estimates: Float32Array;
  readonly #backProjected: Float32Array;
  readonly #previous: Float32Array | undefined;
  readonly #variance: Float32Array | undefined;
  // Scratch of one image.
  readonly #planes: Float32Array;
  readonly #previousPlanes: Float32Array;
  readonly #fresh: Float32Array;
  readonly #variances: Float32Array;
  readonly #scratch: ConsistencyScratch | undefined;

  /** `state` holds x_T of each job as planes and is overwritten. `batch`: most images per network evaluation. */
  constructor(plan: Plan, { jobs, reports }: Group, batch: number, state: Float32Array, context: RunContext) {
    const { problem, prior, parameters, method, needs } = plan;
    const length = imageLength(problem);
    const multistep = parameters.sampler === 'dpm2m';
    const stack = (wanted: boolean) => (wanted ? new Float32Array(jobs.length * length) : undefined);
    const image = (wanted: boolean) => new Float32Array(wanted ? length : 0);
    this.#plan = plan;
    this.#jobs = jobs;
    this.#reports = reports;
    this.#context = context;
    this.#length = length;
    this.#slices = jobs.map((job) => problem.slices[job.slice]);
    const size = { images: jobs.length, channels: prior.channels, height: problem.height, width: problem.width };
    this.#predictor = new BatchPrediction(prior, size, method.coupled, Math.min(batch, jobs.length));
    this.#early = parameters.earlyStop > 0 ? new EarlyStop(jobs.length, parameters.earlyStop) : undefined;
    this.#energies = problem.volumeMeasurement
      ? equalShares(problem.volumeMeasurement, plan.scale, jobs.length)
      : this.#slices.map((slice) => measurementEnergy(slice, plan.scale));
    this.#stepsRun = new Int32Array(jobs.length);
    this.#before = new Float64Array(jobs.length);
    this.#after = new Float64Array(jobs.length);
    this.#power = new Float64Array(jobs.length);
    this.#changes = new Float64Array(jobs.length).fill(Number.POSITIVE_INFINITY);
    this.#state = state;
    this.#estimates = new Float32Array(jobs.length * length);
    this.#backProjected = method.dc === 'none' ? new Float32Array(0) : backProject(problem, this.#slices, plan.scale);
    const momentum = !multistep && parameters.momentum > 0;
    this.#startIsEstimate = momentum && parameters.noiseRule === 'none' && parameters.tStart < plan.schedule.steps - 1;
    this.#previous = stack(needs.previous);
    this.#variance = stack(needs.variance);
    this.#planes = image(true);
    this.#previousPlanes = image(multistep || momentum);
    this.#fresh = image(needs.fresh);
    this.#variances = image(needs.variance);
    this.#volume = method.coupled
      ? openVolume(problem, parameters, jobs, parameters.tStart < plan.schedule.steps - 1)
      : undefined;
    this.#scratch = this.#volume ? undefined : consistencyScratch(this.#slices[0].operator.domain, needs.variance);
    // What data consistency writes over need not be a volume of its own.
    this.#noise = this.#volume && !needs.noise ? this.#volume.scratch : new Float32Array(jobs.length * length);
  }

  /** Everything that goes on from step to step, by name. */
  get arrays(): ReadonlyMap<string, SavedArray> {
    const arrays = new Map<string, SavedArray>([
      ['state', this.#state],
      ['estimate', this.#estimates],
    ]);
    if (this.#volume) arrays.set('variation', this.#volume.state);
    return arrays;
  }

  /**
   * Runs the schedule to its end, or until all images have stopped early, or `finish` is aborted. `from` is where a saved run
   * stood, whose arrays are already in place.
   */
  async run(onStep: StepListener, save?: StepSaver, from?: GroupProgress): Promise<TrajectoryResult> {
    const { levels, finish } = this.#plan;
    let active = from?.active ?? this.#jobs.map((_, i) => i);
    this.#stepsRun.set(from?.stepsRun ?? []);
    this.#early?.calm.set(from?.calm ?? []);
    for (let k = from?.step ?? 0; k < levels.length && active.length > 0; k++) {
      await checkpoint(this.#context);
      const gotVariance = await this.#denoise(k, active);
      await this.#agree(k, active, gotVariance);
      onStep(k, this.#estimates);
      if (finish?.aborted || k === levels.length - 1) break;
      active = this.#stillRunning(active, levels[k].alphaBar);
      for (const i of active) this.#advance(k, i);
      if (save && active.length > 0) await save(k + 1, () => this.#progress(k + 1, active));
    }
    return { estimates: this.#estimates, stepsRun: this.#stepsRun };
  }

  #progress(step: number, active: number[]): GroupProgress {
    return { step, active, stepsRun: [...this.#stepsRun], calm: [...(this.#early?.calm ?? [])] };
  }

  /** estimates ← x̂0; returns whether the prior gave a variance. */
  async #denoise(k: number, active: readonly number[]): Promise<boolean> {
    const { levels, coefficients, problem, prior } = this.#plan;
    const c = coefficients[k];
    const planes = this.#planes;
    const gotVariance = await this.#predictor.run(
      { state: this.#state, noise: this.#noise, variance: this.#variance },
      {
        images: active,
        inputScale: c.inputScale,
        level: levels[k],
        views: this.#views(k),
      },
      this.#context,
    );
    for (const i of active) {
      const x = this.#of(this.#state, i);
      const e = this.#of(this.#noise, i);
      const estimate = this.#of(this.#estimates, i);
      if (this.#previous && k > 0) this.#of(this.#previous, i).set(estimate);
      if (this.#previous && k === 0 && this.#startIsEstimate) this.#setPrevious(x, i, c.stateSignal);
      for (let j = 0; j < planes.length; j++) planes[j] = c.fromState * x[j] + c.fromNoise * e[j];
      planesToImage(planes, estimate, problem.complex);
      this.#power[i] = meanSquare(e);
    }
    this.#residuals(active, this.#before);
    for (const i of active) this.#finite(this.#before[i], i, k, prior.name);
    return gotVariance;
  }

  /** previous ← the start image, x/√ᾱ of the first state, which holds no noise. */
  #setPrevious(x: Float32Array, i: number, signal: number): void {
    const planes = this.#planes;
    for (let j = 0; j < planes.length; j++) planes[j] = x[j] / signal;
    if (this.#previous) planesToImage(planes, this.#of(this.#previous, i), this.#plan.problem.complex);
  }

  /** How the prior sees each image at step k: samples start the cycle of views at different places. */
  #views(k: number): ViewOf {
    if (!this.#plan.parameters.mirror) return () => plainView;
    return (i) => viewAt(k + this.#jobs[i].sample);
  }

  /** estimates ← x̂0′, and one entry per image in the residual curve. */
  async #agree(k: number, active: readonly number[], gotVariance: boolean): Promise<void> {
    const { curves, levels, schedule, priorVariance } = this.#plan;
    const request = this.#request(levels[k]);
    const learned = gotVariance ? learnedVariance(schedule, Math.round(levels[k].t), priorVariance) : undefined;
    if (request.gamma > 0 && this.#volume) {
      const outcome = await this.#volume.makeConsistent(
        this.#estimates,
        this.#backProjected,
        request.gamma,
        this.#context,
      );
      this.#jobs.forEach(({ slice }, i) => {
        if (this.#reports[i]) curves[slice].addSolve(k, outcome);
      });
    }
    if (request.gamma > 0 && !this.#volume)
      for (const i of active) {
        const own = learned ? this.#pixelwise(i, learned.convert) : request;
        curves[this.#jobs[i].slice].addSolve(k, await this.#agreeOne(i, own));
      }
    if (request.gamma > 0) this.#residuals(active, this.#after);
    else this.#after.set(this.#before);
    for (const i of active) {
      const after = this.#finite(this.#after[i], i, k, 'data consistency');
      if (this.#reports[i])
        curves[this.#jobs[i].slice].add(k, {
          before: this.#before[i],
          after,
          energy: this.#energies[i].squared,
          noisePower: this.#power[i],
        });
      this.#stepsRun[i] = k + 1;
      if (this.#previous && this.#early && k > 0)
        this.#changes[i] = relativeChange(this.#of(this.#estimates, i), this.#of(this.#previous, i));
    }
  }

  /** ‖A x − y‖² of the estimates, image by image, or all at once where the volume has an operator of its own. */
  #residuals(active: readonly number[], out: Float64Array): void {
    if (this.#volume?.residuals(this.#estimates, this.#plan.scale, out)) return;
    for (const i of active)
      out[i] = this.#plan.meter.squared(
        this.#slices[i],
        this.#of(this.#estimates, i),
        this.#of(this.#backProjected, i),
        this.#energies[i].squared,
      );
  }

  #agreeOne(i: number, request: ConsistencyRequest) {
    const { parameters, scale } = this.#plan;
    if (this.#scratch === undefined) throw new EngineError('internal', 'a coupled slice was solved alone');
    const options = {
      iterations: parameters.cgIters,
      tolerance: parameters.cgTol,
      backProjected: this.#of(this.#backProjected, i),
      measurementScale: scale,
    };
    return makeConsistent(
      this.#slices[i],
      this.#of(this.#estimates, i),
      request,
      options,
      this.#scratch,
      this.#context,
    );
  }

  #request(level: NoiseLevel): ConsistencyRequest {
    const { method, parameters, priorVariance, sigmaY } = this.#plan;
    switch (method.dc) {
      case 'none':
        return { gamma: 0 };
      case 'noiseless':
        return { gamma: Number.POSITIVE_INFINITY };
      case 'proximal':
        return { gamma: parameters.gamma };
      case 'posterior':
        return {
          gamma: (parameters.dataWeight * denoisedVariance(priorVariance, level.alphaBar)) / (sigmaY * sigmaY),
        };
    }
  }

  /** The request with r² per value, from the prior's raw variance output. */
  #pixelwise(i: number, convert: (raw: number) => number): ConsistencyRequest {
    const { sigmaY, problem, parameters } = this.#plan;
    const planes = this.#planes;
    if (this.#variance === undefined) throw new EngineError('internal', 'no variance was asked of the prior');
    const raw = this.#of(this.#variance, i);
    for (let j = 0; j < planes.length; j++) planes[j] = convert(raw[j]);
    planesToImage(planes, this.#variances, problem.complex);
    return { gamma: parameters.dataWeight / (sigmaY * sigmaY), variances: this.#variances };
  }

  /** Images that go on; coupled slices stop together or not at all. */
  #stillRunning(active: number[], alphaBar: number): number[] {
    const early = this.#early;
    if (early === undefined) return active;
    const variance = this.#plan.sigmaY ** 2;
    const going = active.filter(
      (i) => !early.done(i, alphaBar, this.#changes[i], this.#before[i], variance * this.#energies[i].measured),
    );
    return this.#volume && going.length > 0 ? active : going;
  }

  /** state ← x_s from x̂0′. */
  #advance(k: number, i: number): void {
    const { levels, coefficients, parameters, method, problem } = this.#plan;
    const next = levels[k + 1] ?? cleanLevel;
    const c = coefficients[k];
    const state = this.#of(this.#state, i);
    const planes = this.#planes;
    imageToPlanes(this.#of(this.#estimates, i), planes, problem.complex);
    if (parameters.sampler === 'dpm2m') {
      const weight = k > 0 ? multistepWeight(levels[k - 1], levels[k], next) : 0;
      if (this.#previous && weight !== 0)
        imageToPlanes(this.#of(this.#previous, i), this.#previousPlanes, problem.complex);
      advanceMultistep(state, planes, this.#previousPlanes, weight, c);
    } else if (parameters.legacyLast && next.t === 0) {
      state.set(planes);
    } else {
      if (this.#fresh.length > 0) fillNormal(this.#fresh, { ...noiseKey(this.#plan, this.#jobs[i]), step: k + 1 });
      const momentum = k > 0 || this.#startIsEstimate ? parameters.momentum : 0;
      if (this.#previous && momentum > 0)
        imageToPlanes(this.#of(this.#previous, i), this.#previousPlanes, problem.complex);
      const options = { rederive: method.epsRule === 'rederive', momentum };
      advanceFirstOrder(state, planes, this.#of(this.#noise, i), this.#fresh, this.#previousPlanes, options, c);
    }
  }

  #of(stack: Float32Array, i: number): Float32Array {
    return stack.subarray(i * this.#length, (i + 1) * this.#length);
  }

  #finite(value: number, i: number, k: number, where: string): number {
    if (Number.isFinite(value)) return value;
    const { slice, sample } = this.#jobs[i];
    throw new EngineError(
      'numerical',
      `the estimate of slice ${slice}, sample ${sample} is not finite at step ${k + 1} (t = ${this.#plan.levels[k].t})`,
      { path: where, hint: 'check the intensity scale and gamma; a smaller gamma or fewer cgIters is more stable' },
    );
  }
}

/** A*y/scale per job; computed once per slice. */
function backProject(problem: DdsProblem, slices: readonly DdsSlice[], scale: number): Float32Array {
  const length = imageLength(problem);
  const out = new Float32Array(slices.length * length);
  if (problem.volumeMeasurement && problem.volumeOperator) {
    problem.volumeOperator.adjoint(problem.volumeMeasurement, out);
    for (let j = 0; j < out.length; j++) out[j] /= scale;
    return out;
  }
  const known = new Map<DdsSlice, number>();
  slices.forEach((slice, i) => {
    const same = known.get(slice);
    if (same !== undefined) {
      out.copyWithin(i * length, same * length, (same + 1) * length);
      return;
    }
    known.set(slice, i);
    const image = slice.operator.adjoint(slice.measurement);
    for (let j = 0; j < length; j++) out[i * length + j] = image[j] / scale;
  });
  return out;
}

/** The energy of a measurement in common, divided among the slices. */
function equalShares(measurement: Float32Array, scale: number, slices: number) {
  const { squared, measured } = measurementEnergy({ measurement }, scale);
  return Array.from({ length: slices }, () => ({ squared: squared / slices, measured: measured / slices }));
}

function meanSquare(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum / values.length;
}
