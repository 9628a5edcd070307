/** The pictures of a report: slices as data: URLs, colour bars, and the numbers printed beside them. */
import type { NdArray } from '../arrays/ndarray.ts';
import { encodePng, type IndexedImage } from './preview-png.ts';
import { type DisplayWindow, toLevels } from './preview-window.ts';
import { heatPalette, overlayPalette } from './report-colours.ts';

export interface Picture {
  url: string;
  width: number;
  height: number;
}

function picture(image: IndexedImage): Picture {
  const url = `data:image/png;base64,${Buffer.from(encodePng(image)).toString('base64')}`;
  return { url, width: image.width, height: image.height };
}

/** Slice `index` of [slices, y, x], a view. */
export function sliceOf(volume: NdArray<'float32'>, index: number): Float32Array {
  const size = volume.shape[1] * volume.shape[2];
  return volume.data.subarray(index * size, (index + 1) * size);
}

export function greyPicture(volume: NdArray<'float32'>, slice: number, window: DisplayWindow): Picture {
  const [, height, width] = volume.shape;
  return picture({ width, height, pixels: toLevels(sliceOf(volume, slice), window) });
}

export function heatPicture(volume: NdArray<'float32'>, slice: number, high: number): Picture {
  const [, height, width] = volume.shape;
  const pixels = toLevels(sliceOf(volume, slice), { low: 0, high });
  return picture({ width, height, pixels, palette: heatPalette });
}

/** gain · |image − reference| on the scale of the common window. */
export function errorPicture(
  image: NdArray<'float32'>,
  reference: NdArray<'float32'>,
  slice: number,
  window: DisplayWindow,
  gain: number,
): Picture {
  const a = sliceOf(image, slice);
  const b = sliceOf(reference, slice);
  const difference = new Float32Array(a.length);
  for (let i = 0; i < a.length; i++) difference[i] = Math.abs(a[i] - b[i]);
  const [, height, width] = image.shape;
  const high = (window.high - window.low) / gain;
  return picture({ width, height, pixels: toLevels(difference, { low: 0, high }), palette: heatPalette });
}

/** The image in grey, tinted by the fraction the prior supplied. 16 × 16 levels fit one palette. */
export function evidencePicture(
  image: NdArray<'float32'>,
  evidence: NdArray<'float32'>,
  slice: number,
  window: DisplayWindow,
): Picture {
  const [, height, width] = image.shape;
  const grey = toLevels(sliceOf(image, slice), window);
  const share = sliceOf(evidence, slice);
  const pixels = new Uint8Array(grey.length);
  for (let i = 0; i < pixels.length; i++) {
    const amber = Math.min(15, Math.max(0, Math.round(15 * share[i])));
    pixels[i] = 16 * Math.round((15 * grey[i]) / 255) + amber;
  }
  return picture({ width, height, pixels, palette: overlayPalette });
}

/** A horizontal bar through a palette; `at` maps 0…255 to palette indices. */
export function colourBar(kind: 'heat' | 'prior'): Picture {
  const height = 10;
  const pixels = new Uint8Array(256 * height);
  for (let i = 0; i < pixels.length; i++) {
    const level = i % 256;
    pixels[i] = kind === 'heat' ? level : 16 * 10 + Math.floor(level / 16);
  }
  return picture({ width: 256, height, pixels, palette: kind === 'heat' ? heatPalette : overlayPalette });
}

/** Σ e·|x| / Σ |x|: the share of the image's signal that the prior supplied, over the whole volume. */
export function priorShare(image: NdArray<'float32'>, evidence: NdArray<'float32'>): number {
  let weighted = 0;
  let total = 0;
  for (let i = 0; i < image.data.length; i++) {
    const weight = Math.abs(image.data[i]);
    weighted += weight * evidence.data[i];
    total += weight;
  }
  return total === 0 ? 0 : weighted / total;
}
