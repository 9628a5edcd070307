import { describe, expect, test } from 'vitest';
import type { Prior } from '../../engine/prior/prior.ts';
import { slabPrior } from '../../engine/prior/slab-prior.ts';

/** ε̂ of channel c is 100 c plus the sum of the three channels. */
function network(channels = 3): Prior {
  return {
    ...{ name: 'slabs', channels, variance: 1, hash: 'x', scaleRule: 'none' },
    async predictNoise(x, { batch, height, width }) {
      const pixels = height * width;
      const noise = new Float32Array(x.length);
      for (let b = 0; b < batch; b++)
        for (let c = 0; c < 3; c++)
          for (let i = 0; i < pixels; i++) {
            const at = (s: number) => x[(b * 3 + s) * pixels + i];
            noise[(b * 3 + c) * pixels + i] = 100 * c + at(0) + at(1) + at(2);
          }
      return { noise };
    },
    async dispose() {},
  };
}

const level = { t: 10, alphaBar: 0.9 };

describe('a prior of slabs', () => {
  test('is a prior of one channel, a lone slice standing in for its neighbours', async () => {
    const prior = slabPrior(network());
    expect(prior.channels).toBe(1);
    const { noise } = await prior.predictNoise(Float32Array.of(1, 2, 5, 7), { batch: 2, height: 1, width: 2 }, level);
    expect([...noise]).toEqual([103, 106, 115, 121]);
  });

  test('gives the middle of each slab', async () => {
    const slabs = Float32Array.of(1, 2, 4, 8, 16, 32);
    const { noise } =
      (await slabPrior(network()).predictSlabs?.(slabs, { batch: 2, height: 1, width: 1 }, level)) ?? {};
    expect([...(noise ?? [])]).toEqual([107, 156]);
  });

  test('needs three channels', () => {
    expect(() => slabPrior(network(2))).toThrow(/a slab has 3 slices, found 2 channels/);
  });
});
