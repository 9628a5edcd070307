/**
 * What is where in a magnitude image, in a few hundred numbers that hardly depend on contrast, intensity, field of view
 * or matrix: the object's square box is resampled to 64 × 64 and described by histograms of oriented gradients on 8 × 8
 * cells (N. Dalal, B. Triggs, "Histograms of oriented gradients for human detection", CVPR 2005; here 8 unsigned
 * directions, normalised over 3 × 3 cells, square root), the share of each cell above the air, the share of the edges
 * in it, and a few numbers about the whole. Deviation from the source: cells overlap bilinearly and one normalisation
 * serves each cell, so that turning the image by 90° or mirroring it permutes the numbers and changes none (`turned`).
 */
import { quantile } from '../../arrays/statistics.ts';
import { check } from '../../errors.ts';
import { integralOf, objectBox, resampleSquare } from './object-box.ts';

export const cells = 8;
export const directions = 8;
const side = 64;
const cellPixels = side / cells;
/** Numbers per cell: the directions, share above the air, share of the edges. */
export const perCell = directions + 2;
/** Numbers about the whole, unchanged by any turn: see `wholeNumbers`. */
export const invariantCount = 8;
/** Length of a feature vector: cells [row, column, number], two mirror symmetries, invariants. */
export const featureCount = cells * cells * perCell + 2 + invariantCount;

/** Gradients below this share of the image's root mean square gradient carry no direction. */
const quiet = 0.3;
/** Gradients below these shares of it count as hardly any and as little change. */
const calmest = 0.1;
const calmer = 0.4;

export interface LayoutFeatures {
  /** float32 [featureCount]. */
  values: Float32Array;
  /** False when the image is empty or constant: there is nothing to describe. */
  meaningful: boolean;
}

/**
 * Features of a magnitude image [height, width]. Throws `bad-input` when the size does not fit or a value is not finite
 * or negative.
 */
export function layoutFeatures(image: Float32Array, height: number, width: number): LayoutFeatures {
  check(
    Number.isInteger(height) && Number.isInteger(width) && height > 1 && width > 1 && image.length === height * width,
    () => `features need a magnitude image of at least 2 × 2, found ${image.length} numbers for ${height} × ${width}`,
  );
  let largest = 0;
  for (let i = 0; i < image.length; i++) {
    check(Number.isFinite(image[i]) && image[i] >= 0, () => `pixel ${i} of the image is ${image[i]}`, {
      path: 'image',
    });
    if (image[i] > largest) largest = image[i];
  }
  const values = new Float32Array(featureCount);
  if (largest === 0) return { values, meaningful: false };
  const scale = quantile(image, 0.99) || largest;
  const scaled = new Float32Array(image.length);
  for (let i = 0; i < image.length; i++) scaled[i] = Math.min(1.5, image[i] / scale);
  const integral = integralOf(scaled, height, width);
  const box = objectBox(integral, height, width);
  const square = resampleSquare(integral, height, width, box, side);
  // The square root brings dark and bright tissue closer, which makes edges of all contrasts comparable.
  const soft = flattened(
    square.map((value) => Math.sqrt(Math.max(0, value))),
    Math.sqrt(box.level),
  );
  const gradients = gradientsOf(soft);
  const meaningful = gradients.power > 1e-12;
  if (meaningful) cellNumbers(square, box.level, gradients, values);
  wholeNumbers(soft, square, box.level, gradients, (box.side / Math.max(height, width)) ** 2, values);
  return { values, meaningful };
}

/** Half the side of the window that the brightness is compared with, pixels. */
const wide = 13;

/** The image over the mean brightness of the object around each pixel, which takes receive fields away. */
function flattened(soft: Float32Array, level: number): Float32Array {
  const object = Float32Array.from(soft, (value) => (value > level ? 1 : 0));
  const bright = integralOf(
    soft.map((value, i) => value * object[i]),
    side,
    side,
  );
  const counts = integralOf(object, side, side);
  const row = side + 1;
  const out = new Float32Array(soft.length);
  for (let i = 0; i < side; i++)
    for (let j = 0; j < side; j++) {
      const [a, b] = [Math.max(0, i - wide), Math.max(0, j - wide)];
      const [c, d] = [Math.min(side, i + wide + 1), Math.min(side, j + wide + 1)];
      const sum = (t: Float64Array) => t[c * row + d] - t[a * row + d] - t[c * row + b] + t[a * row + b];
      const count = sum(counts);
      out[i * side + j] =
        Math.min(1.5, soft[i * side + j] / Math.max(level, count > 0 ? sum(bright) / count : 1)) * 0.7;
    }
  return out;
}

interface Gradients {
  dy: Float32Array;
  dx: Float32Array;
  /** Mean square length. */
  power: number;
}

/** Central differences; the border pixels, which have no neighbour outside, take 0. */
function gradientsOf(image: Float32Array): Gradients {
  const dy = new Float32Array(side * side);
  const dx = new Float32Array(side * side);
  let sum = 0;
  for (let i = 1; i < side - 1; i++)
    for (let j = 1; j < side - 1; j++) {
      const at = i * side + j;
      dy[at] = 0.5 * (image[at + side] - image[at - side]);
      dx[at] = 0.5 * (image[at + 1] - image[at - 1]);
      sum += dy[at] ** 2 + dx[at] ** 2;
    }
  return { dy, dx, power: sum / (side * side) };
}

