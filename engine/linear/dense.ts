/**
 * Small dense Hermitian algebra in float64, for matrices up to a few hundred rows. Matrices are row-major [n, n],
 * complex entries interleaved (re, im). Eigenvalues: Householder reduction to a real tridiagonal matrix, implicit QL
 * with Wilkinson shifts, back-transformation (J. H. Wilkinson, C. Reinsch, "Linear Algebra", 1971, contributions II/1
 * to II/3; G. H. Golub, C. F. Van Loan, "Matrix Computations", chapter 8). About 9 n³ complex operations.
 */
import { check, EngineError } from '../errors.ts';
import { tridiagonalEigen } from './tridiagonal-eigen.ts';

type Complex = Float32Array | Float64Array;

function checkSquare(a: ArrayLike<number>, n: number, perEntry: number): void {
  check(
    Number.isInteger(n) && n >= 0 && a.length === perEntry * n * n,
    () =>
      `${n}×${n} ${perEntry === 2 ? 'complex' : 'real'} matrix needs ${perEntry * n * n} numbers, found ${a.length}`,
    { code: 'mismatch' },
  );
  for (let i = 0; i < a.length; i++)
    check(Number.isFinite(a[i]), () => `matrix entry ${i} is ${a[i]}`, { code: 'numerical' });
}

export interface HermitianEigen {
  /** Descending. */
  values: Float64Array;
  /** Complex [n, n], interleaved; column k belongs to values[k]: vectors[2 (i n + k)] is Re of its entry i. */
  vectors: Float64Array;
}

/**
 * A V = V Λ with VᴴV = I for a Hermitian matrix; only its lower triangle is read, the imaginary parts of the diagonal
 * are ignored. Errors: `mismatch` for a wrong size, `numerical` for non-finite entries.
 */
export function hermitianEigen(matrix: Complex, n: number): HermitianEigen {
  checkSquare(matrix, n, 2);
  const a = Float64Array.from(matrix);
  for (let i = 0; i < n; i++) {
    a[2 * (i * n + i) + 1] = 0;
    for (let j = 0; j < i; j++) {
      a[2 * (j * n + i)] = a[2 * (i * n + j)];
      a[2 * (j * n + i) + 1] = -a[2 * (i * n + j) + 1];
    }
  }
  const reflectors = reduce(a, n);
  const diagonal = new Float64Array(n);
  const off = new Float64Array(Math.max(0, n - 1));
  // T = Dᴴ A' D with |D| = 1 makes the subdiagonal real
  const phases = new Float64Array(2 * n);
  if (n > 0) phases[0] = 1;
  for (let i = 0; i < n; i++) {
    diagonal[i] = a[2 * (i * n + i)];
    if (i + 1 === n) break;
    const re = a[2 * ((i + 1) * n + i)];
    const im = a[2 * ((i + 1) * n + i) + 1];
    off[i] = Math.hypot(re, im);
    const c = off[i] > 0 ? re / off[i] : 1;
    const s = off[i] > 0 ? im / off[i] : 0;
    phases[2 * i + 2] = c * phases[2 * i] - s * phases[2 * i + 1];
    phases[2 * i + 3] = c * phases[2 * i + 1] + s * phases[2 * i];
  }
  const { values, rows } = tridiagonalEigen(diagonal, off);

  const vectors = new Float64Array(2 * n * n);
  for (let i = 0; i < n; i++)
    for (let k = 0; k < n; k++) {
      vectors[2 * (i * n + k)] = phases[2 * i] * rows[k * n + i];
      vectors[2 * (i * n + k) + 1] = phases[2 * i + 1] * rows[k * n + i];
    }
  const projection = new Float64Array(2 * n);
  for (let k = reflectors.length - 1; k >= 0; k--) reflect(vectors, n, k + 1, reflectors[k], projection);
  return { values, vectors };
}

