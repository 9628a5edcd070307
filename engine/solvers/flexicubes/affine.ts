/** Where grid points lie: mm = origin + x · columns[0] + y · columns[1] + z · columns[2]. */
import type { ArrayArtifact } from '../artifact.ts';
import { flexicubesError } from './flexicubes-error.ts';

export type Vector3 = readonly [number, number, number];

export interface Affine {
  origin: Vector3;
  columns: readonly [Vector3, Vector3, Vector3];
}

export const scaled = (vector: Vector3, by: number): Vector3 => [vector[0] * by, vector[1] * by, vector[2] * by];

const cross = (a: Vector3, b: Vector3): Vector3 => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
const dot = (a: Vector3, b: Vector3) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

export function determinant({ columns: [a, b, c] }: Affine): number {
  return dot(cross(a, b), c);
}

/** The map from mm to grid coordinates, as the same form. */
export function inverseAffine(affine: Affine): Affine {
  const [a, b, c] = affine.columns;
  const by = 1 / determinant(affine);
  const rows = [scaled(cross(b, c), by), scaled(cross(c, a), by), scaled(cross(a, b), by)];
  const column = (k: number): Vector3 => [rows[0][k], rows[1][k], rows[2][k]];
  const at = (k: number) => -dot(rows[k], affine.origin);
  return { origin: [at(0), at(1), at(2)], columns: [column(0), column(1), column(2)] };
}

/** points [n, 3], mapped in place. */
export function mapPoints(points: Float64Array, { origin, columns: [a, b, c] }: Affine): Float64Array {
  for (let i = 0; i < points.length; i += 3) {
    const [x, y, z] = [points[i], points[i + 1], points[i + 2]];
    for (let k = 0; k < 3; k++) points[i + k] = origin[k] + x * a[k] + y * b[k] + z * c[k];
  }
  return points;
}

/** Length of a step along each axis. */
export function stepLengths({ columns }: Affine): number[] {
  return columns.map((column) => Math.hypot(...column));
}

/**
 * Of a volume: `spacing` (x, y, z) as chosen, else the file's, else 1. Origin and directions are the file's (DICOM patient
 * coordinates, LPS), else zero and the axes. Throws E_PARAM.
 */
export function volumeAffine({ array, companions }: ArrayArtifact, spacing: readonly number[] | undefined): Affine {
  const place = companions?.slice_geometry?.data;
  const own = companions?.spacing_mm?.data;
  const found = own?.length === 3 && Array.from(own).every((step) => step > 0) ? [own[2], own[1], own[0]] : [1, 1, 1];
  const [dx, dy, dz] = checkedSpacing(spacing ?? found);
  const slices = array.shape[0];
  if (place === undefined || place.length !== 9 * slices)
    return {
      origin: [0, 0, 0],
      columns: [
        [dx, 0, 0],
        [0, dy, 0],
        [0, 0, dz],
      ],
    };
  const vector = (at: number): Vector3 => [place[at], place[at + 1], place[at + 2]];
  const [row, column] = [vector(3), vector(6)];
  const [first, last] = [vector(0), vector(9 * (slices - 1))];
  const along: Vector3 = [last[0] - first[0], last[1] - first[1], last[2] - first[2]];
  const length = Math.hypot(...along);
  const normal = cross(row, column);
  return {
    origin: first,
    columns: [scaled(row, dx), scaled(column, dy), scaled(length > 0 ? scaled(along, 1 / length) : normal, dz)],
  };
}

function checkedSpacing(spacing: readonly number[]): readonly number[] {
  if (spacing.length === 3 && spacing.every((step) => step > 0 && Number.isFinite(step))) return spacing;
  throw flexicubesError(
    'E_PARAM',
    `spacing must be three numbers above 0, found ${spacing.join(',')}`,
    'spacing',
    'Give mm along x, y, z: spacing=0.7,0.7,1.5.',
  );
}
