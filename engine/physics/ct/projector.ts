/**
 * One interface for every beam: the X-ray transform of a stack of slices, with its exact adjoint.
 *
 *   A = scaling · R,   R x = line integrals in units of value × pixel width,   scaling = √(π/(2V)) for V views
 *
 * so AᴴA hardly depends on V, and a sinogram of line integrals must be multiplied by `scaling` before it is compared with
 * A x. Image [slices, y, x] of n×n pixels. Measurement [slices, views, detectors], of a cone beam [views, rows, detectors].
 */

import type { LinearOperator } from '../../linear/operator.ts';
import type { TypedSpace } from '../../linear/typed-space.ts';
import { coneProjector } from './cone-projector.ts';
import type { CtGeometry } from './ct-geometry.ts';
import { sliceProjector } from './slice-projector.ts';

export type { CtGeometry } from './ct-geometry.ts';

export interface CtProjector extends LinearOperator<Float32Array, Float32Array> {
  /** [slices, y, x] */
  readonly domain: TypedSpace;
  readonly range: TypedSpace;
  readonly geometry: CtGeometry;
  readonly slices: number;
  /** Multiply line integrals by it to get data for this operator. */
  readonly scaling: number;
  normal(x: Float32Array, out?: Float32Array): Float32Array;
  /** Stops the worker threads started for `threads` above 1; without it they live until the process ends. */
  dispose(): void;
}

export interface ProjectorOptions {
  /** Threads for stacks of many slices, whose results do not depend on it; default 1. End them by dispose(). */
  threads?: number;
}

/** The transform of `slices` slices. Throws `resource` when image or sinogram cannot be held in one array. */
export function createProjector(geometry: CtGeometry, slices = 1, options: ProjectorOptions = {}): CtProjector {
  return geometry.kind === 'cone' ? coneProjector(geometry, slices) : sliceProjector(geometry, slices, options);
}
