/** Curves as uPlot takes them. */
export interface Series {
  title: string;
  values: readonly (number | null)[];
}

const finite = (value: number | null | undefined) => (value != null && Number.isFinite(value) ? value : null);

/** Sorted by x, rows without an x left out, and what is not finite as a gap. */
export function curveData(
  x: readonly (number | null)[],
  series: readonly Series[],
): [number[], ...(number | null)[][]] {
  const order = x
    .map((value, index) => ({ value: finite(value), index }))
    .flatMap(({ value, index }) => (value === null ? [] : [{ value, index }]))
    .sort((a, b) => a.value - b.value);
  return [
    order.map(({ value }) => value),
    ...series.map(({ values }) => order.map(({ index }) => finite(values[index]))),
  ];
}

/** Every value is positive and they span more than two decades. */
export function usesLogarithm(series: readonly Series[]): boolean {
  let low = Number.POSITIVE_INFINITY;
  let high = 0;
  for (const { values } of series)
    for (const value of values) {
      if (value === null || !Number.isFinite(value)) continue;
      if (value <= 0) return false;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  return high > 100 * low;
}
