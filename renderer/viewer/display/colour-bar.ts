/** The colour bar of a map: 256 colours from bottom to top, with the values at its ends and middle. */
import { type ColourMapName, colourMap } from '../maths/colour-maps.ts';
import { withUnit } from '../maths/number-text.ts';
import type { Window } from '../maths/window-level.ts';

export function paintColourBar(canvas: HTMLCanvasElement, colours: ColourMapName, inverted: boolean): void {
  canvas.width = 1;
  canvas.height = 256;
  const context = canvas.getContext('2d');
  if (context === null) return;
  const pixels = context.createImageData(1, 256);
  colourMap(colours).forEach(([r, g, b], index) => {
    const row = inverted ? index : 255 - index;
    pixels.data.set([r, g, b, 255], row * 4);
  });
  context.putImageData(pixels, 0, 0);
}

export function colourBarLabels(window: Window, unit: string): [top: string, middle: string, bottom: string] {
  const { centre, width } = window;
  return [withUnit(centre + width / 2, unit, 3), withUnit(centre, unit, 3), withUnit(centre - width / 2, unit, 3)];
}
