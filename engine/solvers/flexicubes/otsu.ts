/**
 * The grey level midway between the means of the two classes that Otsu's threshold separates: the histogram of 256 bins is
 * cut where the variance between the classes is largest. N. Otsu, "A threshold selection method from gray-level
 * histograms", 1979.
 */
export function otsuMidpoint(values: ArrayLike<number>): number {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]);
    high = Math.max(high, values[i]);
  }
  if (!(high > low)) return low;
  const bins = 256;
  const count = new Float64Array(bins);
  const sum = new Float64Array(bins);
  for (let i = 0; i < values.length; i++) {
    const bin = Math.min(bins - 1, Math.floor((bins * (values[i] - low)) / (high - low)));
    count[bin]++;
    sum[bin] += values[i];
  }
  const total = sum.reduce((a, b) => a + b);
  let [below, sumBelow, best, level] = [0, 0, -1, (low + high) / 2];
  for (let bin = 0; bin < bins - 1; bin++) {
    below += count[bin];
    sumBelow += sum[bin];
    const above = values.length - below;
    if (below === 0 || above === 0) continue;
    const [first, second] = [sumBelow / below, (total - sumBelow) / above];
    const between = below * above * (second - first) ** 2;
    if (between <= best) continue;
    best = between;
    level = (first + second) / 2;
  }
  return level;
}
