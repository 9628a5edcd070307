/** A small picture of a slice: at most 128 pixels wide and high, 8-bit grey or RGB. */
import { encodePng } from '../../../engine/recon/preview-png.ts';
import { quantile, toLevels } from '../../../engine/recon/preview-window.ts';
import type { Component } from '../api/item.ts';

const SIZE = 128;

/** Mean over the pixels of the source under each pixel; never enlarges. */
function reduced(
  values: Float32Array,
  rows: number,
  columns: number,
): { pixels: Float32Array; height: number; width: number } {
  const step = Math.max(1, rows / SIZE, columns / SIZE);
  const height = Math.max(1, Math.round(rows / step));
  const width = Math.max(1, Math.round(columns / step));
  const pixels = new Float32Array(height * width);
  for (let y = 0; y < height; y++) {
    const y0 = Math.floor((y * rows) / height);
    const y1 = Math.max(y0 + 1, Math.floor(((y + 1) * rows) / height));
    for (let x = 0; x < width; x++) {
      const x0 = Math.floor((x * columns) / width);
      const x1 = Math.max(x0 + 1, Math.floor(((x + 1) * columns) / width));
      let sum = 0;
      for (let v = y0; v < y1; v++) for (let u = x0; u < x1; u++) sum += values[v * columns + u];
      pixels[y * width + x] = sum / ((y1 - y0) * (x1 - x0));
    }
  }
  return { pixels, height, width };
}

/** Nearest pixels: colours of this size need no more. */
function colourThumbnail(rgba: Uint8Array, rows: number, columns: number): Uint8Array {
  const step = Math.max(1, rows / SIZE, columns / SIZE);
  const height = Math.max(1, Math.round(rows / step));
  const width = Math.max(1, Math.round(columns / step));
  const pixels = new Uint8Array(3 * height * width);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const from = 4 * (Math.floor((y * rows) / height) * columns + Math.floor((x * columns) / width));
      pixels.set(rgba.subarray(from, from + 3), 3 * (y * width + x));
    }
  return encodePng({ width, height, pixels, rgb: true });
}

/** Shown with the component's window, else from the 1 % to the 99 % quantile of the slice. */
export function thumbnail(values: Float32Array | Uint8Array, component: Component): Uint8Array {
  const [, rows, columns] = component.shape;
  if (!(values instanceof Float32Array)) return colourThumbnail(values, rows, columns);
  const { pixels, height, width } = reduced(values, rows, columns);
  const { window } = component;
  const low = window === null ? quantile(values, 0.01) : window.centre - window.width / 2;
  const high = window === null ? quantile(values, 0.99) : window.centre + window.width / 2;
  const levels = toLevels(pixels, high > low ? { low, high } : { low, high: low + 1 });
  if (component.inverted) for (let i = 0; i < levels.length; i++) levels[i] = 255 - levels[i];
  return encodePng({ width, height, pixels: levels });
}
