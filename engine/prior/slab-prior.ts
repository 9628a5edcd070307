/**
 * A prior of slabs: its network sees a slice between its two neighbours, [below, slice, above], and denoises the middle.
 * Of a volume every slice is asked for between its own neighbours; a lone slice, or the last of a volume, stands in for
 * the neighbours it lacks, noise and all, as in training (models/training/ct.py). To callers it is a prior of one channel.
 */
import { check } from '../errors.ts';
import type { BatchShape, NoiseLevel, NoisePrediction, Prior } from './prior.ts';

export const slabWidth = 3;

/** Wraps the prior of the three-channel network. */
export function slabPrior(network: Prior): Prior {
  check(network.channels === slabWidth, () => `a slab has ${slabWidth} slices, found ${network.channels} channels`, {
    path: network.name,
  });

  async function predictSlabs(
    slabs: Float32Array,
    shape: BatchShape,
    level: NoiseLevel,
    signal?: AbortSignal,
  ): Promise<NoisePrediction> {
    const { noise, variance } = await network.predictNoise(slabs, shape, level, signal);
    return { noise: middleOf(noise, shape), ...(variance ? { variance: middleOf(variance, shape) } : {}) };
  }

  return {
    ...network,
    channels: 1,
    predictSlabs,
    predictNoise(x, shape, level, signal) {
      const pixels = shape.height * shape.width;
      const slabs = new Float32Array(slabWidth * x.length);
      for (let b = 0; b < shape.batch; b++)
        for (let s = 0; s < slabWidth; s++)
          slabs.set(x.subarray(b * pixels, (b + 1) * pixels), (b * slabWidth + s) * pixels);
      return predictSlabs(slabs, shape, level, signal);
    },
  };
}

/** The middle slices, [batch, 1, y, x]. */
function middleOf(slabs: Float32Array, { batch, height, width }: BatchShape): Float32Array {
  const pixels = height * width;
  const out = new Float32Array(batch * pixels);
  for (let b = 0; b < batch; b++) {
    const from = (b * slabWidth + 1) * pixels;
    out.set(slabs.subarray(from, from + pixels), b * pixels);
  }
  return out;
}