/** Cells a pixel row or column belongs to, and its share in the second: bilinear between cell centres. */
function cellShare(pixel: number): [first: number, share: number] {
  const place = (pixel + 0.5) / cellPixels - 0.5;
  const first = Math.floor(place);
  return [first, place - first];
}

function cellNumbers(square: Float32Array, level: number, { dy, dx, power }: Gradients, values: Float32Array): void {
  const histogram = new Float64Array(cells * cells * directions);
  const edges = new Float64Array(cells * cells);
  const floor = quiet * Math.sqrt(power);
  const inside = (c: number) => c >= 0 && c < cells;
  for (let i = 0; i < side; i++) {
    const [row, v] = cellShare(i);
    for (let j = 0; j < side; j++) {
      const at = i * side + j;
      const length = Math.hypot(dy[at], dx[at]);
      const [column, u] = cellShare(j);
      // Directions 0 … 7 are centred at multiples of 22.5°, so that a quarter turn shifts by 4 and a mirror negates.
      const angle = (Math.atan2(dy[at], dx[at]) / Math.PI) * directions + 2 * directions;
      const bin = Math.floor(angle);
      const share = angle - bin;
      const weight = (length * length) / (length + floor || 1);
      for (let p = 0; p < 2; p++)
        for (let q = 0; q < 2; q++) {
          const [r, c] = [row + p, column + q];
          if (!inside(r) || !inside(c)) continue;
          const part = (p === 0 ? 1 - v : v) * (q === 0 ? 1 - u : u);
          const cell = r * cells + c;
          values[cell * perCell + directions] += square[at] > level ? part / cellPixels ** 2 : 0;
          edges[cell] += part * length;
          histogram[cell * directions + (bin % directions)] += part * weight * (1 - share);
          histogram[cell * directions + ((bin + 1) % directions)] += part * weight * share;
        }
    }
  }
  let total = 0;
  for (const value of edges) total += value;
  for (let r = 0; r < cells; r++)
    for (let c = 0; c < cells; c++) {
      const cell = r * cells + c;
      let near = 0;
      for (let p = Math.max(0, r - 1); p <= Math.min(cells - 1, r + 1); p++)
        for (let q = Math.max(0, c - 1); q <= Math.min(cells - 1, c + 1); q++)
          for (let b = 0; b < directions; b++) near += histogram[(p * cells + q) * directions + b];
      const mean = near / 9;
      for (let b = 0; b < directions; b++)
        values[cell * perCell + b] = Math.sqrt(histogram[cell * directions + b] / (mean + cellPixels ** 2 * floor));
      values[cell * perCell + directions + 1] = Math.sqrt((edges[cell] / total) * cells * cells);
    }
}

/** Correlation of the image with its mirror image. */
function mirrorSymmetry(image: Float32Array, upDown: boolean): number {
  let sum = 0;
  let squares = 0;
  let product = 0;
  for (let i = 0; i < side; i++)
    for (let j = 0; j < side; j++) {
      const value = image[i * side + j];
      const other = upDown ? image[(side - 1 - i) * side + j] : image[i * side + side - 1 - j];
      sum += value;
      squares += value * value;
      product += value * other;
    }
  const mean = sum / image.length;
  const variance = squares / image.length - mean * mean;
  return variance > 1e-12 ? (product / image.length - mean * mean) / variance : 1;
}

/**
 * Symmetry left-right, then up-down; then: share of the box above the air, mean brightness there, share of the image
 * the box covers, root mean square gradient, how much of the gradient pixels two apart have in common (high for
 * lines, 0 for noise), share of the object where hardly anything changes and where little does (painted phantoms are flat, tissue
 * is not), and the spread of brightness inside.
 */
function wholeNumbers(
  soft: Float32Array,
  square: Float32Array,
  level: number,
  { dy, dx, power }: Gradients,
  covered: number,
  values: Float32Array,
): void {
  let above = 0;
  let bright = 0;
  let brightSquares = 0;
  let still = 0;
  let calm = 0;
  let shared = 0;
  let own = 0;
  for (let i = 0; i < side; i++)
    for (let j = 0; j < side; j++) {
      const at = i * side + j;
      if (square[at] > level) {
        above++;
        bright += soft[at];
        brightSquares += soft[at] ** 2;
        const steepness = (dx[at] ** 2 + dy[at] ** 2) / (power || 1);
        if (steepness < calmest ** 2) still++;
        if (steepness < calmer ** 2) calm++;
      }
      // Along the edge, not across it: a line continues, noise does not.
      if (i + 2 < side) {
        shared += dx[at] * dx[at + 2 * side];
        own += 0.5 * (dx[at] ** 2 + dx[at + 2 * side] ** 2);
      }
      if (j + 2 < side) {
        shared += dy[at] * dy[at + 2];
        own += 0.5 * (dy[at] ** 2 + dy[at + 2] ** 2);
      }
    }
  const at = cells * cells * perCell;
  values[at] = mirrorSymmetry(soft, false);
  values[at + 1] = mirrorSymmetry(soft, true);
  values[at + 2] = above / square.length;
  values[at + 3] = above > 0 ? bright / above : 0;
  values[at + 4] = Math.sqrt(Math.min(1, covered));
  values[at + 5] = Math.sqrt(power) * 4;
  values[at + 6] = own > 1e-12 ? shared / own : 1;
  values[at + 7] = above > 0 ? still / above : 1;
  values[at + 8] = above > 0 ? calm / above : 1;
  values[at + 9] = above > 0 ? Math.sqrt(Math.max(0, brightSquares / above - (bright / above) ** 2)) : 0;
}
