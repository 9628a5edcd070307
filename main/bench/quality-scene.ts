/** The problems of the quality benchmark: slices of an image series, each with a simulated acquisition of its own. */
import { type NdArray, ndarray } from '../../engine/arrays/ndarray.ts';
import { quantile } from '../../engine/arrays/statistics.ts';
import type { RunContext } from '../../engine/context.ts';
import { check } from '../../engine/errors.ts';
import type { ImageScan } from '../../engine/io/scan.ts';
import type { MaskType } from '../../engine/physics/mri/masks.ts';
import { simulateScan } from '../../engine/physics/mri/simulate.ts';
import type { MriSlice } from '../../engine/physics/mri/slice.ts';
import { prepareMri } from '../../engine/recon/prepare-mri.ts';

export interface Acquisition {
  coils: number;
  mask: MaskType;
  acceleration: number;
  acs: number;
  /** σ per real component over the 0.99 quantile of the slice. */
  noise: number;
}

export interface Scene {
  /** What the methods are given. */
  slice: MriSlice;
  /** Magnitude of the true image, float32 [y, x]. */
  reference: NdArray<'float32'>;
}

/** A pixel belongs to the head above this share of the volume's 0.99 quantile. */
const headLevel = 0.1;
/** A slice counts when the head covers more than this share of it. */
const leastHead = 0.2;

/** `count` slices spread evenly over those the head fills well enough (all of those when there are fewer). */
export function chooseSlices(volume: NdArray<'float32'> | NdArray<'complex64'>, count: number): number[] {
  const [slices] = volume.shape;
  const magnitudes = magnitude(volume);
  const level = headLevel * quantile(magnitudes, 0.99);
  const pixels = magnitudes.length / slices;
  const usable: number[] = [];
  for (let z = 0; z < slices; z++) {
    let head = 0;
    for (let i = z * pixels; i < (z + 1) * pixels; i++) if (magnitudes[i] > level) head++;
    if (head > leastHead * pixels) usable.push(z);
  }
  check(usable.length > 0, () => `no slice of [${volume.shape}] is filled by an object to more than ${leastHead}`, {
    path: '--input',
  });
  return spread(usable, count);
}

/** `count` items evenly spread over the list, all of them when there are fewer. */
export function spread<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, k) => items[Math.floor(((k + 0.5) * items.length) / count)]);
}

/**
 * One scene per slice. Mask, phase, and noise are drawn anew for every slice, so that a mean over slices is also one
 * over draws. Coil maps and noise level are estimated from the undersampled data, as they are for a user; with
 * `trueMaps` the maps that simulated the data are handed over instead.
 */
export async function simulateScenes(
  scan: ImageScan,
  slices: readonly number[],
  acquisition: Acquisition,
  { seed, trueMaps }: { seed: number; trueMaps: boolean },
  context: RunContext,
): Promise<Scene[]> {
  const scenes: Scene[] = [];
  for (const z of slices) {
    const image = plane(scan.volume, z);
    const simulated = simulateScan(image, { ...acquisition, seed: seed * 1000 + z });
    const { kspace, mask, maps } = simulated;
    const prepared = await prepareMri(
      { kind: 'kspace', format: 'simulated', digest: '', notes: [], kspace, mask },
      { noise: 'auto', ...(trueMaps ? { maps } : {}) },
      context,
    );
    const reference = ndarray('float32', image.shape, magnitude(simulated.image));
    scenes.push({ slice: prepared.slices[0], reference });
  }
  return scenes;
}

/** The same acquisition of slice z with every sample measured and no noise: complex64 [coils, ky, kx]. */
export function fullScan(scan: ImageScan, z: number, { coils }: Acquisition, seed: number): NdArray<'complex64'> {
  const image = plane(scan.volume, z);
  const [height, width] = image.shape;
  const mask = ndarray('uint8', [height, width], new Uint8Array(height * width).fill(1));
  const { kspace } = simulateScan(image, { coils, mask, noise: 0, seed: seed * 1000 + z });
  return ndarray('complex64', kspace.shape.slice(1), kspace.data);
}

function plane(volume: NdArray<'float32'> | NdArray<'complex64'>, z: number) {
  const shape = volume.shape.slice(1);
  const stride = volume.data.length / volume.shape[0];
  const data = volume.data.subarray(z * stride, (z + 1) * stride);
  return volume.dtype === 'float32' ? ndarray('float32', shape, data) : ndarray('complex64', shape, data);
}

export function magnitude({ dtype, data }: NdArray<'float32'> | NdArray<'complex64'>): Float32Array {
  if (dtype === 'float32') return data;
  return Float32Array.from({ length: data.length / 2 }, (_, i) => Math.hypot(data[2 * i], data[2 * i + 1]));
}
