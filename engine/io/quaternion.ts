/** Rotation part of a voxel → world matrix as NIfTI's qform stores it. */
import type { Affine } from './nifti-header.ts';

/** Components b, c, d of the unit quaternion with a ≥ 0, and qfac = −1 where the third axis is mirrored. */
export interface QformTurn {
  bcd: [number, number, number];
  qfac: 1 | -1;
}

/** Undefined when the columns are not orthogonal. From the largest of the four squares, so that nothing cancels. */
export function rotationToQuaternion(affine: Affine): QformTurn | undefined {
  const norms = [0, 1, 2].map((j) => Math.hypot(affine[0][j], affine[1][j], affine[2][j]));
  if (norms.some((norm) => !(norm > 0))) return undefined;
  const r = affine.map((row) => [0, 1, 2].map((j) => row[j] / norms[j]));
  const dot = (i: number, j: number): number => r[0][i] * r[0][j] + r[1][i] * r[1][j] + r[2][i] * r[2][j];
  if (Math.max(Math.abs(dot(0, 1)), Math.abs(dot(0, 2)), Math.abs(dot(1, 2))) > 1e-5) return undefined;
  const determinant =
    r[0][0] * (r[1][1] * r[2][2] - r[1][2] * r[2][1]) -
    r[0][1] * (r[1][0] * r[2][2] - r[1][2] * r[2][0]) +
    r[0][2] * (r[1][0] * r[2][1] - r[1][1] * r[2][0]);
  const qfac = determinant < 0 ? -1 : 1;
  for (const row of r) row[2] *= qfac;
  const squares = [
    1 + r[0][0] + r[1][1] + r[2][2],
    1 + r[0][0] - r[1][1] - r[2][2],
    1 - r[0][0] + r[1][1] - r[2][2],
    1 - r[0][0] - r[1][1] + r[2][2],
  ];
  const largest = squares.indexOf(Math.max(...squares));
  const half = Math.sqrt(squares[largest]) / 2;
  const part = 1 / (4 * half);
  const [xy, xz, yz] = [r[0][1] + r[1][0], r[0][2] + r[2][0], r[1][2] + r[2][1]].map((v) => v * part);
  const [wx, wy, wz] = [r[2][1] - r[1][2], r[0][2] - r[2][0], r[1][0] - r[0][1]].map((v) => v * part);
  const q = [
    [half, wx, wy, wz],
    [wx, half, xy, xz],
    [wy, xy, half, yz],
    [wz, xz, yz, half],
  ][largest];
  const sign = q[0] < 0 ? -1 : 1;
  return { bcd: [sign * q[1], sign * q[2], sign * q[3]], qfac };
}
