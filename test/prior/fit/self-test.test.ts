/** The self-test against the analytic prior, whose denoiser, error and variance are known in closed form. */
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../engine/arrays/random.ts';
import { quietContext } from '../../../engine/context.ts';
import { referencePsnr, selfTest, selfTestVerdict } from '../../../engine/prior/fit/self-test.ts';
import { denoisingErrors, fitSurprise, surpriseOf, timeOf } from '../../../engine/prior/fit/surprise.ts';
import { gaussianPrior } from '../../../engine/prior/gaussian.ts';
import type { Prior } from '../../../engine/prior/prior.ts';
import { vpSchedule } from '../../../engine/prior/schedule.ts';

const schedule = vpSchedule();
const [c, size] = [0.25, 64];
const prior = gaussianPrior({ channels: 2, spectrum: c });
const random = createRandom(4);
const images = Array.from({ length: 3 }, () => ({
  data: Float32Array.from({ length: 2 * size * size }, () => Math.sqrt(c) * random.normal()),
  height: size,
  width: size,
}));
const run = (of: Prior, levels?: number[], seed = 0) =>
  selfTest(of, images, { levels, seed, schedule }, quietContext());
/** Relative accuracy of a mean of squares over the images' values. */
const tolerance = 4 * Math.sqrt(2 / (3 * 2 * size * size));

describe('an exact denoiser', () => {
  test('error and predicted variance are σ²c/(c+σ²), the balance is 1, the residual white', async () => {
    for (const row of await run(prior)) {
      const exact = (row.sigma ** 2 * c) / (c + row.sigma ** 2);
      expect(Math.abs(row.error / exact - 1)).toBeLessThan(tolerance);
      expect(Math.abs(row.predicted / exact - 1)).toBeLessThan(2e-3);
      expect(Math.abs(row.ratio - 1)).toBeLessThan(2 * tolerance);
      expect(Math.abs(row.balance - 1)).toBeLessThan(2 * tolerance);
      expect(row.psnr).toBeCloseTo(-10 * Math.log10(2 * row.error), 6);
      expect(Math.abs(row.residual.mean)).toBeLessThan(0.03);
      expect(Math.abs(row.residual.neighbour)).toBeLessThan(0.03);
      expect(row.learnedRatio).toBeNull();
    }
  });
  test('is praised', async () => {
    const rows = await run(prior);
    expect(
      selfTestVerdict(
        rows,
        rows.map(({ psnr }) => psnr - 0.5),
      ),
    ).toEqual([
      'It denoises these images as its model card says or better (0.5 dB above on average).',
      'The variance it predicts agrees with the error it makes.',
      'The noise it finds has the power it should.',
      'What it removes is white, as noise is.',
    ]);
  });
  test('same seed, same numbers; another seed, others', async () => {
    expect(await run(prior, [0.2])).toEqual(await run(prior, [0.2]));
    expect(await run(prior, [0.2], 1)).not.toEqual(await run(prior, [0.2]));
  });
});

