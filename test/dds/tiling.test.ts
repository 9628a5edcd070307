/** Slabs of a volume: how they cover it, how they fade into each other, and what tiling changes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Progress } from '../../engine/context.ts';
import { quietContext } from '../../engine/context.ts';
import { planSlabs, slabGroups, slabWeights } from '../../engine/dds/groups.ts';
import type { DdsInput } from '../../engine/dds/parameters.ts';
import { resolveParameters } from '../../engine/dds/parameters.ts';
import type { DdsProblem } from '../../engine/dds/problem.ts';
import { sample } from '../../engine/dds/sampler.ts';
import { resultWarnings } from '../../engine/dds/warnings.ts';
import { realSpace } from '../../engine/linear/typed-space.ts';
import { gaussianPrior } from '../../engine/prior/gaussian.ts';
import { ctVolumeScene } from './ct-volume-scene.ts';
import { identityOperator } from './explicit-operators.ts';

describe('slabs', () => {
  const any = fc
    .record({ slices: fc.integer({ min: 1, max: 300 }), overlap: fc.integer({ min: 4, max: 20 }) })
    .chain(({ slices, overlap }) =>
      fc.record({
        slices: fc.constant(slices),
        overlap: fc.constant(overlap),
        thickness: fc.integer({ min: 2 * overlap, max: 2 * overlap + 60 }),
      }),
    );

  test('cover the volume, none thicker than asked, neighbours overlapping by at least the overlap', () => {
    fc.assert(
      fc.property(any, ({ slices, thickness, overlap }) => {
        const slabs = planSlabs(slices, thickness, overlap);
        expect(slabs[0].from).toBe(0);
        expect(slabs.at(-1)?.to).toBe(slices);
        for (const { from, to } of slabs) expect(to - from).toBeLessThanOrEqual(Math.max(thickness, 1));
        for (let s = 1; s < slabs.length; s++) {
          expect(slabs[s].from).toBeGreaterThan(slabs[s - 1].from);
          expect(slabs[s - 1].to - slabs[s].from).toBeGreaterThanOrEqual(overlap);
        }
      }),
    );
  });

  test('weights are a partition of unity that is smallest at the inner ends', () => {
    fc.assert(
      fc.property(any, ({ slices, thickness, overlap }) => {
        const slabs = planSlabs(slices, thickness, overlap);
        const weights = slabWeights(slices, slabs, overlap);
        const sums = new Float64Array(slices);
        slabs.forEach(({ from, to }, s) => {
          weights[s].forEach((weight, i) => {
            expect(weight).toBeGreaterThan(0);
            sums[from + i] += weight;
          });
          // The slice whose neighbour is missing counts least.
          if (from > 0) expect(weights[s][0]).toBeLessThanOrEqual(1 / (overlap + 1) + 1e-12);
          if (to < slices) expect(weights[s].at(-1)).toBeLessThanOrEqual(1 / (overlap + 1) + 1e-12);
        });
        for (const sum of sums) expect(sum).toBeCloseTo(1, 12);
      }),
    );
  });

  test('every image is reported once', () => {
    const slabs = planSlabs(40, 17, 5);
    const groups = slabGroups(2, 40, slabs, 5);
    const seen = groups.flatMap(({ jobs, reports }) => jobs.filter((_, i) => reports[i]));
    expect(groups).toHaveLength(2 * slabs.length);
    expect(new Set(seen.map(({ sample: s, slice }) => `${s} ${slice}`)).size).toBe(80);
    expect(seen).toHaveLength(80);
  });

  test('what cannot be is refused by name', () => {
    expect(() => planSlabs(40, 9, 5)).toThrow(/slab of 9 slices/);
    expect(() => planSlabs(40, 12, 3)).toThrow(/at least 4 slices, found 3/);
  });
});

describe('a tiled run', () => {
  const { problem } = ctVolumeScene(28, 16, 6);
  const prior = gaussianPrior({ channels: 1, mean: 0.3, spectrum: 0.1 });
  const input: DdsInput = {
    steps: 10,
    eta: 0.5,
    sigmaY: 0.05,
    rho: 1,
    lambda: 0.004,
    cgIters: 60,
    cgTol: 1e-5,
    seed: 2,
  };
  const run = (changes: DdsInput = {}, of: DdsProblem = problem) =>
    sample(of, prior, resolveParameters({ ...input, ...changes }), quietContext());
  const relative = (a: Float32Array, b: Float32Array) => {
    let error = 0;
    let size = 0;
    for (let i = 0; i < a.length; i++) {
      error += (a[i] - b[i]) ** 2;
      size += b[i] ** 2;
    }
    return Math.sqrt(error / size);
  };

  // What a slab misses beyond its end reaches inward about √(ρ·γ) slices where nothing is measured, M slices per step at most.
  test('agrees with the untiled one to half a percent, a tenth of what coupling changes', async () => {
    const { problem: long } = ctVolumeScene(40, 24, 8);
    const preset: DdsInput = {
      ...{ steps: 10, tStart: 130, spacing: 'even', noiseRule: 'none', sigmaY: 0.05 },
      cgIters: 5,
    };
    const at = (changes: DdsInput) =>
      sample(
        long,
        prior,
        resolveParameters({ ...preset, tv: true, rho: 10, lambda: 0.04, ...changes }),
        quietContext(),
      );
    const whole = await at({});
    const tiled = await at({ tileSlices: 20 });
    expect(tiled.memory.slabSlices).toBe(20);
    const difference = relative(tiled.image, whole.image);
    expect(difference).toBeLessThan(0.005);
    expect(difference).toBeGreaterThan(0);
    expect(difference).toBeLessThan(0.1 * relative((await at({ tv: false })).image, whole.image));
  });

  test('the curve counts every slice once', async () => {
    const tiled = await run({ tileSlices: 16, tileOverlap: 6 });
    expect(tiled.residualBySlice).toHaveLength(28);
    for (const rows of tiled.residualBySlice) for (const { images } of rows) expect(images).toBe(1);
    for (const { images } of tiled.residual) expect(images).toBe(28);
  });

  test('is exact without coupling: λ = 0, ρ → 0', async () => {
    const operator = identityOperator(realSpace([16, 16]));
    const simple: DdsProblem = {
      slices: problem.slices.map((_, z) => ({
        operator,
        measurement: Float32Array.from({ length: 256 }, (_v, i) => Math.sin(0.1 * i + z)),
      })),
      height: 16,
      width: 16,
      complex: false,
    };
    const free: DdsInput = { lambda: 0, rho: 1e-9 };
    const whole = await run(free, simple);
    const tiled = await run({ ...free, tileSlices: 12, tileOverlap: 4 }, simple);
    expect(relative(tiled.image, whole.image)).toBeLessThan(1e-6);
  });

  test('progress never falls, and the image is the same with another batch', async () => {
    const events: Progress[] = [];
    const parameters = resolveParameters({ ...input, tileSlices: 12, tileOverlap: 4, batch: 5 });
    const context = quietContext({ progress: (event) => events.push({ ...event }) });
    const result = await sample(problem, prior, parameters, context);
    const fractions = events.map(({ fraction }) => fraction);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
    expect(events[0].note).toMatch(/^memory .* 5 images per evaluation, 3 slabs$/);
    expect(result.image).toEqual((await run({ tileSlices: 12, tileOverlap: 4, batch: 1 })).image);
  });

  test('is chosen when memory is short, stays within it, and says how to repeat it', async () => {
    const parameters = resolveParameters({ ...input, tileOverlap: 4 });
    const image = 4 * 16 * 16;
    const maxMemory = 170 * image;
    const logged: string[] = [];
    const context = quietContext({ log: (level, message) => logged.push(`${level} ${message}`) });
    const result = await sample(problem, prior, parameters, context, { maxMemory, keepInit: false });
    const { slabSlices, total, batch } = result.memory;
    expect(slabSlices).toBeLessThan(28);
    expect(slabSlices).toBeGreaterThanOrEqual(8);
    expect(batch).toBe(1);
    expect(total).toBeLessThanOrEqual(maxMemory);
    expect(logged.some((line) => line.startsWith('warn the volume is tiled along z'))).toBe(true);
    expect(result.init).toEqual([]);
    const [warning] = resultWarnings(result, { complex: false, scaleRule: 'none', parameters }).filter(
      ({ code }) => code === 'tiled-volume',
    );
    expect(warning.value).toBe(slabSlices);
    const repeated = await run({ tileSlices: slabSlices, tileOverlap: 4 });
    expect(repeated.image).toEqual(result.image);
  });

  test('a limit nothing fits in is an error that names both sizes', async () => {
    const attempt = sample(problem, prior, resolveParameters(input), quietContext(), { maxMemory: 1000 });
    await expect(attempt).rejects.toMatchObject({ code: 'resource', path: 'maxMemory' });
    await expect(attempt).rejects.toThrow(/needs .* KiB of memory, 1000 B are allowed/);
  });
});
