/** A grid of cubes about a surface, and the field of a volume at any point. */
import { type Affine, inverseAffine, mapPoints } from './affine.ts';
import type { GridSize } from './dual-surface.ts';
import type { VolumeField } from './volume-field.ts';

/** Cubes left free between the surface and the border of the grid, both sides together. */
const margin = 3;

export interface CoarseGrid {
  size: GridSize;
  /** Grid coordinates to mm. */
  affine: Affine;
  /** Side of a cube, mm. */
  step: number;
}

/** `resolution` cubes along the longest side of the points' box; numbers of cubes are multiples of `multiple`. */
export function gridAbout(points: Float64Array, resolution: number, multiple = 1): CoarseGrid {
  const low = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const high = low.map((value) => -value);
  for (let i = 0; i < points.length; i++) {
    low[i % 3] = Math.min(low[i % 3], points[i]);
    high[i % 3] = Math.max(high[i % 3], points[i]);
  }
  const extent = high.map((value, axis) => value - low[axis]);
  const step = Math.max(...extent) / (resolution - margin) || 1;
  const cubes = extent.map(
    (length) => multiple * Math.ceil(Math.min(resolution, Math.ceil(length / step - 1e-9) + margin) / multiple),
  );
  const origin = cubes.map((count, axis) => (low[axis] + high[axis] - count * step) / 2);
  return {
    size: [cubes[0] + 1, cubes[1] + 1, cubes[2] + 1],
    step,
    affine: {
      origin: [origin[0], origin[1], origin[2]],
      columns: [
        [step, 0, 0],
        [0, step, 0],
        [0, 0, step],
      ],
    },
  };
}

/** The field at a point in mm, linear between voxels; beyond the volume that of the nearest border point. */
export function fieldAt({ s, size, affine }: VolumeField): (x: number, y: number, z: number) => number {
  const inverse = inverseAffine(affine);
  const point = new Float64Array(3);
  const cell = [0, 0, 0];
  return (x, y, z) => {
    point[0] = x;
    point[1] = y;
    point[2] = z;
    mapPoints(point, inverse);
    for (let axis = 0; axis < 3; axis++) {
      point[axis] = Math.min(size[axis] - 1, Math.max(0, point[axis]));
      cell[axis] = Math.min(size[axis] - 2, Math.floor(point[axis]));
    }
    let value = 0;
    for (let corner = 0; corner < 8; corner++) {
      let weight = 1;
      for (let axis = 0; axis < 3; axis++) {
        const t = point[axis] - cell[axis];
        weight *= ((corner >> axis) & 1) === 1 ? t : 1 - t;
      }
      if (weight === 0) continue;
      const [i, j, k] = [cell[0] + (corner & 1), cell[1] + ((corner >> 1) & 1), cell[2] + ((corner >> 2) & 1)];
      value += weight * s[i + size[0] * (j + size[1] * k)];
    }
    return value;
  };
}
