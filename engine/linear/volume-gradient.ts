/**
 * Isotropic total variation of a volume [slices, y, x],
 *
 *   TV(x) = Σ √(|D_y x|² + |D_x x|² + (w D_z x)²),
 *
 * forward differences, 0 at the last index of each axis (Neumann); w weights the direction across slices, and w = 0 gives
 * the sum over slices of their two-dimensional TV. As total-variation.ts, with a third axis.
 */
import { check } from '../errors.ts';
import type { LinearOperator } from './operator.ts';
import type { PdhgTerm } from './pdhg.ts';
import { realSpace, type TypedSpace } from './typed-space.ts';

export interface VolumeGradient extends LinearOperator<Float32Array> {
  readonly domain: TypedSpace;
  /** Planes along y, x and, unless w = 0, z. */
  readonly range: TypedSpace;
  /** Upper bound of ‖D‖²: 8 + 4w². */
  readonly normSquared: number;
}

interface Sizes {
  slices: number;
  rows: number;
  columns: number;
}

function sizesOf(shape: readonly number[]): Sizes {
  check(shape.length === 3, () => `a volume is [slices, y, x], found [${shape}]`, { code: 'mismatch' });
  const [slices, rows, columns] = shape;
  return { slices, rows, columns };
}

function requireWeight(zWeight: number): void {
  check(zWeight >= 0 && Number.isFinite(zWeight), () => `z weight is ${zWeight}, expected a number of at least 0`, {
    code: 'bad-usage',
    path: 'zWeight',
  });
}

/** The gradient D: planes D_y x, D_x x, w D_z x. Throws `mismatch` unless the shape is [slices, y, x]. */
export function volumeGradient(shape: readonly number[], zWeight = 1): VolumeGradient {
  const sizes = sizesOf(shape);
  requireWeight(zWeight);
  const { slices, rows, columns } = sizes;
  const domain = realSpace(shape);
  const range = realSpace([zWeight > 0 ? 3 : 2, ...shape]);
  const plane = rows * columns;
  const length = domain.length;
  return {
    name: `gradient of [${shape}]`,
    domain,
    range,
    normSquared: 8 + 4 * zWeight * zWeight,

    apply(x, out = range.zeros()) {
      for (let z = 0, i = 0; z < slices; z++) {
        const above = z + 1 < slices ? plane : 0;
        for (let y = 0; y < rows; y++) {
          const below = y + 1 < rows ? columns : 0; // 0: the difference of a pixel with itself
          for (let c = 0; c < columns; c++, i++) {
            const value = x[i];
            out[i] = x[i + below] - value;
            out[length + i] = c + 1 < columns ? x[i + 1] - value : 0;
            if (zWeight > 0) out[2 * length + i] = zWeight * (x[i + above] - value);
          }
        }
      }
      return out;
    },

    adjoint(p, out = domain.zeros()) {
      for (let z = 0, i = 0; z < slices; z++) {
        const fromZ = z > 0 ? zWeight : 0;
        const toZ = z + 1 < slices ? zWeight : 0;
        const before = z > 0 ? plane : 0;
        for (let y = 0; y < rows; y++) {
          const fromY = y > 0 ? 1 : 0;
          const toY = y + 1 < rows ? 1 : 0;
          const up = y > 0 ? columns : 0;
          let left = 0;
          for (let c = 0; c < columns; c++, i++) {
            const right = c + 1 < columns ? p[length + i] : 0;
            let sum = fromY * p[i - up] - toY * p[i] + left - right;
            left = right;
            if (zWeight > 0) sum += fromZ * p[2 * length + i - before] - toZ * p[2 * length + i];
            out[i] = sum;
          }
        }
      }
      return out;
    },
  };
}

/** Isotropic TV, summed in float64. */
export function volumeTotalVariation(x: Float32Array, shape: readonly number[], zWeight = 1): number {
  const { slices, rows, columns } = sizesOf(shape);
  requireWeight(zWeight);
  const plane = rows * columns;
  let total = 0;
  for (let z = 0, i = 0; z < slices; z++)
    for (let y = 0; y < rows; y++)
      for (let c = 0; c < columns; c++, i++) {
        const down = y + 1 < rows ? x[i + columns] - x[i] : 0;
        const right = c + 1 < columns ? x[i + 1] - x[i] : 0;
        const across = z + 1 < slices ? zWeight * (x[i + plane] - x[i]) : 0;
        total += Math.sqrt(down * down + right * right + across * across);
      }
  return total;
}

