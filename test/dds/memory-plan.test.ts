/** The plan adds up, follows what a run really allocates, and is cut down to a limit in the stated order. */
import { describe, expect, test } from 'vitest';
import { quietContext } from '../../engine/context.ts';
import type { MemoryFacts } from '../../engine/dds/memory-plan.ts';
import { describePlan, formatBytes, memoryPlan, planWithin } from '../../engine/dds/memory-plan.ts';
import { type DdsInput, resolveParameters } from '../../engine/dds/parameters.ts';
import { sample } from '../../engine/dds/sampler.ts';
import { gaussianPrior } from '../../engine/prior/gaussian.ts';
import type { Prior } from '../../engine/prior/prior.ts';
import { ctVolumeScene } from './ct-volume-scene.ts';

const image = 65536 * 4;
const facts: MemoryFacts = {
  slices: 128,
  samples: 1,
  imageValues: 65536,
  measurementValues: 128 * 16 * 363,
  coupled: true,
  keepsNoise: false,
  keepsPrevious: false,
  keepsAnchor: false,
  keepsVariance: false,
  keepsInit: false,
  networkBytes: (images) => 50e6 + images * 20e6,
  operatorBytes: 0,
  callerBytes: 0,
};
const wishes = { limit: undefined, binding: true, batch: 12, batchFixed: false, slabSlices: undefined, overlap: 8 };

describe('a coupled volume', () => {
  test('holds seven arrays while it is solved, and its result', () => {
    const plan = memoryPlan(facts, 128, 12);
    const volumes = plan.allocations.filter(({ bytes }) => bytes % (128 * image) === 0);
    const sum = volumes.reduce((total, { bytes }) => total + bytes, 0) / (128 * image);
    // x_t, x̂0, A*y, r, p, q (ε̂ lies in q), D x + u; and the result.
    expect(sum).toBe(8);
    expect(plan.total).toBe(plan.allocations.reduce((total, { bytes }) => total + bytes, 0));
    expect(describePlan(plan).split('\n')).toHaveLength(plan.allocations.length + 1);
  });
  test('without a limit it is solved whole', () => {
    expect(planWithin(facts, wishes)).toMatchObject({ slabSlices: 128, batch: 12 });
  });
  test('with less memory fewer images per evaluation come first', () => {
    const whole = memoryPlan(facts, 128, 12).total;
    const plan = planWithin(facts, { ...wishes, limit: whole - 100e6 });
    expect(plan).toMatchObject({ slabSlices: 128, batch: 6 });
    expect(plan.total).toBeLessThanOrEqual(whole - 100e6);
  });
  test('then slabs, as thick as fit', () => {
    const limit = 250e6;
    const plan = planWithin(facts, { ...wishes, limit });
    expect(plan.batch).toBe(1);
    expect(plan.slabSlices).toBeGreaterThanOrEqual(16);
    expect(plan.total).toBeLessThanOrEqual(limit);
    expect(memoryPlan(facts, plan.slabSlices + 1, 1).total).toBeGreaterThan(limit);
  });
  test('what the user fixed is not touched', () => {
    const plan = planWithin(facts, { ...wishes, limit: 100e6, batchFixed: true, slabSlices: 64 });
    expect(plan).toMatchObject({ slabSlices: 64, batch: 12 });
  });
  test('what fits in no way is refused, or made as small as can be where the limit does not bind', () => {
    const free = planWithin(facts, { ...wishes, limit: 60e6, binding: false });
    expect(free).toMatchObject({ slabSlices: 16, batch: 1 });
    expect(() => planWithin(facts, { ...wishes, limit: 60e6 })).toThrow(
      /needs \d+ MiB of memory, 57\.2 MiB are allowed/,
    );
  });
});

test('slices alone need a batch of arrays, whatever their number', () => {
  const alone = { ...facts, coupled: false, keepsNoise: true };
  const of = (slices: number) => {
    const plan = memoryPlan({ ...alone, slices, measurementValues: 0 }, slices, 4);
    return plan.total - slices * image;
  };
  expect(of(512)).toBe(of(16));
});

test('sizes are written for people', () => {
  expect([0, 999, 2048, 150 * 2 ** 20, 1.5 * 2 ** 30].map(formatBytes)).toEqual([
    ...['0 B', '999 B', '2.00 KiB', '150 MiB', '1.50 GiB'],
  ]);
});

describe('the arrays of a run', () => {
  const { problem } = ctVolumeScene(12, 32, 4);
  const analytic = gaussianPrior({ channels: 1, mean: 0.3, spectrum: 0.1 });
  const byName = async (input: DdsInput, prior: Prior = analytic) => {
    const parameters = resolveParameters({ steps: 1, ...input });
    const { memory } = await sample(problem, prior, parameters, quietContext(), { keepInit: false });
    return new Map(memory.allocations.map(({ name, bytes }) => [name, bytes]));
  };
  const volume = 12 * 32 * 32 * 4;

  test('follow the settings', async () => {
    const plain = await byName({ noiseRule: 'none' });
    expect(plain.has('predicted noise')).toBe(false);
    expect(plain.has('previous estimate')).toBe(false);
    expect(plain.get('result')).toBe(volume);
    expect((await byName({ epsRule: 'keep' })).get('predicted noise')).toBe(volume);
    expect((await byName({ sampler: 'dpm2m' })).get('previous estimate')).toBe(volume);
    expect((await byName({ sigmaY: 0.1, admmIters: 3 })).get('denoised anchor')).toBe(volume);
    expect((await byName({ samples: 2 })).get('result')).toBe(4 * volume);
  });
  test('the network is counted as it says, by its batch', async () => {
    const prior: Prior = { ...analytic, memoryBytes: ({ batch, height, width }) => 1e6 + 100 * batch * height * width };
    const scratch = 4 * 4096;
    expect((await byName({ batch: 3 }, prior)).get('network, 3 images')).toBe(1e6 + 3 * (102_400 + scratch));
  });
});
