/**
 * Sampling masks: which k-space locations are measured. uint8 [h, w] (ky, kx), zero frequency at floor(n/2).
 * Types and densities in masks/lines.ts (columns), masks/points.ts and masks/poisson-disc.ts (points).
 */

import { type NdArray, ndarray } from '../../arrays/ndarray.ts';
import { createRandom } from '../../arrays/random.ts';
import { check } from '../../errors.ts';
import {
  fastmriEquispacedLines,
  fastmriRandomLines,
  gaussianLines,
  referenceGaussianLines,
  referenceUniformLines,
  uniformLines,
} from './masks/lines.ts';
import { gaussianPoints, referenceGaussianPoints, referenceUniformPoints, uniformPoints } from './masks/points.ts';
import { poissonDisc } from './masks/poisson-disc.ts';

export const maskTypes = [
  'full',
  'uniform1d',
  'gaussian1d',
  'fastmri-random',
  'fastmri-equispaced',
  'gaussian2d',
  'uniformrandom2d',
  'poisson',
] as const;
export type MaskType = (typeof maskTypes)[number];
export type MaskVariant = 'exact' | 'reference';

export interface MaskOptions {
  type: MaskType;
  /** `exact` (default): distinct samples, exactly floor(n/R). `reference`: as the public code draws them. */
  variant?: MaskVariant;
  height: number;
  width: number;
  /** R ≥ 1. */
  acceleration: number;
  /** Fully sampled centre: below 1 a fraction of the axis, from 1 on a number of lines. Default 0.08. */
  acs?: number;
  seed?: number;
}

export interface SampledMask {
  /** [ky, kx], 0 or 1. */
  mask: NdArray<'uint8'>;
  /** Locations over measured locations. */
  effectiveAcceleration: number;
}

/** Keeps mask draws apart from every other use of the same seed. */
const MASK_STREAM = 0x6d61736b;

/**
 * Draws a mask. Throws `bad-usage` for sizes that are no counts, R < 1, an ACS outside its range, or an ACS larger than
 * the samples R leaves.
 */
export function makeMask(options: MaskOptions): SampledMask {
  const { type, variant = 'exact', height, width, acceleration, acs = 0.08, seed = 0 } = options;
  check(maskTypes.includes(type), () => `unknown mask "${type}"`, {
    code: 'bad-usage',
    path: 'mask',
    hint: `Use one of ${maskTypes.join(', ')}.`,
  });
  for (const [path, n] of [
    ['height', height],
    ['width', width],
  ] as const) {
    check(Number.isInteger(n) && n >= 1 && n <= 65536, () => `mask ${path} is ${n}, expected 1…65536`, {
      code: 'bad-usage',
      path,
    });
  }
  check(
    acceleration >= 1 && Number.isFinite(acceleration),
    () => `acceleration is ${acceleration}, expected a number ≥ 1`,
    {
      code: 'bad-usage',
      path: 'acceleration',
    },
  );
  const pointwise = type === 'gaussian2d' || type === 'uniformrandom2d' || type === 'poisson';
  const mostLines = pointwise ? Math.min(height, width) : width;
  check(
    acs >= 0 && (acs < 1 || (Number.isInteger(acs) && acs <= mostLines)),
    () => `ACS is ${acs}, expected a fraction below 1 or a whole number of lines up to ${mostLines}`,
    { code: 'bad-usage', path: 'acs' },
  );

  const random = createRandom(seed, MASK_STREAM);
  const linesOf = (n: number, round = Math.floor) => (acs < 1 ? round(n * acs) : acs);
  const line = { n: width, acceleration, acsLines: linesOf(width) };
  const fastmriLine = { n: width, acceleration, acsLines: linesOf(width, Math.round) };
  const point = { height, width, acceleration, box: [linesOf(height), linesOf(width)] as const };
  const exact = variant === 'exact';
  let data: Uint8Array;
  switch (type) {
    case 'full':
      data = new Uint8Array(height * width).fill(1);
      break;
    case 'uniform1d':
      data = columns(height, exact ? uniformLines(line, random) : referenceUniformLines(line, random));
      break;
    case 'gaussian1d':
      data = columns(height, exact ? gaussianLines(line, random) : referenceGaussianLines(line, random));
      break;
    case 'fastmri-random':
      data = columns(height, fastmriRandomLines(fastmriLine, random));
      break;
    case 'fastmri-equispaced':
      data = columns(height, fastmriEquispacedLines(fastmriLine, random));
      break;
    case 'gaussian2d':
      data = exact ? gaussianPoints(point, random) : referenceGaussianPoints(point, random);
      break;
    case 'uniformrandom2d':
      data = exact ? uniformPoints(point, random) : referenceUniformPoints(point, random);
      break;
    case 'poisson':
      data = poissonDisc(point, exact, random);
      break;
  }
  const mask = ndarray('uint8', [height, width], data);
  return { mask, effectiveAcceleration: effectiveAcceleration(mask) };
}

/** Repeats a pattern [kx] over all rows. */
function columns(height: number, pattern: Uint8Array): Uint8Array {
  const mask = new Uint8Array(height * pattern.length);
  for (let y = 0; y < height; y++) mask.set(pattern, y * pattern.length);
  return mask;
}

/** Locations over measured locations; Infinity for an empty mask. */
export function effectiveAcceleration(mask: NdArray<'uint8'>): number {
  let measured = 0;
  for (const m of mask.data) if (m !== 0) measured++;
  return mask.data.length / measured;
}

/** Whether the mask [ky, kx] is the same in every row, so that only kx is undersampled. */
export function isColumnMask(mask: NdArray<'uint8'>): boolean {
  const [height, width] = mask.shape;
  for (let i = width; i < height * width; i++) if (mask.data[i] !== mask.data[i - width]) return false;
  return true;
}

/** Whether the mask [ky, kx] is the same in every column, so that only ky is undersampled. */
export function isRowMask(mask: NdArray<'uint8'>): boolean {
  const [height, width] = mask.shape;
  for (let y = 0; y < height; y++) {
    for (let x = 1; x < width; x++) if (mask.data[y * width + x] !== mask.data[y * width]) return false;
  }
  return true;
}

/** Rectangle of k-space: rows y0 … y0 + height − 1, columns x0 … x0 + width − 1. */
export interface Region {
  y0: number;
  x0: number;
  height: number;
  width: number;
}

/**
 * The largest fully sampled rectangle centred on the zero frequency (s lines start at floor(n/2) − floor(s/2)).
 * Height and width are 0 when the zero frequency itself was not measured.
 */
export function calibrationRegion(mask: NdArray<'uint8'>): Region {
  const [height, width] = mask.shape;
  const at = (n: number, s: number) => Math.floor(n / 2) - Math.floor(s / 2);
  // Rectangles of growing height are nested, so the widest one of each height only ever gets narrower.
  let best: Region = { y0: at(height, 0), x0: at(width, 0), height: 0, width: 0 };
  let widest = width;
  for (let rows = 1; rows <= height && widest > 0; rows++) {
    const row = rows === 1 ? at(height, 1) : rows % 2 === 0 ? at(height, rows) : at(height, rows) + rows - 1;
    while (widest > 0 && !rowIsFull(mask, row, at(width, widest), widest)) widest--;
    if (widest * rows > best.height * best.width) {
      best = { y0: at(height, rows), x0: at(width, widest), height: rows, width: widest };
    }
  }
  return best;
}

function rowIsFull(mask: NdArray<'uint8'>, y: number, x0: number, count: number): boolean {
  const start = y * mask.shape[1] + x0;
  for (let i = start; i < start + count; i++) if (mask.data[i] === 0) return false;
  return true;
}
