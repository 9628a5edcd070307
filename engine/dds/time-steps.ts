/**
 * Which noise levels the sampler visits: a descending list of indices into the training schedule (T levels, T = 1000),
 * the last followed by −1, the clean image.
 *
 * With N requested steps over the T levels from `end` to `start` (0 to 999 unless told otherwise), t counted from `end`, and
 * λ_t = ½ ln(ᾱ_t/(1−ᾱ_t)):
 *   leading   0, k, 2k, … < T with k = ⌊T/N⌋ (N that does not divide T gives more than N steps)
 *   trailing  round(T − j·T/N) − 1, j = 0 … N−1
 *   linear    round(linspace(0, T−1, N))
 *   quad      round(linspace(0, √(T−1), N)²)
 *   logsnr    argmin_t |λ_t − target| for targets equally spaced between λ_0 and λ_{T−1}
 *   even      the targets of logsnr themselves, at fractional t: always N levels, however close (λ linear between indices)
 * `leading` is the rule of the Decomposed Diffusion Sampler (Chung, Lee, Ye 2024) and of DDIM (Song, Meng, Ermon 2021);
 * `logsnr` that of DPM-Solver (Lu et al. 2022). Repeated indices are dropped: from level 130 to 2, 100 steps of `logsnr` are 72.
 */
import { check } from '../errors.ts';
import type { NoiseLevel } from '../prior/prior.ts';
import type { VpSchedule } from '../prior/schedule.ts';
import { logSnr } from '../prior/schedule.ts';

/** Spacings that pick indices of the schedule. */
export const indexSpacings = ['leading', 'trailing', 'linear', 'quad', 'logsnr'] as const;
export type IndexSpacing = (typeof indexSpacings)[number];
export const spacings = [...indexSpacings, 'even'] as const;
export type Spacing = (typeof spacings)[number];

/** The levels visited, noisiest first. Throws `bad-usage` unless 1 ≤ count ≤ T; `even` takes any count. */
export function noiseLevels(
  count: number,
  spacing: Spacing,
  schedule: VpSchedule,
  start: number = schedule.steps - 1,
  end = 0,
): NoiseLevel[] {
  if (spacing !== 'even') return timeSteps(count, spacing, schedule, start, end).map((t) => schedule.level(t));
  checkRange(start, end);
  check(Number.isInteger(count) && count >= 1, () => `steps must be a whole number from 1, found ${count}`, {
    code: 'bad-usage',
    path: 'steps',
  });
  const lambda = Array.from(schedule.alphaBar.subarray(end, start + 1), logSnr);
  const targets = linspace(lambda[0], lambda[lambda.length - 1], count).reverse();
  return targets.map((target) => levelBetween(target, lambda, end));
}

/** The level of log-SNR `target` in the descending list λ of the indices from `first`; t by linear interpolation of λ. */
function levelBetween(target: number, lambda: readonly number[], first: number): NoiseLevel {
  let above = 0;
  while (above < lambda.length - 2 && lambda[above + 1] >= target) above++;
  const gap = lambda.length > 1 ? lambda[above] - lambda[above + 1] : 0;
  const fraction = gap > 0 ? Math.min(1, Math.max(0, (lambda[above] - target) / gap)) : 0;
  return { t: first + above + fraction, alphaBar: 1 / (1 + Math.exp(-2 * target)) };
}

function checkRange(start: number, end: number): void {
  check(end <= start, () => `sampling cannot end at level ${end} when it starts at ${start}`, {
    code: 'bad-usage',
    path: 'tEnd',
  });
}

/** Descending time indices between `end` and `start`, for every spacing but `even`. Throws `bad-usage` unless 1 ≤ count ≤ T. */
export function timeSteps(
  count: number,
  spacing: IndexSpacing,
  schedule: VpSchedule,
  start: number = schedule.steps - 1,
  end = 0,
): number[] {
  checkRange(start, end);
  const total = start - end + 1;
  check(
    Number.isInteger(count) && count >= 1 && count <= total,
    () => `steps must be a whole number from 1 to ${total}, found ${count}`,
    { code: 'bad-usage', path: 'steps' },
  );
  const lambda = Array.from(schedule.alphaBar.subarray(end, start + 1), logSnr);
  return descendingUnique(candidates(count, spacing, lambda)).map((t) => t + end);
}

function candidates(count: number, spacing: IndexSpacing, lambda: readonly number[]): number[] {
  const total = lambda.length;
  switch (spacing) {
    case 'leading': {
      const skip = Math.floor(total / count);
      return Array.from({ length: Math.ceil(total / skip) }, (_, j) => j * skip);
    }
    case 'trailing':
      return Array.from({ length: count }, (_, j) => Math.round(total - (j * total) / count) - 1);
    case 'linear':
      return linspace(0, total - 1, count).map(Math.round);
    case 'quad':
      return linspace(0, Math.sqrt(total - 1), count).map((root) => Math.round(root * root));
    case 'logsnr':
      return linspace(lambda[0], lambda[total - 1], count).map((target) => nearest(lambda, target));
  }
}

/** Equally spaced values; a single one is the end of the range, the noisiest level. */
function linspace(from: number, to: number, count: number): number[] {
  if (count === 1) return [to];
  return Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));
}

/** Index of the value nearest to the target in a descending list; the first of equals. */
function nearest(descending: readonly number[], target: number): number {
  let best = 0;
  for (let t = 1; t < descending.length; t++)
    if (Math.abs(descending[t] - target) < Math.abs(descending[best] - target)) best = t;
  return best;
}

function descendingUnique(indices: readonly number[]): number[] {
  return [...new Set(indices)].sort((a, b) => b - a);
}
