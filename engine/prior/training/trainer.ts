/**
 * Trains a noise predictor of any convention: one AdamW step on a given batch, an exponential moving average of the
 * weights, and the denoising error per noise level. Images, noise levels and noise come from the caller, so that a
 * run is a function of its seed and can be resumed to the same bits. models/training/train.py is the same recipe.
 */
import { check } from '../../errors.ts';
import type { Tensors } from '../../tensor/backend.ts';
import type { NetworkDescription } from '../graph.ts';
import type { Convention } from '../preconditioning.ts';
import type { NoiseLevel } from '../prior.ts';
import { tensorNetwork } from '../tensor-network/tensor-network.ts';
import type { NamedTensors, WeightSource } from '../weights.ts';
import { type AdamWOptions, adamWStep, zeroMoments } from './adamw.ts';
import { copyParameters, emaFactor, emaStep } from './ema.ts';
import { type LearningRateOptions, learningRateAt } from './learning-rate.ts';
import { lossGradient } from './loss-gradient.ts';
import { lossWeight } from './loss-weight.ts';
import { readParameters, writeParameters } from './trainer-state.ts';
import { trainingProblem } from './training-problem.ts';
import { validateLevels } from './validate-levels.ts';

/**
 * How errors at different noise levels count, both as mean over all pixels of c(σ)·(ε̂ − ε)²:
 * `eps`: c = 1; `edm`: c = (σ² + s²)/s², s = σ_data. See loss-weight.ts.
 */
export type LossWeighting = 'eps' | 'edm';

export interface OptimiserOptions extends AdamWOptions, LearningRateOptions {
  /** Gradients are scaled down to this norm over all parameters. */
  maxGradNorm: number;
  /** Largest factor of the moving average, min(emaDecay, (n + 1)/(n + 10)) after n steps. */
  emaDecay: number;
}

/** Those of the shipped priors; `steps` is given for a run that ends. */
export const defaultOptimiser: OptimiserOptions = {
  learningRate: 4e-4,
  warmup: 200,
  steps: Infinity,
  decay: 0.3,
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-8,
  weightDecay: 1e-4,
  maxGradNorm: 1,
  emaDecay: 0.9995,
};

export interface TrainerOptions {
  tensors: Tensors;
  network: NetworkDescription;
  /** A manifest serves as it is. */
  convention: Convention;
  /** Start: a trained prior, or `initialWeights(architecture, seed)`. The moving average starts there too. */
  weights: WeightSource;
  /** Default `edm`. */
  weighting?: LossWeighting;
  /** σ_data of the `edm` weighting when the convention does not say. */
  sigmaData?: number;
  optimiser?: Partial<OptimiserOptions>;
}

export interface StepResult {
  /** Weighted loss of this batch, before the step. */
  loss: number;
  /** Norm of the gradient over all parameters before clipping. */
  gradNorm: number;
  learningRate: number;
}

export interface LevelError {
  level: NoiseLevel;
  /** √((1−ᾱ)/ᾱ) */
  sigma: number;
  /** Mean over images, channels and pixels of (x̂₀ − x₀)². */
  mse: number;
  /** The training loss at this level. */
  loss: number;
}

/** Everything a run needs to go on to the same bits. */
export interface TrainerState {
  /** Steps done. */
  step: number;
  /** `model.NAME`, `ema.NAME`, `adam.m.NAME`, `adam.v.NAME`, each in the weight file's shape. */
  tensors: NamedTensors;
}

export interface Trainer {
  /** Steps done. */
  readonly stepsDone: number;
  /**
   * images, noise: float32 [B, C, n, n] in the prior's units, noise standard normal; levels [B].
   * Throws `mismatch` for sizes that do not fit and `numerical`, the weights untouched, when the loss or its gradient
   * is not finite.
   */
  step(images: Float32Array, levels: readonly NoiseLevel[], noise: Float32Array): Promise<StepResult>;
  /**
   * Denoising error of the averaged weights: every image [C, n, n] at every level, with noise that depends on seed,
   * image and level alone.
   */
  validate(images: readonly Float32Array[], levels: readonly NoiseLevel[], seed: number): Promise<LevelError[]>;
  /** The averaged weights, in the weight file's names and shapes: `memoryWeights(await trainer.emaWeights())`. */
  emaWeights(): Promise<NamedTensors>;
  exportState(): Promise<TrainerState>;
  /** Throws `mismatch` when the state is of another network. */
  importState(state: TrainerState): void;
  dispose(): void;
}

