/**
 * A simulated parallel-beam CT measurement: line integrals R x of attenuation, in units of x · pixel, with Gaussian
 * noise of σ = noise · (0.99 quantile of R x). Hounsfield units become attenuation relative to water, 1 + HU/1000.
 */
import { type NdArray, ndarray } from '../../engine/arrays/ndarray.ts';
import { fillNormal } from '../../engine/arrays/random.ts';
import { quantile } from '../../engine/arrays/statistics.ts';
import { EngineError } from '../../engine/errors.ts';
import type { ImageScan } from '../../engine/io/scan.ts';
import { uniformAngles } from '../../engine/physics/ct/geometry.ts';
import { parallelBeam } from '../../engine/physics/ct/parallel-beam.ts';

const noiseStep = 0x6374;

/** float32 [slices, n, n]: attenuation, with the shorter axis padded by air on both sides. */
function squareAttenuation(scan: ImageScan): NdArray<'float32'> {
  if (scan.volume.dtype === 'complex64')
    throw new EngineError('bad-input', 'a CT measurement needs a real image, found a complex one', { path: 'volume' });
  const [slices, height, width] = scan.volume.shape;
  const n = Math.max(height, width);
  const [top, left] = [Math.floor((n - height) / 2), Math.floor((n - width) / 2)];
  const out = new Float32Array(slices * n * n);
  const hounsfield = scan.modality === 'CT';
  for (let z = 0; z < slices; z++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const value = scan.volume.data[(z * height + y) * width + x];
        out[(z * n + y + top) * n + x + left] = hounsfield ? Math.max(0, 1 + value / 1000) : value;
      }
  return ndarray('float32', [slices, n, n], out);
}

export interface SimulatedCt {
  /** float32 [slices, views, detectors]. */
  sinogram: NdArray<'float32'>;
  anglesDeg: Float64Array;
  /** The true image, float32 [slices, n, n]. */
  reference: NdArray<'float32'>;
}

export function simulateCt(
  scan: ImageScan,
  { angles, arc, noise, seed }: { angles: number; arc: number; noise: number; seed: number },
): SimulatedCt {
  const reference = squareAttenuation(scan);
  const [slices, size] = reference.shape;
  const anglesDeg = uniformAngles(angles, arc);
  const beam = parallelBeam({ size, anglesDeg, slices });
  const data = beam.apply(reference.data);
  for (let i = 0; i < data.length; i++) data[i] /= beam.scaling;
  if (noise > 0) {
    const sigma = noise * quantile(data, 0.99);
    const normal = new Float32Array(data.length);
    fillNormal(normal, { seed, sample: 0, slice: 0, step: noiseStep });
    for (let i = 0; i < data.length; i++) data[i] += sigma * normal[i];
  }
  return { sinogram: ndarray('float32', [slices, angles, beam.geometry.detectors], data), anglesDeg, reference };
}
