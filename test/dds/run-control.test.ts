/** Cancelling, finishing early, previews, memory, bad input, warnings: how a run behaves around its numbers. */
import { describe, expect, test } from 'vitest';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import type { Progress } from '../../engine/context.ts';
import { quietContext } from '../../engine/context.ts';
import { meanOf, spreadOf } from '../../engine/dds/ensemble.ts';
import type { DdsInput } from '../../engine/dds/parameters.ts';
import { resolveParameters } from '../../engine/dds/parameters.ts';
import type { DdsProblem } from '../../engine/dds/problem.ts';
import { sample } from '../../engine/dds/sampler.ts';
import { mriDataWarnings, resultWarnings } from '../../engine/dds/warnings.ts';
import { EngineError } from '../../engine/errors.ts';
import { effectiveAcceleration } from '../../engine/physics/mri/masks.ts';
import { createSense } from '../../engine/physics/mri/sense.ts';
import { gaussianPrior } from '../../engine/prior/gaussian.ts';
import type { Prior } from '../../engine/prior/prior.ts';
import { goldenScene } from './golden-scene.ts';

const size = 16;
const scene = goldenScene();
const prior = gaussianPrior({ channels: 2, spectrum: ndarray('float64', [size, size], scene.spectrum) });
const operator = createSense({ maps: scene.maps, mask: scene.mask });
const slice = { operator, measurement: scene.measurement };
const problem: DdsProblem = { slices: [slice], height: size, width: size, complex: true };
const settings = (input: DdsInput) => resolveParameters({ steps: 10, dc: 'proximal', gamma: 1, ...input });

async function rejection(promise: Promise<unknown>): Promise<EngineError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('stopping', () => {
  test('abort cancels', async () => {
    const controller = new AbortController();
    const context = quietContext({
      signal: controller.signal,
      progress: ({ step }) => {
        if (step?.index === 3) controller.abort();
      },
    });
    expect((await rejection(sample(problem, prior, settings({}), context))).code).toBe('cancelled');
  });

  test('finish keeps the estimate of the running step', async () => {
    const finish = new AbortController();
    const estimates: Float32Array[] = [];
    const context = quietContext({
      progress: ({ step, preview }) => {
        if (preview) estimates.push(preview.data.slice());
        if (step?.index === 4) finish.abort();
      },
    });
    const result = await sample(problem, prior, settings({ previewEvery: 1 }), context, { finish: finish.signal });
    expect(result.finishedEarly).toBe(true);
    expect(result.nfe).toBe(4);
    expect(result.residual).toHaveLength(4);
    const magnitude = Float32Array.from({ length: size * size }, (_, i) =>
      Math.hypot(result.image[2 * i], result.image[2 * i + 1]),
    );
    expect(magnitude).toEqual(estimates[3]);
  });

  test('early stop ends a run that no longer changes, and not one that does', async () => {
    const calm = await sample(problem, prior, settings({ steps: 200, eta: 0, earlyStop: 0.02 }), quietContext());
    expect(calm.nfe).toBeLessThan(200);
    // Not before the signal outweighs the noise, which is at t = 258 in this schedule.
    expect(Number(calm.residual.at(-1)?.alphaBar)).toBeGreaterThan(0.5);
    const strict = await sample(problem, prior, settings({ steps: 20, eta: 0, earlyStop: 1e-9 }), quietContext());
    expect(strict.nfe).toBe(20);
  });

  test('an image that stops early is the same whatever is batched with it', async () => {
    const other = { operator, measurement: scene.measurement.map((value) => 0.01 * value) };
    const both = {
      ...problem,
      slices: [
        { ...slice, index: 0 },
        { ...other, index: 1 },
      ],
    };
    const input: DdsInput = { steps: 100, eta: 0, earlyStop: 0.03 };
    const together = await sample(both, prior, settings({ ...input, batch: 2 }), quietContext());
    const apart = await sample(both, prior, settings({ ...input, batch: 1 }), quietContext());
    expect(together.image).toEqual(apart.image);
  });
});

