/** What heat geodesics are compared with on the same graph: PHATE's potential distance and the diffusion map. */
import { checkpoint, type RunContext } from '../../context.ts';
import { type CsrMatrix, csrFromEntries } from '../../linear/csr.ts';
import { blockProduct } from './chebyshev.ts';
import { degrees } from './neighbour-graph.ts';
import { rowDistances } from './row-distances.ts';

/** Rows of W + I divided by their sums, and those sums. */
function randomWalk(weights: CsrMatrix): { transition: CsrMatrix; sums: Float64Array } {
  const sums = degrees(weights).map((sum) => sum + 1);
  const entries: [number, number, number][] = [];
  for (let i = 0; i < weights.rows; i++) {
    entries.push([i, i, 1 / sums[i]]);
    for (let at = weights.rowStart[i]; at < weights.rowStart[i + 1]; at++)
      entries.push([i, weights.column[at], weights.value[at] / sums[i]]);
  }
  return { transition: csrFromEntries(weights.rows, weights.rows, entries), sums };
}

/** P^t [n, n] by t products of a sparse with a dense matrix. */
async function walked(transition: CsrMatrix, steps: number, context: RunContext): Promise<Float64Array> {
  const n = transition.rows;
  let now = new Float64Array(n * n);
  let next = new Float64Array(n * n);
  for (let i = 0; i < n; i++) now[i * n + i] = 1;
  for (let s = 0; s < steps; s++) {
    await checkpoint(context);
    blockProduct(transition, now, next, n);
    [now, next] = [next, now];
    context.progress({ fraction: (0.7 * (s + 1)) / steps, stage: 'random walk' });
  }
  return now;
}

/** Distances between rows of −log(P^t + 1e-7) (K. R. Moon et al., Nature Biotechnology 37, 2019). */
export async function potentialDistances(weights: CsrMatrix, steps: number, context: RunContext) {
  const { transition } = randomWalk(weights);
  const potential = await walked(transition, steps, context);
  for (let i = 0; i < potential.length; i++) potential[i] = -Math.log(potential[i] + 1e-7);
  return rowDistances(potential, weights.rows, weights.rows, context);
}

/**
 * Diffusion distance with every eigenvector: Σ_l λ_l^{2t} (ψ_l(i) − ψ_l(j))² = Σ_k (P^t_ik − P^t_jk)²/π_k, π the stationary
 * distribution (R. R. Coifman, S. Lafon, Appl. Comput. Harmon. Anal. 21, 2006), so no eigenvector is needed.
 */
export async function diffusionDistances(weights: CsrMatrix, steps: number, context: RunContext) {
  const { transition, sums } = randomWalk(weights);
  const n = weights.rows;
  const rows = await walked(transition, steps, context);
  const total = sums.reduce((a, b) => a + b, 0);
  for (let i = 0; i < n; i++) for (let k = 0; k < n; k++) rows[i * n + k] *= Math.sqrt(total / sums[k]);
  return rowDistances(rows, n, n, context);
}