/** V ← (I − 2 v vᴴ) V, v non-zero from row `first`. */
function reflect(vectors: Float64Array, n: number, first: number, v: Float64Array, projection: Float64Array): void {
  if (v.length === 0) return;
  projection.fill(0);
  for (let i = first; i < n; i++) {
    const re = v[2 * (i - first)];
    const im = v[2 * (i - first) + 1];
    for (let k = 0, at = 2 * i * n; k < 2 * n; k += 2, at += 2) {
      projection[k] += re * vectors[at] + im * vectors[at + 1];
      projection[k + 1] += re * vectors[at + 1] - im * vectors[at];
    }
  }
  for (let i = first; i < n; i++) {
    const re = 2 * v[2 * (i - first)];
    const im = 2 * v[2 * (i - first) + 1];
    for (let k = 0, at = 2 * i * n; k < 2 * n; k += 2, at += 2) {
      vectors[at] -= re * projection[k] - im * projection[k + 1];
      vectors[at + 1] -= re * projection[k + 1] + im * projection[k];
    }
  }
}

/**
 * Reduces a to tridiagonal form in place by A ← H A H, H = I − 2 v vᴴ, one column after another. Returns the unit
 * vectors v, that of column k acting on rows k + 1 …; an empty one where the column was in form already.
 */
function reduce(a: Float64Array, n: number): Float64Array[] {
  const reflectors: Float64Array[] = [];
  for (let k = 0; k + 2 < n; k++) {
    const m = n - k - 1;
    const v = new Float64Array(2 * m);
    let below = 0;
    for (let i = 0; i < m; i++) {
      v[2 * i] = a[2 * ((k + 1 + i) * n + k)];
      v[2 * i + 1] = a[2 * ((k + 1 + i) * n + k) + 1];
      if (i > 0) below += v[2 * i] ** 2 + v[2 * i + 1] ** 2;
    }
    if (below === 0) {
      reflectors.push(new Float64Array(0));
      continue;
    }
    const head = Math.hypot(v[0], v[1]);
    const length = Math.sqrt(head * head + below);
    // the reflected column is α e₁ with the phase opposite to v₀, so that v₀ − α does not cancel
    const alphaRe = head > 0 ? (-length * v[0]) / head : -length;
    const alphaIm = head > 0 ? (-length * v[1]) / head : 0;
    v[0] -= alphaRe;
    v[1] -= alphaIm;
    const scale = 1 / Math.sqrt(v[0] * v[0] + v[1] * v[1] + below);
    for (let i = 0; i < 2 * m; i++) v[i] *= scale;
    rankTwoUpdate(a, n, k + 1, v);
    a[2 * ((k + 1) * n + k)] = alphaRe;
    a[2 * ((k + 1) * n + k) + 1] = alphaIm;
    reflectors.push(v);
  }
  return reflectors;
}

/** Trailing block ← block − 2 v wᴴ − 2 w vᴴ, p = block · v, w = p − (vᴴp) v. */
function rankTwoUpdate(a: Float64Array, n: number, first: number, v: Float64Array): void {
  const m = v.length / 2;
  const w = new Float64Array(2 * m);
  let overlap = 0;
  for (let i = 0; i < m; i++) {
    let re = 0;
    let im = 0;
    for (let j = 0, at = 2 * ((first + i) * n + first); j < 2 * m; j += 2, at += 2) {
      re += a[at] * v[j] - a[at + 1] * v[j + 1];
      im += a[at] * v[j + 1] + a[at + 1] * v[j];
    }
    w[2 * i] = re;
    w[2 * i + 1] = im;
    overlap += v[2 * i] * re + v[2 * i + 1] * im;
  }
  for (let i = 0; i < 2 * m; i++) w[i] -= overlap * v[i];
  for (let i = 0; i < m; i++) {
    const vr = 2 * v[2 * i];
    const vi = 2 * v[2 * i + 1];
    const wr = 2 * w[2 * i];
    const wi = 2 * w[2 * i + 1];
    for (let j = 0, at = 2 * ((first + i) * n + first); j < 2 * m; j += 2, at += 2) {
      a[at] -= vr * w[j] + vi * w[j + 1] + wr * v[j] + wi * v[j + 1];
      a[at + 1] -= vi * w[j] - vr * w[j + 1] + wi * v[j] - wr * v[j + 1];
    }
  }
}

