/** How well a number tells two groups apart. */
import { check } from '../../errors.ts';

/**
 * Area under the receiver operating characteristic: the chance that a random member of `high` scores above a random one
 * of `low`, ties counting half (Mann–Whitney U over the product of the sizes). Throws `bad-input` when a group is empty
 * or holds NaN.
 */
export function areaUnderCurve(high: readonly number[], low: readonly number[]): number {
  check(high.length > 0 && low.length > 0, () => `a comparison of ${high.length} with ${low.length} scores`);
  const all = [...high.map((score) => ({ score, up: true })), ...low.map((score) => ({ score, up: false }))];
  check(!all.some(({ score }) => Number.isNaN(score)), () => 'a score is not a number');
  all.sort((a, b) => a.score - b.score);
  let ranks = 0;
  for (let from = 0; from < all.length; ) {
    let to = from;
    let up = 0;
    while (to < all.length && all[to].score === all[from].score) if (all[to++].up) up++;
    // Equal scores share the mean of their ranks from + 1 … to.
    ranks += up * ((from + 1 + to) / 2);
    from = to;
  }
  return (ranks - (high.length * (high.length + 1)) / 2) / (high.length * low.length);
}
