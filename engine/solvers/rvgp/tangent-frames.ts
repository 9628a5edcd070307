/** Tangent planes from the points round each node, by principal axes. */
import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import type { RunContext } from '../../context.ts';
import { checkpoint } from '../../context.ts';
import type { PointSet } from './point-set.ts';
import { rvgpError } from './rvgp-error.ts';

export interface TangentFrames {
  /** Dimensions D of the space and m of the tangent planes. */
  ambient: number;
  tangent: number;
  /** [n, D, m]: entry (i, a, q) is coordinate a of axis q at node i; axes are orthonormal. */
  data: Float64Array;
}

/** Left singular vectors (columns) and squared singular values of the points less their mean, largest first. */
function principalAxes({ data, dimensions }: PointSet, members: ArrayLike<number>) {
  const mean = new Float64Array(dimensions);
  for (let k = 0; k < members.length; k++)
    for (let a = 0; a < dimensions; a++) mean[a] += data[members[k] * dimensions + a] / members.length;
  const centred = new Matrix(dimensions, members.length);
  for (let k = 0; k < members.length; k++)
    for (let a = 0; a < dimensions; a++) centred.set(a, k, data[members[k] * dimensions + a] - mean[a]);
  const svd = new SingularValueDecomposition(centred, {
    computeLeftSingularVectors: true,
    computeRightSingularVectors: false,
    autoTranspose: true,
  });
  return { axes: svd.leftSingularVectors, squared: svd.diagonal.map((value) => value * value) };
}

/**
 * Smallest dimension q whose share of the squared singular values of a neighbourhood, in the mean over nodes less one standard
 * deviation, reaches `wanted`.
 */
function estimatedDimension(shares: readonly (readonly number[])[], dimensions: number, wanted: number): number {
  for (let q = 1; q <= dimensions; q++) {
    let [sum, squares] = [0, 0];
    for (const squared of shares) {
      const total = squared.reduce((a, b) => a + b, 0);
      const share = total > 0 ? squared.slice(0, q).reduce((a, b) => a + b, 0) / total : 1;
      sum += share;
      squares += share * share;
    }
    const mean = sum / shares.length;
    if (mean - Math.sqrt(Math.max(0, squares / shares.length - mean * mean)) >= wanted) return q;
  }
  return dimensions;
}

/** Throws E_DIMENSION unless the points span at least m of more than m dimensions. */
export function checkDimension(points: PointSet, m: number): void {
  if (m >= points.dimensions)
    throw rvgpError(
      'E_DIMENSION',
      `tangent planes of dimension ${m} in a space of ${points.dimensions}`,
      'dimension',
      `The dimension of the surface must be 1 to ${points.dimensions - 1}.`,
    );
  const mean = new Float64Array(points.dimensions);
  const { data, count, dimensions } = points;
  for (let i = 0; i < data.length; i++) mean[i % dimensions] += data[i] / count;
  const scatter = Matrix.zeros(dimensions, dimensions);
  for (let i = 0; i < count; i++)
    for (let a = 0; a < dimensions; a++)
      for (let b = 0; b <= a; b++)
        scatter.set(
          a,
          b,
          scatter.get(a, b) + (data[i * dimensions + a] - mean[a]) * (data[i * dimensions + b] - mean[b]),
        );
  for (let a = 0; a < dimensions; a++) for (let b = 0; b < a; b++) scatter.set(b, a, scatter.get(a, b));
  const spread = new SingularValueDecomposition(scatter).diagonal;
  // Squares of lengths: 1e-14 is a spread of 1e-7 of the largest.
  if (spread[0] === 0 || spread[m - 1] <= 1e-14 * spread[0])
    throw rvgpError(
      'E_DIMENSION',
      `the points span fewer than ${m} dimensions${m === 2 ? ': they lie on a line' : ''}`,
      'points',
    );
}

/** Frames of all nodes from the points of their neighbourhoods; `dimension` 0 is estimated. */
export async function tangentFrames(
  points: PointSet,
  neighbourhoods: readonly Uint32Array[],
  { dimension, explainedVariance }: { dimension: number; explainedVariance: number },
  context: RunContext,
): Promise<TangentFrames> {
  const ambient = points.dimensions;
  if (dimension > 0) checkDimension(points, dimension);
  const axes: Matrix[] = [];
  const shares: number[][] = [];
  for (const [i, members] of neighbourhoods.entries()) {
    if (i % 256 === 255) await checkpoint(context);
    const found = principalAxes(points, members);
    axes.push(found.axes);
    shares.push(found.squared);
  }
  const tangent = dimension > 0 ? dimension : estimatedDimension(shares, ambient, explainedVariance);
  if (dimension === 0) checkDimension(points, tangent);
  if (axes[0].columns < tangent)
    throw rvgpError(
      'E_DIMENSION',
      `neighbourhoods of ${neighbourhoods[0].length} points span no ${tangent} dimensions`,
      'neighbours',
    );
  const data = new Float64Array(points.count * ambient * tangent);
  for (const [i, matrix] of axes.entries())
    for (let a = 0; a < ambient; a++)
      for (let q = 0; q < tangent; q++) data[(i * ambient + a) * tangent + q] = matrix.get(a, q);
  return { ambient, tangent, data };
}

/** One frame [D, m] from some points. */
export function frameOf(points: PointSet, members: ArrayLike<number>, tangent: number): Float64Array {
  const { axes } = principalAxes(points, members);
  return Float64Array.from({ length: points.dimensions * tangent }, (_, at) =>
    axes.get(Math.floor(at / tangent), at % tangent),
  );
}

/** Turns the second axis of frame i of a plane in space where it runs clockwise seen from the tip of the normal. */
export function orient(frames: Float64Array, i: number, normal: ArrayLike<number>): void {
  const at = 6 * i;
  const [a, b] = [0, 1].map((q) => [frames[at + q], frames[at + 2 + q], frames[at + 4 + q]]);
  const triple =
    (a[1] * b[2] - a[2] * b[1]) * normal[0] +
    (a[2] * b[0] - a[0] * b[2]) * normal[1] +
    (a[0] * b[1] - a[1] * b[0]) * normal[2];
  if (triple < 0) for (let c = 0; c < 3; c++) frames[at + 2 * c + 1] *= -1;
}

/** out [m] ← Tᵀ v for the frame at `offset` of `frames`. */
export function toLocal(out: Float64Array, frames: Float64Array, offset: number, vector: ArrayLike<number>): void {
  const m = out.length;
  out.fill(0);
  for (let a = 0; a < vector.length; a++) for (let q = 0; q < m; q++) out[q] += frames[offset + a * m + q] * vector[a];
}

/** out [D] ← T x. */
export function toAmbient(out: Float64Array, frames: Float64Array, offset: number, local: ArrayLike<number>): void {
  const m = local.length;
  for (let a = 0; a < out.length; a++) {
    let sum = 0;
    for (let q = 0; q < m; q++) sum += frames[offset + a * m + q] * local[q];
    out[a] = sum;
  }
}
