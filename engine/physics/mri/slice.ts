/** One MRI slice ready for reconstruction: what every MRI method is given. */
import type { NdArray } from '../../arrays/ndarray.ts';

export interface MriSlice {
  /** complex64 [coils, ky, kx], masked, pre-whitened and compressed where that applies. */
  kspace: NdArray<'complex64'>;
  /** 0/1 uint8 [ky, kx]. */
  mask: NdArray<'uint8'>;
  /** complex64 [coils, y, x] on the image grid, which may be smaller than k-space; Σ_c|S_c|² = 1 on the support, 0 outside. */
  maps: NdArray<'complex64'>;
  /** Noise standard deviation per real component of a k-space sample, 0 = unknown. */
  sigma: number;
  /** How often each location was averaged, float32 [ky, kx]; absent = once. */
  averages?: NdArray<'float32'>;
}
