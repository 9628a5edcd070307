/**
 * One-dimensional masks: whole columns of k-space, chosen along the phase-encode axis.
 *
 * n columns, R acceleration, L fully sampled lines starting at floor(n/2) − floor(L/2).
 * `exact`: distinct columns outside the ACS so that exactly floor(n/R) are measured.
 * `reference`: the public DDS and Score-MRI code, which draws with replacement, truncates to integers and clips to
 * [0, n − 1], so that its effective acceleration is higher than the nominal one.
 * fastMRI's two masks follow Zbontar et al., "fastMRI: an open dataset and benchmarks" (2018), §"Masks".
 */
import type { Random } from '../../../arrays/random.ts';
import { EngineError } from '../../../errors.ts';
import { drawWithoutReplacement } from './weighted-draw.ts';

/** Standard deviation of gaussian1d in units of n (Score-MRI: 15/128). */
const GAUSSIAN_WIDTH = 15 / 128;
/** Surplus of draws with which the reference gaussian1d makes up for repeated columns. */
const GAUSSIAN_SURPLUS = 1.2;

export interface LineSettings {
  /** Number of columns. */
  n: number;
  acceleration: number;
  /** Number of fully sampled lines L. */
  acsLines: number;
}

/** First of L lines centred on the zero frequency at floor(n/2). */
export function acsStart(n: number, lines: number): number {
  return Math.floor(n / 2) - Math.floor(lines / 2);
}

function withAcs(n: number, lines: number, start = acsStart(n, lines)): Uint8Array {
  return new Uint8Array(n).fill(1, start, start + lines);
}

/** Lines left to draw outside the ACS; throws `bad-usage` when the ACS alone is more than floor(n/R). */
function budget({ n, acceleration, acsLines }: LineSettings): number {
  const lines = Math.floor(n / acceleration);
  if (lines < 1 || lines < acsLines) {
    throw new EngineError(
      'bad-usage',
      `acceleration ${acceleration} leaves ${lines} of ${n} lines, but the calibration region alone has ${acsLines}`,
      {
        path: 'acceleration',
        hint: `Lower the acceleration below ${(n / Math.max(acsLines, 1)).toFixed(1)} or use fewer calibration lines.`,
      },
    );
  }
  return lines - acsLines;
}

/** Exactly floor(n/R) columns: the ACS, and the rest without replacement by `weight` (relative density per column). */
function exactLines(settings: LineSettings, weight: (column: number) => number, random: Random): Uint8Array {
  const { n, acsLines } = settings;
  const columns = withAcs(n, acsLines);
  const free: number[] = [];
  for (let c = 0; c < n; c++) if (columns[c] === 0) free.push(c);
  const weights = Float64Array.from(free, weight);
  for (const i of drawWithoutReplacement(weights, budget(settings), random)) columns[free[i]] = 1;
  return columns;
}

export function uniformLines(settings: LineSettings, random: Random): Uint8Array {
  return exactLines(settings, () => 1, random);
}

export function gaussianLines(settings: LineSettings, random: Random): Uint8Array {
  const centre = Math.floor(settings.n / 2);
  const sigma = GAUSSIAN_WIDTH * settings.n;
  return exactLines(settings, (c) => Math.exp(-0.5 * ((c - centre) / sigma) ** 2), random);
}

/** floor(n/R) − L draws with replacement over all n columns, plus the ACS. */
export function referenceUniformLines(settings: LineSettings, random: Random): Uint8Array {
  const columns = withAcs(settings.n, settings.acsLines);
  for (let left = budget(settings); left > 0; left--) columns[random.integer(settings.n)] = 1;
  return columns;
}

/** floor(1.2·floor(n/R)) draws from N(floor(n/2), (15n/128)²), truncated and clipped, plus the ACS. */
export function referenceGaussianLines(settings: LineSettings, random: Random): Uint8Array {
  const { n, acceleration, acsLines } = settings;
  const columns = withAcs(n, acsLines);
  const draws = Math.floor(GAUSSIAN_SURPLUS * Math.floor(n / acceleration));
  for (let i = 0; i < draws; i++) {
    const position = Math.trunc(Math.floor(n / 2) + GAUSSIAN_WIDTH * n * random.normal());
    columns[Math.min(n - 1, Math.max(0, position))] = 1;
  }
  return columns;
}

/** fastMRI random: every column outside the ACS independently with p = (n/R − L)/(n − L). */
export function fastmriRandomLines(settings: LineSettings, random: Random): Uint8Array {
  const { n, acceleration, acsLines } = settings;
  budget(settings);
  const columns = withAcs(n, acsLines, Math.floor((n - acsLines + 1) / 2));
  const probability = (n / acceleration - acsLines) / (n - acsLines);
  for (let c = 0; c < n; c++) if (random.uniform() < probability) columns[c] = 1;
  return columns;
}

/** fastMRI equispaced: spacing R(L − n)/(LR − n), so that ACS and comb together make n/R lines; random offset. */
export function fastmriEquispacedLines(settings: LineSettings, random: Random): Uint8Array {
  const { n, acceleration, acsLines } = settings;
  budget(settings);
  const columns = withAcs(n, acsLines, Math.floor((n - acsLines + 1) / 2));
  if (acsLines * acceleration >= n) return columns;
  const spacing = (acceleration * (acsLines - n)) / (acsLines * acceleration - n);
  const offset = random.integer(Math.max(1, Math.round(spacing)));
  for (let position = offset; position < n - 1; position += spacing) columns[Math.round(position)] = 1;
  return columns;
}
