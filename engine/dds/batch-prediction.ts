/**
 * Runs the prior over images in batches; when a batch does not fit in memory it is halved and tried again. The images are
 * those of a stack, or all planes of a volume along one of its axes, where a prior of slabs also sees their neighbours.
 * The grouping into batches never changes the result.
 */
import type { RunContext } from '../context.ts';
import { checkpoint } from '../context.ts';
import { EngineError } from '../errors.ts';
import type { NoiseLevel, Prior } from '../prior/prior.ts';
import { slabWidth } from '../prior/slab-prior.ts';
import { mirrorsOf, showView, undoView, type View } from './orientation.ts';
import { type PlaneName, planeSize, putPlane, takePlane, type VolumeSize } from './volume-planes.ts';

/** The view under which the prior sees an image of the stack. */
export type ViewOf = (image: number) => View;

export interface PredictionRequest {
  /** Images to denoise; of a plane other than axial always all. */
  images: readonly number[];
  plane: PlaneName;
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
  readonly #size: VolumeSize;
  /** The images are slices of one volume, in order. */
  readonly #volume: boolean;
  /** Images of the plane at hand that share an evaluation, as they go in, and one of them. */
  #input = new Float32Array(0);
  #image = new Float32Array(0);
  #limit: number;

  /** `limit`: most images per evaluation. `volume`: the images are neighbouring slices, in order. */
  constructor(prior: Prior, size: VolumeSize, volume: boolean, limit: number) {
    this.#prior = prior;
    this.#size = size;
    this.#volume = volume;
    this.#limit = limit;
  }

  /**
   * noise[i] ← ε̂(inputScale·state[i]) for each image asked for; the same for the raw variance output. The prior sees image
   * i under view `views(i)` (orientation.ts), which is undone. Returns whether it gave a variance.
   */
  async run(stacks: PredictionStacks, request: PredictionRequest, context: RunContext): Promise<boolean> {
    const { count } = planeSize(this.#size, request.plane);
    const images = request.plane === 'axial' ? request.images : Array.from({ length: count }, (_, i) => i);
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
    { plane, inputScale, level, views }: PredictionRequest,
    context: RunContext,
  ): Promise<boolean> {
    const { count, ...size } = planeSize(this.#size, plane);
    const length = this.#size.channels * size.height * size.width;
    const slabs = this.#volume && this.#prior.predictSlabs !== undefined;
    const perImage = (slabs ? slabWidth : 1) * length;
    if (this.#image.length !== length) this.#image = new Float32Array(length);
    if (this.#input.length < part.length * perImage) this.#input = new Float32Array(part.length * perImage);
    const input = this.#input.subarray(0, part.length * perImage);
    const image = this.#image;
    const show = (index: number, view: View, at: number) => {
      takePlane(state, image, this.#size, plane, index);
      showView(image, input.subarray(at, at + length), size, view);
    };
    part.forEach((index, k) => {
      const view = views(index);
      const around = slabs ? [index - 1, index, index + 1] : [index];
      for (const [s, i] of around.entries()) show(Math.min(count - 1, Math.max(0, i)), view, k * perImage + s * length);
    });
    if (inputScale !== 1) for (let i = 0; i < input.length; i++) input[i] *= inputScale;
    const shape = { batch: part.length, ...size };
    const prediction =
      slabs && this.#prior.predictSlabs
        ? await this.#prior.predictSlabs(input, shape, level, context.signal)
        : await this.#prior.predictNoise(input, shape, level, context.signal);
    if (prediction.noise.length !== part.length * length)
      throw new EngineError(
        'internal',
        `prior returned ${prediction.noise.length} numbers for ${part.length * length}`,
        { path: this.#prior.name },
      );
    const undo = (values: Float32Array, k: number, view: View, target: Float32Array, index: number) => {
      undoView(values.subarray(k * length, (k + 1) * length), image, size, view);
      putPlane(image, target, this.#size, plane, index);
    };
    part.forEach((index, k) => {
      undo(prediction.noise, k, views(index), noise, index);
      // A variance has no sign and no phase: only the mirror is undone.
      if (variance !== undefined && prediction.variance !== undefined)
        undo(prediction.variance, k, mirrorsOf(views(index)), variance, index);
    });
    return prediction.variance !== undefined;
  }
}

/** A device or the network's runtime says so by code; a typed array that cannot be had is a RangeError. */
function isOutOfMemory(error: unknown): boolean {
  if (error instanceof EngineError) return error.code === 'resource';
  return error instanceof RangeError && /allocation failed|array length|array buffer/i.test(error.message);
}
