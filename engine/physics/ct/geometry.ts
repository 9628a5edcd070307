/**
 * Where the rays of a parallel-beam scan run. Image [y, x] of n×n pixels, unit pixel size, rotation centre at pixel
 * c = floor(n/2) in both axes; X = column − c, Y = row − c (down). A pixel at angle θ projects onto detector position
 *
 *   j = centre + (X cos θ − Y sin θ) / spacing,          j = 0 … D−1
 *
 * so angle 0 sums along the columns' direction (over y) onto x, and angles grow counter-clockwise on the screen.
 * Lengths in pixels, angles in degrees.
 */
import { check } from '../../errors.ts';

export interface ParallelBeamOptions {
  /** Image width and height n. */
  size: number;
  anglesDeg: ArrayLike<number>;
  /** Number of detector elements D; default ceil(√2 n), the diagonal. */
  detectors?: number;
  /** Detector index the rotation centre projects to; default floor(D/2). */
  detectorCentre?: number;
  /** Detector pitch in pixels; default 1. */
  detectorSpacing?: number;
}

export interface ParallelBeamGeometry {
  readonly kind: 'parallel';
  readonly size: number;
  readonly anglesDeg: Float64Array;
  readonly detectors: number;
  readonly detectorCentre: number;
  readonly detectorSpacing: number;
}

const largestSize = 8192;
const largestDetector = 16 * largestSize;

/** ceil(√2 n): the shortest detector every pixel of the image projects into. */
export function diagonal(size: number): number {
  return Math.ceil(Math.SQRT2 * size);
}

/** Angles k·arc/V, k = 0 … V−1 (the end is excluded). */
export function uniformAngles(views: number, arcDeg = 180): Float64Array {
  check(Number.isSafeInteger(views) && views > 0, () => `number of views is ${views}, expected a positive integer`, {
    code: 'bad-usage',
    path: 'angles',
  });
  return Float64Array.from({ length: views }, (_, k) => (k * arcDeg) / views);
}

/** Throws `bad-input` unless the image has 1 to 8192 pixels a side. */
export function checkSize(size: number): void {
  check(
    Number.isSafeInteger(size) && size > 0 && size <= largestSize,
    () => `image size is ${size}, expected an integer from 1 to ${largestSize}`,
    { path: 'image_size' },
  );
}

/** Throws `bad-input` unless there is at least one view and every angle is finite. */
export function checkAngles(anglesDeg: ArrayLike<number>): void {
  check(anglesDeg.length > 0, () => 'there are no view angles, expected at least one', { path: 'angles_deg' });
  for (let v = 0; v < anglesDeg.length; v++)
    check(
      Number.isFinite(anglesDeg[v]),
      () => `view angle ${v} is ${anglesDeg[v]}, expected a finite number of degrees`,
      { path: 'angles_deg' },
    );
}

/** Throws `bad-input` unless the count of detector elements (or rows) is one a detector can have. */
export function checkDetectors(detectors: number, what = 'elements'): void {
  check(
    Number.isSafeInteger(detectors) && detectors > 0 && detectors <= largestDetector,
    () => `number of detector ${what} is ${detectors}, expected an integer from 1 to ${largestDetector}`,
    { path: 'sinogram' },
  );
}

/** Throws `bad-input` naming the field unless the value is finite. */
export function checkFinite(value: number, name: string, path: string): void {
  check(Number.isFinite(value), () => `${name} is ${value}, expected a finite index`, { path });
}

/** Throws `bad-input` naming the field unless the length, in pixels, is positive. */
export function checkLength(value: number, name: string, path: string): void {
  check(Number.isFinite(value) && value > 0, () => `${name} is ${value} pixels, expected a positive number`, { path });
}

/** Fills in the defaults. Throws `bad-input` with the offending field as path. */
export function parallelBeamGeometry(options: ParallelBeamOptions): ParallelBeamGeometry {
  const { size, anglesDeg } = options;
  checkSize(size);
  checkAngles(anglesDeg);
  const detectors = options.detectors ?? diagonal(size);
  checkDetectors(detectors);
  const detectorCentre = options.detectorCentre ?? Math.floor(detectors / 2);
  checkFinite(detectorCentre, 'detector centre', 'detector_centre');
  const detectorSpacing = options.detectorSpacing ?? 1;
  checkLength(detectorSpacing, 'detector spacing', 'detector_spacing_mm');
  return {
    kind: 'parallel',
    size,
    anglesDeg: Float64Array.from(anglesDeg),
    detectors,
    detectorCentre,
    detectorSpacing,
  };
}