/** Eigenvalues (descending) and orthonormal eigenvectors (columns of [n, n]) of a real symmetric matrix. */
export function symmetricEigen(
  matrix: Float32Array | Float64Array,
  n: number,
): { values: Float64Array; vectors: Float64Array } {
  checkSquare(matrix, n, 1);
  const complex = new Float64Array(2 * n * n);
  for (let i = 0; i < n * n; i++) complex[2 * i] = matrix[i];
  const { values, vectors } = hermitianEigen(complex, n);
  return { values, vectors: Float64Array.from({ length: n * n }, (_, i) => vectors[2 * i]) };
}

/**
 * L with L Lᴴ = A, lower triangular with a positive diagonal, complex [n, n]; only A's lower triangle is read.
 * Errors: `numerical` naming the pivot when A is not positive definite.
 */
export function choleskyLower(matrix: Complex, n: number): Float64Array {
  checkSquare(matrix, n, 2);
  const l = new Float64Array(2 * n * n);
  for (let j = 0; j < n; j++)
    for (let i = j; i < n; i++) {
      let re = matrix[2 * (i * n + j)];
      let im = matrix[2 * (i * n + j) + 1];
      for (let k = 0, p = 2 * i * n, q = 2 * j * n; k < j; k++, p += 2, q += 2) {
        re -= l[p] * l[q] + l[p + 1] * l[q + 1];
        im -= l[p + 1] * l[q] - l[p] * l[q + 1];
      }
      if (i === j) {
        if (!(re > 0))
          throw new EngineError('numerical', `matrix is not positive definite: pivot ${j} of ${n} is ${re}`, {
            hint: 'add a small multiple of the identity, or remove dependent channels',
          });
        l[2 * (j * n + j)] = Math.sqrt(re);
      } else {
        const pivot = l[2 * (j * n + j)];
        l[2 * (i * n + j)] = re / pivot;
        l[2 * (i * n + j) + 1] = im / pivot;
      }
    }
  return l;
}

/** Solves L X = B in place for complex B [n, columns], and returns it. */
export function solveLower(l: Float64Array, n: number, b: Float64Array, columns = 1): Float64Array {
  check(b.length === 2 * n * columns, () => `right-hand side of ${b.length} numbers for ${n}×${columns} complex`, {
    code: 'mismatch',
  });
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) subtract(b, i, k, l[2 * (i * n + k)], l[2 * (i * n + k) + 1], columns);
    divide(b, i, l[2 * (i * n + i)], columns);
  }
  return b;
}

/** Solves Lᴴ X = B in place, and returns it. */
export function solveLowerAdjoint(l: Float64Array, n: number, b: Float64Array, columns = 1): Float64Array {
  check(b.length === 2 * n * columns, () => `right-hand side of ${b.length} numbers for ${n}×${columns} complex`, {
    code: 'mismatch',
  });
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) subtract(b, i, k, l[2 * (k * n + i)], -l[2 * (k * n + i) + 1], columns);
    divide(b, i, l[2 * (i * n + i)], columns);
  }
  return b;
}

/** Row i ← row i − c · row k. */
function subtract(b: Float64Array, i: number, k: number, re: number, im: number, columns: number): void {
  for (let c = 0, p = 2 * i * columns, q = 2 * k * columns; c < columns; c++, p += 2, q += 2) {
    b[p] -= re * b[q] - im * b[q + 1];
    b[p + 1] -= re * b[q + 1] + im * b[q];
  }
}

function divide(b: Float64Array, i: number, pivot: number, columns: number): void {
  for (let p = 2 * i * columns; p < 2 * (i + 1) * columns; p++) b[p] /= pivot;
}
