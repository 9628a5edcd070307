/** Windows in units of the values, LINEAR_EXACT: grey = ((v − centre)/width + ½) · 255, cut to 0 … 255. */
export interface Window {
  centre: number;
  width: number;
}

/** Grey level before it is rounded (DICOM PS3.3 C.11.2.1.3.2). */
export function greyLevel(value: number, { centre, width }: Window): number {
  return Math.min(255, Math.max(0, ((value - centre) / width + 0.5) * 255));
}

export const windowOf = (low: number, high: number): Window => ({
  centre: (low + high) / 2,
  width: high > low ? high - low : Math.max(Math.abs(high) * 1e-6, Number.MIN_VALUE * 2 ** 60),
});

const bins = 4096;
/** A bin that holds more than this share of all values is looked into again. */
const crowded = 1 / 128;
const deepest = 4;

/** How many values lie in each of 4096 equal bins of [low, high]. */
function histogramOf(values: ArrayLike<number>, low: number, high: number): Uint32Array {
  const histogram = new Uint32Array(bins);
  const scale = bins / (high - low);
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (v >= low && v <= high) histogram[Math.min(bins - 1, Math.floor((v - low) * scale))]++;
  }
  return histogram;
}

/** The value that `target` of the values in [low, high] do not exceed; `count` is that of the whole image. */
function rank(
  values: ArrayLike<number>,
  target: number,
  count: number,
  [low, high]: readonly [number, number],
  depth: number,
  histogram = histogramOf(values, low, high),
): number {
  const width = (high - low) / bins;
  let seen = 0;
  for (let bin = 0; bin < bins; bin++) {
    const next = seen + histogram[bin];
    if (next >= target && histogram[bin] > 0) {
      const from = low + bin * width;
      const to = from + width;
      if (histogram[bin] > count * crowded && depth < deepest && to > from)
        return rank(values, target - seen, count, [from, to], depth + 1);
      return from + width * Math.min(1, Math.max(0, (target - seen) / histogram[bin]));
    }
    seen = next;
  }
  return high;
}

/**
 * Percentiles of the finite values, `fractions` in [0, 1] rising, from histograms of 4096 bins: over the values' own
 * range, then over any bin that holds more than 1/128 of them, so that one outlier does not cost the others their
 * resolution. Null when nothing is finite.
 */
export function percentiles(values: ArrayLike<number>, fractions: readonly number[]): number[] | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (!Number.isFinite(v)) continue;
    if (v < low) low = v;
    if (v > high) high = v;
    count++;
  }
  if (count === 0) return null;
  if (high === low) return fractions.map(() => low);
  const first = histogramOf(values, low, high);
  return fractions.map((fraction) => rank(values, fraction * count, count, [low, high], 0, first));
}

/** Window from percentile p to percentile 1 − p. */
export function percentileWindow(values: ArrayLike<number>, p: number): Window | null {
  const found = percentiles(values, [p, 1 - p]);
  return found === null ? null : windowOf(found[0], found[1]);
}

/** A drag of dx, dy screen pixels: right widens, down raises the centre; one pixel is `range`/512. */
export function dragWindow(start: Window, dx: number, dy: number, range: number): Window {
  const step = range > 0 ? range / 512 : start.width / 512;
  return { centre: start.centre + dy * step, width: Math.max(start.width + dx * step, step / 16) };
}

export interface Preset {
  title: string;
  window: Window;
}

const ct: readonly Preset[] = [
  { title: 'Soft tissue', window: { centre: 40, width: 400 } },
  { title: 'Lung', window: { centre: -600, width: 1500 } },
  { title: 'Liver', window: { centre: 90, width: 150 } },
  { title: 'Bone', window: { centre: 480, width: 2500 } },
  { title: 'Brain', window: { centre: 40, width: 80 } },
];

export const presetTitles = (hounsfield: boolean): readonly string[] =>
  hounsfield ? ct.map(({ title }) => title) : ['Auto', 'Full range', 'Source', 'Narrow', 'Wide'];

/** Preset 0 … 4. Hounsfield units: by tissue; everything else: from the slice, the range and the source's own window. */
export function presetWindow(
  index: number,
  hounsfield: boolean,
  slice: ArrayLike<number>,
  range: readonly [number, number],
  source: Window | null,
): Window | null {
  if (hounsfield) return ct[index]?.window ?? null;
  const auto = percentileWindow(slice, 0.005);
  if (index === 0) return auto;
  if (index === 1) return windowOf(range[0], range[1]);
  if (index === 2) return source ?? auto;
  if (auto === null) return null;
  return index === 3
    ? { centre: auto.centre, width: auto.width / 2 }
    : index === 4
      ? { centre: auto.centre, width: auto.width * 2 }
      : null;
}

/** Window of the finite values in a rectangle of pixels, both ends included. */
export function regionWindow(
  values: ArrayLike<number>,
  columns: number,
  from: readonly [number, number],
  to: readonly [number, number],
): Window | null {
  const rows = Math.floor(values.length / columns);
  const clamp = (v: number, most: number) => Math.min(most, Math.max(0, Math.round(v)));
  const x0 = clamp(Math.min(from[0], to[0]), columns - 1);
  const x1 = clamp(Math.max(from[0], to[0]), columns - 1);
  const y0 = clamp(Math.min(from[1], to[1]), rows - 1);
  const y1 = clamp(Math.max(from[1], to[1]), rows - 1);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let y = y0; y <= y1; y++)
    for (let x = x0; x <= x1; x++) {
      const v = values[y * columns + x];
      if (!Number.isFinite(v)) continue;
      if (v < low) low = v;
      if (v > high) high = v;
    }
  return low <= high ? windowOf(low, high) : null;
}
