/**
 * Minimises a smooth function of a few variables by limited-memory BFGS, with optional bounds on each variable:
 *
 *   d = −H g over the variables that are not held at a bound, H from the last `memory` pairs s = Δx, y = Δg by the two-loop
 *   recursion;  x ← P(x + α d), P the projection on the box, α by bisection until value and slope have fallen enough.
 *
 * J. Nocedal, S. Wright, "Numerical Optimization" (2006), algorithms 7.4 and 7.5; line search for the weak Wolfe conditions
 * as in A. Lewis, M. Overton, Math. Program. 141 (2013), algorithm 2.6; bounds by projection as in D. Bertsekas, SIAM J.
 * Control Optim. 20 (1982). The condition on the slope is left out where a step met a bound.
 */
import { check } from '../errors.ts';

export interface LbfgsOptions {
  /** Pairs kept. Default 10. */
  memory?: number;
  /** Default 200. */
  maxIterations?: number;
  /** Stops when the norm of the gradient, without its parts that push against a bound, is at most this. Default 1e-5. */
  gradientTolerance?: number;
  /** One number per variable; default none. */
  lower?: ArrayLike<number>;
  upper?: ArrayLike<number>;
  /** Called after every iteration; throw to stop. */
  onIteration?: (iteration: number, value: number) => void | Promise<void>;
}

export interface LbfgsResult {
  x: Float64Array;
  value: number;
  /** Of the gradient without its parts that push against a bound. */
  gradientNorm: number;
  iterations: number;
  evaluations: number;
  /** `line-search`: no lower value was found along the direction, at the limit of rounding as a rule. */
  reason: 'converged' | 'iteration-limit' | 'line-search';
}

const sufficientFall = 1e-4;
const slopeKept = 0.9;
const longestSearch = 50;

/**
 * `objective` fills `gradient` and returns the value; one that is not finite counts as too high. Throws `mismatch` for bounds
 * of another length, `bad-usage` for empty boxes, `numerical` when the start itself has no finite value.
 */
export async function lbfgs(
  objective: (x: Float64Array, gradient: Float64Array) => number,
  start: ArrayLike<number>,
  options: LbfgsOptions = {},
): Promise<LbfgsResult> {
  const { memory = 10, maxIterations = 200, gradientTolerance = 1e-5, onIteration } = options;
  const n = start.length;
  const { lower, upper, project } = box(n, options);
  let x = project(Float64Array.from(start));
  let gradient: Float64Array = new Float64Array(n);
  let value = objective(x, gradient);
  check(Number.isFinite(value) && gradient.every(Number.isFinite), () => `the value at the start is ${value}`, {
    code: 'numerical',
  });
  let evaluations = 1;
  const pairs: Pair[] = [];
  const held = (i: number) => (x[i] <= lower[i] && gradient[i] > 0) || (x[i] >= upper[i] && gradient[i] < 0);
  const free = () => gradient.map((g, i) => (held(i) ? 0 : g));
  for (let iteration = 0; ; iteration++) {
    const open = free();
    const gradientNorm = Math.sqrt(dot(open, open));
    const done = (reason: LbfgsResult['reason']) => ({
      x,
      value,
      gradientNorm,
      iterations: iteration,
      evaluations,
      reason,
    });
    if (gradientNorm <= gradientTolerance) return done('converged');
    if (iteration >= maxIterations) return done('iteration-limit');
    let found: Step | undefined;
    for (;;) {
      const direction = descent(open, pairs);
      for (let i = 0; i < n; i++) if (open[i] === 0 && held(i)) direction[i] = 0;
      const first = pairs.length === 0 ? Math.min(1, 1 / gradientNorm) : 1;
      found = search({ objective, project, x, value, gradient, direction, first });
      evaluations += found.evaluations;
      if (found.next !== undefined || pairs.length === 0) break;
      // Old pairs can mislead where the set of held variables has changed: once more, straight down.
      pairs.length = 0;
    }
    const { next } = found;
    if (next === undefined) return done('line-search');
    const s = next.x.map((moved, i) => moved - x[i]);
    const y = next.gradient.map((g, i) => g - gradient[i]);
    const curvature = dot(s, y);
    if (curvature > 1e-12 * Math.sqrt(dot(s, s) * dot(y, y))) {
      pairs.push({ s, y, rho: 1 / curvature });
      if (pairs.length > memory) pairs.shift();
    }
    ({ x, value, gradient } = next);
    await onIteration?.(iteration + 1, value);
  }
}

