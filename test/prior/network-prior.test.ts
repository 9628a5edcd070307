import { describe, expect, it } from 'vitest';
import { parseManifest } from '../../engine/prior/manifest.ts';
import { networkPrior } from '../../engine/prior/network-prior.ts';
import { type NetworkSession, oneByOne } from '../../engine/prior/session.ts';
import { manifestOfTiny } from './tiny-prior.ts';

const manifest = parseManifest(
  JSON.stringify(manifestOfTiny({ prediction: 'eps', timeInput: 'index' })),
  'manifest.json',
);
const level = { t: 41, alphaBar: 0.5 };

/** Output channel c of item b is 100 b + 10 c everywhere, plus the input of channel 0. */
function fakeSession(outputs: number, seen: number[][] = []): NetworkSession {
  return {
    run: async (x, [batch, channels, height, width], t) => {
      seen.push([batch, channels, height, width, ...t]);
      const plane = height * width;
      const value = (i: number) => {
        const b = Math.floor(i / plane / outputs);
        return 100 * b + 10 * (Math.floor(i / plane) % outputs) + x[b * channels * plane + (i % plane)];
      };
      return {
        data: Float32Array.from({ length: batch * outputs * plane }, (_, i) => value(i)),
        shape: [batch, outputs, height, width],
      };
    },
    release: async () => {},
  };
}

describe('networkPrior', () => {
  it('pads to the multiple, crops back, and splits noise from learned variance', async () => {
    const seen: number[][] = [];
    const prior = networkPrior(manifest, fakeSession(4, seen), 4, 4);
    const x = Float32Array.from({ length: 2 * 2 * 3 * 5 }, (_, i) => i / 64);
    const { noise, variance } = await prior.predictNoise(x, { batch: 2, height: 3, width: 5 }, level);
    expect(seen).toEqual([[2, 2, 4, 8, 41, 41]]);
    for (let i = 0; i < x.length; i++) {
      const [b, c, pixel] = [Math.floor(i / 30), Math.floor(i / 15) % 2, i % 15];
      expect(noise[i]).toBe(Math.fround(100 * b + 10 * c + x[30 * b + pixel]));
      expect(variance?.[i]).toBe(Math.fround(100 * b + 10 * (c + 2) + x[30 * b + pixel]));
    }
  });

  it('stops at numbers that are not finite, and at another number of channels', async () => {
    const shape = { batch: 1, height: 4, width: 4 };
    const bad = {
      ...fakeSession(2),
      run: async () => ({ data: new Float32Array(32).fill(Number.NaN), shape: [1, 2, 4, 4] }),
    };
    const x = new Float32Array(32);
    await expect(networkPrior(manifest, bad, 4, 2).predictNoise(x, shape, level)).rejects.toMatchObject({
      code: 'numerical',
    });
    await expect(networkPrior(manifest, fakeSession(3), 4, 2).predictNoise(x, shape, level)).rejects.toMatchObject({
      code: 'mismatch',
    });
  });

  it('keeps to the size of networks that have only one', async () => {
    const fixed = networkPrior({ ...manifest, fixedSize: true }, fakeSession(2), 1, 2);
    await expect(
      fixed.predictNoise(new Float32Array(32), { batch: 1, height: 4, width: 4 }, level),
    ).rejects.toThrowError(/works on 16×16 images only, found 4×4/);
  });
});

describe('oneByOne', () => {
  it('gives batches to a network that takes single images', async () => {
    const seen: number[][] = [];
    const x = Float32Array.from({ length: 3 * 2 * 4 }, (_, i) => i);
    const single = oneByOne(fakeSession(2, seen));
    const { data, shape } = await single.run(x, [3, 2, 2, 2], Float32Array.of(1, 2, 3));
    expect(seen).toEqual([1, 2, 3].map((t) => [1, 2, 2, 2, t]));
    expect(shape).toEqual([3, 2, 2, 2]);
    expect([...data.subarray(8, 16)]).toEqual([8, 9, 10, 11, 18, 19, 20, 21]);
  });
});
