/** A CT measurement ready for reconstruction: what every CT method is given. */
import { type NdArray, ndarray } from '../../arrays/ndarray.ts';
import type { CtGeometry } from './projector.ts';

export interface CtData {
  /**
   * Line integrals in units of value × pixel width, not scaled by √(π/(2V)): float32 [slices, views, detectors], of a cone
   * beam [views, rows, detectors].
   */
  sinogram: NdArray<'float32'>;
  geometry: CtGeometry;
  /** Slices of the image. */
  slices: number;
  /** Noise standard deviation of a line integral, 0 = unknown. */
  sigma: number;
}

/** One slice of a beam that crosses one slice at a time, as a measurement of its own; a view of the data. */
export function ctSlice({ sinogram, ...rest }: CtData, z: number): CtData {
  const [, views, detectors] = sinogram.shape;
  const plane = views * detectors;
  const data = sinogram.data.subarray(z * plane, (z + 1) * plane);
  return { ...rest, slices: 1, sinogram: ndarray('float32', [1, views, detectors], data) };
}
