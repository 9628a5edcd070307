/** One problem of the CT quality benchmark: a whole volume, measured in parallel beam, and how images of it are scored. */
import { type NdArray, ndarray } from '../../engine/arrays/ndarray.ts';
import type { ImageScan } from '../../engine/io/scan.ts';
import type { CtData } from '../../engine/physics/ct/ct-data.ts';
import { psnr, qualityMetrics } from '../../engine/recon/metrics.ts';
import { prepareCt } from '../../engine/recon/prepare-ct.ts';
import type { QualityMetrics } from '../../engine/recon/result.ts';
import { cropToFrame, type SquareFrame, simulateCt } from '../../engine/recon/simulate-ct.ts';
import type { CtCase } from './quality-ct-cases.ts';

/** Photons per ray that reach the detector where nothing is in the way, or Gaussian noise of a share of the 0.99 quantile. */
export type CtNoiseLevel = { photons: number } | { noise: number };

export interface CtScene {
  /** What the methods are given. */
  data: CtData;
  waterPerPixel: number | undefined;
  /** True attenuation per pixel width, float32 [slices, y, x] without the padding of `data`. */
  reference: NdArray<'float32'>;
  frame: SquareFrame;
  /** Data range of the metrics: the maximum of the reference volume. */
  range: number;
}

export async function simulateCtScene(
  scan: ImageScan,
  { views, arcDeg }: Pick<CtCase, 'views' | 'arcDeg'>,
  level: CtNoiseLevel,
  seed: number,
): Promise<CtScene> {
  const beam = { angles: views, arc: arcDeg, geometry: 'parallel', curved: false, noise: 0 } as const;
  const simulated = simulateCt(scan, { ...beam, ...level }, seed);
  const { data, waterPerPixel, pixel } = await prepareCt(simulated.measured, {}, 'auto');
  const truth = cropToFrame(simulated.reference, simulated.frame);
  const reference = ndarray(
    'float32',
    truth.shape,
    truth.data.map((value) => pixel * value),
  );
  let range = 0;
  for (const value of reference.data) if (value > range) range = value;
  return { data, waterPerPixel, reference, frame: simulated.frame, range };
}

/** The middle `count` slices of the problem, all of it where there are no more; scored with the range of the whole. */
export function middleOf(scene: CtScene, count: number): CtScene {
  const { data, reference } = scene;
  if (data.slices <= count) return scene;
  const from = Math.floor((data.slices - count) / 2);
  const cut = (a: NdArray<'float32'>) => {
    const plane = a.data.length / data.slices;
    return ndarray('float32', [count, ...a.shape.slice(1)], a.data.subarray(from * plane, (from + count) * plane));
  };
  return { ...scene, data: { ...data, slices: count, sinogram: cut(data.sinogram) }, reference: cut(reference) };
}

/** Slice by slice, with the data range of the volume. `image`: float32 [slices, n, n], padding included. */
export function scoreSlices(scene: CtScene, image: Float32Array): QualityMetrics[] {
  return pairs(scene, image).map(([found, truth]) => qualityMetrics(found, truth, scene.range));
}

/** Mean over the slices of their PSNR, dB: what the baselines are tuned for. */
export function meanPsnr(scene: CtScene, image: Float32Array): number {
  const found = pairs(scene, image);
  return found.reduce((sum, [slice, truth]) => sum + psnr(slice, truth, scene.range), 0) / found.length;
}

function pairs({ data, reference, frame }: CtScene, image: Float32Array) {
  const { size } = data.geometry;
  const cropped = cropToFrame(ndarray('float32', [data.slices, size, size], image), frame);
  const [slices, rows, columns] = reference.shape;
  const plane = rows * columns;
  const slice = ({ data: values }: NdArray<'float32'>, z: number) =>
    ndarray('float32', [rows, columns], values.subarray(z * plane, (z + 1) * plane));
  return Array.from({ length: slices }, (_, z) => [slice(cropped, z), slice(reference, z)] as const);
}
