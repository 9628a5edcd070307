/** The paper's experiments at desktop size; each row of the table names its bar and the baseline of the same run. */
import { createRandom } from '../../arrays/random.ts';
import { checkpoint, type RunContext, subContext } from '../../context.ts';
import type { SolverResult } from '../sdk.ts';
import { assignmentCost } from './assignment.ts';
import { planInto } from './dual.ts';
import { distanceCost, type PointSet } from './inputs.ts';
import type { TransportProblem } from './problem.ts';
import { convergenceCurve } from './run-transport.ts';
import { sinkhornSweeps } from './sinkhorn.ts';
import { type SolveOptions, solveTransport, type TransportSolution } from './sns.ts';
import { massFraction } from './sparsify.ts';
import { rounded, transportValues } from './values.ts';

interface Row {
  experiment: string;
  figure: string;
  value: number;
  baseline: string;
  baselineValue: number | null;
  bar: string;
  met: boolean;
}

/** [count] in [0, 1). */
function uniform(seed: number, count: number): Float64Array {
  const random = createRandom(seed);
  return Float64Array.from({ length: count }, () => random.uniform());
}

const even = (n: number) => new Float64Array(n).fill(1 / n);

/** Two pictures with a Gaussian profile on a background of 0.01: a ring and a "7" of two strokes; sum 1. */
export function pictures(size: number): [ring: Float64Array, seven: Float64Array] {
  const draw = (distance: (x: number, y: number) => number) => {
    const image = new Float64Array(size * size);
    let sum = 0;
    for (let i = 0; i < image.length; i++) {
      const [y, x] = [(Math.floor(i / size) + 0.5) / size, ((i % size) + 0.5) / size];
      image[i] = 0.01 + Math.exp(-((distance(x, y) / 0.05) ** 2) / 2);
      sum += image[i];
    }
    return image.map((value) => value / sum);
  };
  const toSegment = (x: number, y: number, [ax, ay, bx, by]: readonly number[]) => {
    const along = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2);
    const s = Math.min(1, Math.max(0, along));
    return Math.hypot(x - ax - s * (bx - ax), y - ay - s * (by - ay));
  };
  const strokes = [
    [0.25, 0.25, 0.75, 0.25],
    [0.75, 0.25, 0.4, 0.8],
  ];
  return [
    draw((x, y) => Math.abs(Math.hypot(x - 0.5, y - 0.5) - 0.28)),
    draw((x, y) => Math.min(...strokes.map((stroke) => toSegment(x, y, stroke)))),
  ];
}

function unitGrid(size: number): PointSet {
  const data = Float64Array.from({ length: 2 * size * size }, (_, k) =>
    k % 2 === 0 ? (Math.floor(k / 2 / size) + 0.5) / size : ((Math.floor(k / 2) % size) + 0.5) / size,
  );
  return { data, count: size * size, dimensions: 2 };
}

function picturePair(size: number, ground: 'euclidean' | 'l1', eta: number): TransportProblem {
  const [r, c] = pictures(size);
  const grid = unitGrid(size);
  const cost = distanceCost(grid, grid, { ground, power: ground === 'l1' ? 1 : 2 });
  return { r, c, cost, costScale: 1, eta };
}

const options = (change: Partial<SolveOptions> = {}): SolveOptions => ({
  method: 'sns',
  warmup: 20,
  sparsity: 0,
  tol: 1e-12,
  maxIterations: 5000,
  ...change,
});

const total = ({ iterations }: TransportSolution) => iterations.sinkhorn + iterations.newton;

