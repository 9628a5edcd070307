/** The layer over the picture: a map through its colours, and hatching where a value is not finite. */
import { type ColourMapName, colourMap } from '../maths/colour-maps.ts';
import type { Window } from '../maths/window-level.ts';

export function paintOverlay(
  canvas: HTMLCanvasElement,
  rows: number,
  columns: number,
  map: { values: ArrayLike<number>; window: Window; colours: ColourMapName; opacity: number } | null,
  mask: Uint8Array | null,
): void {
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext('2d');
  if (context === null) return;
  const image = context.createImageData(columns, rows);
  const { data } = image;
  if (map !== null) {
    const colours = colourMap(map.colours);
    const low = map.window.centre - map.window.width / 2;
    const scale = 255 / map.window.width;
    const alpha = Math.round(map.opacity * 255);
    for (let i = 0; i < rows * columns; i++) {
      const level = Math.min(255, Math.max(0, Math.round((map.values[i] - low) * scale)));
      if (Number.isNaN(level)) continue;
      const [r, g, b] = colours[level];
      data[4 * i] = r;
      data[4 * i + 1] = g;
      data[4 * i + 2] = b;
      data[4 * i + 3] = alpha;
    }
  }
  if (mask !== null)
    for (let i = 0; i < mask.length; i++) {
      if (mask[i] === 0) continue;
      const bright = (Math.floor(i / columns) + (i % columns)) % 4 < 2;
      data.set(bright ? [226, 120, 226, 255] : [60, 20, 60, 255], 4 * i);
    }
  context.putImageData(image, 0, 0);
}
