/** Denoising error of a network per noise level on held-out images. */
import { fillNormal } from '../../arrays/random.ts';
import { check } from '../../errors.ts';
import type { Tensors } from '../../tensor/backend.ts';
import type { Convention } from '../preconditioning.ts';
import type { NoiseLevel } from '../prior.ts';
import { sigmaOf } from '../schedule.ts';
import type { TensorMap } from '../tensor-network/tensor-builder.ts';
import type { TensorNetwork } from '../tensor-network/tensor-network.ts';
import type { LevelError } from './trainer.ts';
import { trainingProblem } from './training-problem.ts';

/**
 * With ê = ε̂ − ε: x̂₀ − x₀ = −σ ê, so the image's mean squared error is σ² times the noise's; loss = c(σ) mean ê².
 * The noise of image i at level j is that of the key (seed, i, j), whatever else is evaluated beside it.
 */
export async function validateLevels(
  { tf }: Tensors,
  net: TensorNetwork,
  parameters: TensorMap,
  convention: Convention,
  weightAt: (level: NoiseLevel) => number,
  images: readonly Float32Array[],
  levels: readonly NoiseLevel[],
  seed: number,
): Promise<LevelError[]> {
  check(images.length > 0, () => 'there are no images to validate on', { code: 'bad-usage' });
  const { inputs: channels, outputs, multiple } = net.network;
  const results: LevelError[] = [];
  for (const [j, level] of levels.entries()) {
    let sum = 0;
    let count = 0;
    for (const [i, image] of images.entries()) {
      const noise = new Float32Array(image.length);
      fillNormal(noise, { seed, sample: i, slice: j, step: 0 });
      const { input, target, time, noiseError, side } = trainingProblem(
        convention,
        channels,
        multiple,
        image,
        [level],
        noise,
      );
      const output = tf.tidy(() =>
        net.apply(tf.tensor(input, [1, side, side, channels]), tf.tensor1d(time), parameters),
      );
      const answer = await output.data<'float32'>();
      output.dispose();
      for (let p = 0; p < side * side; p++)
        for (let c = 0; c < channels; c++)
          sum += noiseError[0] * (answer[p * outputs + c] - target[p * channels + c]) ** 2;
      count += image.length;
    }
    const error = sum / count;
    const sigma = sigmaOf(level.alphaBar);
    results.push({ level, sigma, mse: sigma * sigma * error, loss: weightAt(level) * error });
  }
  return results;
}
