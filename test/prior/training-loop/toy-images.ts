/** Discs with a smooth phase, made on demand: what a training loop draws from in tests that need no folder. */
import { createRandom, type Random } from '../../../engine/arrays/random.ts';
import { parseTrainingConfig, type TrainingConfig } from '../../../engine/prior/training/training-config.ts';
import type { TrainingImages } from '../../../engine/prior/training/training-images.ts';

export function toyImage(random: Random, channels: 1 | 2, size: number, out: Float32Array): Float32Array {
  const [a, b, phase] = [0.3 + 0.5 * random.uniform(), 0.3 + 0.5 * random.uniform(), 2 * Math.PI * random.uniform()];
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const [u, v] = [(2 * x) / size - 1, (2 * y) / size - 1];
      const magnitude = (u / a) ** 2 + (v / b) ** 2 < 1 ? 0.8 : 0;
      const angle = channels === 2 ? phase + u : 0;
      out[y * size + x] = magnitude * Math.cos(angle);
      if (channels === 2) out[size * size + y * size + x] = magnitude * Math.sin(angle);
    }
  return out;
}

export function toyImages(channels: 1 | 2 = 2, size = 16): TrainingImages {
  const length = channels * size * size;
  const random = createRandom(5, 5);
  return {
    channels,
    size,
    count: 40,
    sources: [{ name: 'a.npy', slices: 40 }],
    heldOut: [{ name: 'b.npy', slices: 2 }],
    notes: [],
    draw: (stream, out = new Float32Array(length)) => toyImage(stream, channels, size, out),
    validation: [0, 1].map(() => toyImage(random, channels, size, new Float32Array(length))),
  };
}

/** A network of a few hundred weights, twelve steps of two images. */
export const toySettings = {
  title: 'Toy',
  data: { licence: 'CC0-1.0', provenance: 'generated' },
  size: 16,
  steps: 12,
  batch: 2,
  warmup: 4,
  validateEvery: 4,
  checkpointEvery: 4,
  levels: [0.05, 0.5],
  architecture: { kind: 'film-resunet', width: 4, mult: [1, 2], blocks: [1, 1], embedding: 8 },
};

export function toyConfig(change: Record<string, unknown> = {}): TrainingConfig {
  return parseTrainingConfig(JSON.stringify({ ...toySettings, ...change }), 'toy.json');
}
