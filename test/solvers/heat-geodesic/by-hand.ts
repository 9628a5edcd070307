/** The specification's steps written out once more, by brute force and with another library's eigenvectors. */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { type NdArray, ndarray } from '../../../engine/arrays/ndarray.ts';
import { createRandom } from '../../../engine/arrays/random.ts';
import type { Artifact } from '../../../engine/solvers/artifact.ts';

export const arrayOf = (artifact: Artifact): NdArray => {
  if (!('array' in artifact)) throw new Error('not an array');
  return artifact.array;
};

export const rowsOf = (type: 'points' | 'matrix', rows: readonly (readonly number[])[]): Artifact => ({
  type,
  array: ndarray('float64', [rows.length, rows[0].length], Float64Array.from(rows.flat())),
});

/** A bent sheet in six dimensions and a cloud beside it that touches it. */
export function bentSheet(count: number, seed: number): number[][] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, i) => {
    const [u, v] = [random.uniform(), random.uniform()];
    if (i % 3 === 0) return [u, v, 0, 0, 0, 0].map((x) => x + 0.3 * random.normal());
    return [3 * u * u, Math.sin(3 * u), v, u * v, Math.cos(2 * v), 0].map((x) => x + 0.02 * random.normal());
  });
}

export const between = (a: readonly number[], b: readonly number[]) =>
  Math.sqrt(a.reduce((sum, x, c) => sum + (x - b[c]) ** 2, 0));

export function alphaWeights(points: readonly (readonly number[])[], k: number, alpha: number): Matrix {
  const n = points.length;
  const distance = points.map((p) => points.map((q) => between(p, q)));
  const sigma = distance.map((row, i) => row.filter((_, j) => j !== i).sort((a, b) => a - b)[k - 1]);
  const oneSided = (i: number, j: number) => {
    const a = Math.exp(-Math.min(700, (distance[i][j] / sigma[i]) ** alpha));
    return a < 1e-4 ? 0 : a;
  };
  return Matrix.from1DArray(
    n,
    n,
    Array.from({ length: n * n }, (_, at) => {
      const [i, j] = [Math.floor(at / n), at % n];
      return i === j ? 0 : (oneSided(i, j) + oneSided(j, i)) / 2;
    }),
  );
}

export function laplacianOf(weights: Matrix): Matrix {
  const out = Matrix.mul(weights, -1);
  for (let i = 0; i < weights.rows; i++) out.set(i, i, out.get(i, i) + weights.getRow(i).reduce((a, b) => a + b));
  return out;
}

/** exp(−t L) by squaring 2^20 times a Taylor polynomial, kept entrywise accurate by exp(−t L) = e^(−tc) exp(t (c I − L)). */
export function heatOf(laplacian: Matrix, t: number): Matrix {
  const n = laplacian.rows;
  const c = Math.max(...laplacian.diagonal());
  const squarings = Math.max(0, Math.ceil(Math.log2(t * c)));
  const step = t / 2 ** squarings;
  const base = Matrix.sub(Matrix.eye(n, n).mul(c), laplacian).mul(step);
  let term = Matrix.eye(n, n);
  let sum = Matrix.eye(n, n);
  for (let k = 1; k <= 30; k++) {
    term = term.mmul(base).mul(1 / k);
    sum = Matrix.add(sum, term);
  }
  sum.mul(Math.exp(-step * c));
  for (let s = 0; s < squarings; s++) sum = sum.mmul(sum);
  return sum;
}

/** The same from eigenvectors, accurate to 1e-15 of the largest entry only. */
export function spectralHeat(laplacian: Matrix, t: number): Matrix {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(laplacian, { assumeSymmetric: true });
  const scaled = eigenvectorMatrix.clone();
  for (let l = 0; l < scaled.columns; l++) scaled.mulColumn(l, Math.exp(-t * realEigenvalues[l]));
  return scaled.mmul(eigenvectorMatrix.transpose());
}

export function dissimilarityOf(heat: Matrix, t: number, volumeTerm: number, scale = 1): Matrix {
  const n = heat.rows;
  const d = Matrix.zeros(n, n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      if (i === j) continue;
      const volume = 2 / (heat.get(i, i) + heat.get(j, j));
      const squared = -4 * t * Math.log(Math.max(heat.get(i, j), 0) + 1e-16) - volumeTerm * 4 * t * Math.log(volume);
      d.set(i, j, Math.max(0, squared) ** (scale / 2));
    }
  return d;
}

/** Largest difference over pairs that receive heat, relative to the largest distance. */
export function relativeGap(found: NdArray, expected: Matrix, heat: Matrix, least = 1e-12): number {
  const n = expected.rows;
  let gap = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      if (heat.get(i, j) > least) gap = Math.max(gap, Math.abs(found.data[i * n + j] - expected.get(i, j)));
  return gap / expected.max();
}
