/**
 * The planes of a stored volume as they are shown: axial with the front of the body on top and the patient's left on
 * the right, coronal and sagittal with the head on top (sagittal: front on the left). Patient axes as in DICOM: x to
 * the left, y to the back, z to the head.
 */
import type { SliceGeometry } from '../../../io/scan.ts';

export const planeNames = ['axial', 'coronal', 'sagittal'] as const;
export type PlaneName = (typeof planeNames)[number];

/** Pixel (r, c) of slice k lies at offset + k · sliceStride + r · rowStride + c · columnStride of the volume. */
export interface PlaneView {
  name: PlaneName;
  count: number;
  rows: number;
  columns: number;
  offset: number;
  sliceStride: number;
  rowStride: number;
  columnStride: number;
  /** [row, column] spacing, mm; 1 where not known. */
  spacing: readonly [number, number];
  spacingKnown: boolean;
}

type Vector = readonly [number, number, number];

/** Patient axis of the slice index, and axis and direction of rows and columns. */
const SHOWN: Record<PlaneName, { slice: number; row: [number, 1 | -1]; column: [number, 1 | -1] }> = {
  axial: { slice: 2, row: [1, 1], column: [0, 1] },
  coronal: { slice: 1, row: [2, -1], column: [0, 1] },
  sagittal: { slice: 0, row: [2, -1], column: [1, 1] },
};
const ORDERS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;
/** Shorter sides, and sides in a larger ratio (mm), show no anatomy worth learning. */
const SHORTEST_SIDE = 16;
const LARGEST_ASPECT = 4;

/** Directions of the stored axes [slices, rows, columns] in the patient. */
export function axisDirections(geometry: readonly SliceGeometry[]): [Vector, Vector, Vector] {
  const { rowCosines: r, columnCosines: c, position: first } = geometry[0];
  const last = geometry[geometry.length - 1].position;
  const step: Vector = [last[0] - first[0], last[1] - first[1], last[2] - first[2]];
  const length = Math.hypot(...step);
  const normal: Vector = [r[1] * c[2] - r[2] * c[1], r[2] * c[0] - r[0] * c[2], r[0] * c[1] - r[1] * c[0]];
  const slice: Vector = length > 0 ? [step[0] / length, step[1] / length, step[2] / length] : normal;
  return [slice, c, r];
}

/**
 * The usable planes of a volume [slices, y, x]. `directions` absent: only the stored plane, called axial, as it lies.
 * Planes with spacings apart by more than `anisotropy`, or narrower than 16 pixels or a quarter of their length, are
 * left out.
 */
export function planeViews(
  shape: readonly [number, number, number],
  spacing: Vector | undefined,
  directions: readonly [Vector, Vector, Vector] | undefined,
  anisotropy: number,
): PlaneView[] {
  const strides = [shape[1] * shape[2], shape[2], 1];
  const mm = spacing ?? [1, 1, 1];
  if (directions === undefined) {
    const [count, rows, columns] = shape;
    const view = { name: 'axial', count, rows, columns, offset: 0, sliceStride: strides[0] } as const;
    return [
      { ...view, rowStride: strides[1], columnStride: 1, spacing: [mm[1], mm[2]], spacingKnown: spacing !== undefined },
    ];
  }
  const score = (order: readonly number[]) => order.reduce((sum, axis, s) => sum + Math.abs(directions[s][axis]), 0);
  const order = ORDERS.reduce((best, other) => (score(other) > score(best) ? other : best));
  /** Stored axis that runs along a patient axis, walked in the wished direction. */
  const walk = ([axis, wished]: readonly [number, 1 | -1]) => {
    const s = order.indexOf(axis as 0 | 1 | 2);
    const reverse = directions[s][axis] * wished < 0;
    return {
      size: shape[s],
      mm: mm[s],
      stride: reverse ? -strides[s] : strides[s],
      offset: reverse ? (shape[s] - 1) * strides[s] : 0,
    };
  };
  return planeNames.flatMap((name) => {
    const shown = SHOWN[name];
    const slice = walk([shown.slice, 1]);
    const row = walk(shown.row);
    const column = walk(shown.column);
    const sides = [row.size * row.mm, column.size * column.mm];
    const stored = order[0] === shown.slice;
    if (Math.max(row.mm, column.mm) / Math.min(row.mm, column.mm) > anisotropy) return [];
    if (!stored && (spacing === undefined || Math.min(row.size, column.size) < SHORTEST_SIDE)) return [];
    if (!stored && Math.max(...sides) / Math.min(...sides) > LARGEST_ASPECT) return [];
    return [
      {
        name,
        count: slice.size,
        rows: row.size,
        columns: column.size,
        offset: slice.offset + row.offset + column.offset,
        sliceStride: slice.stride,
        rowStride: row.stride,
        columnStride: column.stride,
        spacing: [row.mm, column.mm] as const,
        spacingKnown: spacing !== undefined,
      },
    ];
  });
}
