/**
 * The same quantities by the plainest means: all distances, all kernel blocks, one dense solve. Frames by eigenvectors of the
 * covariance, transport by singular vectors; their signs are whatever they are.
 */
import { EigenvalueDecomposition, inverse, Matrix, SingularValueDecomposition } from 'ml-matrix';

export interface Reference {
  /** Of the connection and the scalar Laplacian, all, ascending. */
  connection: number[];
  scalar: number[];
  /** Posterior mean [N, D] and latent covariance [N, D, D]. */
  field: Float64Array;
  covariance: Float64Array;
  logLikelihood: number;
  /** Largest prior variance: the covariance is a difference of numbers of this size. */
  prior: number;
}

const ascending = (matrix: Matrix) => {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
  const order = realEigenvalues.map((_, l) => l).sort((a, b) => realEigenvalues[a] - realEigenvalues[b]);
  return { values: order.map((l) => realEigenvalues[l]), vectors: eigenvectorMatrix.subMatrixColumn(order) };
};

export function reference(
  x: Float64Array,
  D: number,
  observed: ReadonlyMap<number, readonly number[]>,
  { k, m, nE, nu, kappa, signal, noise }: Record<'k' | 'm' | 'nE' | 'nu' | 'kappa' | 'signal' | 'noise', number>,
): Reference {
  const N = x.length / D;
  const point = (i: number) => [...x.subarray(i * D, (i + 1) * D)];
  const distance = (i: number, j: number) => Math.hypot(...point(i).map((value, a) => value - point(j)[a]));
  const all = Array.from({ length: N }, (_, i) => i);
  const A = Matrix.zeros(N, N);
  for (const i of all) {
    const near = all.filter((j) => j !== i).sort((a, b) => distance(i, a) - distance(i, b) || a - b);
    for (const j of near.slice(0, k)) {
      A.set(i, j, 1);
      A.set(j, i, 1);
    }
  }
  const frames = all.map((i) => {
    const hops = new Array<number>(N).fill(Number.POSITIVE_INFINITY);
    hops[i] = 0;
    const queue = [i];
    for (let at = 0; at < queue.length; at++)
      for (const j of all)
        if (A.get(queue[at], j) === 1 && hops[j] === Number.POSITIVE_INFINITY) {
          hops[j] = hops[queue[at]] + 1;
          queue.push(j);
        }
    const first = [...all]
      .sort((a, b) => (hops[a] === hops[b] ? 0 : hops[a] - hops[b]) || distance(i, a) - distance(i, b) || a - b)
      .slice(0, Math.floor(1.5 * k) + 1);
    const cloud = new Matrix(first.map(point));
    const centred = cloud.subRowVector(cloud.mean('column'));
    const { vectors } = ascending(centred.transpose().mmul(centred));
    return vectors.subMatrixColumn(Array.from({ length: m }, (_, q) => D - 1 - q));
  });
  const L = Matrix.zeros(N * m, N * m);
  for (const i of all) {
    let degree = 0;
    for (const j of all) {
      if (A.get(i, j) === 0) continue;
      degree++;
      const svd = new SingularValueDecomposition(frames[i].transpose().mmul(frames[j]));
      L.setSubMatrix(svd.leftSingularVectors.mmul(svd.rightSingularVectors.transpose()).mul(-1), i * m, j * m);
    }
    L.setSubMatrix(Matrix.eye(m, m).mul(degree), i * m, i * m);
  }
  const graph = Matrix.diag(A.sum('row')).sub(A);
  const { values, vectors } = ascending(L);
  const U = vectors.subMatrix(0, N * m - 1, 0, nE - 1).mul(Math.sqrt(N * m));
  const P = Matrix.zeros(N * D, nE);
  for (const i of all) P.setSubMatrix(frames[i].mmul(U.subMatrix(i * m, (i + 1) * m - 1, 0, nE - 1)), i * D, 0);
  const s = values.slice(0, nE).map((value) => (Math.max(0, value) + (2 * nu) / kappa ** 2) ** -nu);
  const total = s.reduce((a, b) => a + b, 0);
  const K = P.mmul(Matrix.diag(s.map((value) => (signal * N * D * value) / total))).mmul(P.transpose());
  const rows = [...observed.keys()].flatMap((i) => Array.from({ length: D }, (_, a) => i * D + a));
  const y = Matrix.columnVector([...observed.values()].flat());
  const C = K.subMatrixRow(rows).subMatrixColumn(rows).add(Matrix.eye(rows.length, rows.length).mul(noise));
  const inverted = inverse(C);
  const cross = K.subMatrixColumn(rows);
  const posterior = K.clone().sub(cross.mmul(inverted).mmul(cross.transpose()));
  const covariance = new Float64Array(N * D * D);
  for (let at = 0; at < covariance.length; at++) {
    const i = Math.floor(at / (D * D));
    covariance[at] = posterior.get(i * D + Math.floor((at % (D * D)) / D), i * D + (at % D));
  }
  const logDeterminant = ascending(C).values.reduce((sum, value) => sum + Math.log(value), 0);
  const misfit = y.transpose().mmul(inverted).mmul(y).get(0, 0);
  return {
    connection: values,
    scalar: ascending(graph).values,
    field: Float64Array.from(cross.mmul(inverted).mmul(y).to1DArray()),
    covariance,
    logLikelihood: -(misfit + logDeterminant + rows.length * Math.log(2 * Math.PI)) / 2,
    prior: Math.max(...K.diagonal()),
  };
}
