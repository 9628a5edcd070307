/** Dense real symmetric positive definite matrices in float64, row-major [n, n]: factor, solve, invert. */
import { checkpoint, type RunContext } from '../context.ts';
import { EngineError } from '../errors.ts';
import { symmetricProduct, transposed } from './dense-product.ts';

type Interruptible = Pick<RunContext, 'signal'>;

/** Multiplications between two polls of the context. */
const perCheckpoint = 3e7;

/**
 * L with L Lᵀ = A, lower triangular, zeros above; only A's lower triangle is read.
 * Throws `numerical` naming the pivot when A is not positive definite.
 */
export async function cholesky(a: Float64Array, n: number, context?: Interruptible): Promise<Float64Array> {
  const l = new Float64Array(n * n);
  let done = 0;
  for (let i = 0; i < n; i++) {
    const row = i * n;
    for (let j = 0; j <= i; j++) {
      const rest = a[row + j] - dotRows(l, row, j * n, j);
      if (j < i) l[row + j] = rest / l[j * n + j];
      else if (rest > 0) l[row + i] = Math.sqrt(rest);
      else throw new EngineError('numerical', `pivot ${i} of ${n} is ${rest}: the matrix is not positive definite`);
    }
    done += (i * i) / 2;
    if (done > perCheckpoint && context !== undefined) {
      done = 0;
      await checkpoint(context);
    }
  }
  return l;
}

/** Σ_{k < length} l[p + k] l[q + k], four sums side by side. */
function dotRows(l: Float64Array, p: number, q: number, length: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let k = 0;
  for (; k + 3 < length; k += 4) {
    s0 += l[p + k] * l[q + k];
    s1 += l[p + k + 1] * l[q + k + 1];
    s2 += l[p + k + 2] * l[q + k + 2];
    s3 += l[p + k + 3] * l[q + k + 3];
  }
  for (; k < length; k++) s0 += l[p + k] * l[q + k];
  return s0 + s1 + (s2 + s3);
}

/** X ← (L Lᵀ)⁻¹ X in place for X [n, columns]. */
export function solveCholesky(l: Float64Array, n: number, x: Float64Array, columns = 1): Float64Array {
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) subtractRow(x, i, k, l[i * n + k], columns);
    for (let c = 0; c < columns; c++) x[i * columns + c] /= l[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let c = 0; c < columns; c++) x[i * columns + c] /= l[i * n + i];
    for (let k = 0; k < i; k++) subtractRow(x, k, i, l[i * n + k], columns);
  }
  return x;
}

function subtractRow(x: Float64Array, to: number, from: number, factor: number, columns: number): void {
  if (factor === 0) return;
  for (let c = 0, p = to * columns, q = from * columns; c < columns; c++) x[p + c] -= factor * x[q + c];
}

/**
 * A⁻¹, exactly symmetric. Where no entry off A's diagonal is positive (a graph Laplacian plus a diagonal), L⁻¹ has no negative
 * entry and neither has A⁻¹: nothing cancels, and the smallest entries are as accurate as the largest.
 */
export async function invertPositiveDefinite(
  a: Float64Array,
  n: number,
  context?: Interruptible,
): Promise<Float64Array> {
  const l = await cholesky(a, n, context);
  const inverse = new Float64Array(n * n);
  let done = 0;
  for (let i = 0; i < n; i++) {
    const row = inverse.subarray(i * n, i * n + i + 1);
    for (let k = 0; k < i; k++) {
      const factor = l[i * n + k];
      if (factor === 0) continue;
      for (let c = 0, q = k * n; c <= k; c++) row[c] -= factor * inverse[q + c];
    }
    row[i] = 1;
    const pivot = l[i * n + i];
    for (let c = 0; c <= i; c++) row[c] /= pivot;
    done += (i * i) / 2;
    if (done > perCheckpoint && context !== undefined) {
      done = 0;
      await checkpoint(context);
    }
  }
  const upper = transposed(inverse, n, n);
  return symmetricProduct(upper, upper, n, n, context);
}
