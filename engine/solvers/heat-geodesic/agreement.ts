/** How estimated distances agree with true ones, row by row and averaged over rows; diagonals count as 0. */
import { checkpoint, type RunContext } from '../../context.ts';

export interface Agreement {
  pearson: number;
  spearman: number;
}

export async function rowAgreement(
  estimate: Float64Array,
  truth: Float64Array,
  n: number,
  context: Pick<RunContext, 'signal'>,
): Promise<Agreement> {
  const order = new Uint32Array(n);
  const [a, b, rankA, rankB] = [0, 1, 2, 3].map(() => new Float64Array(n));
  let [pearson, spearman] = [0, 0];
  for (let i = 0; i < n; i++) {
    if (i % 64 === 63) await checkpoint(context);
    a.set(estimate.subarray(i * n, (i + 1) * n));
    b.set(truth.subarray(i * n, (i + 1) * n));
    a[i] = 0;
    b[i] = 0;
    ranks(a, order, rankA);
    ranks(b, order, rankB);
    pearson += correlation(a, b) / n;
    spearman += correlation(rankA, rankB) / n;
  }
  return { pearson, spearman };
}

/** Row-wise Pearson correlation alone. */
export async function rowPearson(
  estimate: Float64Array,
  truth: Float64Array,
  n: number,
  context: Pick<RunContext, 'signal'>,
): Promise<number> {
  let sum = 0;
  for (let i = 0; i < n; i++) {
    if (i % 512 === 511) await checkpoint(context);
    const [a, b] = [estimate, truth].map((d) => {
      const row = d.slice(i * n, (i + 1) * n);
      row[i] = 0;
      return row;
    });
    sum += correlation(a, b) / n;
  }
  return sum;
}

/** 0 where one of the two does not vary. */
export function correlation(a: Float64Array, b: Float64Array): number {
  const n = a.length;
  let [meanA, meanB] = [0, 0];
  for (let i = 0; i < n; i++) {
    meanA += a[i] / n;
    meanB += b[i] / n;
  }
  let [both, ofA, ofB] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    both += (a[i] - meanA) * (b[i] - meanB);
    ofA += (a[i] - meanA) ** 2;
    ofB += (b[i] - meanB) ** 2;
  }
  return ofA > 0 && ofB > 0 ? both / Math.sqrt(ofA * ofB) : 0;
}

/** out ← ranks from 0, equal values at the mean of theirs. */
function ranks(values: Float64Array, order: Uint32Array, out: Float64Array): void {
  const n = values.length;
  for (let i = 0; i < n; i++) order[i] = i;
  order.sort((p, q) => values[p] - values[q]);
  for (let first = 0; first < n; ) {
    let last = first;
    while (last + 1 < n && values[order[last + 1]] === values[order[first]]) last++;
    for (let r = first; r <= last; r++) out[order[r]] = (first + last) / 2;
    first = last + 1;
  }
}

/** Share of each point's `count` nearest by truth that are among its `count` nearest by estimate; ties by index. */
export async function precisionAt(
  count: number,
  estimate: Float64Array,
  truth: Float64Array,
  n: number,
  context: Pick<RunContext, 'signal'>,
): Promise<number> {
  const others = Math.min(count, n - 1);
  let shared = 0;
  for (let i = 0; i < n; i++) {
    if (i % 64 === 63) await checkpoint(context);
    const nearest = (d: Float64Array) =>
      Array.from({ length: n }, (_, j) => j)
        .filter((j) => j !== i)
        .sort((p, q) => d[i * n + p] - d[i * n + q] || p - q)
        .slice(0, others);
    const found = new Set(nearest(estimate));
    for (const j of nearest(truth)) if (found.has(j)) shared++;
  }
  return shared / (n * others);
}

/** min over c of ‖c d − g‖ / ‖g‖, Frobenius norms. */
export function relativeDifference(estimate: Float64Array, truth: Float64Array, n: number): number {
  let [both, own, total] = [0, 0, 0];
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      if (i === j) continue;
      const [d, g] = [estimate[i * n + j], truth[i * n + j]];
      both += d * g;
      own += d * d;
      total += g * g;
    }
  if (!(total > 0)) return 0;
  return Math.sqrt(Math.max(0, 1 - (own > 0 ? (both * both) / (own * total) : 0)));
}
