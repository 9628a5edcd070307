/** All slices of a volume in one picture, row by row, for preview.png and for outputs of solvers. */
import type { NdArray } from '../arrays/ndarray.ts';
import { check } from '../errors.ts';
import type { IndexedImage } from './preview-png.ts';
import { robustWindow, toLevels } from './preview-window.ts';

/** More slices than this are thinned evenly. */
const mostTiles = 64;

/** image: float32 [slices, y, x]. One window over the whole volume; a gap of 2 black pixels between tiles. */
export function contactSheet(image: NdArray<'float32'>): IndexedImage {
  const [slices, rows, columns] = image.shape;
  check(
    image.shape.length === 3 && image.data.length > 0,
    () => `a preview needs [slices, y, x], found [${image.shape}]`,
  );
  const shown = Math.min(slices, mostTiles);
  const across = Math.ceil(Math.sqrt((shown * rows) / columns));
  const down = Math.ceil(shown / across);
  const gap = shown > 1 ? 2 : 0;
  const width = across * (columns + gap) - gap;
  const height = down * (rows + gap) - gap;
  const pixels = new Uint8Array(width * height);
  const levels = toLevels(image.data, robustWindow(image.data));
  for (let tile = 0; tile < shown; tile++) {
    const slice = Math.floor((tile * slices) / shown);
    const left = (tile % across) * (columns + gap);
    const top = Math.floor(tile / across) * (rows + gap);
    for (let y = 0; y < rows; y++) {
      const from = (slice * rows + y) * columns;
      pixels.set(levels.subarray(from, from + columns), (top + y) * width + left);
    }
  }
  return { width, height, pixels };
}
