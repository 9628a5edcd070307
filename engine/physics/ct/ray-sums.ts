/**
 * Inner loops of the projector: sums along the rays of one view, and their transpose, for one slice. Images are padded
 * by one pixel (row length `row`). The same weights (1−right)(1−down), right(1−down), (1−right)down, right·down appear in
 * both directions, which makes the pair exactly adjoint.
 */
import type { ViewRays } from './view-rays.ts';

/** line[j] ← Σ over the samples of ray j of the interpolated image. */
export function gather(rays: ViewRays, image: Float32Array, row: number, line: Float64Array): void {
  const { start, base, right, down } = rays;
  const detectors = start.length - 1;
  for (let j = 0; j < detectors; j++) {
    let sum = 0;
    const end = start[j + 1];
    for (let k = start[j]; k < end; k++) {
      const at = base[k];
      const u = right[k];
      const a = image[at];
      const b = image[at + row];
      const upper = a + u * (image[at + 1] - a);
      sum += upper + down[k] * (b + u * (image[at + row + 1] - b) - upper);
    }
    line[j] = sum;
  }
}

/** image ← image + Σ_j line[j] · (weights of ray j). */
export function scatter(rays: ViewRays, line: Float64Array, image: Float64Array, row: number): void {
  const { start, base, right, down } = rays;
  const detectors = start.length - 1;
  for (let j = 0; j < detectors; j++) {
    const value = line[j];
    if (value === 0) continue;
    const end = start[j + 1];
    for (let k = start[j]; k < end; k++) {
      const at = base[k];
      const u = right[k];
      const lower = value * down[k];
      const upper = value - lower;
      const upperRight = upper * u;
      const lowerRight = lower * u;
      image[at] += upper - upperRight;
      image[at + 1] += upperRight;
      image[at + row] += lower - lowerRight;
      image[at + row + 1] += lowerRight;
    }
  }
}
