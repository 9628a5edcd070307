/**
 * Primal-dual hybrid gradients: minimises G(x) + Σ_i F_i(K_i x) for convex F_i, G with simple proximal maps.
 *
 *   1. y_i ← prox_{σ_i F_i*}(y_i + σ_i K_i x̄)
 *   2. x' ← prox_{τG}(x − τ Σ_i K_iᴴ y_i)
 *   3. x̄ ← x' + θ (x' − x),  x ← x',  θ = 1
 *
 * A. Chambolle, T. Pock, J. Math. Imaging Vis. 40 (2011) 120–145, algorithm 1. The m terms have steps of their own, as
 * their norms differ: σ_i = s/(m‖K_i‖²) and τ = 1/s fulfil τ Σ σ_i‖K_i‖² ≤ 1 (T. Pock, A. Chambolle, ICCV 2011, the
 * block form of their condition); for one term and s = ‖K‖ these are the usual σ = τ = 1/‖K‖.
 *
 * Convergence: after step 2 the optimality conditions are missed by
 *
 *   primal: (x − x')/τ ∈ ∂G(x') + Σ K_iᴴ y_i          dual: (y_i − y_i')/σ_i + K_i(x̄ − x') ∈ ∂F_i*(y_i') − K_i x'
 *
 * The first is known exactly, the second is bounded by ‖y_i − y_i'‖/σ_i + ‖K_i‖‖x̄ − x'‖; each is compared with the size
 * of what cancels there, the largest Σ ‖K_iᴴ y_i‖ so far and ‖K_i‖‖x'‖.
 */
import { checkpoint, type RunContext } from '../context.ts';
import { check } from '../errors.ts';
import type { LinearOperator } from './operator.ts';
import type { VectorSpace } from './space.ts';

export interface PdhgTerm<X, W> {
  /** K_i */
  operator: LinearOperator<X, W>;
  /** An upper bound of ‖K_i‖². */
  normSquared: number;
  /** prox_{σ F_i*} of v; may overwrite v, whose value is not used again. */
  proxDual: (v: W, sigma: number) => W;
  /** Step 1 in place and in one pass, where that is cheaper; returns ‖y' − y‖². Then no scratch is kept for the term. */
  ascend?: (y: W, xBar: X, sigma: number) => number;
}

export interface PdhgOptions<X, W> {
  space: VectorSpace<X>;
  terms: readonly PdhgTerm<X, W>[];
  /** prox_{τG} of v; may overwrite v, whose value is not used again. Default G = 0. */
  prox?: (v: X, tau: number) => X;
  iterations: number;
  /** s: large values move the dual variables faster, small ones the image. Default √(mean ‖K_i‖²). */
  balance?: number;
  /** Default 0. Not modified. */
  start?: X;
  /** Stops when both relative residuals are no more. Default 0 = never. */
  tolerance?: number;
  /** Dual variables to start from and to leave behind, one per term: a nearby problem continues from them. Default 0. */
  duals?: W[];
  /** Called after every iteration with the iterate, valid during the call; throw to stop. */
  onIteration?: (iteration: number, x: X) => void | Promise<void>;
}

export interface PdhgResult<X> {
  x: X;
  iterations: number;
  /** Relative primal residual per iteration. */
  primal: number[];
  /** Largest relative bound of a dual residual per iteration. */
  dual: number[];
  reason: 'converged' | 'iteration-limit';
}

/**
 * Keeps x, x̄, two gradients and per term one dual variable, and one vector of the range for terms without `ascend`; none
 * is allocated later on. Throws `bad-usage` for norms, steps or duals that make no sense, `numerical` when the iterates
 * leave the finite numbers, `cancelled`.
 */
