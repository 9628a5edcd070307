/**
 * Runs the prior over a list of images in batches of at most `limit`; when a batch does not fit in memory it is halved
 * and tried again. The grouping never changes the result: images are independent in the prior.
 */
import type { RunContext } from '../context.ts';
import { checkpoint } from '../context.ts';
import { EngineError } from '../errors.ts';
import type { NoiseLevel, Prior } from '../prior/prior.ts';

export interface ImageStack {
  /** Planes of all images, [images, channels, y, x]. */
  readonly data: Float32Array;
  /** Numbers per image. */
  readonly length: number;
}

export class BatchPrediction {
  readonly #prior: Prior;
  readonly #height: number;
  readonly #width: number;
  readonly #input: Float32Array;
  readonly #length: number;
  #limit: number;

  constructor(prior: Prior, height: number, width: number, limit: number) {
    this.#prior = prior;
    this.#height = height;
    this.#width = width;
    this.#length = prior.channels * height * width;
    this.#limit = limit;
    this.#input = new Float32Array(limit * this.#length);
  }

  /**
   * noise[i] ← ε̂(inputScale·state[i]) for each index in `active`; the same for the raw variance output when asked for.
   * Returns whether the prior gave one.
   */
  async run(
    state: Float32Array,
    active: readonly number[],
    inputScale: number,
    level: NoiseLevel,
    noise: Float32Array,
    variance: Float32Array | undefined,
    context: RunContext,
  ): Promise<boolean> {
    let done = 0;
    let hasVariance = variance !== undefined;
    while (done < active.length) {
      await checkpoint(context);
      const part = active.slice(done, done + this.#limit);
      try {
        hasVariance = (await this.#predict(state, part, inputScale, level, noise, variance, context)) && hasVariance;
        done += part.length;
      } catch (error) {
        if (!(error instanceof EngineError && error.code === 'resource') || part.length === 1) throw error;
        this.#limit = Math.ceil(part.length / 2);
        context.log('warn', `batch of ${part.length} images did not fit in memory, going on with ${this.#limit}`);
      }
    }
    return hasVariance;
  }

  async #predict(
    state: Float32Array,
    part: readonly number[],
    inputScale: number,
    level: NoiseLevel,
    noise: Float32Array,
    variance: Float32Array | undefined,
    context: RunContext,
  ): Promise<boolean> {
    const length = this.#length;
    const input = this.#input.subarray(0, part.length * length);
    part.forEach((image, k) => {
      input.set(state.subarray(image * length, (image + 1) * length), k * length);
    });
    if (inputScale !== 1) for (let i = 0; i < input.length; i++) input[i] *= inputScale;
    const shape = { batch: part.length, height: this.#height, width: this.#width };
    const prediction = await this.#prior.predictNoise(input, shape, level, context.signal);
    if (prediction.noise.length !== input.length)
      throw new EngineError('internal', `prior returned ${prediction.noise.length} numbers for ${input.length}`, {
        path: this.#prior.name,
      });
    scatter(prediction.noise, part, length, noise);
    if (variance !== undefined && prediction.variance !== undefined)
      scatter(prediction.variance, part, length, variance);
    return prediction.variance !== undefined;
  }
}

function scatter(source: Float32Array, images: readonly number[], length: number, target: Float32Array): void {
  images.forEach((image, k) => {
    target.set(source.subarray(k * length, (k + 1) * length), image * length);
  });
}