interface Pair {
  s: Float64Array;
  y: Float64Array;
  /** 1/(s·y). */
  rho: number;
}

interface Point {
  x: Float64Array;
  value: number;
  gradient: Float64Array;
}

interface Step {
  next?: Point;
  evaluations: number;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function box(n: number, options: LbfgsOptions) {
  const lower = Float64Array.from(options.lower ?? new Float64Array(n).fill(Number.NEGATIVE_INFINITY));
  const upper = Float64Array.from(options.upper ?? new Float64Array(n).fill(Number.POSITIVE_INFINITY));
  check(lower.length === n && upper.length === n, () => `bounds of ${lower.length} and ${upper.length} for ${n}`, {
    code: 'mismatch',
  });
  for (let i = 0; i < n; i++)
    check(lower[i] <= upper[i], () => `bounds ${lower[i]} to ${upper[i]} of variable ${i} leave nothing`, {
      code: 'bad-usage',
    });
  const project = (x: Float64Array) => {
    for (let i = 0; i < n; i++) x[i] = Math.min(upper[i], Math.max(lower[i], x[i]));
    return x;
  };
  return { lower, upper, project };
}

/** −H g by the two-loop recursion. */
function descent(gradient: Float64Array, pairs: readonly Pair[]): Float64Array {
  const q = Float64Array.from(gradient);
  const alpha = new Float64Array(pairs.length);
  for (let k = pairs.length - 1; k >= 0; k--) {
    const { s, y, rho } = pairs[k];
    alpha[k] = rho * dot(s, q);
    for (let i = 0; i < q.length; i++) q[i] -= alpha[k] * y[i];
  }
  const last = pairs.at(-1);
  const scale = last === undefined ? 1 : 1 / (last.rho * dot(last.y, last.y));
  for (let i = 0; i < q.length; i++) q[i] *= scale;
  for (const [k, { s, y, rho }] of pairs.entries()) {
    const beta = rho * dot(y, q);
    for (let i = 0; i < q.length; i++) q[i] += (alpha[k] - beta) * s[i];
  }
  return q.map((value) => -value);
}

interface Search extends Point {
  objective: (x: Float64Array, gradient: Float64Array) => number;
  project: (x: Float64Array) => Float64Array;
  direction: Float64Array;
  first: number;
}

function search({ objective, project, x, value, gradient, direction, first }: Search): Step {
  const slope = dot(gradient, direction);
  if (!(slope < 0)) return { evaluations: 0 };
  let [low, high, step] = [0, Number.POSITIVE_INFINITY, first];
  let best: Point | undefined;
  for (let evaluations = 1; ; evaluations++) {
    const wanted = x.map((at, i) => at + step * direction[i]);
    const moved = project(Float64Array.from(wanted));
    const met = moved.some((at, i) => at !== wanted[i]);
    const trial: Point = { x: moved, value: 0, gradient: new Float64Array(x.length) };
    trial.value = objective(moved, trial.gradient);
    const expected = dot(
      gradient,
      moved.map((at, i) => at - x[i]),
    );
    const fell =
      Number.isFinite(trial.value) &&
      trial.gradient.every(Number.isFinite) &&
      trial.value <= value + sufficientFall * Math.min(0, expected) &&
      trial.value < value;
    if (!fell) high = step;
    else {
      if (met || dot(trial.gradient, direction) >= slopeKept * slope) return { next: trial, evaluations };
      best = trial;
      low = step;
    }
    if (evaluations >= longestSearch) return { ...(best === undefined ? {} : { next: best }), evaluations };
    step = high < Number.POSITIVE_INFINITY ? (low + high) / 2 : 2 * step;
  }
}
