import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tuneByClimbing } from '../../main/bench/quality-climb.ts';

/** Best at weight `optimum` and at `enough` iterations, after which it falls by `overfit` dB per doubling. */
function hill(optimum: number, enough: number, overfit = 0.5) {
  return async (weight: number, checkpoints: readonly number[]) =>
    checkpoints.map((count) => {
      const short = Math.max(0, Math.log2(enough / count));
      const long = Math.max(0, Math.log2(count / enough));
      const distance = weight === 0 ? 20 : Math.abs(Math.log2(weight / optimum));
      return 30 - distance - 2 * short - overfit * long;
    });
}

describe('tuning by climbing', () => {
  test('finds the best weight wherever it lies, with worse weights tried on both sides', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -8, max: 8 }), async (step) => {
        const optimum = 0.01 * 2 ** step;
        const found = await tuneByClimbing({ start: 0.01, checkpoints: [5, 10, 20], psnr: hill(optimum, 10) });
        expect(found.weight).toBeCloseTo(optimum, 12);
        expect(found.iterations).toBe(10);
        expect(found.atEdge).toEqual([]);
        const weights = found.trials.map(({ weight }) => weight);
        expect(Math.min(...weights)).toBeLessThan(found.weight);
        expect(Math.max(...weights)).toBeGreaterThan(found.weight);
        expect(found.psnr).toBe(Math.max(...found.trials.map(({ psnr }) => psnr)));
      }),
    );
  });

  test('goes on iterating while that pays', async () => {
    const found = await tuneByClimbing({ start: 1, checkpoints: [10, 20], psnr: hill(1, 90) });
    // Checkpoints grow 10, 20 | 30, 40 | 60, 80 | 120, 160: 120 loses 0.21 dB to the top, 80 loses 0.34 dB.
    expect(found.iterations).toBe(120);
    expect(found.atEdge).toEqual([]);
  });

  test('says where the search was cut short', async () => {
    const everRising = await tuneByClimbing({ start: 1, checkpoints: [1, 2], psnr: hill(1, 1e9) });
    expect(everRising.atEdge).toEqual(['iterations']);
    const everGrowing = await tuneByClimbing({ start: 1, checkpoints: [1], psnr: hill(1e9, 1) });
    expect(everGrowing.atEdge).toEqual(['weight']);
  });

  test('takes the weight 0 where it wins', async () => {
    const psnr = async (weight: number, checkpoints: readonly number[]) => checkpoints.map(() => 20 - weight);
    const found = await tuneByClimbing({ start: 1, zero: true, checkpoints: [1, 2], psnr });
    expect(found.weight).toBe(0);
  });
});
