/**
 * Sinkhorn-Newton-Sparse (Tang et al. 2024, Algorithm 1): a few Sinkhorn sweeps, then Newton steps on the same potential
 * with a sparsified Hessian; and plain Sinkhorn for comparison. The safeguard (sparsity doubled and more sweeps when five steps in a
 * row stall or a line search fails) is ours.
 */
import { checkpoint, type RunContext } from '../../context.ts';
import { dualValue, marginalError, type Potentials, planInto } from './dual.ts';
import { newtonStep } from './newton-step.ts';
import type { TransportProblem } from './problem.ts';
import { sinkhornSweeps } from './sinkhorn.ts';
import { sparsify } from './sparsify.ts';

export interface SolveOptions {
  method: 'sns' | 'sinkhorn' | 'newton';
  warmup: number;
  /** Kept fraction of the plan's entries; 0 = 15/max(n, m). */
  sparsity: number;
  /** ‖r − P1‖₁ + ‖c − Pᵀ1‖₁ to stop at. */
  tol: number;
  maxIterations: number;
}

export interface ConvergenceRow {
  stage: 'sinkhorn' | 'newton';
  iteration: number;
  error: number;
  /** Null for single sweeps of Sinkhorn, where it would cost a third product. */
  dual: number | null;
  kept: number | null;
  cg: number | null;
  step: number | null;
}

export interface TransportSolution {
  potentials: Potentials;
  /** P(x, y), not rounded. */
  plan: Float64Array;
  rows: ConvergenceRow[];
  status: 'converged' | 'maxIterations' | 'cancelled';
  iterations: { sinkhorn: number; newton: number };
  cgTotal: number;
  restarts: number;
  kept: number;
  error: number;
}

/** Most CG iterations of a Newton step; doubled with each restart, for plans near a permutation are nearly singular. */
const firstCgCap = 500;

/** Sweeps of plain Sinkhorn between two looks at the event loop. */
const sweepsPerTurn = 16;

