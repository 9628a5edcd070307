import { describe, expect, test } from 'vitest';
import { quietContext } from '../../engine/context.ts';
import { BatchPrediction } from '../../engine/dds/batch-prediction.ts';
import { plainView } from '../../engine/dds/orientation.ts';
import { planeNames, planeSize, putPlane, takePlane } from '../../engine/dds/volume-planes.ts';
import type { Prior } from '../../engine/prior/prior.ts';

const size = { slices: 3, channels: 2, height: 4, width: 5 };
const volume = Float32Array.from({ length: 3 * 2 * 4 * 5 }, (_, i) => i);
const at = (z: number, c: number, y: number, x: number) => ((z * 2 + c) * 4 + y) * 5 + x;

describe('planes of a volume', () => {
  test('a coronal plane holds [channel, z, x], a sagittal one [channel, z, y]', () => {
    const coronal = new Float32Array(2 * 3 * 5);
    takePlane(volume, coronal, size, 'coronal', 2);
    expect(coronal[(1 * 3 + 2) * 5 + 4]).toBe(at(2, 1, 2, 4));
    const sagittal = new Float32Array(2 * 3 * 4);
    takePlane(volume, sagittal, size, 'sagittal', 3);
    expect(sagittal[(1 * 3 + 2) * 4 + 1]).toBe(at(2, 1, 1, 3));
  });

  test.each(planeNames)('all %s planes put back make the volume', (plane) => {
    const { count, height, width } = planeSize(size, plane);
    const out = new Float32Array(volume.length).fill(-1);
    const image = new Float32Array(2 * height * width);
    for (let i = 0; i < count; i++) {
      takePlane(volume, image, size, plane, i);
      putPlane(image, out, size, plane, i);
    }
    expect(out).toEqual(volume);
  });
});

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
const real = { slices: 4, channels: 1, height: 2, width: 3 };
const values = Float32Array.from({ length: 24 }, (_, i) => i);
const request = { inputScale: 1, level: { t: 1, alphaBar: 0.5 }, views: () => plainView } as const;
const predict = async (isVolume: boolean, plane: (typeof planeNames)[number], limit: number) => {
  const noise = new Float32Array(24);
  await new BatchPrediction(slabs, real, isVolume, limit).run(
    { state: values, noise, variance: undefined },
    { images: [0, 1, 2, 3], plane, ...request },
    quietContext(),
  );
  return [...noise];
};

describe('a prior of slabs', () => {
  test('sees each slice of a volume between its neighbours, whatever the batch', async () => {
    const all = await predict(true, 'axial', 4);
    // Slice 1, first pixel: below 0, itself 6, above 12. The first slice stands in for the one below it.
    expect(all[6]).toBe(0 + 60 + 1200);
    expect(all[0]).toBe(0 + 0 + 600);
    expect(all[18]).toBe(12 + 180 + 1800);
    expect(await predict(true, 'axial', 1)).toEqual(all);
    expect(await predict(true, 'axial', 3)).toEqual(all);
  });

  test('sees neighbours along the axis it is shown', async () => {
    const coronal = await predict(true, 'coronal', 2);
    // z 1, y 0, x 2 (8): the plane below stands in, above is y 1 (11).
    expect(coronal[8]).toBe(8 + 80 + 1100);
    const sagittal = await predict(true, 'sagittal', 2);
    expect(sagittal[8]).toBe(7 + 80 + 800);
  });

  test('takes images of a stack one by one', async () => {
    expect(await predict(false, 'axial', 2)).toEqual([...values.map((v) => 111 * v)]);
  });
});
