/**
 * The samples of one parallel-beam view. Ray j runs through the points (X, Y) = (s cos θ + t sin θ, −s sin θ + t cos θ),
 * s = (j − centre)·spacing, t = −floor(T/2) … T−1−floor(T/2), T = ceil(√2 n); its line integral is the sum of the image,
 * interpolated bilinearly and zero outside, at those points. Samples that see no pixel are left out.
 *
 * Sample k of the view lies at `base[k]` (upper left pixel of its cell, in an image padded by one zero pixel all round,
 * row length n + 2) with fractions `right[k]` and `down[k]`; ray j owns samples start[j] … start[j+1]−1.
 */
import { diagonal, type ParallelBeamGeometry } from './geometry.ts';

export interface ViewRays {
  readonly start: Int32Array;
  readonly base: Int32Array;
  readonly right: Float32Array;
  readonly down: Float32Array;
}

/** Rounding room when the end of a ray is computed rather than searched. */
const slack = 1e-9;

/** Empty storage for any view of the geometry. */
export function emptyViewRays(geometry: ParallelBeamGeometry): ViewRays {
  const capacity = sampleBound(geometry);
  return {
    start: new Int32Array(geometry.detectors + 1),
    base: new Int32Array(capacity),
    right: new Float32Array(capacity),
    down: new Float32Array(capacity),
  };
}

/**
 * No view has more samples: a chord of length l holds at most l + 1, the chords (a unimodal function of j) sum to at
 * most area/spacing + the longest chord, and at most √2·side/spacing + 1 rays meet the image.
 */
export function sampleBound({ size, detectors, detectorSpacing }: ParallelBeamGeometry): number {
  const side = size + 1;
  const hit = Math.min(detectors, Math.ceil((Math.SQRT2 * side) / detectorSpacing) + 1);
  return Math.min(hit * diagonal(size), Math.ceil((side * side) / detectorSpacing + Math.SQRT2 * side) + hit + 16);
}

/** Fills `rays` with the samples of the view at `angleDeg`; returns their number. */
export function traceView(geometry: ParallelBeamGeometry, angleDeg: number, rays: ViewRays): number {
  const { size, detectors, detectorCentre, detectorSpacing } = geometry;
  const theta = (angleDeg * Math.PI) / 180;
  const cosine = Math.cos(theta);
  const sine = Math.sin(theta);
  const centre = Math.floor(size / 2);
  const length = diagonal(size);
  const first = -Math.floor(length / 2);
  const last = first + length - 1;
  const row = size + 2;
  let count = 0;
  for (let j = 0; j < detectors; j++) {
    rays.start[j] = count;
    const s = (j - detectorCentre) * detectorSpacing;
    // Padded coordinates: a sample sees a pixel where 0 < x, y < n + 1.
    const x0 = centre + 1 + s * cosine;
    const y0 = centre + 1 - s * sine;
    const [low, high] = overlap(x0, sine, y0, cosine, size + 1, first, last);
    for (let t = low; t <= high; t++) {
      const x = x0 + t * sine;
      const y = y0 + t * cosine;
      if (!(x > 0 && y > 0 && x < size + 1 && y < size + 1)) continue;
      const column = Math.floor(x);
      const line = Math.floor(y);
      rays.base[count] = line * row + column;
      rays.right[count] = x - column;
      rays.down[count] = y - line;
      count++;
    }
  }
  rays.start[detectors] = count;
  return count;
}

/** Integers t in [first, last] for which x0 + t·dx and y0 + t·dy may lie in (0, limit). */
function overlap(
  x0: number,
  dx: number,
  y0: number,
  dy: number,
  limit: number,
  first: number,
  last: number,
): [number, number] {
  let low = first;
  let high = last;
  for (const [origin, step] of [
    [x0, dx],
    [y0, dy],
  ]) {
    if (Math.abs(step) < 1e-12) {
      if (origin <= -slack || origin >= limit + slack) return [1, 0];
      continue;
    }
    const a = -origin / step;
    const b = (limit - origin) / step;
    low = Math.max(low, Math.ceil(Math.min(a, b) - slack));
    high = Math.min(high, Math.floor(Math.max(a, b) + slack));
  }
  return [low, high];
}

/** The first `count` samples in arrays of their own, to be kept. */
export function keepView(rays: ViewRays, count: number): ViewRays {
  return {
    start: rays.start.slice(),
    base: rays.base.slice(0, count),
    right: rays.right.slice(0, count),
    down: rays.down.slice(0, count),
  };
}
