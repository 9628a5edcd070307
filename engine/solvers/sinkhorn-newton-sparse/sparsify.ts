/** The large entries of a plan as a sparse matrix (Tang et al. 2024, Algorithm 2). */
import type { CsrMatrix } from '../../linear/csr.ts';

/** k-th largest value (k from 1) of `values`, by quickselect on a copy; O(length). */
export function kthLargest(values: Float64Array, k: number): number {
  const work = Float64Array.from(values);
  let low = 0;
  let high = work.length - 1;
  const target = k - 1;
  while (low < high) {
    // Median of three against sorted input.
    const middle = (low + high) >>> 1;
    const [a, b, c] = [work[low], work[middle], work[high]];
    const pivot = a > b ? (b > c ? b : a > c ? c : a) : a > c ? a : b > c ? c : b;
    let [i, j] = [low, high];
    while (i <= j) {
      while (work[i] > pivot) i++;
      while (work[j] < pivot) j--;
      if (i <= j) {
        [work[i], work[j]] = [work[j], work[i]];
        i++;
        j--;
      }
    }
    if (target <= j) high = j;
    else if (target >= i) low = i;
    else return work[target];
  }
  return work[target];
}

/** The k largest entries of plan [n, m], k = ⌈fraction·n·m⌉; of equal ones at the limit the first in row order. */
export function sparsify(plan: Float64Array, n: number, m: number, fraction: number): CsrMatrix {
  const kept = Math.min(n * m, Math.max(1, Math.ceil(fraction * n * m)));
  const limit = kthLargest(plan, kept);
  let above = 0;
  for (let at = 0; at < plan.length; at++) if (plan[at] > limit) above++;
  let ties = kept - above;
  const rowStart = new Uint32Array(n + 1);
  const column = new Uint32Array(kept);
  const value = new Float64Array(kept);
  let count = 0;
  for (let i = 0, at = 0; i < n; i++) {
    for (let j = 0; j < m; j++, at++) {
      const entry = plan[at];
      if (entry < limit || (entry === limit && ties-- <= 0)) continue;
      column[count] = j;
      value[count++] = entry;
    }
    rowStart[i + 1] = count;
  }
  return { rows: n, columns: m, rowStart, column, value };
}

/** Smallest fraction of the entries that holds `share` of the mass. */
export function massFraction(plan: Float64Array, share: number): number {
  const sorted = Float64Array.from(plan).sort();
  let total = 0;
  for (const value of sorted) total += value;
  let held = 0;
  for (let k = sorted.length - 1; k >= 0; k--) {
    held += sorted[k];
    if (held >= share * total) return (sorted.length - k) / sorted.length;
  }
  return 1;
}
