/** One parallel-beam CT slice ready for reconstruction: what every CT method is given. */
import type { NdArray } from '../../arrays/ndarray.ts';
import type { ParallelBeamGeometry } from './geometry.ts';

export interface CtSlice {
  /** float32 [views, detectors], line integrals in units of value × pixel width, not scaled by √(π/(2V)). */
  sinogram: NdArray<'float32'>;
  geometry: ParallelBeamGeometry;
  /** Noise standard deviation of a line integral, 0 = unknown. */
  sigma: number;
}