function checkOptimiser(o: OptimiserOptions): void {
  const problem =
    Object.entries(o).find(([, value]) => Number.isNaN(value) || value < 0) ??
    Object.entries({ beta1: o.beta1, beta2: o.beta2, emaDecay: o.emaDecay }).find(([, value]) => value >= 1) ??
    Object.entries({ decay: o.decay }).find(([, value]) => value > 1);
  check(problem === undefined, () => `optimiser option ${problem?.[0]} is out of range: ${problem?.[1]}`, {
    code: 'bad-usage',
    path: problem?.[0] ?? 'optimiser',
  });
}

/** Throws `mismatch` when the weights do not fit the network, `bad-usage` for options out of range. */
export async function createTrainer(options: TrainerOptions): Promise<Trainer> {
  const { tensors, network, convention } = options;
  const weighting = options.weighting ?? 'edm';
  const sigmaData = convention.sigmaData ?? options.sigmaData;
  const optimiser: OptimiserOptions = { ...defaultOptimiser, ...options.optimiser };
  checkOptimiser(optimiser);
  const channels = network.inputs;
  check(
    network.outputs === channels || network.outputs === 2 * channels,
    () => `a noise predictor of ${channels} channels returns ${channels} or ${2 * channels}, not ${network.outputs}`,
    { code: 'mismatch' },
  );
  const weightAt = (level: NoiseLevel) => lossWeight(weighting, level, sigmaData);
  weightAt({ t: 0, alphaBar: 0.5 });

  const net = await tensorNetwork(network, options.weights, tensors);
  const average = copyParameters(tensors, net.parameters);
  const moments = zeroMoments(tensors, net.parameters);
  const parts = [
    ['model', net.parameters],
    ['ema', average],
    ['adam.m', moments.first],
    ['adam.v', moments.second],
  ] as const;
  let done = 0;

  return {
    get stepsDone() {
      return done;
    },

    async step(images, levels, noise) {
      const problem = trainingProblem(convention, channels, network.multiple, images, levels, noise);
      const weights = problem.noiseError.map((e, b) => e * weightAt(levels[b]));
      const { loss, gradNorm, gradients } = await lossGradient(tensors, net, problem, weights);
      try {
        check(
          Number.isFinite(loss) && Number.isFinite(gradNorm),
          () => `training step ${done + 1} has loss ${loss} and gradient norm ${gradNorm}`,
          { code: 'numerical', hint: 'lower the learning rate, or look for bad numbers in the training images' },
        );
        // PyTorch's clip_grad_norm_, its guard against division by zero included.
        const scale = Math.min(1, optimiser.maxGradNorm / (gradNorm + 1e-6));
        const learningRate = learningRateAt(done, optimiser);
        adamWStep(tensors, net.parameters, moments, gradients, scale, learningRate, done + 1, optimiser);
        done++;
        emaStep(tensors, average, net.parameters, emaFactor(done, optimiser.emaDecay));
        return { loss, gradNorm, learningRate };
      } finally {
        for (const gradient of gradients.values()) gradient.dispose();
      }
    },

    validate: (images, levels, seed) =>
      validateLevels(tensors, net, average, convention, weightAt, images, levels, seed),

    emaWeights: () => readParameters(network, [['', average]]),

    async exportState() {
      return { step: done, tensors: await readParameters(network, parts) };
    },

    importState(state) {
      check(Number.isSafeInteger(state.step) && state.step >= 0, () => `a run cannot have done ${state.step} steps`);
      writeParameters(tensors, network, parts, state.tensors);
      done = state.step;
    },

    dispose() {
      net.dispose();
      for (const part of [average, moments.first, moments.second])
        for (const variable of part.values()) variable.dispose();
    },
  };
}
