/**
 * Three-dimensional Cartesian k-space as slices: where kz is fully sampled, the centred orthonormal inverse transform along
 * it leaves independent problems [ky, kx], one per slice, with the noise unchanged. Undersampling along kz couples the slices
 * and is refused.
 */
import { fftAxis } from '../arrays/fft.ts';
import { EngineError } from '../errors.ts';

export interface KzExtent {
  /** Outer items: repetitions, contrasts. */
  images: number;
  coils: number;
  kz: number;
  ky: number;
  kx: number;
}

/**
 * complex64 [images, coils, kz, ky, kx] → [images × z, coils, ky, kx]. Uses `data` up: its memory serves the transform. Throws
 * `unsupported` naming a place (ky, kx) that holds data in some partitions only.
 */
export function splitKz(data: Float32Array, extent: KzExtent, path?: string): Float32Array {
  const { images, coils, kz, ky, kx } = extent;
  const plane = ky * kx;
  checkComplete(data, extent, path);
  const transformed = fftAxis(data, [images * coils, kz, plane], 1, 'inverse', data);
  const result = new Float32Array(transformed.length);
  const block = 2 * plane;
  for (let i = 0; i < images; i++)
    for (let c = 0; c < coils; c++)
      for (let z = 0; z < kz; z++) {
        const from = ((i * coils + c) * kz + z) * block;
        result.set(transformed.subarray(from, from + block), ((i * kz + z) * coils + c) * block);
      }
  return result;
}

/** A place counts as measured in a partition where any coil is not exactly zero. */
function checkComplete(data: Float32Array, { images, coils, kz, ky, kx }: KzExtent, path: string | undefined): void {
  const plane = ky * kx;
  const counts = new Uint32Array(plane);
  const seen = new Uint8Array(plane);
  for (let i = 0; i < images; i++) {
    counts.fill(0);
    for (let z = 0; z < kz; z++) {
      seen.fill(0);
      for (let c = 0; c < coils; c++) {
        const from = 2 * ((i * coils + c) * kz + z) * plane;
        for (let at = 0; at < plane; at++) if (data[from + 2 * at] !== 0 || data[from + 2 * at + 1] !== 0) seen[at] = 1;
      }
      for (let at = 0; at < plane; at++) counts[at] += seen[at];
    }
    const gap = counts.findIndex((count) => count !== 0 && count !== kz);
    if (gap >= 0)
      throw new EngineError(
        'unsupported',
        `3D k-space is undersampled along the second phase dimension: ${counts[gap]} of ${kz} partitions at (ky, kx) = (${Math.floor(gap / kx)}, ${gap % kx})`,
        {
          ...(path === undefined ? {} : { path }),
          hint: 'Only 3D scans fully sampled along kz can be split into slices.',
        },
      );
  }
}
