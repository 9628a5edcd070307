import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../engine/arrays/random.ts';
import { sigmaOf, vpSchedule } from '../../../engine/prior/schedule.ts';
import { defaultNoise, drawLevels, levelsAt } from '../../../engine/prior/training/noise-draw.ts';

const schedule = vpSchedule();
const logs = (distribution: Parameters<typeof drawLevels>[0], count: number) =>
  drawLevels(distribution, schedule, createRandom(1), count).map(({ alphaBar }) => Math.log(sigmaOf(alphaBar)));

describe('noise levels', () => {
  it('are log-normal for a share of 1', () => {
    const n = 20_000;
    const draws = logs({ kind: 'log-normal', mean: -2, std: 0.5, share: 1, low: 1e-3, high: 100 }, n);
    const mean = draws.reduce((a, b) => a + b, 0) / n;
    const variance = draws.reduce((a, b) => a + (b - mean) ** 2, 0) / n;
    // Five standard errors.
    expect(Math.abs(mean + 2)).toBeLessThan((5 * 0.5) / Math.sqrt(n));
    expect(Math.abs(variance - 0.25)).toBeLessThan(5 * 0.25 * Math.sqrt(2 / n));
  });

  it('are uniform in ln σ for a share of 0', () => {
    const n = 20_000;
    const draws = logs({ kind: 'log-normal', mean: -2, std: 1, share: 0, low: 0.01, high: 10 }, n);
    const [from, to] = [Math.log(0.01), Math.log(10)];
    for (const q of [0.1, 0.5, 0.9]) {
      const below = draws.filter((v) => v < from + q * (to - from)).length / n;
      expect(Math.abs(below - q)).toBeLessThan(5 * Math.sqrt((q * (1 - q)) / n));
    }
  });

  it('never leave their ends', () => {
    const draws = logs({ kind: 'log-normal', mean: 0, std: 3, share: 1, low: 0.1, high: 2 }, 1000);
    expect(Math.min(...draws)).toBeCloseTo(Math.log(0.1), 9);
    expect(Math.max(...draws)).toBeCloseTo(Math.log(2), 9);
  });

  it('by index reach every index equally', () => {
    const short = vpSchedule({ steps: 10 });
    const n = 5000;
    const counts = new Array<number>(10).fill(0);
    for (const { t, alphaBar } of drawLevels({ kind: 'index' }, short, createRandom(2), n)) {
      expect(alphaBar).toBe(short.alphaBar[t]);
      counts[t]++;
    }
    for (const c of counts) expect(Math.abs(c / n - 0.1)).toBeLessThan(5 * Math.sqrt(0.09 / n));
  });

  it('at given σ are exact, or the nearest index for networks told the index', () => {
    const [exact] = levelsAt([0.3], 'log-sigma', schedule);
    expect(sigmaOf(exact.alphaBar)).toBeCloseTo(0.3, 12);
    for (const t of [0, 400, 999])
      expect(levelsAt([sigmaOf(schedule.alphaBar[t]) * 1.0001], 'index', schedule)).toEqual([schedule.level(t)]);
    expect(levelsAt([1e-6, 1e6], 'index', schedule).map(({ t }) => t)).toEqual([0, 999]);
  });

  it('refuse impossible distributions', () => {
    const bad = { ...defaultNoise, low: 2, high: 1 } as typeof defaultNoise;
    expect(() => drawLevels(bad, schedule, createRandom(0), 1)).toThrowError(/low ≤ high/);
    expect(() => levelsAt([0], 'index', schedule)).toThrowError(/must be positive/);
  });
});
