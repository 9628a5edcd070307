/** Three planes through the middle of a volume, from the whole and as the sampler shows them. */
import { describe, expect, test } from 'vitest';
import type { Progress } from '../../engine/context.ts';
import { quietContext } from '../../engine/context.ts';
import { resolveParameters } from '../../engine/dds/parameters.ts';
import { orthogonalPlanes } from '../../engine/dds/running-preview.ts';
import { sample } from '../../engine/dds/sampler.ts';
import { gaussianPrior } from '../../engine/prior/gaussian.ts';
import { ctVolumeScene } from './ct-volume-scene.ts';

test('planes of a volume whose values are their coordinates', () => {
  const [slices, height, width] = [5, 4, 3];
  const volume = Float32Array.from(
    { length: 60 },
    (_, i) => -(100 * Math.floor(i / 12) + 10 * (Math.floor(i / 3) % 4) + (i % 3)),
  );
  const [z, y, x] = orthogonalPlanes(volume, { slices, height, width });
  expect(z).toMatchObject({ axis: 'z', index: 2, shape: [4, 3] });
  expect([...z.data]).toEqual([200, 201, 202, 210, 211, 212, 220, 221, 222, 230, 231, 232]);
  expect(y).toMatchObject({ axis: 'y', index: 2, shape: [5, 3] });
  expect([...y.data]).toEqual([20, 21, 22, 120, 121, 122, 220, 221, 222, 320, 321, 322, 420, 421, 422]);
  expect(x).toMatchObject({ axis: 'x', index: 1, shape: [5, 4] });
  expect([...x.data].slice(0, 8)).toEqual([1, 11, 21, 31, 101, 111, 121, 131]);
});

test('complex values are shown by their modulus', () => {
  const [z] = orthogonalPlanes(Float32Array.of(3, 4, 0, -2), { slices: 1, height: 1, width: 2, complex: true });
  expect([...z.data]).toEqual([5, 2]);
});

describe('the sampler', () => {
  const prior = gaussianPrior({ channels: 1, mean: 0.3, spectrum: 0.1 });
  async function previews(slices: number, input: Parameters<typeof resolveParameters>[0]) {
    const shown: NonNullable<Progress['preview']>[] = [];
    const context = quietContext({
      progress: ({ preview }) => {
        if (preview) shown.push(structuredClone(preview));
      },
    });
    const parameters = resolveParameters({ steps: 2, previewEvery: 2, scale: 2, ...input });
    const result = await sample(ctVolumeScene(slices, 16, 6).problem, prior, parameters, context);
    return { shown, result };
  }

  test.each([
    ['coupled', {}],
    ['slice by slice', { tv: false, batch: 4 }],
    ['second sample unseen', { samples: 2 }],
  ])('shows the planes of its running volume: %s', async (_name, input) => {
    const { shown, result } = await previews(11, input);
    const last = shown[shown.length - 1];
    expect(last.shape).toEqual([1, 16, 16]);
    const planes = orthogonalPlanes(result.samples[0], { slices: 11, height: 16, width: 16 });
    expect(last.planes).toEqual(planes);
    expect(last.data).toEqual(planes[0].data);
  });

  test('shows few slices whole', async () => {
    const { shown, result } = await previews(8, {});
    expect(shown[shown.length - 1].shape).toEqual([8, 16, 16]);
    expect(shown[shown.length - 1].data).toEqual(result.image.map(Math.abs));
    expect(shown[0].planes).toBeUndefined();
  });
});