describe('progress', () => {
  test('is monotone, counts steps, and shows [slices, y, x] in the units of the data', async () => {
    const events: Progress[] = [];
    const two = { ...problem, slices: [slice, slice] };
    const context = quietContext({ progress: (event) => events.push({ ...event }) });
    const result = await sample(two, prior, settings({ batch: 1, previewEvery: 5, scale: 3 }), context);
    const fractions = events.map(({ fraction }) => fraction);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
    const shown = events.filter(({ preview }) => preview);
    expect(shown).toHaveLength(4);
    expect(shown[0].preview?.shape).toEqual([2, size, size]);
    const last = shown[3].preview?.data ?? new Float32Array();
    expect(last[100]).toBeCloseTo(Math.hypot(result.image[200], result.image[201]), 6);
  });
});

describe('memory', () => {
  test.each([
    ['the device says so', new EngineError('resource', 'out of memory')],
    ['an array cannot be had', new RangeError('Array buffer allocation failed')],
  ])('a batch that does not fit is halved, with the same result: %s', async (_name, refusal) => {
    const tight: Prior = {
      ...prior,
      predictNoise(x, shape, level, signal) {
        if (shape.batch > 2) return Promise.reject(refusal);
        return prior.predictNoise(x, shape, level, signal);
      },
    };
    const logged: string[] = [];
    const context = quietContext({ log: (_, message) => logged.push(message) });
    const halved = await sample(problem, tight, settings({ samples: 5 }), context);
    const plain = await sample(problem, prior, settings({ samples: 5 }), quietContext());
    expect(halved.samples).toEqual(plain.samples);
    expect(logged.filter((message) => message.includes('did not fit in memory'))).toHaveLength(2);
  });
  test('another failure is not taken for a lack of memory', async () => {
    let calls = 0;
    const broken: Prior = {
      ...prior,
      predictNoise() {
        calls++;
        return Promise.reject(new RangeError('offset is out of bounds'));
      },
    };
    await expect(sample(problem, broken, settings({ samples: 5 }), quietContext())).rejects.toThrow(/out of bounds/);
    expect(calls).toBe(1);
  });
  test('one image that does not fit is an error', async () => {
    const none: Prior = { ...prior, predictNoise: () => Promise.reject(new EngineError('resource', 'out of memory')) };
    expect((await rejection(sample(problem, none, settings({}), quietContext()))).code).toBe('resource');
  });
});

describe('bad input', () => {
  test('a prior of the other modality', async () => {
    const ct = gaussianPrior({ channels: 1, spectrum: 1 });
    expect(await rejection(sample(problem, ct, settings({}), quietContext()))).toMatchObject({
      code: 'mismatch',
      path: 'prior',
    });
  });
  test('a measurement that is not finite', async () => {
    const measurement = scene.measurement.slice();
    measurement[7] = Number.NaN;
    const error = await rejection(
      sample({ ...problem, slices: [{ operator, measurement }] }, prior, settings({}), quietContext()),
    );
    expect(error).toMatchObject({ code: 'bad-input', path: 'measurement' });
    expect(error.message).toContain('number 7');
  });
  test('a start of another size', async () => {
    const error = await rejection(
      sample({ ...problem, init: new Float32Array(3) }, prior, settings({}), quietContext()),
    );
    expect(error).toMatchObject({ code: 'mismatch', path: 'init' });
  });
  test('a prior that leaves the finite numbers is named with step and t', async () => {
    const broken: Prior = {
      ...prior,
      predictNoise: async (x) => ({ noise: new Float32Array(x.length).fill(Number.POSITIVE_INFINITY) }),
    };
    const error = await rejection(sample(problem, broken, settings({}), quietContext()));
    expect(error.code).toBe('numerical');
    expect(error.message).toContain('step 1 (t = 900)');
  });
  test('noise to be estimated, but there is no estimate', async () => {
    const error = await rejection(sample(problem, prior, settings({ sigmaY: 'auto' }), quietContext()));
    expect(error).toMatchObject({ code: 'bad-usage', path: 'sigmaY' });
  });
});

