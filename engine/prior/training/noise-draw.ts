/** Which noise levels a training batch sees. */
import type { Random } from '../../arrays/random.ts';
import { check } from '../../errors.ts';
import type { NoiseLevel } from '../prior.ts';
import { alphaBarOf, type VpSchedule } from '../schedule.ts';

export type NoiseDistribution =
  | {
      /** ln σ ~ N(mean, std²) with probability `share`, else uniform in [ln low, ln high]; kept within those ends. */
      kind: 'log-normal';
      mean: number;
      std: number;
      share: number;
      low: number;
      high: number;
    }
  /** A time index 0 … steps−1, each equally likely: for networks that are told the index. */
  | { kind: 'index' };

/** That of the shipped priors. */
export const defaultNoise: NoiseDistribution = {
  kind: 'log-normal',
  mean: -2,
  std: 1.4,
  share: 0.8,
  low: 0.003,
  high: 160,
};

/**
 * One level per image. Levels between the indices have t = 0: only networks told σ can use them.
 * Throws `bad-usage` for a distribution out of range.
 */
export function drawLevels(
  distribution: NoiseDistribution,
  schedule: VpSchedule,
  random: Random,
  count: number,
): NoiseLevel[] {
  if (distribution.kind === 'index')
    return Array.from({ length: count }, () => schedule.level(random.integer(schedule.steps)));
  const { mean, std, share, low, high } = distribution;
  check(
    Number.isFinite(mean) && std >= 0 && share >= 0 && share <= 1 && low > 0 && high >= low && high < Infinity,
    () => `noise levels need std ≥ 0, 0 ≤ share ≤ 1 and 0 < low ≤ high, found ${JSON.stringify(distribution)}`,
    { code: 'bad-usage', path: 'noise' },
  );
  const [from, to] = [Math.log(low), Math.log(high)];
  return Array.from({ length: count }, () => {
    const drawn = random.uniform() < share ? mean + std * random.normal() : from + (to - from) * random.uniform();
    return { t: 0, alphaBar: alphaBarOf(Math.exp(Math.min(to, Math.max(from, drawn)))) };
  });
}

/** The schedule's level nearest to σ in ln σ. */
export function nearestLevel(sigma: number, schedule: VpSchedule): NoiseLevel {
  check(sigma > 0 && sigma < Infinity, () => `a noise level must be positive, found ${sigma}`, { code: 'bad-usage' });
  let best = 0;
  let distance = Infinity;
  for (let t = 0; t < schedule.steps; t++) {
    const ab = schedule.alphaBar[t];
    const d = Math.abs(Math.log(sigma) - 0.5 * Math.log((1 - ab) / ab));
    if (d < distance) [best, distance] = [t, d];
  }
  return schedule.level(best);
}

/** Levels at given σ: as they are, or the nearest index for networks that are told the index. */
export function levelsAt(
  sigmas: readonly number[],
  timeInput: 'index' | 'sigma' | 'log-sigma' | 'quarter-log-sigma',
  schedule: VpSchedule,
): NoiseLevel[] {
  return sigmas.map((sigma) =>
    timeInput === 'index' ? nearestLevel(sigma, schedule) : { t: 0, alphaBar: alphaBarOf(sigma) },
  );
}
