/**
 * The rays of one view of a beam that crosses one slice at a time, as the kernel (ray-kernel.ts) takes them. The ray at angle
 * θ and distance s from the rotation centre runs through
 *
 *   (X, Y) = (s cos θ + t sin θ, −s sin θ + t cos θ),     t a whole number, X to the right, Y down from the centre;
 *
 * its line integral is the sum of the image, interpolated bilinearly and zero outside, at those points. A parallel beam keeps
 * to |t| ≤ ⌊⌈√2 n⌉/2⌋, the rows of the rotated image. Samples that see no pixel are left out: of the ray, its first sample,
 * its step and the number of its samples are kept. Pixel positions refer to a frame of `size`² pixels, padded by two zero
 * pixels all round, with the rotation centre at frame pixel `centre`.
 */
import type { SliceGeometry } from './ct-geometry.ts';
import { fanAngle } from './fan-geometry.ts';
import { diagonal } from './geometry.ts';

export interface Frame {
  readonly size: number;
  readonly centre: number;
}

/** Zero pixels around the frame: bilinear cells of samples just outside of it lie within. */
export const padding = 2;

/** Words of one ray: x, y, dx, dy as float32 in padded pixels, four times the number of samples as an integer. */
export const rayWords = 5;

/** Rounding room when the end of a ray is computed rather than searched. */
const slack = 1e-9;

/**
 * Writes the rays of detector elements `from` … `from + count − 1` of the view at `angleDeg`; returns the number of samples of
 * the longest.
 */
export function writeRays(
  geometry: SliceGeometry,
  frame: Frame,
  angleDeg: number,
  [from, count]: readonly [number, number],
  floats: Float32Array,
  integers: Int32Array,
): number {
  const parallel = geometry.kind === 'parallel';
  const reach = parallel ? Math.floor(diagonal(geometry.size) / 2) : Number.POSITIVE_INFINITY;
  const angle = (angleDeg * Math.PI) / 180;
  let longest = 0;
  for (let i = 0, at = 0; i < count; i++, at += rayWords) {
    const gamma = parallel ? 0 : fanAngle(geometry, from + i);
    const s = parallel
      ? (from + i - geometry.detectorCentre) * geometry.detectorSpacing
      : geometry.sourceOrigin * Math.sin(gamma);
    const cosine = Math.cos(angle + gamma);
    const sine = Math.sin(angle + gamma);
    const x0 = frame.centre + s * cosine;
    const y0 = frame.centre - s * sine;
    const [low, high] = overlap(x0, sine, y0, cosine, frame.size, reach);
    const samples = Math.max(0, high - low + 1);
    floats[at] = x0 + low * sine + padding;
    floats[at + 1] = y0 + low * cosine + padding;
    floats[at + 2] = sine;
    floats[at + 3] = cosine;
    integers[at + 4] = 4 * samples;
    if (samples === 0) floats.fill(0, at, at + 4);
    if (samples > longest) longest = samples;
  }
  return longest;
}

/** Most samples a ray of the frame can have: one more than the longest chord of the square in which a sample sees a pixel. */
export function longestRay(frame: Frame): number {
  return Math.ceil(Math.SQRT2 * (frame.size + 1)) + 2;
}

/** Whole numbers t, |t| ≤ reach, for which x0 + t·dx and y0 + t·dy lie in (−1, size); rounding may add an end point. */
function overlap(x0: number, dx: number, y0: number, dy: number, size: number, reach: number): [number, number] {
  let low = -reach;
  let high = reach;
  for (let axis = 0; axis < 2; axis++) {
    const origin = axis === 0 ? x0 : y0;
    const step = axis === 0 ? dx : dy;
    if (Math.abs(step) < 1e-12) {
      if (origin <= -1 || origin >= size) return [0, -1];
      continue;
    }
    const a = (-1 - origin) / step;
    const b = (size - origin) / step;
    low = Math.max(low, Math.ceil(Math.min(a, b) - slack));
    high = Math.min(high, Math.floor(Math.max(a, b) + slack));
  }
  return [low, high];
}
