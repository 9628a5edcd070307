/** The fit model of a prior from what it is trained on: for the end of a training. */
import { createRandom } from '../../arrays/random.ts';
import type { TrainingImages } from '../training/training-images.ts';
import { type FitModel, type FitOptions, fitModel } from './fit-model.ts';
import type { LayoutImage } from './layout-image.ts';

const usualDraws = 400;

/**
 * Fits to augmented draws of the training images, a function of the seed. Draws may be turned, so the model knows no
 * orientation. Neighbouring draws show whoever was drawn, so that held-out scores are those of slices, not of people: they are a
 * little too good, and percentiles of new people a little too high.
 */
export function fitTraining(
  images: TrainingImages,
  { draws = usualDraws, ...options }: FitOptions & { draws?: number } = {},
): FitModel {
  const random = createRandom(options.seed ?? 0, 21);
  const pixels = images.size * images.size;
  const drawn = Array.from({ length: draws }, (): LayoutImage => {
    const image = images.draw(random);
    const data = new Float32Array(pixels);
    for (let i = 0; i < pixels; i++)
      data[i] = images.channels === 2 ? Math.hypot(image[i], image[pixels + i]) : Math.max(0, image[i]);
    return { data, height: images.size, width: images.size };
  });
  return fitModel(drawn, { copies: 2, ...options });
}
