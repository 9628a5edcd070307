/**
 * Runs the prior over a list of images in batches of at most `limit`; when a batch does not fit in memory it is halved
 * and tried again. The grouping never changes the result: images are independent in the prior.
 */
import type { RunContext } from '../context.ts';
import { checkpoint } from '../context.ts';
import { EngineError } from '../errors.ts';
import type { NoiseLevel, Prior } from '../prior/prior.ts';
import { mirrorsOf, showView, undoView, type View } from './orientation.ts';

/** The view under which the prior sees an image of the stack. */
export type ViewOf = (image: number) => View;

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
   * The prior sees image i under view `views(i)` (orientation.ts), which is undone. Returns whether it gave a variance.
   */
  async run(
    state: Float32Array,
    active: readonly number[],
    inputScale: number,
    level: NoiseLevel,
    views: ViewOf,
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
        hasVariance =
          (await this.#predict(state, part, inputScale, level, views, noise, variance, context)) && hasVariance;
        done += part.length;
      } catch (error) {
        if (!isOutOfMemory(error) || part.length === 1) throw error;
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
    views: ViewOf,
    noise: Float32Array,
    variance: Float32Array | undefined,
    context: RunContext,
  ): Promise<boolean> {
    const length = this.#length;
    const input = this.#input.subarray(0, part.length * length);
    const size = { height: this.#height, width: this.#width };
    part.forEach((image, k) => {
      const planes = state.subarray(image * length, (image + 1) * length);
      showView(planes, input.subarray(k * length, (k + 1) * length), size, views(image));
    });
    if (inputScale !== 1) for (let i = 0; i < input.length; i++) input[i] *= inputScale;
    const shape = { batch: part.length, height: this.#height, width: this.#width };
    const prediction = await this.#prior.predictNoise(input, shape, level, context.signal);
    if (prediction.noise.length !== input.length)
      throw new EngineError('internal', `prior returned ${prediction.noise.length} numbers for ${input.length}`, {
        path: this.#prior.name,
      });
    const got = prediction.variance;
    part.forEach((image, k) => {
      const [from, to] = [k * length, (k + 1) * length];
      const target = (stack: Float32Array) => stack.subarray(image * length, (image + 1) * length);
      undoView(prediction.noise.subarray(from, to), target(noise), size, views(image));
      // A variance has no sign and no phase: only the mirror is undone.
      if (variance !== undefined && got !== undefined)
        undoView(got.subarray(from, to), target(variance), size, mirrorsOf(views(image)));
    });
    return prediction.variance !== undefined;
  }
}

/** A device or the network's runtime says so by code; a typed array that cannot be had is a RangeError. */
function isOutOfMemory(error: unknown): boolean {
  if (error instanceof EngineError) return error.code === 'resource';
  return error instanceof RangeError && /allocation failed|array length|array buffer/i.test(error.message);
}
