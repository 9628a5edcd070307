/**
 * Stabilised Sinkhorn sweeps: block coordinate ascent on the dual potential with the kernel kept at the current potentials,
 * so that a sweep costs two matrix-vector products and nothing overflows.
 */
import type { Potentials } from './dual.ts';
import type { TransportProblem } from './problem.ts';

/** |log u| or |log v| beyond this is absorbed into the potentials. */
const absorbAt = 30;

export interface SinkhornSweeps {
  /** One x and one y update; returns ‖r − P1‖₁ before it, the marginal error of the potentials so far. */
  sweep(): number;
  /** Writes the scalings into the potentials. */
  settle(): Potentials;
}

/** x_i ← x_i + (log r_i − log (P1)_i)/η by log-sum-exp, which no range of costs overflows. */
function logUpdate(
  { cost, eta }: TransportProblem,
  mass: Float64Array,
  target: Float64Array,
  other: Float64Array,
  byRow: boolean,
): void {
  const [n, m] = [target.length, other.length];
  const [stepI, stepJ] = byRow ? [m, 1] : [1, n];
  for (let i = 0; i < n; i++) {
    let largest = Number.NEGATIVE_INFINITY;
    for (let j = 0; j < m; j++) largest = Math.max(largest, other[j] - cost[i * stepI + j * stepJ]);
    let sum = 0;
    for (let j = 0; j < m; j++) sum += Math.exp(eta * (other[j] - cost[i * stepI + j * stepJ] - largest));
    target[i] = (Math.log(mass[i]) + 1 - Math.log(sum)) / eta - largest;
  }
}

/** Begins with one sweep in the log domain from the given potentials (which are then overwritten by `settle`). */
export function sinkhornSweeps(problem: TransportProblem, { x, y }: Potentials): SinkhornSweeps {
  const { r, c, cost, eta } = problem;
  const [n, m] = [r.length, c.length];
  const kernel = new Float64Array(n * m);
  const u = new Float64Array(n).fill(1);
  const v = new Float64Array(m).fill(1);
  const product = new Float64Array(m);
  let begun = false;

  const rebuild = () => {
    for (let i = 0, at = 0; i < n; i++)
      for (let j = 0; j < m; j++, at++) kernel[at] = Math.exp(eta * (x[i] + y[j] - cost[at]) - 1);
    u.fill(1);
    v.fill(1);
  };
  const settle = (): Potentials => {
    if (!begun) return { x, y };
    for (let i = 0; i < n; i++) x[i] += Math.log(u[i]) / eta;
    for (let j = 0; j < m; j++) y[j] += Math.log(v[j]) / eta;
    rebuild();
    return { x, y };
  };
  const first = (): number => {
    let error = 0;
    for (let i = 0, at = 0; i < n; i++) {
      let sum = 0;
      for (let j = 0; j < m; j++, at++) sum += Math.exp(eta * (x[i] + y[j] - cost[at]) - 1);
      error += Math.abs(r[i] - sum);
    }
    logUpdate(problem, r, x, y, true);
    logUpdate(problem, c, y, x, false);
    rebuild();
    begun = true;
    return error;
  };
  return {
    settle,
    sweep: () => {
      if (!begun) return first();
      let error = 0;
      let largest = 0;
      product.fill(0);
      for (let i = 0; i < n; i++) {
        const row = i * m;
        let sum = 0;
        for (let j = 0; j < m; j++) sum += kernel[row + j] * v[j];
        error += Math.abs(r[i] - u[i] * sum);
        const scaled = r[i] / sum;
        u[i] = scaled;
        largest = Math.max(largest, Math.abs(Math.log(scaled)));
        for (let j = 0; j < m; j++) product[j] += kernel[row + j] * scaled;
      }
      for (let j = 0; j < m; j++) {
        v[j] = c[j] / product[j];
        largest = Math.max(largest, Math.abs(Math.log(v[j])));
      }
      // Not below absorbAt, or not a number after an underflow: the log domain sets both right.
      if (!(largest <= absorbAt)) {
        if (Number.isFinite(largest)) settle();
        else {
          logUpdate(problem, r, x, y, true);
          logUpdate(problem, c, y, x, false);
          rebuild();
        }
      }
      return error;
    },
  };
}
