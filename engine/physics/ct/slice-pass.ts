/**
 * Up to four images on their way through the projector, all views. `runPass` is also source text of the worker threads
 * (slice-workers.ts): it may use its arguments and globals only.
 */
import type { RayKernel } from './ray-kernel.ts';

/** Plain numbers and tables, so that it can be posted to a thread. */
export interface PassTables {
  size: number;
  viewCount: number;
  detectors: number;
  /** Byte addresses from a thread's base. */
  image: number;
  sums: number;
  line: number;
  /** Floats of the padded image or its sums: all lanes. */
  plane: number;
  /** Address of the first group's rays and bytes from group to group. */
  rays: number;
  raysStride: number;
  groups: number;
  /** [groups, 4] */
  views: Int32Array;
  reversed: Uint8Array;
  /** First detector element traced, and how many. */
  firstElement: number;
  elements: number;
  /** Element i reversed is element `mirror` − i. */
  mirror: number;
}

/** What each lane holds: [slice, origin, stepX, stepY] per lane, slice −1 for nothing. */
export type LaneTable = readonly number[];

/** 0: output ← factor · sinograms of input. 1: output ← factor · back-projection of input. 2: the first, then the second. */
export type PassOperation = 0 | 1 | 2;

/** Writes the slices (or their sinograms) that the lanes name, and nothing else. */
export function runPass(
  kernel: RayKernel,
  memory: Float32Array,
  tables: PassTables,
  lanes: LaneTable,
  base: number,
  operation: PassOperation,
  input: Float32Array,
  output: Float32Array,
  factor: number,
): void {
  const { size, detectors, viewCount, elements, firstElement } = tables;
  const pixels = size * size;
  const image = (base + tables.image) / 4;
  const sums = (base + tables.sums) / 4;
  const line = (base + tables.line) / 4;
  if (operation !== 1) {
    memory.fill(0, image, image + tables.plane);
    for (let b = 0; b < 4; b++) {
      const slice = lanes[4 * b];
      if (slice < 0) continue;
      const stepX = 4 * lanes[4 * b + 2];
      for (let y = 0, from = slice * pixels; y < size; y++) {
        let to = image + b + 4 * (lanes[4 * b + 1] + y * lanes[4 * b + 3]);
        for (let x = 0; x < size; x++, from++, to += stepX) memory[to] = input[from];
      }
    }
  }
  if (operation !== 0) memory.fill(0, sums, sums + tables.plane);
  for (let group = 0; group < tables.groups; group++) {
    const rays = tables.rays + group * tables.raysStride;
    if (operation === 1) memory.fill(0, line, line + 4 * elements);
    else kernel.gather(base, rays);
    for (let b = 0; b < 4; b++) {
      const slice = lanes[4 * b];
      const view = tables.views[4 * group + b];
      if (slice < 0) continue;
      if (view < 0) {
        if (operation === 2) for (let i = 0; i < elements; i++) memory[line + 4 * i + b] = 0;
        continue;
      }
      const reversed = tables.reversed[4 * group + b] === 1;
      if (operation === 2) {
        // Rays beyond the detector serve other lanes only.
        const first = (reversed ? tables.mirror - detectors + 1 : 0) - firstElement;
        for (let i = 0; i < first; i++) memory[line + 4 * i + b] = 0;
        for (let i = first + detectors; i < elements; i++) memory[line + 4 * i + b] = 0;
        continue;
      }
      const step = reversed ? -4 : 4;
      let ray = line + b + 4 * ((reversed ? tables.mirror : 0) - firstElement);
      const from = (slice * viewCount + view) * detectors;
      if (operation === 0) for (let j = 0; j < detectors; j++, ray += step) output[from + j] = factor * memory[ray];
      else for (let j = 0; j < detectors; j++, ray += step) memory[ray] = input[from + j];
    }
    if (operation !== 0) kernel.scatter(base, rays);
  }
  if (operation === 0) return;
  for (let b = 0; b < 4; b++) {
    const slice = lanes[4 * b];
    if (slice < 0) continue;
    let first = true;
    for (let other = 0; other < b; other++) if (lanes[4 * other] === slice) first = false;
    const stepX = 4 * lanes[4 * b + 2];
    for (let y = 0, to = slice * pixels; y < size; y++) {
      let from = sums + b + 4 * (lanes[4 * b + 1] + y * lanes[4 * b + 3]);
      if (first) for (let x = 0; x < size; x++, to++, from += stepX) output[to] = factor * memory[from];
      else for (let x = 0; x < size; x++, to++, from += stepX) output[to] += factor * memory[from];
    }
  }
}
