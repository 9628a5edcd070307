/**
 * Data consistency in closed form for one coil of uniform sensitivity (S = 1): A*A = F* m F is a projector, so with
 * X̂0 = F x̂0 the solution is X̂0 + m (y − X̂0) in the noiseless limit and (X̂0 + γ m y)/(1 + γ m) with a weight γ, exactly
 * what one CG iteration would reach. x̂0: complex interleaved [y, x]; y: [ky, kx] of the same size, F centred orthonormal.
 */
import { fft2 } from '../arrays/fft.ts';
import type { NdArray } from '../arrays/ndarray.ts';
import { check } from '../errors.ts';
import type { ClosedFormConsistency } from './problem.ts';

/** `kspace` in the units of the data; both arrays [ky, kx]. Throws `mismatch` when their sizes differ. */
export function singleCoilConsistency(kspace: NdArray<'complex64'>, mask: NdArray<'uint8'>): ClosedFormConsistency {
  const [height, width] = mask.shape;
  check(
    mask.shape.length === 2 && kspace.data.length === 2 * mask.data.length,
    () => `mask [${mask.shape}] and k-space [${kspace.shape}] differ in size`,
    { code: 'mismatch', path: 'mask' },
  );
  const shape: readonly [number, number, number] = [1, height, width];
  return (image, measurementScale, gamma) => {
    fft2(image, shape, 'forward', image);
    // γ/(1+γ), the share of the datum; 1 in the noiseless limit.
    const share = gamma === Number.POSITIVE_INFINITY ? 1 : gamma / (1 + gamma);
    for (let k = 0; k < mask.data.length; k++) {
      if (mask.data[k] === 0) continue;
      for (let i = 2 * k; i < 2 * k + 2; i++) {
        const datum = kspace.data[i] / measurementScale;
        image[i] = share === 1 ? datum : image[i] + share * (datum - image[i]);
      }
    }
    fft2(image, shape, 'inverse', image);
  };
}
