/** Sampling that starts from an image, and the factor on the weight of the data. */
import { describe, expect, test } from 'vitest';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import { fillNormal } from '../../engine/arrays/random.ts';
import { norm } from '../../engine/arrays/statistics.ts';
import { quietContext } from '../../engine/context.ts';
import type { DdsInput } from '../../engine/dds/parameters.ts';
import { resolveParameters } from '../../engine/dds/parameters.ts';
import { sample } from '../../engine/dds/sampler.ts';
import { realSpace } from '../../engine/linear/typed-space.ts';
import { gaussianPrior } from '../../engine/prior/gaussian.ts';
import { vpSchedule } from '../../engine/prior/schedule.ts';
import { identityOperator } from './explicit-operators.ts';

const size = 8;
const pixels = size * size;
const prior = gaussianPrior({
  channels: 1,
  mean: 0.5,
  spectrum: ndarray('float64', [size, size], new Float64Array(pixels).fill(0.25)),
});
const measurement = Float32Array.from({ length: pixels }, (_, i) => 0.5 + Math.sin(i));
const warmStart = Float32Array.from({ length: pixels }, (_, i) => Math.cos(0.3 * i));

function run(input: DdsInput, warm?: Float32Array) {
  const slices = [{ operator: identityOperator(realSpace([size, size])), measurement }];
  const problem = { slices, height: size, width: size, complex: false, ...(warm ? { warmStart: warm } : {}) };
  return sample(problem, prior, resolveParameters({ steps: 8, ...input }), quietContext());
}

describe('start image', () => {
  test('the first state is the image plus noise of the first level, in units of the scale', async () => {
    const { init } = await run({ tStart: 120, spacing: 'logsnr', scale: 2, dc: 'none' }, warmStart);
    const { alphaBar } = vpSchedule().level(120);
    const noise = new Float32Array(pixels);
    fillNormal(noise, { seed: 0, sample: 0, slice: 0, step: 0 });
    init[0].forEach((value, i) => {
      expect(value).toBeCloseTo((Math.sqrt(alphaBar) * warmStart[i]) / 2 + Math.sqrt(1 - alphaBar) * noise[i], 5);
    });
  });

  test('without one, the least-squares image is used', async () => {
    const given = await run({ tStart: 120, dc: 'proximal', gamma: 1 }, measurement);
    const found = await run({ tStart: 120, dc: 'proximal', gamma: 1 });
    expect(norm(given.image.map((value, i) => value - found.image[i])) / norm(found.image)).toBeLessThan(1e-5);
  });

  test('from pure noise it has no influence', async () => {
    expect((await run({ dc: 'none' }, warmStart)).image).toEqual((await run({ dc: 'none' })).image);
  });

  test('of the wrong size it is refused', async () => {
    await expect(run({ tStart: 120 }, warmStart.subarray(1))).rejects.toMatchObject({ code: 'mismatch' });
  });
});

test('a data weight of w equals a noise level smaller by √w', async () => {
  const weighted = await run({ dc: 'posterior', sigmaY: 0.2, dataWeight: 4 });
  const quieter = await run({ dc: 'posterior', sigmaY: 0.1 });
  expect(norm(weighted.image.map((value, i) => value - quieter.image[i])) / norm(quieter.image)).toBeLessThan(1e-6);
});
