/**
 * Where the object is in a magnitude image: the smallest square that holds it, found so that noise in the air, ghosts
 * and the size of the field of view hardly matter.
 */

export interface ObjectBox {
  /** Centre, in pixels from the edge of the image (not from the centre of the first pixel). */
  y: number;
  x: number;
  /** Side of the square, pixels. */
  side: number;
  /** Level between air and object, in the units of the image. */
  level: number;
}

/** Side of the grid the search works on. */
const searchSide = 64;
/** A row or column belongs to the object when more than this share of it lies above the level. */
const leastShare = 0.04;
/** Room left around the object, so that its outline is inside. */
const margin = 1.1;

/**
 * Means of the image over a grid of `side` × `side` equal rectangles that tile the square with the given centre
 * (pixels from the image's edge); outside the image there is air, 0. `integral` is the summed-area table of `integralOf`.
 */
export function resampleSquare(
  integral: Float64Array,
  height: number,
  width: number,
  box: { y: number; x: number; side: number },
  side: number,
): Float32Array {
  const out = new Float32Array(side * side);
  const step = box.side / side;
  const top = box.y - box.side / 2;
  const left = box.x - box.side / 2;
  for (let i = 0; i < side; i++)
    for (let j = 0; j < side; j++) {
      const y0 = top + i * step;
      const x0 = left + j * step;
      const total = rectangleSum(integral, height, width, y0, x0, y0 + step, x0 + step);
      out[i * side + j] = total / (step * step);
    }
  return out;
}

/** Summed-area table [h + 1, w + 1]: sum of the pixels above and left of each grid corner. */
export function integralOf(image: Float32Array, height: number, width: number): Float64Array {
  const table = new Float64Array((height + 1) * (width + 1));
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) {
      row += image[y * width + x];
      table[(y + 1) * (width + 1) + x + 1] = table[y * (width + 1) + x + 1] + row;
    }
  }
  return table;
}

/** The table between its corners, bilinear: exact for images that are constant inside each pixel. */
function corner(table: Float64Array, height: number, width: number, y: number, x: number): number {
  const cy = Math.min(height, Math.max(0, y));
  const cx = Math.min(width, Math.max(0, x));
  const i = Math.min(height - 1, Math.floor(cy));
  const j = Math.min(width - 1, Math.floor(cx));
  const v = cy - i;
  const u = cx - j;
  const at = i * (width + 1) + j;
  const below = at + width + 1;
  return (1 - v) * ((1 - u) * table[at] + u * table[at + 1]) + v * ((1 - u) * table[below] + u * table[below + 1]);
}

function rectangleSum(
  table: Float64Array,
  height: number,
  width: number,
  y0: number,
  x0: number,
  y1: number,
  x1: number,
): number {
  return (
    corner(table, height, width, y1, x1) -
    corner(table, height, width, y0, x1) -
    corner(table, height, width, y1, x0) +
    corner(table, height, width, y0, x0)
  );
}

/** Otsu's level: the split of the values in [0, ceiling] with the largest variance between the two parts. */
export function otsuLevel(values: Float32Array, ceiling: number): number {
  const bins = 64;
  const counts = new Float64Array(bins);
  for (const value of values) counts[Math.min(bins - 1, Math.max(0, Math.floor((bins * value) / ceiling)))]++;
  const total = values.length;
  let all = 0;
  for (let b = 0; b < bins; b++) all += counts[b] * (b + 0.5);
  let below = 0;
  let sum = 0;
  let best = 0;
  let level = 0.5 * ceiling;
  for (let b = 0; b < bins - 1; b++) {
    below += counts[b];
    sum += counts[b] * (b + 0.5);
    if (below === 0 || below === total) continue;
    const between = (all * below - sum * total) ** 2 / (below * (total - below));
    if (between <= best) continue;
    best = between;
    level = ((b + 1) / bins) * ceiling;
  }
  return level;
}

/** The box of the object in an image whose bright structures are about 1 (0.99 quantile). */
export function objectBox(integral: Float64Array, height: number, width: number): ObjectBox {
  const whole = { y: height / 2, x: width / 2, side: Math.max(height, width) };
  const small = resampleSquare(integral, height, width, whole, searchSide);
  // Half of Otsu's level, because dark tissue belongs to the object; never below what noise in the air can reach.
  const level = Math.max(0.06, 0.5 * otsuLevel(small, 1.2));
  const rows = new Float64Array(searchSide);
  const columns = new Float64Array(searchSide);
  for (let i = 0; i < small.length; i++) {
    if (small[i] <= level) continue;
    rows[Math.floor(i / searchSide)]++;
    columns[i % searchSide]++;
  }
  const [top, bottom] = extent(rows);
  const [left, right] = extent(columns);
  const pixel = whole.side / searchSide;
  return {
    y: whole.y + ((top + bottom) / 2 - searchSide / 2) * pixel,
    x: whole.x + ((left + right) / 2 - searchSide / 2) * pixel,
    side: margin * Math.max(bottom - top, right - left) * pixel,
    level,
  };
}

function extent(counts: Float64Array): [number, number] {
  const least = leastShare * counts.length;
  let from = 0;
  let to = counts.length;
  while (from < to && counts[from] < least) from++;
  while (to > from && counts[to - 1] < least) to--;
  return from < to ? [from, to] : [0, counts.length];
}
