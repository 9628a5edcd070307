/**
 * The level that splits values into two classes with the largest variance between them: a first guess at where air ends
 * and the body begins. From a histogram of 256 bins over [low, high]; values beyond count in the outermost bins.
 * Otsu: A threshold selection method from gray-level histograms (1979), equation 18.
 */
export function otsuLevel(values: ArrayLike<number>, low: number, high: number): number {
  const bins = 256;
  if (!(high > low)) return low;
  const histogram = new Float64Array(bins);
  const scale = bins / (high - low);
  let count = 0;
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) continue;
    const bin = Math.min(bins - 1, Math.max(0, Math.floor((values[i] - low) * scale)));
    histogram[bin]++;
    count++;
    sum += bin;
  }
  let below = 0;
  let sumBelow = 0;
  let best = -1;
  let first = 0;
  let last = 0;
  for (let bin = 0; bin + 1 < bins; bin++) {
    below += histogram[bin];
    sumBelow += bin * histogram[bin];
    if (below === 0 || below === count) continue;
    const between = (sumBelow * count - sum * below) ** 2 / (below * (count - below));
    // Empty bins between the classes all split alike: the middle of them is taken.
    if (between > best * (1 + 1e-12)) {
      best = between;
      first = bin;
      last = bin;
    } else if (between >= best * (1 - 1e-12)) last = bin;
  }
  return low + ((first + last) / 2 + 1) / scale;
}
