/** Whether slices form a straight stack: at right angles to their planes, evenly spaced. From positions alone. */
import type { SliceGeometry } from '../io/scan.ts';

export interface StackShape {
  /** Angle in degrees between the stack and the normal of its slices. */
  shearDeg: number;
  /** Median and extreme distances of neighbours along the normal, mm. */
  stepMm: number;
  leastStepMm: number;
  largestStepMm: number;
}

const dot = (a: readonly number[], b: readonly number[]) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

/** Undefined for fewer than two slices. */
export function stackShape(geometry: readonly SliceGeometry[]): StackShape | undefined {
  if (geometry.length < 2) return undefined;
  const [{ position: first, rowCosines: r, columnCosines: c }] = geometry;
  const last = geometry[geometry.length - 1].position;
  const normal = [r[1] * c[2] - r[2] * c[1], r[2] * c[0] - r[0] * c[2], r[0] * c[1] - r[1] * c[0]];
  const along = last.map((value, k) => value - first[k]);
  const length = Math.hypot(...along);
  const straight = Math.min(1, Math.abs(dot(along, normal)) / (length || 1));
  const depths = geometry.map(({ position }) => dot(position, normal));
  const steps = depths
    .slice(1)
    .map((depth, i) => Math.abs(depth - depths[i]))
    .sort((a, b) => a - b);
  return {
    shearDeg: (Math.acos(straight) * 180) / Math.PI,
    stepMm: steps[steps.length >> 1],
    leastStepMm: steps[0],
    largestStepMm: steps[steps.length - 1],
  };
}
