/** Where a score lies among scores of held-out images of the training's kind. */
import { quantile } from '../../arrays/statistics.ts';

/** Quantiles kept: 0 %, 1 %, … 100 %. */
export const quantileCount = 101;

export function quantilesOf(scores: readonly number[]): Float32Array {
  const values = Float64Array.from(scores);
  return Float32Array.from({ length: quantileCount }, (_, i) => quantile(values, i / (quantileCount - 1)));
}

/** Percentile of a score, 0 to 100, linear between the kept quantiles. */
export function percentileOf(quantiles: Float32Array, score: number): number {
  const last = quantiles.length - 1;
  if (!(score > quantiles[0])) return 0;
  if (score >= quantiles[last]) return 100;
  let k = 0;
  while (quantiles[k + 1] <= score) k++;
  return (100 * (k + (score - quantiles[k]) / (quantiles[k + 1] - quantiles[k]))) / last;
}
