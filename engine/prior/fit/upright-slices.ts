/** Slices of a stored volume the way they are read: front of the body on top in axial planes, head on top in the others. */
import type { NdArray } from '../../arrays/ndarray.ts';
import type { SliceGeometry } from '../../io/scan.ts';
import { turnImage } from './dihedral.ts';
import { storedTurn } from './display-turn.ts';
import type { LayoutImage } from './layout-image.ts';
import type { Quarter } from './orientation.ts';

/** Along the stored slices, or across them: planes made of all slices' rows, or of all slices' columns. */
export type Plane = 'stored' | 'rows' | 'columns';

/** Number of slices the volume [slices, y, x] has in a plane. */
export function planeCount(shape: readonly number[], plane: Plane): number {
  return shape[{ stored: 0, rows: 1, columns: 2 }[plane]];
}

/**
 * Slice `index` of a plane, upright where the geometry says how it lies (its mirror image counts as upright), as stored
 * otherwise. Negative values become 0.
 */
export function uprightSlice(
  volume: NdArray<'float32'>,
  geometry: readonly SliceGeometry[] | undefined,
  plane: Plane,
  index: number,
): LayoutImage {
  const [slices, rows, columns] = volume.shape;
  const strides = { slice: rows * columns, row: columns, column: 1 };
  const [down, right, fixed] = {
    stored: [strides.row, strides.column, strides.slice],
    rows: [strides.slice, strides.column, strides.row],
    columns: [strides.slice, strides.row, strides.column],
  }[plane];
  const height = plane === 'stored' ? rows : slices;
  const width = plane === 'columns' ? rows : columns;
  const data = new Float32Array(height * width);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      data[y * width + x] = Math.max(0, volume.data[index * fixed + y * down + x * right]);
  if (geometry === undefined || geometry.length === 0) return { data, height, width };
  const turn = storedTurn(planeGeometry(geometry, plane));
  const back = turnImage(data, height, width, { quarter: ((4 - turn) % 4) as Quarter, mirrored: false });
  return { data: back.image, height: back.height, width: back.width, upright: true };
}

/** Directions of the rows and columns of a plane. */
function planeGeometry(geometry: readonly SliceGeometry[], plane: Plane): SliceGeometry {
  const [first] = geometry;
  if (plane === 'stored') return first;
  const last = geometry[geometry.length - 1];
  const { rowCosines, columnCosines } = first;
  const step = [0, 1, 2].map((k) => last.position[k] - first.position[k]);
  const length = Math.hypot(...step) || 1;
  return {
    position: first.position,
    rowCosines: plane === 'rows' ? rowCosines : columnCosines,
    columnCosines: [step[0] / length, step[1] / length, step[2] / length],
  };
}
