/** How a reconstruction of the lab scan is scored: cut into material and air, compared with the segmented truth. */
import { check } from '../../engine/errors.ts';

const bins = 512;

/**
 * Otsu's threshold: between two classes of values, the one that makes the variance between the classes largest (N. Otsu,
 * IEEE Trans. Syst. Man Cybern. 9 (1979) 62–66), over 512 equal bins from the least to the largest value.
 */
export function otsuThreshold(values: Float32Array): number {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  check(high > low, () => `the image is constant (${low}), which has no threshold`);
  const width = (high - low) / bins;
  const counts = new Float64Array(bins);
  for (const value of values) counts[Math.min(bins - 1, Math.floor((value - low) / width))]++;
  const middle = (k: number) => low + (k + 0.5) * width;
  let total = 0;
  for (let k = 0; k < bins; k++) total += counts[k] * middle(k);
  let [below, sumBelow, best, threshold] = [0, 0, -1, low];
  for (let k = 0; k < bins - 1; k++) {
    below += counts[k];
    sumBelow += counts[k] * middle(k);
    const above = values.length - below;
    if (below === 0 || above === 0) continue;
    const between = below * above * (sumBelow / below - (total - sumBelow) / above) ** 2;
    if (between > best) [best, threshold] = [between, low + (k + 1) * width];
  }
  return threshold;
}

/**
 * Matthews correlation of two binary images, the measure of the Helsinki tomography challenge 2022:
 * (TP·TN − FP·FN)/√((TP+FP)(TP+FN)(TN+FP)(TN+FN)), 1 for equal ones, 0 where either is constant.
 */
export function matthews(found: ArrayLike<number>, truth: ArrayLike<number>): number {
  check(found.length === truth.length, () => `images of ${found.length} and ${truth.length} pixels`, {
    code: 'mismatch',
  });
  let [tp, tn, fp, fn] = [0, 0, 0, 0];
  for (let i = 0; i < truth.length; i++) {
    if (truth[i] !== 0) found[i] !== 0 ? tp++ : fn++;
    else found[i] !== 0 ? fp++ : tn++;
  }
  const size = Math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn));
  return size > 0 ? (tp * tn - fp * fn) / size : 0;
}

/** n×n → (factor·n)², bilinear between pixel centres, the outermost values carried to the edge. */
export function enlarge(image: Float32Array, n: number, factor: number): Float32Array {
  if (factor === 1) return image;
  const side = n * factor;
  const out = new Float32Array(side * side);
  const place = (k: number) => {
    const at = Math.min(n - 1, Math.max(0, (k + 0.5) / factor - 0.5));
    const cell = Math.min(n - 2, Math.floor(at));
    return { cell, part: at - cell };
  };
  for (let y = 0; y < side; y++) {
    const row = place(y);
    for (let x = 0; x < side; x++) {
      const column = place(x);
      const from = row.cell * n + column.cell;
      const upper = image[from] + column.part * (image[from + 1] - image[from]);
      const lower = image[from + n] + column.part * (image[from + n + 1] - image[from + n]);
      out[y * side + x] = upper + row.part * (lower - upper);
    }
  }
  return out;
}

export interface Segmentation {
  /** Otsu's. */
  threshold: number;
  mcc: number;
  /** The best any threshold can do, which needs the truth: an upper bound, not a result. */
  bestMcc: number;
}

export function segment(image: Float32Array, truth: ArrayLike<number>): Segmentation {
  const threshold = otsuThreshold(image);
  const at = (level: number) =>
    matthews(
      image.map((value) => (value > level ? 1 : 0)),
      truth,
    );
  const sorted = image.slice().sort();
  let bestMcc = at(threshold);
  for (let q = 0.3; q < 0.98; q += 0.02) bestMcc = Math.max(bestMcc, at(sorted[Math.floor(q * sorted.length)]));
  return { threshold, mcc: at(threshold), bestMcc };
}