describe('wrong denoisers', () => {
  test('a prior too narrow is too sure, one too wide not sure enough', async () => {
    const narrow = await run(gaussianPrior({ channels: 2, spectrum: c / 20 }), [0.5]);
    expect(narrow[0].ratio).toBeLessThan(0.5);
    expect(selfTestVerdict(narrow, [null]).join(' ')).toMatch(/states no error.*too sure of itself at sigma 0.5/);
    // Images without content: the error is σ²(c/(c+σ²))², half of the variance the prior predicts at σ² = c.
    const empty = images.map((image) => ({ ...image, data: new Float32Array(image.data.length) }));
    const wide = await selfTest(prior, empty, { levels: [0.5], schedule }, quietContext());
    expect(wide[0].ratio).toBeGreaterThan(1.5);
    expect(selfTestVerdict(wide, [wide[0].psnr + 5]).join(' ')).toMatch(
      /worse than its model card.*less sure than it should be/,
    );
  });
  test('noise of the wrong power, and a residual with a mean, are named', async () => {
    const shifted: Prior = {
      ...prior,
      async predictNoise(x, shape, level, signal) {
        const { noise } = await prior.predictNoise(x, shape, level, signal);
        return { noise: noise.map((value) => 1.4 * value + 0.2) };
      },
    };
    const rows = await run(shifted, [0.5]);
    expect(rows[0].balance).toBeGreaterThan(1.1);
    expect(rows[0].residual.mean).toBeCloseTo(0.2, 1);
    const text = selfTestVerdict(rows, [null]).join(' ');
    expect(text).toMatch(/wrong power at sigma 0.5/);
    expect(text).toMatch(/not white at sigma 0.5/);
  });
  test('a learned variance is turned back to r² and compared', async () => {
    const sigma = 0.1;
    const t = timeOf(1 / (1 + sigma * sigma), schedule);
    const truth = (sigma * sigma * c) / (c + sigma * sigma);
    const beta = schedule.beta[t];
    const noise = 1 - schedule.alphaBar[t];
    const floor = (beta * (1 - schedule.alphaBar[t - 1])) / noise;
    const total = floor + ((schedule.alphaBar[t - 1] * beta * beta) / (noise * noise)) * truth;
    const f = Math.log(total / floor) / Math.log(beta / floor);
    const stating: Prior = {
      ...prior,
      async predictNoise(x, shape, level, signal) {
        const { noise: e } = await prior.predictNoise(x, shape, level, signal);
        return { noise: e, variance: new Float32Array(x.length).fill(2 * f - 1) };
      },
    };
    const [row] = await run(stating, [sigma]);
    expect(row.t).toBe(t);
    expect(Math.abs((row.learnedRatio ?? 0) - truth / row.error)).toBeLessThan(0.01);
  });
});

test('bad input: no images, impossible levels, another size', async () => {
  await expect(selfTest(prior, [], { schedule }, quietContext())).rejects.toThrow(/at least one image/);
  await expect(run(prior, [0])).rejects.toThrow(/levels are/);
  const wrong = [{ data: new Float32Array(3), height: 2, width: 2 }];
  await expect(selfTest(prior, wrong, { schedule }, quietContext())).rejects.toThrow(/3 numbers, expected 2 × 2 × 2/);
});

test('cancelling stops the test', async () => {
  const signal = AbortSignal.abort();
  await expect(selfTest(prior, images, { schedule }, quietContext({ signal }))).rejects.toMatchObject({
    code: 'cancelled',
  });
});

test('reference values are read from the rows of a model card', () => {
  const quality = [
    { metric: 'PSNR at sigma 0.1, dB', value: 27.4 },
    { metric: 'SSIM', value: 0.9 },
  ];
  expect(referencePsnr(quality, 0.1)).toBe(27.4);
  expect(referencePsnr(quality, 0.01)).toBeNull();
  expect(referencePsnr(undefined, 0.1)).toBeNull();
});

describe('surprise', () => {
  test('the regression is recovered, and an error off the line by two spreads is a surprise of 2', () => {
    const errors = Array.from({ length: 400 }, (_, i) => {
      const energy = -2 + i / 200;
      return [{ energy, error: -3 + 0.7 * energy + (i % 2 === 0 ? 0.1 : -0.1) }];
    });
    const model = fitSurprise('hash', [0.2], errors);
    const [sigma, a, b, s] = model.rows;
    expect(sigma).toBeCloseTo(0.2, 6);
    expect(a).toBeCloseTo(-3, 2);
    expect(b).toBeCloseTo(0.7, 2);
    expect(s).toBeCloseTo(0.1, 2);
    expect(surpriseOf(model, [{ energy: -1, error: -3 - 0.7 + 0.2 }])).toBeCloseTo(2, 1);
  });
  test('errors of the analytic prior are its posterior variance', async () => {
    const pixels = Float32Array.from({ length: size * size }, () => Math.abs(random.normal()));
    const [found] = await denoisingErrors(prior, { data: pixels, height: size, width: size }, [0.1], 1, schedule);
    // σ = 0.1 is small against c: nearly all of the error is σ²c/(c+σ²).
    expect(Math.exp(found.error)).toBeCloseTo((0.01 * c) / (c + 0.01), 3);
  });
});
