/** Between NIfTI's voxel → RAS matrix and the slice geometry of DICOM patient coordinates (LPS). */
import { EngineError } from '../errors.ts';
import type { Affine } from './nifti-header.ts';
import type { SliceGeometry } from './scan.ts';

type Vector = [number, number, number];

const length = (v: Vector): number => Math.hypot(v[0], v[1], v[2]);
const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
const scaled = (v: Vector, s: number): Vector => [v[0] * s, v[1] * s, v[2] * s];
/** RAS ↔ LPS: the first two axes change sign. */
const flip = (v: Vector): Vector => [-v[0] + 0, -v[1] + 0, v[2]];
const column = (affine: Affine, j: number): Vector => [affine[0][j], affine[1][j], affine[2][j]];

/**
 * Geometry of `slices` planes k = 0, 1, … with columns along i and rows along j, and spacing [dz, dy, dx] in mm (dz
 * along the slice step). Undefined when the matrix is singular. `oblique` tells that the axes are not orthogonal, which
 * a slice geometry cannot express in full.
 */
export function affineToGeometry(
  affine: Affine,
  slices: number,
): { geometry: SliceGeometry[]; spacingMm: Vector; oblique: boolean } | undefined {
  const [di, dj, dk, origin] = [0, 1, 2, 3].map((j) => flip(column(affine, j)));
  const spacing: Vector = [length(dk), length(dj), length(di)];
  if (spacing.some((s) => !(s > 1e-6)) || !(Math.abs(dot(cross(di, dj), dk)) > 1e-9)) return undefined;
  const rowCosines = scaled(di, 1 / spacing[2]);
  const columnCosines = scaled(dj, 1 / spacing[1]);
  const normal = scaled(dk, 1 / spacing[0]);
  const skew = Math.max(
    ...[dot(rowCosines, columnCosines), dot(rowCosines, normal), dot(columnCosines, normal)].map(Math.abs),
  );
  const geometry = Array.from({ length: slices }, (_, k) => ({
    position: [origin[0] + k * dk[0], origin[1] + k * dk[1], origin[2] + k * dk[2]] as Vector,
    rowCosines: [...rowCosines] as Vector,
    columnCosines: [...columnCosines] as Vector,
  }));
  return { geometry, spacingMm: spacing, oblique: skew > 1e-3 };
}

/**
 * Voxel → RAS matrix of evenly spaced parallel slices. The slice step is taken from the positions of the first and last
 * slice; for a single slice it is dz along rowCosines × columnCosines. Throws `unsupported` for uneven positions.
 */
export function geometryToAffine(geometry: readonly SliceGeometry[], spacingMm: readonly number[]): Affine {
  const first = geometry[0];
  const last = geometry[geometry.length - 1];
  const steps = geometry.length - 1;
  const step: Vector =
    steps === 0
      ? scaled(cross(first.rowCosines, first.columnCosines), spacingMm[0])
      : ([0, 1, 2].map((axis) => (last.position[axis] - first.position[axis]) / steps) as Vector);
  for (const [k, slice] of geometry.entries()) {
    const off = Math.hypot(...slice.position.map((p, axis) => p - first.position[axis] - k * step[axis]));
    const turned = Math.min(dot(slice.rowCosines, first.rowCosines), dot(slice.columnCosines, first.columnCosines));
    if (off > 0.02 * Math.max(1e-3, length(step)) + 1e-3 || turned < 1 - 1e-5)
      throw new EngineError('unsupported', `slice ${k} is not parallel to and evenly spaced with the others`, {
        hint: 'Write the slices as DICOM instead, or write one volume for each group.',
      });
  }
  const [di, dj, dk] = [scaled(first.rowCosines, spacingMm[2]), scaled(first.columnCosines, spacingMm[1]), step].map(
    flip,
  );
  const origin = flip(first.position);
  const row = (axis: number): number[] => [di[axis], dj[axis], dk[axis], origin[axis]];
  return [row(0), row(1), row(2)];
}
