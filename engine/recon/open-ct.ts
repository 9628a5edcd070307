/** The projector of a CT measurement with what every iterative method starts from. */
import { check } from '../errors.ts';
import { largestEigenvalue } from '../linear/power-method.ts';
import type { CtData } from '../physics/ct/ct-data.ts';
import { type CtProjector, createProjector } from '../physics/ct/projector.ts';

export interface OpenCt {
  /** The caller disposes of it. */
  projector: CtProjector;
  /** y: line integrals times the projector's scaling, in the shape of its range. */
  scaled: Float32Array;
  /** Aᵀy, [slices, y, x]. */
  rhs: Float32Array;
  /** max |Aᵀy|: the unit of relative penalty weights. */
  peak: number;
}

/** The power method approaches the eigenvalue from below; the margin keeps steps safe. */
const eigenvalueMargin = 1.02;

/** Throws `mismatch` when the sinogram is not of the geometry, `bad-input` when it is all zero or not finite. */
export function openCt({ sinogram, geometry, slices }: CtData, threads: number): OpenCt {
  const projector = createProjector(geometry, slices, { threads });
  try {
    requireShape(sinogram.shape, projector);
    const scaled = sinogram.data.map((value) => projector.scaling * value);
    const rhs = projector.adjoint(scaled);
    return { projector, scaled, rhs, peak: largestMagnitude(rhs, 'Aᵀy') };
  } catch (thrown) {
    projector.dispose();
    throw thrown;
  }
}

/** Throws `bad-input` when the values are all zero or not finite; `what` names them. */
export function largestMagnitude(values: Float32Array, what: string): number {
  let peak = 0;
  for (const value of values) if (!(Math.abs(value) <= peak)) peak = Math.abs(value);
  check(
    peak > 0 && Number.isFinite(peak),
    () => `the largest value of ${what} is ${peak}, expected a positive number`,
    {
      path: 'sinogram',
      hint: 'The sinogram is all zero or not finite.',
    },
  );
  return peak;
}

/** Throws `mismatch` unless the sinogram has the shape that the projector's measurements have. */
export function requireShape(shape: readonly number[], { range }: CtProjector): void {
  check(
    shape.length === range.shape.length && shape.every((size, axis) => size === range.shape[axis]),
    () => `the sinogram is [${shape}], the geometry needs [${range.shape}]`,
    { code: 'mismatch', path: 'sinogram' },
  );
}

/** An upper estimate of ‖A‖², 2 % above what the power method finds. */
export async function normSquaredOf(projector: CtProjector): Promise<number> {
  return eigenvalueMargin * (await largestEigenvalue(projector, 0, { iterations: 30, tolerance: 1e-3 }));
}

/** Negative values become zero, in place. */
export function clampNegative(image: Float32Array): Float32Array {
  for (let i = 0; i < image.length; i++) if (image[i] < 0) image[i] = 0;
  return image;
}
