/**
 * k-space of a reconstruction on the full grid, F(S x̂), optionally with the acquired samples in their places. Complex
 * interleaved: x̂ [y, x], maps [coil, y, x], result [coil, ky, kx]; the grid may be larger than the image (zero padding).
 */
import type { NdArray } from '../arrays/ndarray.ts';
import { ndarray } from '../arrays/ndarray.ts';
import { check } from '../errors.ts';
import { createSense } from '../physics/mri/sense.ts';

export type KspaceFill = 'measured' | 'model';

export interface AcquiredKspace {
  /** complex64 [coils, ky, kx]. */
  kspace: NdArray<'complex64'>;
  /** 0/1 [ky, kx]. */
  mask: NdArray<'uint8'>;
}

/** Throws `mismatch` when the sizes contradict each other. */
export function modelKspace(
  image: Float32Array,
  maps: NdArray<'complex64'>,
  acquired: AcquiredKspace,
  fill: KspaceFill,
): NdArray<'complex64'> {
  const { kspace, mask } = acquired;
  check(
    kspace.shape.length === 3 && kspace.shape[0] === maps.shape[0],
    () => `k-space [${kspace.shape}] and maps [${maps.shape}] differ in coils`,
    { code: 'mismatch', path: 'maps' },
  );
  const everywhere = ndarray('uint8', mask.shape, new Uint8Array(mask.data.length).fill(1));
  const operator = createSense({ maps, mask: everywhere, plain: true });
  const out = operator.apply(image);
  operator.dispose();
  if (fill === 'measured')
    for (let i = 0; i < out.length; i += 2)
      if (mask.data[(i / 2) % mask.data.length] !== 0) {
        out[i] = kspace.data[i];
        out[i + 1] = kspace.data[i + 1];
      }
  return ndarray('complex64', kspace.shape, out);
}
