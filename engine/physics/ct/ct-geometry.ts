/** Every way the rays of a CT scan may run; `kind` tells the beams apart. */
import type { ConeBeamGeometry } from './cone-geometry.ts';
import type { FanBeamGeometry } from './fan-geometry.ts';
import type { ParallelBeamGeometry } from './geometry.ts';

/** Beams that cross one slice at a time. */
export type SliceGeometry = ParallelBeamGeometry | FanBeamGeometry;

export type CtGeometry = SliceGeometry | ConeBeamGeometry;

/** Pixel index of the rotation centre in both axes of the image. */
export function rotationCentre(geometry: CtGeometry): number {
  return geometry.kind === 'parallel' ? Math.floor(geometry.size / 2) : geometry.imageCentre;
}