describe('learned variance', () => {
  test('a network that states the scalar variance changes nothing; one that is sure holds to its image', async () => {
    const stating = (raw: number): Prior => ({
      ...prior,
      async predictNoise(x, shape, level, signal) {
        const prediction = await prior.predictNoise(x, shape, level, signal);
        return { ...prediction, variance: new Float32Array(x.length).fill(raw) };
      },
    });
    const input: DdsInput = { dc: 'posterior', sigmaY: 0.3, spacing: 'logsnr', steps: 20, eta: 0, cgIters: 30 };
    const run = (using: Prior, learnedVariance: boolean) =>
      sample({ ...problem, init: scene.init }, using, settings({ ...input, learnedVariance }), quietContext());
    const scalar = await run(stating(-1), false);
    const sure = await run(stating(-1), true);
    const unsure = await run(stating(1), true);
    const last = (result: Awaited<ReturnType<typeof run>>) => Number(result.residual.at(-3)?.after);
    expect(last(unsure)).toBeLessThan(last(sure));
    expect(scalar.image).not.toEqual(sure.image);
  });
});

test('mean and spread by hand', () => {
  const samples = [Float32Array.of(0, 0, 1, 1), Float32Array.of(2, 4, 1, 1)];
  expect([...meanOf(samples)]).toEqual([1, 2, 1, 1]);
  // var Re = 2, var Im = 8 with divisor N − 1.
  expect([...spreadOf(samples, true)]).toEqual([Math.fround(Math.sqrt(10)), 0]);
  expect([...spreadOf(samples, false)].slice(0, 2)).toEqual([Math.fround(Math.SQRT2), Math.fround(Math.sqrt(8))]);
});

describe('warnings', () => {
  const facts = (input: DdsInput, scaleRule: 'quantile' | 'none' = 'quantile') => ({
    complex: true,
    scaleRule,
    parameters: settings(input),
  });
  const codes = (warnings: readonly { code: string }[]) => warnings.map(({ code }) => code);

  test('a matching prior and a sensible scale give none', async () => {
    const result = await sample(problem, prior, settings({ steps: 20 }), quietContext());
    expect(codes(resultWarnings(result, facts({}, 'none')))).toEqual([]);
  });
  test('an image far from the range of the prior', async () => {
    const result = await sample(problem, prior, settings({ scale: 100 }), quietContext());
    expect(codes(resultWarnings(result, facts({ scale: 100 })))).toContain('intensity-range');
  });
  test('a prior that does not predict noise', async () => {
    const loud: Prior = {
      ...prior,
      async predictNoise(x, shape, level) {
        const { noise } = await prior.predictNoise(x, shape, level);
        return { noise: noise.map((value) => 3 * value) };
      },
    };
    const result = await sample(problem, loud, settings({ steps: 10 }), quietContext());
    expect(codes(resultWarnings(result, facts({})))).toContain('noise-prediction');
  });
  test('a weight far from what the noise calls for, with the number', async () => {
    const result = await sample(problem, prior, settings({ sigmaY: 1e-4 }), quietContext());
    const warning = resultWarnings(result, facts({ sigmaY: 1e-4 }, 'none')).find(({ code }) => code === 'gamma-scale');
    expect(warning?.value).toBeCloseTo(1e-8 / prior.variance, 10);
  });
  test('maps of another scale, a mask that hides data, a mask without data', () => {
    const kspace = ndarray('complex64', [2, size, size], scene.measurement);
    expect(codes(mriDataWarnings({ kspace, mask: scene.mask, maps: scene.maps }))).toEqual([]);
    const louder = ndarray(
      'complex64',
      scene.maps.shape,
      scene.maps.data.map((value) => 2 * value),
    );
    expect(codes(mriDataWarnings({ kspace, mask: scene.mask, maps: louder }))).toEqual(['maps-not-normalised']);
    const full = ndarray('uint8', [size, size], new Uint8Array(size * size).fill(1));
    expect(codes(mriDataWarnings({ kspace, mask: full, maps: scene.maps }))).toEqual(['mask-without-data']);
    const few = ndarray(
      'uint8',
      [size, size],
      scene.mask.data.map((m, i) => (i % size === 8 ? m : 0)),
    );
    expect(codes(mriDataWarnings({ kspace, mask: few, maps: scene.maps }))).toEqual([
      'mask-hides-data',
      'high-acceleration',
    ]);
    expect(effectiveAcceleration(few)).toBe(16);
  });
});