export async function solveTransport(
  problem: TransportProblem,
  options: SolveOptions,
  context: Pick<RunContext, 'signal' | 'progress'>,
): Promise<TransportSolution> {
  const { r, c, eta } = problem;
  const [n, m] = [r.length, c.length];
  const potentials = { x: new Float64Array(n), y: new Float64Array(m) };
  const plan = new Float64Array(n * m);
  const rowSums = new Float64Array(n);
  const columnSums = new Float64Array(m);
  const rows: ConvergenceRow[] = [];
  const iterations = { sinkhorn: 0, newton: 0 };
  const total = () => iterations.sinkhorn + iterations.newton;
  let kept =
    options.method === 'newton' ? 1 : options.sparsity > 0 ? options.sparsity : Math.min(1, 15 / Math.max(n, m));
  let cgTotal = 0;
  let restarts = 0;
  let error = Number.POSITIVE_INFINITY;

  const evaluate = () => {
    planInto(plan, rowSums, columnSums, problem, potentials);
    error = marginalError(problem, rowSums, columnSums);
    return error;
  };
  const report = (stage: string) => {
    // Distance to the tolerance on a log scale: 2 is the most an error of two probability vectors can be on each side.
    const reached = Math.log(4 / Math.max(error, options.tol)) / Math.log(4 / options.tol);
    context.progress({
      fraction: Math.min(1, Math.max(0, reached)),
      stage,
      step: { index: total(), count: options.maxIterations },
    });
  };
  /** Up to `count` sweeps; stops early at the tolerance. */
  const sweep = async (count: number) => {
    const sweeps = sinkhornSweeps(problem, potentials);
    for (let k = 0; k < count && total() < options.maxIterations; k++) {
      const before = sweeps.sweep();
      iterations.sinkhorn++;
      if (k > 0) {
        error = before;
        rows.push({ stage: 'sinkhorn', iteration: total() - 1, error, dual: null, kept: null, cg: null, step: null });
        if (error <= options.tol) break;
      }
      if (k % sweepsPerTurn === 0) {
        await checkpoint(context);
        report('sinkhorn');
      }
    }
    sweeps.settle();
  };
  const done = (status: TransportSolution['status']): TransportSolution => {
    const solution = { potentials, plan, rows, status, iterations, cgTotal, restarts, kept, error };
    return solution;
  };

  if (options.method === 'sinkhorn') {
    await sweep(options.maxIterations);
    evaluate();
    const dual = dualValue(problem, potentials);
    rows.push({ stage: 'sinkhorn', iteration: total(), error, dual, kept: null, cg: null, step: null });
    return done(error <= options.tol ? 'converged' : 'maxIterations');
  }

  await sweep(options.warmup);
  let cgCap = firstCgCap;
  let stalled = 0;
  let previous = Number.POSITIVE_INFINITY;
  let lineSearchFailed = false;
  const gradient = new Float64Array(n + m);
  const diagonal = new Float64Array(n + m);
  const trial = { x: new Float64Array(n), y: new Float64Array(m) };
  let pending: Pick<ConvergenceRow, 'cg' | 'step'> = { cg: null, step: null };
  for (;;) {
    await checkpoint(context);
    evaluate();
    const dual = dualValue(problem, potentials);
    rows.push({ stage: 'newton', iteration: total(), error, dual, kept, ...pending });
    pending = { cg: null, step: null };
    report('newton');
    if (error <= options.tol) return done('converged');
    if (total() >= options.maxIterations) return done('maxIterations');
    stalled = error > 0.9 * previous ? stalled + 1 : 0;
    previous = error;
    if (stalled >= 5 || lineSearchFailed) {
      kept = Math.min(2 * kept, Math.max(kept, 0.25));
      restarts++;
      cgCap *= 2;
      await sweep(Math.max(1, options.warmup));
      stalled = 0;
      previous = Number.POSITIVE_INFINITY;
      lineSearchFailed = false;
      continue;
    }
    const sparse = sparsify(plan, n, m, kept);
    for (let i = 0; i < n; i++) {
      gradient[i] = r[i] - rowSums[i];
      diagonal[i] = rowSums[i];
    }
    for (let j = 0; j < m; j++) {
      gradient[n + j] = c[j] - columnSums[j];
      diagonal[n + j] = columnSums[j];
    }
    const { direction, iterations: cg } = newtonStep(sparse, diagonal, gradient, eta, Math.min(0.1, error), cgCap);
    cgTotal += cg;
    const step = lineSearch(problem, potentials, {
      gradient,
      direction,
      dual,
      error,
      trial,
      plan,
      rowSums,
      columnSums,
    });
    lineSearchFailed = step === undefined;
    pending = { cg, step: step ?? 0 };
    if (step === undefined) continue;
    potentials.x.set(trial.x);
    potentials.y.set(trial.y);
    iterations.newton++;
  }
}

interface Search {
  gradient: Float64Array;
  direction: Float64Array;
  dual: number;
  error: number;
  /** Filled with the accepted point. */
  trial: Potentials;
  /** Work space. */
  plan: Float64Array;
  rowSums: Float64Array;
  columnSums: Float64Array;
}

/** Backtracking from 1 on f (Armijo, 1e-4); near the optimum, where f no longer resolves progress, on the error. */
function lineSearch(problem: TransportProblem, at: Potentials, search: Search): number | undefined {
  const { gradient, direction, dual, error, trial } = search;
  const n = at.x.length;
  let slope = 0;
  for (let k = 0; k < gradient.length; k++) slope += gradient[k] * direction[k];
  for (let step = 1; step >= 1e-10; step /= 2) {
    for (let i = 0; i < n; i++) trial.x[i] = at.x[i] + step * direction[i];
    for (let j = 0; j < at.y.length; j++) trial.y[j] = at.y[j] + step * direction[n + j];
    const value = dualValue(problem, trial);
    if (Number.isFinite(value) && value >= dual + 1e-4 * step * slope - 1e-14 * Math.abs(dual)) return step;
    if (step === 1 && error < 1e-6) {
      planInto(search.plan, search.rowSums, search.columnSums, problem, trial);
      if (marginalError(problem, search.rowSums, search.columnSums) < error) return step;
    }
  }
  return undefined;
}
