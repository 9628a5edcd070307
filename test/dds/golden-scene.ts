/** The 16×16 two-coil scene of the golden values: every array by formula. r, c = 0 … 15, n = 16 r + c. */
import type { NdArray } from '../../engine/arrays/ndarray.ts';
import { ndarray, zeros } from '../../engine/arrays/ndarray.ts';
import { createSense } from '../../engine/physics/mri/sense.ts';

const size = 16;

export interface GoldenScene {
  /** p, [ky, kx]. */
  spectrum: Float64Array;
  /** x*, complex [y, x]. */
  truth: Float32Array;
  maps: NdArray<'complex64'>;
  mask: NdArray<'uint8'>;
  /** y = m F(S x*), complex [coil, ky, kx]. */
  measurement: Float32Array;
  /** x_T, complex [y, x]. */
  init: Float32Array;
}

export function goldenScene(): GoldenScene {
  const spectrum = new Float64Array(size * size);
  const truth = new Float32Array(2 * size * size);
  const init = new Float32Array(2 * size * size);
  const maps = zeros('complex64', [2, size, size]);
  for (let r = 0; r < size; r++)
    for (let c = 0; c < size; c++) {
      const n = size * r + c;
      spectrum[n] = 1 / (1 + (Math.hypot(r - 8, c - 8) / 3) ** 2) ** 2;
      const height = Math.exp(-((r - 7) ** 2 + (c - 9) ** 2) / 18);
      truth[2 * n] = height * Math.cos(0.2 * r - 0.3 * c);
      truth[2 * n + 1] = height * Math.sin(0.2 * r - 0.3 * c);
      init[2 * n] = Math.cos(0.37 * n);
      init[2 * n + 1] = Math.cos(0.53 * n + 1);
      const theta = (Math.PI * (c + 0.5)) / 32;
      maps.data[2 * n] = Math.cos(theta);
      const second = 2 * (size * size + n);
      maps.data[second] = Math.sin(theta) * Math.cos(0.5);
      maps.data[second + 1] = Math.sin(theta) * Math.sin(0.5);
    }
  const columns = new Set([0, 4, 8, 12, 7, 8]);
  const mask = ndarray(
    'uint8',
    [size, size],
    Uint8Array.from({ length: size * size }, (_, n) => (columns.has(n % size) ? 1 : 0)),
  );
  const measurement = createSense({ maps, mask }).apply(truth);
  return { spectrum, truth, maps, mask, measurement, init };
}
