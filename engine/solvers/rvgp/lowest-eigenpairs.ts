/**
 * Smallest eigenvalues of a symmetric positive semidefinite sparse matrix with their vectors. Up to 1000 rows by reduction to
 * tridiagonal form and QL; above by subspace iteration under a Chebyshev filter (Y. Zhou, Y. Saad, M. Tiago, J. Chelikowsky,
 * J. Comput. Phys. 219, 2006), which finds every copy of a repeated eigenvalue, as a Lanczos run from one vector does not.
 */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { createRandom } from '../../arrays/random.ts';
import { checkpoint, type RunContext } from '../../context.ts';
import { EngineError } from '../../errors.ts';
import type { CsrMatrix } from '../../linear/csr.ts';

export interface Eigenpairs {
  /** Ascending. */
  values: Float64Array;
  /** [n, count]: column l belongs to values[l]. */
  vectors: Float64Array;
  count: number;
}

export const largestDense = 1000;

/** `bound`: at least the largest eigenvalue. */
export async function lowestEigenpairs(
  matrix: CsrMatrix,
  count: number,
  bound: number,
  context: RunContext,
): Promise<Eigenpairs> {
  await checkpoint(context);
  return matrix.rows <= largestDense || 3 * count >= matrix.rows
    ? dense(matrix, count)
    : filtered(matrix, count, bound, context);
}

function dense({ rows, rowStart, column, value }: CsrMatrix, count: number): Eigenpairs {
  const full = Matrix.zeros(rows, rows);
  for (let i = 0; i < rows; i++) for (let k = rowStart[i]; k < rowStart[i + 1]; k++) full.set(i, column[k], value[k]);
  return smallest(full, count);
}

function smallest(matrix: Matrix, count: number): Eigenpairs {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
  const order = realEigenvalues.map((_, l) => l).sort((a, b) => realEigenvalues[a] - realEigenvalues[b]);
  const vectors = new Float64Array(matrix.rows * count);
  for (let i = 0; i < matrix.rows; i++)
    for (let l = 0; l < count; l++) vectors[i * count + l] = eigenvectorMatrix.get(i, order[l]);
  return { values: Float64Array.from({ length: count }, (_, l) => realEigenvalues[order[l]]), vectors, count };
}

const filterDegree = 40;
const longest = 60;

async function filtered(matrix: CsrMatrix, count: number, bound: number, context: RunContext): Promise<Eigenpairs> {
  const n = matrix.rows;
  const width = Math.min(n, count + Math.max(12, Math.ceil(count / 5)));
  const random = createRandom(0);
  let basis: Float64Array = Float64Array.from({ length: n * width }, () => random.normal());
  // A first guess; then the largest Ritz value of the subspace.
  let cut = bound / 4;
  let floor = 0;
  const image = new Float64Array(n * width);
  for (let round = 0; round < longest; round++) {
    basis = await filter(matrix, basis, width, cut, floor, bound, context);
    await orthonormalise(basis, n, width, context);
    multiply(matrix, basis, image, width);
    const small = Matrix.zeros(width, width);
    for (let i = 0; i < n; i++) {
      if (i % 512 === 511) await checkpoint(context);
      for (let p = 0; p < width; p++) {
        const factor = basis[i * width + p];
        for (let q = 0; q <= p; q++) small.set(p, q, small.get(p, q) + factor * image[i * width + q]);
      }
    }
    for (let p = 0; p < width; p++) for (let q = 0; q < p; q++) small.set(q, p, small.get(p, q));
    const ritz = smallest(small, width);
    basis = rotated(basis, ritz.vectors, n, width);
    const images = rotated(image, ritz.vectors, n, width);
    let residual = 0;
    for (let l = 0; l < count; l++) {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += (images[i * width + l] - ritz.values[l] * basis[i * width + l]) ** 2;
      residual = Math.max(residual, Math.sqrt(sum));
    }
    if (residual <= 1e-11 * bound) {
      const vectors = new Float64Array(n * count);
      for (let i = 0; i < n; i++) vectors.set(basis.subarray(i * width, i * width + count), i * count);
      return { values: ritz.values.slice(0, count), vectors, count };
    }
    cut = ritz.values[width - 1];
    floor = Math.min(ritz.values[0], 0);
  }
  throw new EngineError('numerical', `the ${count} smallest eigenvalues of ${n} have not converged`);
}

/** Y ← A X, X [n, width]. */
function multiply({ rows, rowStart, column, value }: CsrMatrix, x: Float64Array, y: Float64Array, width: number): void {
  y.fill(0);
  for (let i = 0; i < rows; i++)
    for (let k = rowStart[i]; k < rowStart[i + 1]; k++) {
      const factor = value[k];
      for (let c = 0, p = i * width, q = column[k] * width; c < width; c++) y[p + c] += factor * x[q + c];
    }
}

/** A Chebyshev polynomial of A, below 1 on [cut, bound] and growing fast below the cut, scaled to 1 at the floor. */
async function filter(
  matrix: CsrMatrix,
  x: Float64Array,
  width: number,
  cut: number,
  floor: number,
  bound: number,
  context: RunContext,
): Promise<Float64Array> {
  const half = (bound - cut) / 2;
  const middle = (bound + cut) / 2;
  let sigma = half / (floor - middle);
  const first = sigma;
  let before = x;
  let now: Float64Array = new Float64Array(x.length);
  let next: Float64Array = new Float64Array(x.length);
  multiply(matrix, x, now, width);
  for (let i = 0; i < x.length; i++) now[i] = ((now[i] - middle * x[i]) * sigma) / half;
  for (let degree = 2; degree <= filterDegree; degree++) {
    await checkpoint(context);
    const scale = 1 / (2 / first - sigma);
    multiply(matrix, now, next, width);
    const [a, b] = [(2 * scale) / half, sigma * scale];
    for (let i = 0; i < x.length; i++) next[i] = a * (next[i] - middle * now[i]) - b * before[i];
    [before, now, next] = [now, next, before];
    sigma = scale;
  }
  return now;
}

/** Columns made orthonormal in place, each against those before it, twice. */
async function orthonormalise(x: Float64Array, n: number, width: number, context: RunContext): Promise<void> {
  const overlap = new Float64Array(width);
  for (let c = 0; c < width; c++) {
    if (c % 8 === 7) await checkpoint(context);
    for (let pass = 0; pass < 3; pass++) {
      // The last pass only scales: its overlaps with earlier columns are rounding.
      overlap.fill(0, 0, c);
      let norm = 0;
      for (let i = 0; i < n; i++) {
        const at = i * width;
        const value = x[at + c];
        norm += value * value;
        if (pass < 2) for (let b = 0; b < c; b++) overlap[b] += value * x[at + b];
      }
      const scale = 1 / Math.sqrt(norm);
      for (let i = 0; i < n; i++) {
        const at = i * width;
        let value = x[at + c];
        if (pass < 2) for (let b = 0; b < c; b++) value -= overlap[b] * x[at + b];
        else value *= scale;
        x[at + c] = value;
      }
    }
  }
}

/** X R for X [n, width]. */
function rotated(x: Float64Array, rotation: Float64Array, n: number, width: number): Float64Array {
  const out = new Float64Array(x.length);
  for (let i = 0; i < n; i++)
    for (let p = 0, at = i * width; p < width; p++) {
      const factor = x[at + p];
      for (let q = 0; q < width; q++) out[at + q] += factor * rotation[p * width + q];
    }
  return out;
}
