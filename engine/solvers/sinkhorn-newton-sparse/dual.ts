/**
 * The dual potential of entropic transport (Tang et al. 2024, eq. 2): with P_ij = exp(η(x_i + y_j − C_ij) − 1),
 *
 *     f(x, y) = −(1/η) Σ P_ij + r·x + c·y,    ∇f = (r − P1, c − Pᵀ1),
 *
 * concave, and at its maximum P is the plan of min ⟨C, P⟩ + (1/η) Σ P log P with marginals r and c.
 */
import type { TransportProblem } from './problem.ts';

export interface Potentials {
  x: Float64Array;
  y: Float64Array;
}

/** plan ← P(x, y) [n, m]; rows ← P1, columns ← Pᵀ1. Entries may overflow to infinity. */
export function planInto(
  plan: Float64Array,
  rows: Float64Array,
  columns: Float64Array,
  { cost, eta }: TransportProblem,
  { x, y }: Potentials,
): void {
  const [n, m] = [x.length, y.length];
  columns.fill(0);
  for (let i = 0, at = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < m; j++, at++) {
      const value = Math.exp(eta * (x[i] + y[j] - cost[at]) - 1);
      plan[at] = value;
      sum += value;
      columns[j] += value;
    }
    rows[i] = sum;
  }
}

/** f(x, y); −∞ where the plan overflows. */
export function dualValue({ r, c, cost, eta }: TransportProblem, { x, y }: Potentials): number {
  const [n, m] = [x.length, y.length];
  let mass = 0;
  for (let i = 0, at = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < m; j++, at++) sum += Math.exp(eta * (x[i] + y[j] - cost[at]) - 1);
    mass += sum;
  }
  let value = -mass / eta;
  for (let i = 0; i < n; i++) value += r[i] * x[i];
  for (let j = 0; j < m; j++) value += c[j] * y[j];
  return Number.isFinite(value) ? value : Number.NEGATIVE_INFINITY;
}

/** ‖r − P1‖₁ + ‖c − Pᵀ1‖₁. */
export function marginalError({ r, c }: TransportProblem, rows: Float64Array, columns: Float64Array): number {
  let error = 0;
  for (let i = 0; i < r.length; i++) error += Math.abs(r[i] - rows[i]);
  for (let j = 0; j < c.length; j++) error += Math.abs(c[j] - columns[j]);
  return error;
}
