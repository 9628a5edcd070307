/** The benchmark on steps: bookkeeping on invented curves, and one small run with an analytic prior. */
import { describe, expect, test } from 'vitest';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import { quietContext } from '../../engine/context.ts';
import { simulateScan } from '../../engine/physics/mri/simulate.ts';
import { gaussianPrior } from '../../engine/prior/gaussian.ts';
import { estimate } from '../../main/bench/quality-statistics.ts';
import { fewestOf, type Point, pooled, type ReferencePoint, runSteps } from '../../main/bench/steps-run.ts';
import { acquisitions, openScenes, type SceneGroup } from '../../main/bench/steps-scenes.ts';
import { formatSteps } from '../../main/bench/steps-table.ts';

const point = (evaluations: number, ...bySlice: number[]): Point => ({
  ...{ label: `p ${evaluations}`, evaluations, bySlice, psnr: estimate(bySlice), cpuSecondsPerSlice: evaluations },
});
const reference = (id: ReferencePoint['id'], evaluations: number, ...bySlice: number[]): ReferencePoint => ({
  ...point(evaluations, ...bySlice),
  id,
});

describe('the fewest evaluations', () => {
  const points = [point(2, 29), point(4, 30), point(8, 30.95), point(16, 31), point(100, 30.5)];
  test('are the first within a tenth of a decibel of each reference', () => {
    const found = fewestOf(points, [reference('sample', 100, 30.1), reference('mean', 300, 31.04)]);
    expect(found).toEqual({ sample: 4, mean: 8, own: 8 });
  });
  test('are null where no point comes that close', () => {
    expect(fewestOf(points, [reference('sample', 100, 40), reference('mean', 300, 40)])).toMatchObject({
      sample: null,
      mean: null,
    });
  });
});

test('cases are pooled slice by slice', () => {
  const kind = (id: string, ...values: number[]) => {
    const references = [reference('sample', 100, ...values), reference('mean', 300, ...values)];
    const points = [point(8, ...values.map((value) => value - 0.05))];
    return {
      id,
      title: id,
      references,
      curves: [{ id: 'fast' as const, title: '', points, fewest: fewestOf([], []) }],
    };
  };
  const all = pooled([kind('a', 30), kind('b', 33, 36)]);
  expect(all.references[0].psnr.mean).toBeCloseTo(33, 12);
  expect(all.curves[0].points[0].bySlice).toEqual([29.95, 32.95, 35.95]);
  expect(all.curves[0].fewest.mean).toBe(8);
});

describe('a small run', () => {
  const size = 40;
  const image = ndarray(
    'float32',
    [size, size],
    Float32Array.from({ length: size * size }, (_, i) => {
      const [u, v] = [(2 * (i % size)) / size - 1, (2 * Math.floor(i / size)) / size - 1];
      return u * u + v * v > 0.6 ? 0 : 0.7 + 0.3 * Math.sin(6 * u) * Math.cos(5 * v);
    }),
  );
  const scan = simulateScan(image, { coils: 4, acceleration: 2, acs: 0.2, noise: 0.02 });
  const slice = {
    kspace: ndarray('complex64', scan.kspace.shape.slice(1), scan.kspace.data),
    ...{ mask: scan.mask, maps: scan.maps, sigma: scan.sigma },
  };
  const truth = ndarray('complex64', [size, size], scan.image.data);
  const group: SceneGroup = { id: 'r2', title: 'small', scenes: [{ slice, reference: image, truth }] };
  const prior = gaussianPrior({ channels: 2, spectrum: 0.0625 });

  test('counts what the prior was shown and names the references', async () => {
    const options = { reference: 6, samples: 2, counts: [1, 3], paths: ['fast', 'dpm2m'] as const, seed: 0 };
    const result = await runSteps(group, options, { prior, context: quietContext(), note: () => {} });
    expect(result.references.map(({ id, evaluations }) => [id, evaluations])).toEqual([
      ['sample', 6],
      ['mean', 12],
    ]);
    for (const curve of result.curves) expect(curve.points.map(({ evaluations }) => evaluations)).toEqual([1, 3, 6]);
    const text = formatSteps(result);
    expect(text).toContain('quality 6 x 2 (12)');
    for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  test('an unknown case is refused by name', async () => {
    const asked = openScenes({ slices: 1, cases: ['r5'], seed: 0 }, quietContext());
    await expect(asked).rejects.toMatchObject({ code: 'bad-usage', path: '--cases' });
    await expect(asked).rejects.toThrow(/r5/);
    expect(Object.keys(acquisitions)).toContain('p15');
  });
});