/**
 * radius·TV as a term of pdhg.ts: the dual variable p of every pixel is kept in |p| ≤ radius. Step 1 is one pass over the
 * volume, p ← P(p + σ D x̄), P: p ↦ p/max(1, |p|/radius).
 */
export function totalVariationTerm(
  shape: readonly number[],
  zWeight: number,
  radius: number,
): PdhgTerm<Float32Array, Float32Array> {
  check(radius >= 0 && Number.isFinite(radius), () => `weight of the total variation is ${radius}`, {
    code: 'bad-usage',
    path: 'lambda',
  });
  const gradient = volumeGradient(shape, zWeight);
  const sizes = sizesOf(shape);
  const planes = zWeight > 0 ? 3 : 2;
  return {
    operator: gradient,
    normSquared: gradient.normSquared,
    proxDual: (v) => project(v, planes, radius),
    ascend: (p, xBar, sigma) =>
      zWeight > 0 ? ascendVolume(p, xBar, sizes, sigma, zWeight, radius) : ascendSlices(p, xBar, sizes, sigma, radius),
  };
}

/** p ← p/max(1, |p|/radius), |p| over the planes of a position. */
function project(p: Float32Array, planes: number, radius: number): Float32Array {
  const length = p.length / planes;
  const square = radius * radius;
  for (let i = 0; i < length; i++) {
    let energy = 0;
    for (let k = i; k < p.length; k += length) energy += p[k] * p[k];
    const factor = energy > square ? radius / Math.sqrt(energy) : 1;
    for (let k = i; k < p.length; k += length) p[k] *= factor;
  }
  return p;
}

function ascendVolume(
  p: Float32Array,
  x: Float32Array,
  { slices, rows, columns }: Sizes,
  sigma: number,
  zWeight: number,
  radius: number,
): number {
  const plane = rows * columns;
  const length = slices * plane;
  const square = radius * radius;
  const sigmaZ = sigma * zWeight;
  let change = 0;
  for (let z = 0, i = 0; z < slices; z++) {
    const above = z + 1 < slices ? plane : 0;
    for (let y = 0; y < rows; y++) {
      const below = y + 1 < rows ? columns : 0; // 0: the difference of a pixel with itself
      for (let c = 0; c < columns; c++, i++) {
        const value = x[i];
        const j = i + length;
        const k = j + length;
        const oldY = p[i];
        const oldX = p[j];
        const oldZ = p[k];
        let newY = oldY + sigma * (x[i + below] - value);
        let newX = c + 1 < columns ? oldX + sigma * (x[i + 1] - value) : oldX;
        let newZ = oldZ + sigmaZ * (x[i + above] - value);
        const energy = newY * newY + newX * newX + newZ * newZ;
        if (energy > square) {
          const factor = radius / Math.sqrt(energy);
          newY *= factor;
          newX *= factor;
          newZ *= factor;
        }
        p[i] = newY;
        p[j] = newX;
        p[k] = newZ;
        newY -= oldY;
        newX -= oldX;
        newZ -= oldZ;
        change += newY * newY + newX * newX + newZ * newZ;
      }
    }
  }
  return change;
}

function ascendSlices(
  p: Float32Array,
  x: Float32Array,
  { slices, rows, columns }: Sizes,
  sigma: number,
  radius: number,
): number {
  const length = slices * rows * columns;
  const square = radius * radius;
  let change = 0;
  for (let z = 0, i = 0; z < slices; z++)
    for (let y = 0; y < rows; y++) {
      const below = y + 1 < rows ? columns : 0; // 0: the difference of a pixel with itself
      for (let c = 0; c < columns; c++, i++) {
        const value = x[i];
        const j = i + length;
        const oldY = p[i];
        const oldX = p[j];
        let newY = oldY + sigma * (x[i + below] - value);
        let newX = c + 1 < columns ? oldX + sigma * (x[i + 1] - value) : oldX;
        const energy = newY * newY + newX * newX;
        if (energy > square) {
          const factor = radius / Math.sqrt(energy);
          newY *= factor;
          newX *= factor;
        }
        p[i] = newY;
        p[j] = newX;
        newY -= oldY;
        newX -= oldX;
        change += newY * newY + newX * newX;
      }
    }
  return change;
}
