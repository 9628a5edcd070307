/** The three planes of a stack [slices, rows, columns]: along the stack, and across its rows and columns. */

import { normalOf, type SlicePlane } from '../maths/linked-views.ts';
import { directionLetters, type EdgeLetters } from '../maths/orientation-letters.ts';

export type Plane = 'slice' | 'row' | 'column';

/** Indices (slice, row, column) of the voxel where the three planes meet. */
export interface Voxel {
  slice: number;
  row: number;
  column: number;
}

export interface PlaneImage {
  rows: number;
  columns: number;
  values: Float32Array;
}

/** Cuts one plane out. Rows of the two across planes are slices, the last slice on top. */
export function reslice(
  volume: Float32Array,
  shape: readonly [number, number, number],
  plane: Plane,
  at: Voxel,
): PlaneImage {
  const [slices, rows, columns] = shape;
  if (plane === 'slice') {
    const from = at.slice * rows * columns;
    return { rows, columns, values: volume.subarray(from, from + rows * columns) };
  }
  const width = plane === 'row' ? columns : rows;
  const values = new Float32Array(slices * width);
  for (let z = 0; z < slices; z++)
    for (let i = 0; i < width; i++) {
      const source = plane === 'row' ? (z * rows + at.row) * columns + i : (z * rows + i) * columns + at.column;
      values[(slices - 1 - z) * width + i] = volume[source];
    }
  return { rows: slices, columns: width, values };
}

/** Pixel (x, y) of a plane → voxel, the other index kept. */
export function voxelAt(plane: Plane, x: number, y: number, slices: number, now: Voxel): Voxel {
  if (plane === 'slice') return { ...now, row: y, column: x };
  return plane === 'row' ? { ...now, slice: slices - 1 - y, column: x } : { ...now, slice: slices - 1 - y, row: x };
}

/** Where the voxel lies on a plane: (x, y). */
export function pointOn(plane: Plane, at: Voxel, slices: number): [number, number] {
  if (plane === 'slice') return [at.column, at.row];
  return plane === 'row' ? [at.column, slices - 1 - at.slice] : [at.row, slices - 1 - at.slice];
}

/** mm of one pixel of a plane: [down, right]; unknown spacings count as equal. */
export function planeSpacing(plane: Plane, [dz, dy, dx]: readonly [number, number, number]): [number, number] {
  return plane === 'slice' ? [dy, dx] : plane === 'row' ? [dz, dx] : [dz, dy];
}

export function planeLetters(
  plane: Plane,
  first: SlicePlane | undefined,
  last: SlicePlane | undefined,
): EdgeLetters | null {
  if (first === undefined || last === undefined) return null;
  const normal = normalOf(first);
  const along = [0, 1, 2].map((axis) => last.position[axis] - first.position[axis]);
  const sign = along[0] * normal[0] + along[1] * normal[1] + along[2] * normal[2] < 0 ? -1 : 1;
  const up = [normal[0] * sign, normal[1] * sign, normal[2] * sign] as const;
  const right = plane === 'column' ? first.columnCosines : first.rowCosines;
  const down = plane === 'slice' ? first.columnCosines : ([-up[0], -up[1], -up[2]] as const);
  const minus = (v: readonly [number, number, number]) => [-v[0], -v[1], -v[2]] as const;
  return {
    right: directionLetters(right),
    left: directionLetters(minus(right)),
    bottom: directionLetters(down),
    top: directionLetters(minus(down)),
  };
}

/** "Axial", "Coronal", "Sagittal": by the axis the plane's normal leans to; by its place in the stack when unknown. */
export function planeTitle(plane: Plane, first: SlicePlane | undefined): string {
  if (first === undefined)
    return plane === 'slice' ? 'Along the stack' : plane === 'row' ? 'Across rows' : 'Across columns';
  const normal = plane === 'slice' ? normalOf(first) : plane === 'row' ? first.columnCosines : first.rowCosines;
  const sizes = normal.map(Math.abs);
  const axis = sizes.indexOf(Math.max(...sizes));
  return ['Sagittal', 'Coronal', 'Axial'][axis];
}
