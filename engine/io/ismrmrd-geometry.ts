/**
 * Where the slices of an ISMRMRD measurement lie. `position` is the centre of the field of view in patient coordinates
 * (LPS, mm), where the centred transform puts pixel floor(n/2); read_dir runs along columns, phase_dir along rows.
 */

import type { ReadoutHead } from './ismrmrd-head.ts';
import type { IsmrmrdEncoding } from './ismrmrd-header.ts';
import type { SliceGeometry } from './scan.ts';

type Vector = [number, number, number];

/** Final image: [partitions, rows, columns]. */
export interface ImageExtent {
  depth: number;
  rows: number;
  columns: number;
}

const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

/**
 * Image size after removing oversampling: by the fields of view where they differ, else by the matrices. Never larger
 * than what was encoded; interpolation is left to the display.
 */
export function croppedSize(encoding: IsmrmrdEncoding, axis: 'x' | 'y' | 'z'): number {
  const [encoded, recon] = [encoding.encodedSpace, encoding.reconSpace];
  const n = encoded.matrixSize[axis];
  const [whole, part] = [encoded.fieldOfView_mm[axis], recon.fieldOfView_mm[axis]];
  if (part > 0 && whole > part * 1.001) return Math.max(1, Math.min(n, Math.round((n * part) / whole)));
  return Math.min(n, recon.matrixSize[axis]);
}

/** [dz, dy, dx] in mm, or undefined when the header states no field of view. */
export function voxelSize(
  encoding: IsmrmrdEncoding,
  extent: ImageExtent,
  slices: readonly ReadoutHead[],
): Vector | undefined {
  const { x, y, z } = encoding.reconSpace.fieldOfView_mm;
  let dz = z / extent.depth;
  if (extent.depth === 1 && slices.length > 1) {
    const [first, last] = [slices[0], slices[slices.length - 1]];
    const distance = dot(last.position, first.sliceDir) - dot(first.position, first.sliceDir);
    if (distance > 1e-3) dz = distance / (slices.length - 1);
  }
  const size: Vector = [dz, y / extent.rows, x / extent.columns];
  return size.every((s) => s > 0) ? size : undefined;
}

/** Geometry of every final slice, image by image, or undefined when the directions are no orthonormal frame. */
export function sliceGeometry(
  slices: readonly ReadoutHead[],
  images: number,
  extent: ImageExtent,
  voxel: Vector,
): SliceGeometry[] | undefined {
  for (const { position, readDir, phaseDir, sliceDir } of slices) {
    const frame = [readDir, phaseDir, sliceDir];
    if (frame.some((v) => !(Math.abs(Math.hypot(...v) - 1) < 1e-2)) || position.some((p) => !Number.isFinite(p)))
      return undefined;
    if (Math.abs(dot(readDir, phaseDir)) > 1e-2) return undefined;
  }
  const geometry: SliceGeometry[] = [];
  for (let i = 0; i < images; i++) {
    const { position, readDir, phaseDir, sliceDir } = slices[i % slices.length];
    for (let z = 0; z < extent.depth; z++) {
      const steps: [Vector, number][] = [
        [readDir, -Math.floor(extent.columns / 2) * voxel[2]],
        [phaseDir, -Math.floor(extent.rows / 2) * voxel[1]],
        [sliceDir, (z - Math.floor(extent.depth / 2)) * voxel[0]],
      ];
      const corner = [0, 1, 2].map((axis) => steps.reduce((sum, [v, s]) => sum + v[axis] * s, position[axis]));
      geometry.push({
        position: [corner[0], corner[1], corner[2]],
        rowCosines: [...readDir],
        columnCosines: [...phaseDir],
      });
    }
  }
  return geometry;
}
