/** Random phantoms of overlapping ellipses, real, values about 0 … 1, for fitting priors and judging results. */
import { createRandom } from '../../engine/arrays/random.ts';

export function ellipsePhantom(size: number, seed: number): Float32Array {
  const random = createRandom(seed);
  const between = (low: number, high: number) => low + (high - low) * random.uniform();
  const image = new Float32Array(size * size);
  const add = (cx: number, cy: number, rx: number, ry: number, angle: number, value: number) => {
    const c = Math.cos(angle);
    const s = Math.sin(angle);
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++) {
        const u = (2 * x + 1) / size - 1 - cx;
        const v = (2 * y + 1) / size - 1 - cy;
        if (((c * u + s * v) / rx) ** 2 + ((c * v - s * u) / ry) ** 2 <= 1) image[y * size + x] += value;
      }
  };
  add(0, 0, between(0.65, 0.8), between(0.7, 0.88), between(-0.2, 0.2), between(0.4, 0.6));
  for (let k = 0; k < 8; k++)
    add(
      between(-0.4, 0.4),
      between(-0.45, 0.45),
      between(0.05, 0.3),
      between(0.05, 0.3),
      between(0, Math.PI),
      between(-0.2, 0.35),
    );
  return image.map((value) => Math.max(0, value));
}

/** dB, data range = maximum of the reference. */
export function psnr(image: Float32Array, reference: Float32Array): number {
  let squared = 0;
  let peak = 0;
  for (let i = 0; i < image.length; i++) {
    squared += (image[i] - reference[i]) ** 2;
    peak = Math.max(peak, reference[i]);
  }
  return 10 * Math.log10((peak * peak * image.length) / squared);
}