/** Every experiment of the specification, in its order. */
export async function demo(seed: number, context: RunContext): Promise<Omit<SolverResult, 'parameters'>> {
  const rows: Row[] = [];
  const metrics: Record<string, number | null> = {};
  let convergence: TransportSolution | undefined;
  const pair = async (
    name: string,
    problem: TransportProblem,
    sns: SolveOptions,
    plainCap: number,
    from: number,
    to: number,
  ) => {
    const middle = (from + to) / 2;
    const plain = await solveTransport(
      problem,
      { ...sns, method: 'sinkhorn', maxIterations: plainCap },
      subContext(context, from, middle, `${name}, Sinkhorn`),
    );
    const fast = await solveTransport(problem, sns, subContext(context, middle, to, `${name}, SNS`));
    const key = name.replaceAll(/[^a-z0-9]+/g, '_');
    metrics[`${key}_sns_iterations`] = total(fast);
    metrics[`${key}_sinkhorn_iterations`] = total(plain);
    metrics[`${key}_sns_error`] = fast.error;
    metrics[`${key}_sinkhorn_error`] = plain.error;
    return { fast, plain };
  };
  const add = (
    experiment: string,
    figure: string,
    value: number,
    baseline: string,
    baselineValue: number | null,
    bar: string,
    met: boolean,
  ) => {
    rows.push({ experiment, figure, value, baseline, baselineValue, bar, met });
  };

  {
    const n = 500;
    const problem = { r: even(n), c: even(n), cost: uniform(seed, n * n), costScale: 1, eta: 1200 };
    const { fast, plain } = await pair('random assignment', problem, options({ sparsity: 8 / n }), 20_000, 0, 0.35);
    convergence = fast;
    const ratio = total(plain) / total(fast);
    add(
      'random assignment',
      'iterations',
      total(fast),
      'Sinkhorn iterations',
      total(plain),
      'at most 45, and plain not converged at the cap or 100 times more',
      total(fast) <= 45 && fast.status === 'converged' && (plain.status !== 'converged' || ratio >= 100),
    );
    const exact = assignmentCost(problem.cost, n);
    const { cost } = transportValues(problem, fast, rounded(fast.plan, problem.r, problem.c));
    const excess = cost - exact;
    add(
      'random assignment',
      'cost above the exact assignment',
      excess,
      'log(n)/eta',
      Math.log(n) / 1200,
      'between 0 and log(n)/eta',
      excess >= -1e-12 && excess <= Math.log(n) / 1200,
    );
  }
  {
    const { fast, plain } = await pair(
      'squared distance',
      picturePair(28, 'euclidean', 1200),
      options(),
      20_000,
      0.35,
      0.6,
    );
    const ratio = total(plain) / total(fast);
    add(
      'image pair, squared distance',
      'iterations',
      total(fast),
      'Sinkhorn iterations',
      total(plain),
      'at most 120, plain 20 times more',
      total(fast) <= 120 && fast.status === 'converged' && ratio >= 20,
    );
  }
  {
    const problem = picturePair(28, 'l1', 200);
    const { fast, plain } = await pair('l1', problem, options({ sparsity: 15 / problem.r.length }), 20_000, 0.6, 0.8);
    const ratio = total(plain) / total(fast);
    add(
      'image pair, L1',
      'iterations',
      total(fast),
      'Sinkhorn iterations',
      total(plain),
      'at most 400, plain 5 times more',
      total(fast) <= 400 && fast.status === 'converged' && ratio >= 5,
    );
  }
  {
    const problem = picturePair(28, 'l1', 1200);
    const n = problem.r.length;
    const potentials = { x: new Float64Array(n), y: new Float64Array(n) };
    const sweeps = sinkhornSweeps(problem, potentials);
    const plan = new Float64Array(n * n);
    const [a, b] = [new Float64Array(n), new Float64Array(n)];
    const fractions: number[] = [];
    let done = 0;
    for (const count of [1, 2, 5, 10, 20, 50, 100]) {
      for (; done < count; done++) sweeps.sweep();
      await checkpoint(context);
      sweeps.settle();
      planInto(plan, a, b, problem, potentials);
      fractions.push(massFraction(plan, 0.9999));
    }
    const monotone = fractions.every((fraction, k) => k === 0 || fraction <= fractions[k - 1] + 1e-12);
    const last = (fractions.at(-1) ?? 1) * n;
    metrics.hessian_fraction_times_n = last;
    const after = 'after one sweep, times n';
    const figure = 'fraction of entries with 99.99 % of mass, times n';
    add('Hessian sparsity', figure, last, after, (fractions[0] ?? 1) * n, 'ends at most 40', last <= 40);
    add('Hessian sparsity', figure, last, after, (fractions[0] ?? 1) * n, 'falls monotonically', monotone);
  }
  let [at50, at1200] = [0, 0];
  for (const [k, eta] of [50, 200, 1200].entries()) {
    const { fast, plain } = await pair(
      `eta ${eta}`,
      picturePair(20, 'euclidean', eta),
      options(),
      20_000,
      0.82 + 0.04 * k,
      0.86 + 0.04 * k,
    );
    const ratio = total(fast) / total(plain);
    if (eta === 50) at50 = ratio;
    if (eta === 1200) at1200 = ratio;
    add(
      `eta ${eta}`,
      'iterations',
      total(fast),
      'Sinkhorn iterations',
      total(plain),
      eta === 50 ? 'within 10 % of plain' : eta === 1200 ? 'far ahead (a fifth)' : 'table only',
      eta === 50 ? at50 <= 1.1 : eta === 1200 ? at1200 <= 0.2 : true,
    );
  }
  {
    const n = 250;
    const problem = { r: even(n), c: even(n), cost: uniform(seed + 1, n * n), costScale: 1, eta: 600 };
    const sparse = await solveTransport(problem, options(), subContext(context, 0.94, 0.97, 'sparse Newton'));
    const dense = await solveTransport(
      problem,
      options({ method: 'newton' }),
      subContext(context, 0.97, 1, 'full Newton'),
    );
    const difference = Math.abs(dualOf(sparse) - dualOf(dense));
    metrics.sparse_dense_dual_difference = difference;
    add(
      'sparse against full Newton',
      'Newton steps',
      sparse.iterations.newton,
      'full Newton steps',
      dense.iterations.newton,
      'same dual value to 1e-10, at most 10 steps more',
      difference <= 1e-10 && sparse.iterations.newton <= dense.iterations.newton + 10,
    );
  }
  metrics.bars_met = rows.filter(({ met }) => met).length;
  metrics.bars = rows.length;
  return {
    artifacts: {
      table: {
        type: 'table',
        columns: {
          experiment: rows.map((row) => row.experiment),
          figure: rows.map((row) => row.figure),
          value: rows.map((row) => row.value),
          baseline: rows.map((row) => row.baseline),
          baseline_value: rows.map((row) => row.baselineValue),
          bar: rows.map((row) => row.bar),
          met: rows.map((row) => (row.met ? 'yes' : 'no')),
        },
      },
      ...(convergence === undefined ? {} : { convergence: convergenceCurve(convergence) }),
    },
    metrics,
    warnings: [],
  };
}

function dualOf({ rows }: TransportSolution): number {
  return rows.findLast(({ dual }) => dual !== null)?.dual ?? Number.NaN;
}
