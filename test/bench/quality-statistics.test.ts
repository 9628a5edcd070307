import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { QualityMetrics } from '../../engine/recon/result.ts';
import { estimate, judge, pairedGain, summary } from '../../main/bench/quality-statistics.ts';

const scores = (psnrs: readonly number[]): QualityMetrics[] =>
  psnrs.map((psnr) => ({ psnr, ssim: psnr / 100, nmse: 1 / psnr }));

describe('quality statistics', () => {
  test('mean and standard error of known values', () => {
    // Deviations −3, −1, 1, 3: s² = 20/3, s/√4 = √(5/3).
    expect(estimate([1, 3, 5, 7])).toEqual({ mean: 4, standardError: expect.closeTo(Math.sqrt(5 / 3), 12) });
    expect(estimate([2.5])).toEqual({ mean: 2.5, standardError: null });
  });

  test('a gain is paired: what the slices share cancels', () => {
    const gain = pairedGain(scores([31, 25, 42]), scores([30, 23, 39]));
    expect(gain.mean).toBeCloseTo(2, 12);
    expect(gain.standardError).toBeCloseTo(1 / Math.sqrt(3), 12);
    fc.assert(
      fc.property(fc.array(fc.double({ min: 10, max: 50, noNaN: true }), { minLength: 2, maxLength: 20 }), (psnrs) => {
        const found = pairedGain(scores(psnrs.map((p) => p + 1.5)), scores(psnrs));
        expect(found.mean).toBeCloseTo(1.5, 9);
        expect(found.standardError).toBeCloseTo(0, 9);
      }),
    );
    expect(() => pairedGain(scores([1]), scores([1, 2]))).toThrow('1 against 2');
  });

  test('each metric is summarised by itself', () => {
    const found = summary(scores([20, 40]));
    expect(found.psnr).toEqual({ mean: 30, standardError: expect.closeTo(10, 12) });
    expect(found.ssim.mean).toBeCloseTo(0.3, 12);
    expect(found.nmse.mean).toBeCloseTo(0.0375, 12);
  });

  test('a bar passes at its value, fails below, and says nothing of what was not measured', () => {
    const bar = { what: 'dds over tv', least: 2 };
    expect(judge(bar, { mean: 2, standardError: 1 }).pass).toBe(true);
    expect(judge(bar, { mean: 1.999, standardError: 0 }).pass).toBe(false);
    expect(judge(bar, null)).toEqual({ ...bar, found: null, pass: null });
  });
});
