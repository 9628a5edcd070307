/** Rounding a plan to its marginals, and what a plan is worth. */
import { dualValue } from './dual.ts';
import type { TransportProblem } from './problem.ts';
import type { TransportSolution } from './sns.ts';

/**
 * Plan with marginals r and c to rounding error (Altschuler, Weed, Rigollet 2017, Algorithm 2): rows, then columns are
 * scaled down to at most their marginals, and what is missing is added as a product.
 */
export function rounded(plan: Float64Array, r: Float64Array, c: Float64Array): Float64Array {
  const [n, m] = [r.length, c.length];
  const out = Float64Array.from(plan);
  const columns = new Float64Array(m);
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < m; j++) sum += out[i * m + j];
    const factor = Math.min(r[i] / sum, 1);
    for (let j = 0; j < m; j++) columns[j] += out[i * m + j] *= factor;
  }
  for (let j = 0; j < m; j++) columns[j] = Math.min(c[j] / columns[j], 1);
  const missingRow = new Float64Array(n);
  const missingColumn = Float64Array.from(c);
  let missing = 0;
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < m; j++) {
      const value = (out[i * m + j] *= columns[j]);
      sum += value;
      missingColumn[j] -= value;
    }
    missingRow[i] = Math.max(r[i] - sum, 0);
    missing += missingRow[i];
  }
  if (missing === 0) return out;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < m; j++) out[i * m + j] += (missingRow[i] * Math.max(missingColumn[j], 0)) / missing;
  return out;
}

export interface TransportValues {
  /** ⟨C, P⟩ in units of the cost. */
  cost: number;
  /** ⟨C, P⟩ + (1/η) Σ P log P, in units of the cost. */
  objective: number;
  dual: number;
  gap: number;
}

/** Values of `plan` in the units of the original cost. */
export function transportValues(
  problem: TransportProblem,
  { potentials }: Pick<TransportSolution, 'potentials'>,
  plan: Float64Array,
): TransportValues {
  let cost = 0;
  let entropy = 0;
  for (let at = 0; at < plan.length; at++) {
    const value = plan[at];
    if (value <= 0) continue;
    cost += value * problem.cost[at];
    entropy += value * Math.log(value);
  }
  const { costScale, eta } = problem;
  const objective = costScale * (cost + entropy / eta);
  const dual = costScale * dualValue(problem, potentials);
  return { cost: costScale * cost, objective, dual, gap: objective - dual };
}

/** Objective with relative entropy to r⊗c in place of Σ P log P: zero information costs nothing. */
export function relativeObjective(problem: TransportProblem, objective: number): number {
  let reference = 0;
  for (const weights of [problem.r, problem.c]) for (const weight of weights) reference += weight * Math.log(weight);
  return objective - (problem.costScale * reference) / problem.eta;
}
