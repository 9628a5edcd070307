/** Cholesky factors of real symmetric positive definite matrices, row-major [n, n]. */
import { EngineError } from '../../errors.ts';

/** Row i of L from the rows before it; reads the lower triangle of A. Throws `numerical` naming the pivot. */
export function choleskyRow(l: Float64Array, matrix: Float64Array, n: number, i: number): void {
  for (let j = 0; j <= i; j++) {
    let sum = matrix[i * n + j];
    for (let k = 0, p = i * n, q = j * n; k < j; k++, p++, q++) sum -= l[p] * l[q];
    if (i > j) l[i * n + j] = sum / l[j * n + j];
    else if (sum > 0) l[i * n + i] = Math.sqrt(sum);
    else throw new EngineError('numerical', `matrix is not positive definite: pivot ${i} of ${n} is ${sum}`);
  }
}

/** Lower L with L Lᵀ = A. */
export function cholesky(matrix: Float64Array, n: number): Float64Array {
  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i++) choleskyRow(l, matrix, n, i);
  return l;
}

/** b ← L⁻¹ b. */
export function solveLower(l: Float64Array, n: number, b: Float64Array): Float64Array {
  for (let i = 0; i < n; i++) {
    let sum = b[i];
    for (let k = 0, p = i * n; k < i; k++, p++) sum -= l[p] * b[k];
    b[i] = sum / l[i * n + i];
  }
  return b;
}

/** b ← L⁻ᵀ b. */
export function solveUpper(l: Float64Array, n: number, b: Float64Array): Float64Array {
  for (let i = n - 1; i >= 0; i--) {
    const value = b[i] / l[i * n + i];
    b[i] = value;
    for (let k = 0, p = i * n; k < i; k++, p++) b[k] -= l[p] * value;
  }
  return b;
}

/** L⁻¹, lower triangular. */
export function invertLower(l: Float64Array, n: number): Float64Array {
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const row = i * n;
    inverse[row + i] = 1;
    for (let k = 0; k < i; k++) {
      const factor = l[row + k];
      for (let j = 0, q = k * n; j <= k; j++, q++) inverse[row + j] -= factor * inverse[q];
    }
    for (let j = 0; j <= i; j++) inverse[row + j] /= l[row + i];
  }
  return inverse;
}
