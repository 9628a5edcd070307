/** A small simulated multi-coil scan, written where the tests need it. */
import { writeFile } from 'node:fs/promises';
import { magnitude } from '../../engine/arrays/complex.ts';
import { type NdArray, ndarray } from '../../engine/arrays/ndarray.ts';
import { writeNpz } from '../../engine/io/npz.ts';
import { simulateScan } from '../../engine/physics/mri/simulate.ts';

/** Ellipses of different brightness, float32 [slices, size, size]. */
export function ellipses(slices: number, size: number): NdArray<'float32'> {
  const data = new Float32Array(slices * size * size);
  const shapes = [
    [0, 0, 0.7, 0.85, 1],
    [0.1, -0.2, 0.25, 0.3, -0.4],
    [-0.25, 0.3, 0.15, 0.1, 0.5],
  ];
  for (let z = 0; z < slices; z++)
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++) {
        const [u, v] = [(2 * x) / size - 1, (2 * y) / size - 1];
        for (const [cx, cy, rx, ry, value] of shapes)
          if (((u - cx - 0.02 * z) / rx) ** 2 + ((v - cy) / ry) ** 2 < 1)
            data[(z * size + y) * size + x] += 100 * value;
      }
  return ndarray('float32', [slices, size, size], data);
}

export interface TinyScan {
  arrays: Record<string, NdArray>;
  reference: NdArray<'float32'>;
}

export function tinyScan({ slices = 2, size = 32, coils = 4, seed = 0 } = {}): TinyScan {
  const scan = simulateScan(ellipses(slices, size), { coils, acceleration: 2, acs: 0.3, noise: 0.005, seed });
  const reference = ndarray('float32', scan.image.shape, magnitude(scan.image.data));
  return { arrays: { kspace: scan.kspace, mask: scan.mask }, reference };
}

export async function writeTinyScan(file: string, options: Parameters<typeof tinyScan>[0] = {}): Promise<TinyScan> {
  const scan = tinyScan(options);
  await writeFile(file, writeNpz(scan.arrays));
  return scan;
}
