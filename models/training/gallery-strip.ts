/** One failure as a strip of pictures: truth, reconstruction, error × 5, and what the prior supplied. */
import type { NdArray } from '../../engine/arrays/ndarray.ts';
import type { IndexedImage } from '../../engine/recon/preview-png.ts';
import { robustWindow, toLevels } from '../../engine/recon/preview-window.ts';

export interface Failure {
  /** File name without ending. */
  name: string;
  title: string;
  /** What is seen and why. */
  text: string;
  figures: string;
  /** float32 [1, y, x] each. */
  truth: NdArray<'float32'>;
  image: NdArray<'float32'>;
  /** Share of each pixel that the prior supplied, [0, 1]. */
  evidence: NdArray<'float32'>;
}

const errorGain = 5;
const gap = 4;

export function failureStrip({ truth, image, evidence }: Failure): IndexedImage {
  const [, height, width] = truth.shape;
  const window = robustWindow(truth.data);
  const range = window.high - window.low;
  const error = image.data.map((value, i) => Math.abs(value - truth.data[i]) * errorGain);
  const tiles = [
    toLevels(truth.data, window),
    toLevels(image.data, window),
    toLevels(error, { low: 0, high: range }),
    toLevels(evidence.data, { low: 0, high: 1 }),
  ];
  const total = tiles.length * width + (tiles.length - 1) * gap;
  const pixels = new Uint8Array(total * height).fill(255);
  tiles.forEach((tile, k) => {
    for (let y = 0; y < height; y++)
      pixels.set(tile.subarray(y * width, (y + 1) * width), y * total + k * (width + gap));
  });
  return { width: total, height, pixels };
}
