/**
 * Runs the prior over images in batches; when a batch does not fit in memory it is halved and tried again. Where the images
 * are the slices of a volume, a prior of slabs also sees the neighbours of each. The grouping into batches never changes the
 * result.
 */
import type { RunContext } from '../context.ts';
import { checkpoint } from '../context.ts';
import { EngineError } from '../errors.ts';
import type { NoiseLevel, Prior } from '../prior/prior.ts';
import { slabWidth } from '../prior/slab-prior.ts';
import { mirrorsOf, showView, undoView, type View } from './orientation.ts';

/** The view under which the prior sees an image of the stack. */
export type ViewOf = (image: number) => View;

export interface StackSize {
  images: number;
  channels: number;
  height: number;
  width: number;
}

export interface PredictionRequest {
  /** Images to denoise. */
  images: readonly number[];
  inputScale: number;
  level: NoiseLevel;
  views: ViewOf;
}

export interface PredictionStacks {
  /** Planes of all images, [images, channels, y, x]. */
  state: Float32Array;
  /** ε̂ is written here. */
  noise: Float32Array;
  /** The raw variance output, where asked for. */
  variance: Float32Array | undefined;
}

export class BatchPrediction {
  readonly #prior: Prior;
  readonly #size: StackSize;
  /** Numbers per image. */
  readonly #length: number;
  /** Each image goes in between its neighbours. */
  readonly #slabs: boolean;
  readonly #input: Float32Array;
  #limit: number;

  /** `limit`: most images per evaluation. `volume`: the images are neighbouring slices, in order. */
  constructor(prior: Prior, size: StackSize, volume: boolean, limit: number) {
    this.#prior = prior;
    this.#size = size;
    this.#length = size.channels * size.height * size.width;
    this.#slabs = volume && prior.predictSlabs !== undefined;
    this.#input = new Float32Array(limit * (this.#slabs ? slabWidth : 1) * this.#length);
    this.#limit = limit;
  }

  /**
   * noise[i] ← ε̂(inputScale·state[i]) for each image asked for; the same for the raw variance output. The prior sees image
   * i under view `views(i)` (orientation.ts), which is undone. Returns whether it gave a variance.
   */
  async run(stacks: PredictionStacks, request: PredictionRequest, context: RunContext): Promise<boolean> {
    const { images } = request;
    let done = 0;
    let hasVariance = stacks.variance !== undefined;
    while (done < images.length) {
      await checkpoint(context);
      const part = images.slice(done, done + this.#limit);
      try {
        hasVariance = (await this.#predict(stacks, part, request, context)) && hasVariance;
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
    { state, noise, variance }: PredictionStacks,
    part: readonly number[],
    { inputScale, level, views }: PredictionRequest,
    context: RunContext,
  ): Promise<boolean> {
    const length = this.#length;
    const { images, height, width } = this.#size;
    const size = { height, width };
    const perImage = this.#slabs ? slabWidth : 1;
    const input = this.#input.subarray(0, part.length * perImage * length);
    part.forEach((index, k) => {
      const around = this.#slabs ? [index - 1, index, index + 1] : [index];
      for (const [s, i] of around.entries()) {
        const from = Math.min(images - 1, Math.max(0, i)) * length;
        const to = (k * perImage + s) * length;
        showView(state.subarray(from, from + length), input.subarray(to, to + length), size, views(index));
      }
    });
    if (inputScale !== 1) for (let i = 0; i < input.length; i++) input[i] *= inputScale;
    const shape = { batch: part.length, ...size };
    const prediction =
      this.#slabs && this.#prior.predictSlabs
        ? await this.#prior.predictSlabs(input, shape, level, context.signal)
        : await this.#prior.predictNoise(input, shape, level, context.signal);
    if (prediction.noise.length !== part.length * length)
      throw new EngineError(
        'internal',
        `prior returned ${prediction.noise.length} numbers for ${part.length * length}`,
        { path: this.#prior.name },
      );
    const got = prediction.variance;
    part.forEach((index, k) => {
      const [from, to] = [k * length, (k + 1) * length];
      const target = (stack: Float32Array) => stack.subarray(index * length, (index + 1) * length);
      undoView(prediction.noise.subarray(from, to), target(noise), size, views(index));
      // A variance has no sign and no phase: only the mirror is undone.
      if (variance !== undefined && got !== undefined)
        undoView(got.subarray(from, to), target(variance), size, mirrorsOf(views(index)));
    });
    return prediction.variance !== undefined;
  }
}

/** A device or the network's runtime says so by code; a typed array that cannot be had is a RangeError. */
function isOutOfMemory(error: unknown): boolean {
  if (error instanceof EngineError) return error.code === 'resource';
  return error instanceof RangeError && /allocation failed|array length|array buffer/i.test(error.message);
}
