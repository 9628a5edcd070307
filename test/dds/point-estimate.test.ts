/** The deterministic path of few steps: no noise, momentum, mirrored views; closed forms with a white Gaussian prior. */
import { describe, expect, test } from 'vitest';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import { norm } from '../../engine/arrays/statistics.ts';
import { quietContext } from '../../engine/context.ts';
import type { DdsInput } from '../../engine/dds/parameters.ts';
import { resolveParameters } from '../../engine/dds/parameters.ts';
import { presets } from '../../engine/dds/presets.ts';
import { sample } from '../../engine/dds/sampler.ts';
import { noiseLevels } from '../../engine/dds/time-steps.ts';
import { realSpace } from '../../engine/linear/typed-space.ts';
import { gaussianPrior } from '../../engine/prior/gaussian.ts';
import { vpSchedule } from '../../engine/prior/schedule.ts';
import { identityOperator } from './explicit-operators.ts';

const size = 6;
const pixels = size * size;
const [mean, variance] = [0.5, 0.25];
const prior = gaussianPrior({
  channels: 1,
  mean,
  spectrum: ndarray('float64', [size, size], new Float64Array(pixels).fill(variance)),
});
const measurement = Float32Array.from({ length: pixels }, (_, i) => 0.5 + Math.sin(i));
const warmStart = Float32Array.from({ length: pixels }, (_, i) => Math.cos(0.3 * i));
const gamma = 0.4;

function run(input: DdsInput) {
  const slices = [{ operator: identityOperator(realSpace([size, size])), measurement }];
  const problem = { slices, height: size, width: size, complex: false, warmStart };
  const settings: DdsInput = { tStart: 57, tEnd: 1, spacing: 'even', noiseRule: 'none', steps: 6, ...input };
  return sample(problem, prior, resolveParameters({ dc: 'proximal', gamma, ...settings }), quietContext());
}

/** x ← x̂0′ + m (x̂0′ − previous), x̂0 = μ + v(x − μ)/(v + σ²), x̂0′ = (x̂0 + γ y)/(1 + γ). */
function recursion(momentum: number, steps: number): Float64Array {
  const levels = noiseLevels(steps, 'even', vpSchedule(), 57, 1);
  let state = Float64Array.from(warmStart);
  let estimate = state; // The start image counts as the estimate before the first.
  levels.forEach(({ alphaBar }) => {
    const sigmaSquared = (1 - alphaBar) / alphaBar;
    const before = estimate;
    estimate = state.map((x, i) => {
      const denoised = mean + (variance * (x - mean)) / (variance + sigmaSquared);
      return (denoised + gamma * measurement[i]) / (1 + gamma);
    });
    state = estimate.map((x, i) => x + momentum * (x - before[i]));
  });
  return estimate;
}

describe('without noise', () => {
  test.each([0, 0.7])('momentum %d follows the recursion', async (momentum) => {
    const { image } = await run({ momentum });
    const expected = recursion(momentum, 6);
    expect(norm(image.map((x, i) => x - expected[i])) / norm(image)).toBeLessThan(1e-5);
  });

  test('momentum changes the path, and the recursion it is compared with', () => {
    const [plain, pushed] = [recursion(0, 6), recursion(0.7, 6)];
    expect(Math.max(...plain.map((x, i) => Math.abs(x - pushed[i])))).toBeGreaterThan(1e-3);
  });

  test('the seed has no influence, nor has eta', async () => {
    const first = await run({ seed: 1, momentum: 0.5 });
    expect((await run({ seed: 2, momentum: 0.5, eta: 1 })).image).toEqual(first.image);
  });

  test('starts at the image itself', async () => {
    const { init } = await run({ steps: 1 });
    const root = Math.sqrt(vpSchedule().alphaBar[57]);
    init[0].forEach((value, i) => {
      expect(value).toBeCloseTo(root * warmStart[i], 6);
    });
  });

  test('both parametrisations agree', async () => {
    const vp = await run({ momentum: 0.6 });
    const ve = await run({ momentum: 0.6, param: 've' });
    expect(norm(vp.image.map((x, i) => x - ve.image[i])) / norm(vp.image)).toBeLessThan(1e-5);
  });

  test('mirrored views change nothing for a prior that treats all views alike', async () => {
    const plain = await run({ momentum: 0.6 });
    const mirrored = await run({ momentum: 0.6, mirror: true });
    expect(norm(plain.image.map((x, i) => x - mirrored.image[i])) / norm(plain.image)).toBeLessThan(1e-6);
  });
});

test('the preset fast takes the eight network evaluations it claims', async () => {
  expect(presets.fast.samples ?? 1).toBe(1);
  const parameters = resolveParameters({ preset: 'fast', sigmaY: 0.1 });
  let images = 0;
  const counting = {
    ...prior,
    predictNoise: (...given: Parameters<typeof prior.predictNoise>) => {
      images += given[1].batch;
      return prior.predictNoise(...given);
    },
  };
  const slices = [{ operator: identityOperator(realSpace([size, size])), measurement }];
  const result = await sample(
    { slices, height: size, width: size, complex: false },
    counting,
    parameters,
    quietContext(),
  );
  expect(images).toBeLessThanOrEqual(8);
  expect(result.nfe).toBe(images);
});
