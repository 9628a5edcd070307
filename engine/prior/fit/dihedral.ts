/**
 * The eight ways to turn and mirror a square, on images and on feature vectors. A turn is named by what was done to an
 * upright image: `quarter` counter-clockwise quarter turns (of the image as seen, rows downwards), after a left-right
 * mirror where `mirrored`.
 */
import { cells, directions, featureCount, invariantCount, perCell } from './layout-features.ts';

export interface Turn {
  quarter: 0 | 1 | 2 | 3;
  mirrored: boolean;
}

/** All eight, the unmirrored ones first. */
export const turns: readonly Turn[] = [false, true].flatMap((mirrored) =>
  ([0, 1, 2, 3] as const).map((quarter) => ({ quarter, mirrored })),
);

/** Place in a square of side n that the pixel (y, x) of the turned image comes from. */
function origin(turn: Turn, y: number, x: number, height: number, width: number): [number, number] {
  // Undo the quarter turns: out[y, x] of one counter-clockwise turn of an image [h, w] is in[x, w − 1 − y].
  let [i, j] = [y, x];
  if (turn.quarter === 1) [i, j] = [x, width - 1 - y];
  if (turn.quarter === 2) [i, j] = [height - 1 - y, width - 1 - x];
  if (turn.quarter === 3) [i, j] = [height - 1 - x, y];
  return [i, turn.mirrored ? width - 1 - j : j];
}

/** The image [height, width] turned; quarter turns swap the sizes. */
export function turnImage(
  image: Float32Array,
  height: number,
  width: number,
  turn: Turn,
): { image: Float32Array; height: number; width: number } {
  const swap = turn.quarter % 2 === 1;
  const [rows, columns] = swap ? [width, height] : [height, width];
  const out = new Float32Array(image.length);
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) {
      const [i, j] = origin(turn, y, x, height, width);
      out[y * columns + x] = image[i * width + j];
    }
  return { image: out, height: rows, width: columns };
}

/** For each number of a turned image's features, its place in the upright image's: features are only permuted. */
function permutation(turn: Turn): Int32Array {
  const from = new Int32Array(featureCount);
  const shift = turn.quarter % 2 === 1 ? directions / 2 : 0;
  for (let y = 0; y < cells; y++)
    for (let x = 0; x < cells; x++) {
      const [i, j] = origin(turn, y, x, cells, cells);
      const to = (y * cells + x) * perCell;
      const source = (i * cells + j) * perCell;
      for (let b = 0; b < directions; b++) {
        // A counter-clockwise turn, rows downwards, takes direction θ to θ − 90°; a mirror takes it to −θ.
        const unturned = (b + shift) % directions;
        from[to + b] = source + (turn.mirrored ? (directions - unturned) % directions : unturned);
      }
      for (let b = directions; b < perCell; b++) from[to + b] = source + b;
    }
  const whole = cells * cells * perCell;
  from[whole] = whole + (shift === 0 ? 0 : 1);
  from[whole + 1] = whole + (shift === 0 ? 1 : 0);
  for (let k = 0; k < invariantCount; k++) from[whole + 2 + k] = whole + 2 + k;
  return from;
}

const permutations = turns.map(permutation);

/** Features of the turned image from those of the image. */
export function turnFeatures(values: Float32Array, turn: Turn): Float32Array {
  const from = permutations[turns.findIndex((t) => t.quarter === turn.quarter && t.mirrored === turn.mirrored)];
  const out = new Float32Array(values.length);
  for (let k = 0; k < out.length; k++) out[k] = values[from[k]];
  return out;
}
