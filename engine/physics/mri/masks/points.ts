/**
 * Two-dimensional masks of single points: both image axes are phase-encoded (3-D acquisitions).
 *
 * `exact`: floor(h·w/R) distinct points, a fully sampled centre box included.
 * `reference`: floor(h·w/R) draws with replacement, truncated and clipped, no box (the public Score-MRI and DDS code).
 */
import type { Random } from '../../../arrays/random.ts';
import { EngineError } from '../../../errors.ts';
import { acsStart } from './lines.ts';
import { drawWithoutReplacement } from './weighted-draw.ts';

/** Variance of gaussian2d per axis in units of n² (Score-MRI: 1.5/128). */
const GAUSSIAN_VARIANCE = 1.5 / 128;

export interface PointSettings {
  height: number;
  width: number;
  acceleration: number;
  /** Fully sampled box in the centre, [rows, columns]. */
  box: readonly [number, number];
}

/** Mask [h, w] holding the box alone. */
export function boxMask({ height, width, box }: Pick<PointSettings, 'height' | 'width' | 'box'>): Uint8Array {
  const mask = new Uint8Array(height * width);
  const y0 = acsStart(height, box[0]);
  const x0 = acsStart(width, box[1]);
  for (let y = y0; y < y0 + box[0]; y++) mask.fill(1, y * width + x0, y * width + x0 + box[1]);
  return mask;
}

/** floor(h·w/R); throws `bad-usage` when the box alone is more. */
export function pointBudget({ height, width, acceleration, box }: PointSettings): number {
  const points = Math.floor((height * width) / acceleration);
  if (points < 1 || points < box[0] * box[1]) {
    throw new EngineError(
      'bad-usage',
      `acceleration ${acceleration} leaves ${points} of ${height * width} points, but the calibration box has ${box[0]}×${box[1]}`,
      { path: 'acceleration', hint: 'Lower the acceleration or use a smaller calibration region.' },
    );
  }
  return points;
}

function exactPoints(settings: PointSettings, weight: (y: number, x: number) => number, random: Random): Uint8Array {
  const { width, box } = settings;
  const left = pointBudget(settings) - box[0] * box[1];
  const mask = boxMask(settings);
  const free: number[] = [];
  for (let i = 0; i < mask.length; i++) if (mask[i] === 0) free.push(i);
  const weights = Float64Array.from(free, (i) => weight(Math.floor(i / width), i % width));
  for (const i of drawWithoutReplacement(weights, left, random)) mask[free[i]] = 1;
  return mask;
}

export function uniformPoints(settings: PointSettings, random: Random): Uint8Array {
  return exactPoints(settings, () => 1, random);
}

export function gaussianPoints(settings: PointSettings, random: Random): Uint8Array {
  const { height, width } = settings;
  const [cy, cx] = [Math.floor(height / 2), Math.floor(width / 2)];
  return exactPoints(
    settings,
    (y, x) => {
      const distance = ((y - cy) / height) ** 2 + ((x - cx) / width) ** 2;
      return Math.exp((-0.5 * distance) / GAUSSIAN_VARIANCE);
    },
    random,
  );
}

export function referenceUniformPoints({ height, width, acceleration }: PointSettings, random: Random): Uint8Array {
  const mask = new Uint8Array(height * width);
  for (let left = Math.floor((height * width) / acceleration); left > 0; left--) {
    mask[random.integer(height) * width + random.integer(width)] = 1;
  }
  return mask;
}

export function referenceGaussianPoints({ height, width, acceleration }: PointSettings, random: Random): Uint8Array {
  const mask = new Uint8Array(height * width);
  const draw = (n: number) => {
    const position = Math.trunc(Math.floor(n / 2) + Math.sqrt(GAUSSIAN_VARIANCE) * n * random.normal());
    return Math.min(n - 1, Math.max(0, position));
  };
  for (let left = Math.floor((height * width) / acceleration); left > 0; left--) {
    mask[draw(height) * width + draw(width)] = 1;
  }
  return mask;
}
