import { expect, test } from 'vitest';
import { createRandom } from '../../../engine/arrays/random.ts';
import { scoreSlice } from '../../../engine/prior/fit/fit-model.ts';
import { layoutFeatures } from '../../../engine/prior/fit/layout-features.ts';
import { fitTraining } from '../../../engine/prior/fit/training-fit.ts';
import type { TrainingImages } from '../../../engine/prior/training/training-images.ts';
import { face, grid } from './drawn-images.ts';

const size = 96;
const faces: TrainingImages = {
  ...{ channels: 2, size, count: 1, sources: [], heldOut: [], notes: [], validation: [] },
  // Everything imaginary: only the magnitude may count.
  draw: (random) => {
    const { data, height, width } = face(random);
    const out = new Float32Array(2 * size * size);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) out[size * size + y * size + x] = -data[y * width + x];
    return out;
  },
};

test('a model of the draws tells a new draw from a grid, and is the same for the same seed', () => {
  const model = fitTraining(faces, { seed: 1, copies: 1, draws: 80 });
  const score = ({ data, height, width }: { data: Float32Array; height: number; width: number }) =>
    Math.min(...scoreSlice(model, layoutFeatures(data, height, width).values).byTurn.map((turn) => turn.score));
  const random = createRandom(8);
  expect(score(face(random))).toBeLessThan(4);
  expect(score(grid(random))).toBeGreaterThan(8);
  expect(model.orientation).toBeUndefined();
  expect(fitTraining(faces, { seed: 1, copies: 1, draws: 80 })).toEqual(model);
});
