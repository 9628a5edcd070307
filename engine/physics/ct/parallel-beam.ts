/** The parallel-beam projector from its measures alone: geometry.ts for where the rays run, slice-projector.ts for A. */
import { type ParallelBeamGeometry, type ParallelBeamOptions, parallelBeamGeometry } from './geometry.ts';
import type { CtProjector } from './projector.ts';
import { sliceProjector } from './slice-projector.ts';

export interface ParallelBeam extends CtProjector {
  readonly geometry: ParallelBeamGeometry;
}

export interface ParallelBeamSettings extends ParallelBeamOptions {
  /** Default 1. */
  slices?: number;
}

/** Throws `bad-input` for a geometry that makes no sense, `resource` when image or sinogram cannot be held in one array. */
export function parallelBeam(settings: ParallelBeamSettings): ParallelBeam {
  return sliceProjector(parallelBeamGeometry(settings), settings.slices ?? 1);
}
