/** The calibration benchmark judged by a problem whose posterior is Gaussian and sampled correctly. */
import { beforeAll, describe, expect, test } from 'vitest';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import { fillNormal } from '../../engine/arrays/random.ts';
import { quietContext } from '../../engine/context.ts';
import { createSense } from '../../engine/physics/mri/sense.ts';
import { gaussianPrior } from '../../engine/prior/gaussian.ts';
import { formatCalibration } from '../../main/bench/calibration.ts';
import { type CalibrationRow, normalShares, runCalibration, studentShare } from '../../main/bench/calibration-run.ts';
import type { SceneGroup } from '../../main/bench/steps-scenes.ts';

describe('Student’s t', () => {
  test('agrees with published quantiles', () => {
    expect(studentShare(4.303, 2)).toBeCloseTo(0.95, 4);
    expect(studentShare(2.776, 4)).toBeCloseTo(0.95, 4);
    expect(studentShare(2.228, 10)).toBeCloseTo(0.95, 4);
    expect(studentShare(2.75, 30)).toBeCloseTo(0.99, 4);
  });
  test('tends to the normal distribution', () => {
    normalShares.forEach((share, k) => {
      expect(studentShare(k + 1, 4000)).toBeCloseTo(share, 3);
    });
  });
});

const size = 48;
const pixels = size * size;
const sigma = 0.3;

/** One coil, half of the columns, a truth drawn from a white prior of variance 1 per component. */
function whiteScene(): SceneGroup {
  const draw = (step: number) => {
    const values = new Float32Array(2 * pixels);
    fillNormal(values, { seed: 5, sample: 0, slice: 0, step });
    return values;
  };
  const truth = ndarray('complex64', [size, size], draw(0));
  const maps = ndarray('complex64', [1, size, size], new Float32Array(2 * pixels));
  for (let i = 0; i < pixels; i++) maps.data[2 * i] = 1;
  const mask = ndarray(
    'uint8',
    [size, size],
    Uint8Array.from({ length: pixels }, (_, i) => Number(i % 2 === 0)),
  );
  const clean = createSense({ maps, mask, plain: true }).apply(truth.data);
  const noise = draw(1);
  const kspace = ndarray(
    'complex64',
    [1, size, size],
    clean.map((value, i) => (mask.data[i >> 1] === 0 ? 0 : value + sigma * noise[i])),
  );
  const reference = ndarray(
    'float32',
    [size, size],
    Float32Array.from({ length: pixels }, (_, i) => Math.hypot(truth.data[2 * i], truth.data[2 * i + 1])),
  );
  const slice = { kspace, mask, maps, sigma };
  return { id: 'white', title: 'white', scenes: [{ slice, reference, truth }] };
}

describe('a sampler that is right', () => {
  const prior = gaussianPrior({ channels: 2, spectrum: 1 });
  let right: CalibrationRow;
  let tight: CalibrationRow;
  beforeAll(async () => {
    const input = { preset: 'posterior', sigmaY: 'auto', samples: 6, cgIters: 20 } as const;
    right = await runCalibration(whiteScene(), { label: 'right', input }, prior, quietContext());
    // The rule of the reference code loses a third of the variance with 20 steps.
    const rule = { sampler: 'ddim', noiseRule: 'fraction', eta: 0.85, spacing: 'leading', steps: 20 } as const;
    const narrow = { label: 'narrow', input: { ...input, ...rule } };
    tight = await runCalibration(whiteScene(), narrow, prior, quietContext());
  });

  test('is called right: spread equals error, coverage that of Student’s t', () => {
    expect(right.ratio).toBeGreaterThan(0.95);
    expect(right.ratio).toBeLessThan(1.05);
    right.coverage.component.forEach((share, k) => {
      expect(Math.abs(share - right.perfect[k])).toBeLessThan(0.02);
    });
  });
  test('a spread that is too narrow is found out', () => {
    expect(tight.ratio).toBeGreaterThan(1.1);
  });
  test('a factor on the spread divides the ratio and leaves the common share', async () => {
    const input = { preset: 'posterior', sigmaY: 'auto', samples: 6, cgIters: 20, spreadFactor: 2 } as const;
    const wide = await runCalibration(whiteScene(), { label: 'wide', input }, prior, quietContext());
    expect(wide.ratio).toBeCloseTo(right.ratio / 2, 6);
    expect(wide.commonShare).toBeCloseTo(right.commonShare, 6);
  });
  test('the text names what was measured', () => {
    const text = formatCalibration([right]);
    expect(text).toContain('6 samples, 150 evaluations');
    for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
  });
});
