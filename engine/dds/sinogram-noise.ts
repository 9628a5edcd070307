/**
 * Noise of a sinogram from its detector edges, where parallel beams usually pass beside the object: the median absolute
 * deviation of the outermost values of all views, σ = median|p − median p|/0.6745. An object that reaches the edge makes it
 * too high. Sinogram [views, detectors] of line integrals; the result is in its units, 0 when the edges hold no noise.
 */
import { median } from '../arrays/statistics.ts';

/** Share of the detector used on each side. */
const edgeShare = 0.03;
/** 0.75 quantile of the standard normal distribution. */
const normalQuartile = 0.6744897501960817;

export function estimateSinogramNoise(sinogram: Float32Array, detectors: number): number {
  const width = Math.max(2, Math.floor(edgeShare * detectors));
  if (detectors < 2 * width || sinogram.length === 0) return 0;
  const edges: number[] = [];
  for (let row = 0; row < sinogram.length; row += detectors)
    for (let i = 0; i < width; i++) edges.push(sinogram[row + i], sinogram[row + detectors - 1 - i]);
  const values = Float64Array.from(edges);
  const middle = median(values);
  return median(values.map((value) => Math.abs(value - middle))) / normalQuartile;
}
