/**
 * Eigenvalues and eigenvectors of a real symmetric tridiagonal matrix by QL iterations with implicit Wilkinson shifts
 * (H. Bowdler, R. S. Martin, C. Reinsch, J. H. Wilkinson, 1968; Golub and Van Loan, section 8.3.5).
 */
import { EngineError } from '../errors.ts';

/** Iterations per eigenvalue; two or three are usual. */
const LIMIT = 60;

/**
 * diagonal: n numbers, off: the n − 1 beside it. Returns eigenvalues, descending, and the matrix [n, n] whose row k is
 * the unit eigenvector of value k. Errors: `numerical` when an eigenvalue does not converge.
 */
export function tridiagonalEigen(
  diagonal: Float64Array,
  off: Float64Array,
): { values: Float64Array; rows: Float64Array } {
  const n = diagonal.length;
  const d = diagonal.slice();
  const e = new Float64Array(n);
  e.set(off);
  const z = new Float64Array(n * n);
  for (let i = 0; i < n; i++) z[i * n + i] = 1;
  // What rounding alone leaves beside the diagonal; between eigenvalues of zero no smaller measure would ever be met.
  let norm = 0;
  for (let i = 0; i < n; i++) norm = Math.max(norm, Math.abs(d[i]) + Math.abs(e[i]));
  const negligible = Number.EPSILON * norm;
  for (let l = 0; l < n; l++)
    for (let iteration = 0; ; iteration++) {
      let m = l;
      while (m + 1 < n && Math.abs(e[m]) > negligible) m++;
      if (m === l) break;
      if (iteration === LIMIT)
        throw new EngineError('numerical', `eigenvalue ${l} of ${n} has not converged in ${LIMIT} iterations`);
      sweep(d, e, z, n, l, m);
    }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => d[j] - d[i]);
  const values = new Float64Array(n);
  const rows = new Float64Array(n * n);
  order.forEach((from, k) => {
    values[k] = d[from];
    rows.set(z.subarray(from * n, (from + 1) * n), k * n);
  });
  return { values, rows };
}

/** One implicit QL sweep on the unreduced block l … m; e[i] couples i and i + 1, eigenvectors are the rows of z. */
function sweep(d: Float64Array, e: Float64Array, z: Float64Array, n: number, l: number, m: number): void {
  const half = (d[l + 1] - d[l]) / (2 * e[l]);
  const root = Math.hypot(half, 1);
  let g = d[m] - d[l] + e[l] / (half + (half >= 0 ? root : -root));
  let s = 1;
  let c = 1;
  let p = 0;
  for (let i = m - 1; i >= l; i--) {
    const f = s * e[i];
    const b = c * e[i];
    const r = Math.hypot(f, g);
    e[i + 1] = r;
    if (r === 0) {
      // the block fell apart in the middle: finish this part and let the caller split it
      d[i + 1] -= p;
      e[m] = 0;
      return;
    }
    s = f / r;
    c = g / r;
    g = d[i + 1] - p;
    const t = (d[i] - g) * s + 2 * c * b;
    p = s * t;
    d[i + 1] = g + p;
    g = c * t - b;
    const upper = i * n;
    const lower = upper + n;
    for (let k = 0; k < n; k++) {
      const high = z[lower + k];
      const low = z[upper + k];
      z[lower + k] = s * low + c * high;
      z[upper + k] = c * low - s * high;
    }
  }
  d[l] -= p;
  e[l] = g;
  e[m] = 0;
}