export async function pdhg<X, W>(
  options: PdhgOptions<X, W>,
  context?: Pick<RunContext, 'signal'>,
): Promise<PdhgResult<X>> {
  const { space, terms, iterations, prox = (v: X) => v, tolerance = 0 } = options;
  check(terms.length > 0, () => 'primal-dual iterations need at least one term', { code: 'bad-usage' });
  for (const { normSquared, operator } of terms)
    check(normSquared > 0 && Number.isFinite(normSquared), () => `‖${operator.name}‖² is ${normSquared}`, {
      code: 'bad-usage',
      path: 'normSquared',
    });
  const meanSquare = terms.reduce((sum, { normSquared }) => sum + normSquared, 0) / terms.length;
  const balance = options.balance ?? Math.sqrt(meanSquare);
  check(balance > 0 && Number.isFinite(balance), () => `balance is ${balance}, expected a positive number`, {
    code: 'bad-usage',
    path: 'balance',
  });
  const tau = 1 / balance;
  const duals = options.duals ?? [];
  check(duals.length === 0 || duals.length === terms.length, () => `${duals.length} duals for ${terms.length} terms`, {
    code: 'bad-usage',
    path: 'duals',
  });
  const states = terms.map((term, i) => ({
    term,
    sigma: balance / (terms.length * term.normSquared),
    y: duals[i] ?? term.operator.range.zeros(),
    scratch: term.ascend ? undefined : term.operator.range.zeros(),
    change: 0,
  }));
  let x = options.start === undefined ? space.zeros() : space.copy(options.start);
  let xBar = space.copy(x);
  let gradient = space.zeros();
  let part = space.zeros();
  const primal: number[] = [];
  const dual: number[] = [];
  let strongest = 0;
  let reason: PdhgResult<X>['reason'] = 'iteration-limit';

  for (let k = 0; k < iterations; k++) {
    if (context) await checkpoint(context);
    for (const state of states) await ascend(state, xBar);
    let pull = 0;
    for (let i = 0; i < states.length; i++) {
      const { term, y } = states[i];
      part = term.operator.adjoint(y, part);
      pull += Math.sqrt(await space.dot(part, part));
      if (i > 0) gradient = space.axpy(1, part, gradient);
      else [gradient, part] = [part, gradient];
    }
    strongest = Math.max(strongest, pull);
    // gradient becomes x' and, after the residuals, xBar becomes the scratch of the next gradient
    const next = prox(combine(space, 1, x, -tau, gradient), tau);
    const size = Math.sqrt(await space.dot(next, next));
    check(Number.isFinite(size), () => `primal-dual iterates left the finite numbers in iteration ${k + 1}`, {
      code: 'numerical',
      hint: 'A norm is larger than stated or the data hold infinite values.',
    });
    xBar = space.axpy(-1, next, xBar);
    const ahead = Math.sqrt(await space.dot(xBar, xBar));
    x = combine(space, 1, next, -1, x); // x' − x
    const moved = Math.sqrt(await space.dot(x, x));
    primal.push(ratio(moved / tau, strongest));
    dual.push(
      Math.max(
        ...states.map(({ term, sigma, change }) => {
          const norm = Math.sqrt(term.normSquared);
          return ratio(Math.sqrt(change) / sigma + norm * ahead, norm * size);
        }),
      ),
    );
    x = space.axpy(1, next, x); // 2x' − x = x̄
    gradient = xBar;
    xBar = x;
    x = next;
    await options.onIteration?.(k + 1, x);
    if (tolerance > 0 && primal[k] <= tolerance && dual[k] <= tolerance) {
      reason = 'converged';
      break;
    }
  }
  if (options.duals) options.duals.splice(0, duals.length, ...states.map(({ y }) => y));
  else for (const { term, y } of states) term.operator.range.dispose?.(y);
  for (const { term, scratch } of states) if (scratch !== undefined) term.operator.range.dispose?.(scratch);
  if (space.dispose) for (const v of [xBar, gradient, part]) space.dispose(v);
  return { x, iterations: primal.length, primal, dual, reason };
}

interface TermState<X, W> {
  term: PdhgTerm<X, W>;
  sigma: number;
  y: W;
  scratch: W | undefined;
  /** ‖y' − y‖² of the last step. */
  change: number;
}

/** y ← prox_{σF*}(y + σ K x̄). */
async function ascend<X, W>(state: TermState<X, W>, xBar: X): Promise<void> {
  const { term, sigma } = state;
  if (term.ascend) {
    state.change = term.ascend(state.y, xBar, sigma);
    return;
  }
  const { range } = term.operator;
  const moved = combine(range, 1, state.y, sigma, term.operator.apply(xBar, state.scratch));
  const next = term.proxDual(moved, sigma);
  const old = range.axpy(-1, next, state.y);
  state.change = await range.dot(old, old);
  state.scratch = old;
  state.y = next;
}

/** y ← a·x + b·y. */
function combine<V>(space: VectorSpace<V>, a: number, x: V, b: number, y: V): V {
  return space.axpby ? space.axpby(a, x, b, y) : space.axpy(a, x, space.scale(b, y));
}

/** How large `part` is beside `whole`; a zero part is none whatever the whole. */
function ratio(part: number, whole: number): number {
  return part === 0 ? 0 : part / Math.max(whole, Number.MIN_VALUE);
}
