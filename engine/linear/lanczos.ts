/**
 * Extreme eigenvalues of a large real symmetric operator with their vectors: banded Lanczos (A. Ruhe, Math. Comp. 33, 1979)
 * with full reorthogonalisation. It starts from a block of vectors, so that an eigenvalue repeated up to `block` times is
 * found that many times; one vector alone would find one copy.
 */
import { createRandom } from '../arrays/random.ts';
import { checkpoint, type RunContext } from '../context.ts';
import { check, EngineError } from '../errors.ts';
import { symmetricEigen } from './dense.ts';

export interface LanczosOptions {
  /** Default largest. Values are taken with their sign. */
  end?: 'largest' | 'smallest';
  /** Start vectors; default: count + 2, at most 12. */
  block?: number;
  /** Residual ‖A v − λ v‖ to stop at, relative to the largest |λ| seen; default 1e-10. */
  tolerance?: number;
  /** Products with A at most; default n, at which the answer is exact. */
  steps?: number;
  /** True: after `steps` the values reached are given, converged or not. Default: that is an error. */
  acceptUnconverged?: boolean;
  /** Of the start vectors; default 0. */
  seed?: number;
  context?: Pick<RunContext, 'signal'>;
}

export interface LanczosResult {
  /** [count]: descending from the largest, or ascending from the smallest. */
  values: Float64Array;
  /** [count, n]: row l, of length 1, belongs to values[l]. */
  vectors: Float64Array;
  /** Products with A. */
  steps: number;
  /** Largest ‖A v − λ v‖ of the pairs returned. */
  residual: number;
}

/**
 * `apply`: out ← A x, A symmetric [n, n]. Throws `bad-usage` unless 1 ≤ count ≤ n, `numerical` when A gives values that are
 * not finite or when `steps` do not suffice.
 */
export async function lanczos(
  apply: (x: Float64Array, out: Float64Array) => void,
  n: number,
  count: number,
  options: LanczosOptions = {},
): Promise<LanczosResult> {
  check(Number.isInteger(count) && count >= 1 && count <= n, () => `${count} eigenvalues of ${n}: expected 1 to ${n}`, {
    code: 'bad-usage',
  });
  const { end = 'largest', tolerance = 1e-10, seed = 0, context } = options;
  const most = Math.min(n, Math.max(count, options.steps ?? n));
  const block = Math.min(n, options.block ?? Math.min(12, count + 2));
  const random = createRandom(seed);
  const basis: Float64Array[] = [];
  /** Column j: ⟨v_i, A v_j⟩ for the i there were when it was made. */
  const columns: Float64Array[] = [];
  /** Length of the vector's part outside the basis, which joins it; 0 when there is none. */
  const append = (vector: Float64Array, scale: number) => {
    const length = orthogonalise(vector, basis);
    // What is left of a vector inside the space of the basis is rounding.
    if (!(length > 1e-13 * scale)) return 0;
    for (let i = 0; i < n; i++) vector[i] /= length;
    basis.push(vector);
    return length;
  };
  const appendRandom = () => {
    for (let attempt = 0; attempt < 5 && basis.length < n; attempt++)
      if (
        append(
          Float64Array.from({ length: n }, () => random.normal()),
          Math.sqrt(n),
        ) > 0
      )
        return;
  };
  for (let i = 0; i < block; i++) appendRandom();
  let scale = 0;
  let nextCheck = Math.min(most, Math.max(2 * count, 3 * block, 10));
  for (let j = 0; ; ) {
    if (j % 4 === 0 && context !== undefined) await checkpoint(context);
    if (j === basis.length) appendRandom();
    const image = new Float64Array(n);
    apply(basis[j], image);
    const norm = Math.sqrt(dot(image, image));
    if (!Number.isFinite(norm)) throw new EngineError('numerical', `Lanczos step ${j} gave values that are not finite`);
    scale = Math.max(scale, norm);
    const column = new Float64Array(basis.length + 1);
    for (const [i, vector] of basis.entries()) column[i] = dot(vector, image);
    if (basis.length < n) column[column.length - 1] = append(image, scale);
    columns.push(column);
    j++;
    if (j < nextCheck && j < most) continue;
    nextCheck = Math.min(most, Math.ceil(1.3 * j));
    const { values, vectors } = ritz(columns, j);
    const chosen = Array.from({ length: Math.min(count, j) }, (_, l) => (end === 'largest' ? l : j - 1 - l));
    let residual = 0;
    for (const l of chosen) residual = Math.max(residual, residualOf(columns, vectors, j, l));
    const converged = residual <= tolerance * Math.max(scale, 1e-300);
    if (!converged && j < most) continue;
    if (!converged && j < n && !options.acceptUnconverged)
      throw new EngineError(
        'numerical',
        `${count} eigenvalues of ${n} have not converged in ${j} steps: residual ${residual.toExponential(1)}`,
      );
    const result = new Float64Array(count * n);
    for (const [row, l] of chosen.entries()) {
      const out = result.subarray(row * n, (row + 1) * n);
      for (let c = 0; c < j; c++) {
        const factor = vectors[c * j + l];
        const vector = basis[c];
        for (let i = 0; i < n; i++) out[i] += factor * vector[i];
      }
    }
    return { values: Float64Array.from(chosen, (l) => values[l]), vectors: result, steps: j, residual };
  }
}

function ritz(columns: readonly Float64Array[], j: number) {
  const projected = new Float64Array(j * j);
  for (let c = 0; c < j; c++)
    for (let r = 0; r <= c; r++) {
      const value = r < columns[c].length ? columns[c][r] : 0;
      projected[r * j + c] = value;
      projected[c * j + r] = value;
    }
  return symmetricEigen(projected, j);
}

/** Length of what A sends a Ritz vector to outside the vectors used. */
function residualOf(columns: readonly Float64Array[], vectors: Float64Array, j: number, l: number): number {
  let last = j;
  for (let c = 0; c < j; c++) last = Math.max(last, columns[c].length);
  let sum = 0;
  for (let r = j; r < last; r++) {
    let entry = 0;
    for (let c = 0; c < j; c++) if (r < columns[c].length) entry += columns[c][r] * vectors[c * j + l];
    sum += entry * entry;
  }
  return Math.sqrt(sum);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** x ← its part orthogonal to an orthonormal basis, in two passes; the length of it. */
function orthogonalise(x: Float64Array, basis: readonly Float64Array[]): number {
  for (let pass = 0; pass < 2; pass++)
    for (const vector of basis) {
      const overlap = dot(vector, x);
      for (let i = 0; i < x.length; i++) x[i] -= overlap * vector[i];
    }
  return Math.sqrt(dot(x, x));
}
