/**
 * Parallel transport between tangent planes and the Laplacian that compares vectors after it (A. Singer, H.-T. Wu, Comm. Pure
 * Appl. Math. 65, 2012): O_ij = U Vᵀ from the singular value decomposition of T_iᵀ T_j; L_c has deg_i I on its diagonal and
 * −O_ij beside it.
 */
import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { type CsrMatrix, csrFromEntries } from '../../linear/csr.ts';
import type { NeighbourGraph } from './neighbour-graph.ts';
import type { TangentFrames } from './tangent-frames.ts';

/** Tangent planes closer to a right angle than this have no transport between them. */
export const leastOverlap = 0.1;

/** out [m, m] ← polar factor of Tᵢᵀ Tⱼ, which carries j's coordinates to i's. Returns the smallest singular value. */
export function transport(
  out: Float64Array,
  from: { frames: Float64Array; offset: number },
  to: { frames: Float64Array; offset: number },
  ambient: number,
  m: number,
): number {
  for (let p = 0; p < m; p++)
    for (let q = 0; q < m; q++) {
      let sum = 0;
      for (let a = 0; a < ambient; a++) sum += to.frames[to.offset + a * m + p] * from.frames[from.offset + a * m + q];
      out[p * m + q] = sum;
    }
  if (m === 1) {
    const overlap = Math.abs(out[0]);
    out[0] = out[0] < 0 ? -1 : 1;
    return overlap;
  }
  return m === 2 ? planarPolar(out) : generalPolar(out, m);
}

/** A 2 × 2 matrix is a multiple of a rotation plus one of a reflection; the larger is its polar factor. */
function planarPolar(matrix: Float64Array): number {
  const [a, b, c, d] = matrix;
  const [e, h] = [(a + d) / 2, (c - b) / 2];
  const [f, g] = [(a - d) / 2, (c + b) / 2];
  const [turn, mirror] = [Math.hypot(e, h), Math.hypot(f, g)];
  if (turn >= mirror) {
    const size = turn > 0 ? turn : 1;
    const [cosine, sine] = turn > 0 ? [e / size, h / size] : [1, 0];
    matrix.set([cosine, -sine, sine, cosine]);
  } else matrix.set([f / mirror, g / mirror, g / mirror, -f / mirror]);
  return Math.abs(turn - mirror);
}

function generalPolar(matrix: Float64Array, m: number): number {
  const svd = new SingularValueDecomposition(Matrix.from1DArray(m, m, matrix));
  const { leftSingularVectors: u, rightSingularVectors: v, diagonal } = svd;
  for (let p = 0; p < m; p++)
    for (let q = 0; q < m; q++) {
      let sum = 0;
      for (let r = 0; r < m; r++) sum += u.get(p, r) * v.get(q, r);
      matrix[p * m + q] = sum;
    }
  return diagonal[m - 1];
}

export interface Laplacians {
  /** L_c, [n m, n m]. */
  connection: CsrMatrix;
  /** L = diag(deg) − A, [n, n]. */
  scalar: CsrMatrix;
  /** The graph without the edges that have no transport. */
  graph: NeighbourGraph;
  droppedEdges: number;
  largestDegree: number;
}

export function laplacians(graph: NeighbourGraph, { ambient, tangent: m, data }: TangentFrames): Laplacians {
  const block = new Float64Array(m * m);
  const kept = graph.neighbours.map(() => [] as number[]);
  const vector: [number, number, number][] = [];
  const scalar: [number, number, number][] = [];
  let droppedEdges = 0;
  for (const [i, list] of graph.neighbours.entries())
    for (const j of list) {
      if (j < i) continue;
      const at = (node: number) => ({ frames: data, offset: node * ambient * m });
      if (transport(block, at(j), at(i), ambient, m) < leastOverlap) {
        droppedEdges++;
        continue;
      }
      kept[i].push(j);
      kept[j].push(i);
      scalar.push([i, j, -1], [j, i, -1]);
      for (let p = 0; p < m; p++)
        for (let q = 0; q < m; q++) {
          vector.push([i * m + p, j * m + q, -block[p * m + q]], [j * m + q, i * m + p, -block[p * m + q]]);
        }
    }
  let largestDegree = 0;
  for (const [i, list] of kept.entries()) {
    list.sort((a, b) => a - b);
    largestDegree = Math.max(largestDegree, list.length);
    scalar.push([i, i, list.length]);
    for (let p = 0; p < m; p++) vector.push([i * m + p, i * m + p, list.length]);
  }
  const n = graph.count;
  return {
    connection: csrFromEntries(n * m, n * m, vector),
    scalar: csrFromEntries(n, n, scalar),
    graph: { count: n, neighbours: kept },
    droppedEdges,
    largestDegree,
  };
}
