/** One problem solved, rounded and valued: what every task has in common. */
import { ndarray } from '../../arrays/ndarray.ts';
import type { RunContext } from '../../context.ts';
import type { Artifact } from '../artifact.ts';
import { distanceCost, type PointSet, type Warnings } from './inputs.ts';
import type { SinkhornParameters } from './manifest.ts';
import { checkPlanSize, type TransportProblem, transportError } from './problem.ts';
import { solveTransport, type TransportSolution } from './sns.ts';
import { relativeObjective, rounded, type TransportValues, transportValues } from './values.ts';

export interface Transport {
  problem: TransportProblem;
  solution: TransportSolution;
  /** Rounded where asked. */
  plan: Float64Array;
  values: TransportValues;
  /** Of `plan`. */
  marginalError: number;
}

/** Largest n + m with a full Hessian. */
const largestNewton = 1200;

export async function runTransport(
  r: Float64Array,
  c: Float64Array,
  cost: Float64Array,
  parameters: SinkhornParameters,
  context: Pick<RunContext, 'signal' | 'progress'>,
): Promise<Transport> {
  const { task, method } = parameters;
  checkPlanSize(r.length, c.length);
  if (method === 'newton' && r.length + c.length > largestNewton)
    throw transportError(
      'E_PARAM',
      `method newton takes n + m up to ${largestNewton}, found ${r.length + c.length}`,
      'method',
      'Use sns.',
    );
  const normalise = (parameters.normalizeCost ?? (task === 'transport' ? 'none' : 'max')) === 'max';
  let largest = 0;
  if (normalise) for (const value of cost) largest = Math.max(largest, value);
  const costScale = largest > 0 ? largest : 1;
  const problem: TransportProblem = {
    r,
    c,
    cost: costScale === 1 ? cost : cost.map((value) => value / costScale),
    costScale,
    eta: parameters.eta ?? (task === 'harmonise' ? 3000 : 1200),
  };
  const solution = await solveTransport(problem, parameters, context);
  const plan = parameters.round ? rounded(solution.plan, r, c) : solution.plan;
  return {
    problem,
    solution,
    plan,
    values: transportValues(problem, solution, plan),
    marginalError: planError(plan, r, c),
  };
}

function planError(plan: Float64Array, r: Float64Array, c: Float64Array): number {
  const columns = new Float64Array(c.length);
  let error = 0;
  for (let i = 0, at = 0; i < r.length; i++) {
    let sum = 0;
    for (let j = 0; j < c.length; j++, at++) {
      sum += plan[at];
      columns[j] += plan[at];
    }
    error += Math.abs(sum - r[i]);
  }
  for (let j = 0; j < c.length; j++) error += Math.abs(columns[j] - c[j]);
  return error;
}

/** OT(a, b) − ½ OT(a, a) − ½ OT(b, b) with relative entropy to the product of the marginals. */
export async function sinkhornDivergence(
  transport: Transport,
  source: PointSet,
  target: PointSet,
  parameters: SinkhornParameters,
  context: Pick<RunContext, 'signal' | 'progress'>,
): Promise<number> {
  const { problem, values } = transport;
  const { costScale, eta } = problem;
  let divergence = relativeObjective(problem, values.objective);
  for (const [set, weights] of [
    [source, problem.r],
    [target, problem.c],
  ] as const) {
    // The same regularisation for all three: the scale of the cost between the two sides.
    const cost = distanceCost(set, set, parameters).map((value) => value / costScale);
    const own: TransportProblem = { r: weights, c: weights, cost, costScale, eta };
    const solution = await solveTransport(own, parameters, context);
    const { objective } = transportValues(own, solution, rounded(solution.plan, weights, weights));
    divergence -= relativeObjective(own, objective) / 2;
  }
  return divergence;
}

/** Metrics common to all tasks. */
export function metricsOf({ solution, values, marginalError }: Transport, power?: 1 | 2): Record<string, number> {
  return {
    transport_cost: values.cost,
    regularised_objective: values.objective,
    dual_value: values.dual,
    duality_gap: values.gap,
    ...(power === undefined ? {} : { distance: Math.max(0, values.cost) ** (1 / power) }),
    marginal_error_l1: marginalError,
    iterations_sinkhorn: solution.iterations.sinkhorn,
    iterations_newton: solution.iterations.newton,
    iterations_total: solution.iterations.sinkhorn + solution.iterations.newton,
    cg_total: solution.cgTotal,
    restarts: solution.restarts,
    kept_fraction: solution.kept,
    converged: solution.status === 'converged' ? 1 : 0,
  };
}

export function capWarning({ solution }: Transport, warnings: Warnings): void {
  if (solution.status === 'maxIterations')
    warnings.push({
      code: 'iteration-cap',
      message: `stopped at the iteration cap with a marginal error of ${solution.error.toExponential(2)}`,
      value: solution.error,
    });
}

export function convergenceCurve({ rows }: TransportSolution): Artifact {
  return {
    type: 'curve',
    columns: {
      iteration: rows.map((row) => row.iteration),
      stage: rows.map((row) => row.stage),
      marginal_error_l1: rows.map((row) => row.error),
      dual_value: rows.map((row) => row.dual),
      kept_fraction: rows.map((row) => row.kept),
      cg_iterations: rows.map((row) => row.cg),
      step: rows.map((row) => row.step),
    },
  };
}

export function potentialsArtifact({ potentials: { x, y } }: TransportSolution, costScale: number): Artifact {
  // In units of the original cost: exp(η'(x + y − C) − 1) with η' = η / costScale.
  const scaled = (values: Float64Array) => values.map((value) => value * costScale);
  return {
    type: 'model',
    arrays: { x: ndarray('float64', [x.length], scaled(x)), y: ndarray('float64', [y.length], scaled(y)) },
  };
}
