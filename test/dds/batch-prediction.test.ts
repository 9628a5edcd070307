import { describe, expect, test } from 'vitest';
import { quietContext } from '../../engine/context.ts';
import { BatchPrediction } from '../../engine/dds/batch-prediction.ts';
import { plainView } from '../../engine/dds/orientation.ts';
import type { Prior } from '../../engine/prior/prior.ts';

/** ε̂ of a slab: below + 10 middle + 100 above. */
const slabs: Prior = {
  ...{ name: 'slabs', channels: 1, variance: 1, hash: 'x', scaleRule: 'none' },
  predictNoise: async (x) => ({ noise: x.map((v) => 111 * v) }),
  async predictSlabs(x, { batch, height, width }) {
    const pixels = height * width;
    const noise = new Float32Array(batch * pixels);
    for (let b = 0; b < batch; b++)
      for (let i = 0; i < pixels; i++) {
        const of = (s: number) => x[(3 * b + s) * pixels + i];
        noise[b * pixels + i] = of(0) + 10 * of(1) + 100 * of(2);
      }
    return { noise };
  },
  async dispose() {},
};
const real = { images: 4, channels: 1, height: 2, width: 3 };
const values = Float32Array.from({ length: 24 }, (_, i) => i);
const request = { inputScale: 1, level: { t: 1, alphaBar: 0.5 }, views: () => plainView } as const;
const predict = async (isVolume: boolean, limit: number) => {
  const noise = new Float32Array(24);
  await new BatchPrediction(slabs, real, isVolume, limit).run(
    { state: values, noise, variance: undefined },
    { images: [0, 1, 2, 3], ...request },
    quietContext(),
  );
  return [...noise];
};

describe('a prior of slabs', () => {
  test('sees each slice of a volume between its neighbours, whatever the batch', async () => {
    const all = await predict(true, 4);
    // Slice 1, first pixel: below 0, itself 6, above 12. The first slice stands in for the one below it.
    expect(all[6]).toBe(0 + 60 + 1200);
    expect(all[0]).toBe(0 + 0 + 600);
    expect(all[18]).toBe(12 + 180 + 1800);
    expect(await predict(true, 1)).toEqual(all);
    expect(await predict(true, 3)).toEqual(all);
  });

  test('takes images of a stack one by one', async () => {
    expect(await predict(false, 2)).toEqual([...values.map((v) => 111 * v)]);
  });
});
