/**
 * Trains a noise predictor of any convention: one AdamW step on a given batch, an exponential moving average of the
 * weights, and the denoising error per noise level. Images, noise levels and noise come from the caller, so that a
 * run is a function of its seed and can be resumed to the same bits. models/training/train.py is the same recipe.
 */
import type { Tensors } from '../../tensor/backend.ts';
import type { NetworkDescription } from '../graph.ts';
import type { Convention } from '../preconditioning.ts';
import type { NoiseLevel } from '../prior.ts';
import type { NamedTensors, WeightSource } from '../weights.ts';

/**
 * How errors at different noise levels count, both as mean over all pixels of c(σ)·(ε̂ − ε)²:
 * `eps`: c = 1; `edm`: c = (σ² + s²)/s², s = σ_data. See loss-weight.ts.
 */
export type LossWeighting = 'eps' | 'edm';

export interface OptimiserOptions {
  /** Largest learning rate, default 4e-4. */
  learningRate: number;
  /** Steps of linear warm-up, default 200. */
  warmup: number;
  /** Length of the run, for the decay; default: never decays. */
  steps: number;
  /** Share of `steps` at the end over which the rate falls along half a cosine, default 0.3. */
  decay: number;
  /** AdamW's averaging of gradient and squared gradient, default 0.9 and 0.99. */
  beta1: number;
  beta2: number;
  /** Default 1e-8. */
  epsilon: number;
  /** Decoupled weight decay, default 1e-4. */
  weightDecay: number;
  /** Gradients are scaled down to this norm over all parameters, default 1. */
  maxGradNorm: number;
  /** Largest factor of the moving average, min(emaDecay, (n + 1)/(n + 10)) after n steps; default 0.9995. */
  emaDecay: number;
}

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

/** Throws `mismatch` when the weights do not fit the network. */
export async function createTrainer(_options: TrainerOptions): Promise<Trainer> {
  throw new Error('not yet');
}
