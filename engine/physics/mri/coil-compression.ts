/**
 * Coil compression: C channels to K virtual ones along the principal directions of the calibration data.
 * y' = Vᴴ y with V the leading eigenvectors of Σ y yᴴ over the fully sampled centre; the rows of Vᴴ are orthonormal, so white
 * noise stays white with the same σ. M. Buehrer et al., "Array compression for MRI with large coil arrays" (2007).
 */
import { type NdArray, ndarray } from '../../arrays/ndarray.ts';
import { check } from '../../errors.ts';
import { hermitianEigen } from '../../linear/dense.ts';
import { coilCovariance } from './coil-covariance.ts';
import { mixCoils } from './coil-matrix.ts';
import { calibrationRegion } from './masks.ts';

export interface CompressionOptions {
  /** Number of virtual coils; overrides `energy`. */
  coils?: number;
  /** Keep at least this share of the calibration energy. Default 0.99. */
  energy?: number;
}

export interface CompressedCoils {
  /** complex64 [K, C], orthonormal rows, strongest virtual coil first. */
  matrix: NdArray<'complex64'>;
  /** complex64 [K, ky, kx]. */
  kspace: NdArray<'complex64'>;
  /** Share of the calibration energy kept. */
  energy: number;
}

/** The compression of one slice [C, ky, kx]; the whole k-space serves as calibration when no centre was fully sampled. */
export function compressCoils(
  kspace: NdArray<'complex64'>,
  mask: NdArray<'uint8'>,
  options: CompressionOptions = {},
): CompressedCoils {
  const [coils, height, width] = kspace.shape;
  const { energy = 0.99 } = options;
  check(
    kspace.shape.length === 3 && mask.shape[0] === height && mask.shape[1] === width,
    () => `k-space [${kspace.shape}] and mask [${mask.shape}] differ in size`,
    { code: 'mismatch', path: 'mask' },
  );
  check(energy > 0 && energy <= 1, () => `the energy to keep is ${energy}, expected a number in (0, 1]`, {
    code: 'bad-usage',
    path: 'energy',
  });
  const asked = options.coils;
  check(
    asked === undefined || (Number.isInteger(asked) && asked >= 1 && asked <= coils),
    () => `${asked} virtual coils of ${coils}`,
    {
      code: 'bad-usage',
      path: 'coils',
    },
  );
  const region = calibrationRegion(mask);
  const samples: number[] = [];
  for (let y = region.y0; y < region.y0 + region.height; y++) {
    for (let x = region.x0; x < region.x0 + region.width; x++) samples.push(y * width + x);
  }
  const { values, vectors } = hermitianEigen(
    coilCovariance(kspace.data, coils, samples.length > 0 ? samples : undefined),
    coils,
  );
  const total = values.reduce((a, b) => a + Math.max(b, 0), 0);
  check(total > 0, () => 'the calibration samples are all zero', { path: 'kspace' });
  let kept = 0;
  let count = 0;
  while (count < (asked ?? coils) && (asked !== undefined || count === 0 || kept < energy * total))
    kept += Math.max(values[count++], 0);
  const matrix = new Float32Array(2 * count * coils);
  for (let k = 0; k < count; k++) {
    for (let c = 0; c < coils; c++) {
      matrix[2 * (k * coils + c)] = vectors[2 * (c * coils + k)];
      matrix[2 * (k * coils + c) + 1] = -vectors[2 * (c * coils + k) + 1];
    }
  }
  const rows = ndarray('complex64', [count, coils], matrix);
  return { matrix: rows, kspace: mixCoils(rows, kspace), energy: kept / total };
}
