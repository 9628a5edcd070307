/**
 * Inner loops of the projector: sums along the rays of one view, and their transposes. Images are padded by one pixel
 * (row length `row`); in the versions for four slices the slice index is the fastest axis of image and line. The same
 * weights (1−right)(1−down), right(1−down), (1−right)down, right·down appear in both directions, which makes the pair
 * exactly adjoint.
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

/** `gather` for four slices at once. */
export function gather4(rays: ViewRays, image: Float32Array, row: number, line: Float64Array): void {
  const { start, base, right, down } = rays;
  const detectors = start.length - 1;
  const below = 4 * row;
  for (let j = 0; j < detectors; j++) {
    let sum0 = 0;
    let sum1 = 0;
    let sum2 = 0;
    let sum3 = 0;
    const end = start[j + 1];
    for (let k = start[j]; k < end; k++) {
      const p = 4 * base[k];
      const q = p + below;
      const u = right[k];
      const v = down[k];
      const w11 = u * v;
      const w10 = v - w11;
      const w01 = u - w11;
      const w00 = 1 - u - w10;
      sum0 += w00 * image[p] + w01 * image[p + 4] + w10 * image[q] + w11 * image[q + 4];
      sum1 += w00 * image[p + 1] + w01 * image[p + 5] + w10 * image[q + 1] + w11 * image[q + 5];
      sum2 += w00 * image[p + 2] + w01 * image[p + 6] + w10 * image[q + 2] + w11 * image[q + 6];
      sum3 += w00 * image[p + 3] + w01 * image[p + 7] + w10 * image[q + 3] + w11 * image[q + 7];
    }
    line[4 * j] = sum0;
    line[4 * j + 1] = sum1;
    line[4 * j + 2] = sum2;
    line[4 * j + 3] = sum3;
  }
}

/** `scatter` for four slices at once. */
export function scatter4(rays: ViewRays, line: Float64Array, image: Float64Array, row: number): void {
  const { start, base, right, down } = rays;
  const detectors = start.length - 1;
  const below = 4 * row;
  for (let j = 0; j < detectors; j++) {
    const value0 = line[4 * j];
    const value1 = line[4 * j + 1];
    const value2 = line[4 * j + 2];
    const value3 = line[4 * j + 3];
    const end = start[j + 1];
    for (let k = start[j]; k < end; k++) {
      const p = 4 * base[k];
      const q = p + below;
      const u = right[k];
      const v = down[k];
      const w11 = u * v;
      const w10 = v - w11;
      const w01 = u - w11;
      const w00 = 1 - u - w10;
      image[p] += w00 * value0;
      image[p + 1] += w00 * value1;
      image[p + 2] += w00 * value2;
      image[p + 3] += w00 * value3;
      image[p + 4] += w01 * value0;
      image[p + 5] += w01 * value1;
      image[p + 6] += w01 * value2;
      image[p + 7] += w01 * value3;
      image[q] += w10 * value0;
      image[q + 1] += w10 * value1;
      image[q + 2] += w10 * value2;
      image[q + 3] += w10 * value3;
      image[q + 4] += w11 * value0;
      image[q + 5] += w11 * value1;
      image[q + 6] += w11 * value2;
      image[q + 7] += w11 * value3;
    }
  }
}
