/** The one interface the sampler has to a prior, learned or analytic. */

/** VP noise level: x_t = √ᾱ x_0 + √(1−ᾱ) ε. `t` is the index in the 1000-step schedule. */
export interface NoiseLevel {
  t: number;
  alphaBar: number;
}

export interface BatchShape {
  batch: number;
  height: number;
  width: number;
}

export interface NoisePrediction {
  /** ε̂, float32 [batch, channels, height, width]. */
  noise: Float32Array;
  /** Raw variance-interpolation output v of learned-variance networks, same shape. */
  variance?: Float32Array;
}

export interface Prior {
  readonly name: string;
  /** Real channels of an image: 2 for complex MRI (re, im planes), 1 for CT. */
  readonly channels: number;
  /** Variance of a clean image's real channel, used by the posterior preset. */
  readonly variance: number;
  /** Hash of the weights, or of the analytic prior's description. */
  readonly hash: string;
  /** How the sampler scales data before this prior: networks want magnitudes of order 1. */
  readonly scaleRule: 'quantile' | 'max' | 'none';
  /** CT: the Hounsfield units that are 0 and 1 to this prior. */
  readonly window?: readonly [number, number];
  /** Bytes of memory one evaluation needs, the weights included, as an estimate; absent = next to none. */
  memoryBytes?(shape: BatchShape): number;
  /** Where its network was evaluated so far: a device, or "webgpu, then cpu" after a fallback; absent = cpu. */
  device?(): string;
  /** ε̂(x_t, t) for x float32 [batch, channels, height, width] in VP scaling. */
  predictNoise(x: Float32Array, shape: BatchShape, level: NoiseLevel, signal?: AbortSignal): Promise<NoisePrediction>;
  /**
   * Priors that use the neighbours of a slice (slab-prior.ts): ε̂ of the middle of each slab, [batch, 1, height, width],
   * for x float32 [batch, 3, height, width].
   */
  predictSlabs?(x: Float32Array, shape: BatchShape, level: NoiseLevel, signal?: AbortSignal): Promise<NoisePrediction>;
  dispose(): Promise<void>;
}
