/**
 * ADMM in scaled form for  ½⟨x, Bx⟩ − Re⟨b, x⟩ + Σ_i g_i(K_i x),  with B = AᴴA and b = Aᴴy for ½‖Ax − y‖²:
 *
 *   1. x ← CG, from the last x, on (B + Σ ρ_i K_iᴴK_i) x = b + Σ ρ_i K_iᴴ(w_i − u_i)
 *   2. w_i ← prox_{g_i/ρ_i}(K_i x + u_i)
 *   3. u_i ← u_i + K_i x − w_i
 *
 * starting from w = u = 0. S. Boyd et al., Found. Trends Mach. Learn. 3 (2011) 1–122, section 3.1.1 and, for inexact
 * step 1, section 3.4.4.
 */
import { checkpoint, type RunContext } from '../context.ts';
import { check } from '../errors.ts';
import { cg, cgWorkspace } from './cg.ts';
import { type LinearOperator, normal } from './operator.ts';
import type { VectorSpace } from './space.ts';

export interface AdmmTerm<X, W> {
  /** K_i */
  operator: LinearOperator<X, W>;
  /** prox_{step·g_i} of v with step = 1/ρ_i; may overwrite v, whose value is not used again. */
  prox: (v: W, step: number) => W;
  /** ρ_i > 0 */
  rho: number;
}

export interface AdmmOptions<X, W> {
  space: VectorSpace<X>;
  /** z ↦ B z. */
  normal: (z: X, out?: X) => X;
  /** b */
  rhs: X;
  terms: readonly AdmmTerm<X, W>[];
  iterations: number;
  /** CG iterations of step 1; default 10. */
  cgIterations?: number;
  /** Relative residual at which CG stops; default 1e-6. */
  cgTolerance?: number;
  /** Default 0. Not modified. */
  start?: X;
  /** Stops when the relative primal residual of every term and the relative change of x are no more. Default 0 = never. */
  tolerance?: number;
  onIteration?: (iteration: number, x: X) => void | Promise<void>;
}

export interface AdmmResult<X> {
  x: X;
  iterations: number;
  /** max_i ‖K_i x − w_i‖/max(‖K_i x‖, ‖w_i‖) per iteration. */
  residuals: number[];
  /** ‖x_k − x_{k−1}‖/‖x_k‖ per iteration. */
  changes: number[];
  reason: 'converged' | 'iteration-limit';
}

interface TermState<W> {
  w: W;
  u: W;
  /** K x, and scratch for w − u and K x − w. */
  kx: W;
}

/** Throws `bad-usage` for ρ ≤ 0, `numerical` from CG, `cancelled`. */
export async function admm<X, W>(
  options: AdmmOptions<X, W>,
  context?: Pick<RunContext, 'signal'>,
): Promise<AdmmResult<X>> {
  const { space, rhs, terms, iterations, cgIterations = 10, cgTolerance = 1e-6, tolerance = 0 } = options;
  for (const { rho } of terms)
    check(rho > 0 && Number.isFinite(rho), () => `rho is ${rho}, expected a positive number`, {
      code: 'bad-usage',
      path: 'rho',
    });
  const assign = <V>(s: VectorSpace<V>, from: V, to: V): V => {
    if (s.assign) return s.assign(from, to);
    s.dispose?.(to);
    return s.copy(from);
  };
  const states: TermState<W>[] = terms.map(({ operator }) => ({
    w: operator.range.zeros(),
    u: operator.range.zeros(),
    kx: operator.range.zeros(),
  }));
  let held = space.zeros();
  const system = (z: X, out?: X): X => {
    let result = options.normal(z, out);
    for (const { operator, rho } of terms) {
      held = normal(operator, z, held);
      result = space.axpy(rho, held, result);
    }
    return result;
  };
  const workspace = cgWorkspace(space);
  let x = options.start === undefined ? space.zeros() : space.copy(options.start);
  let right = space.zeros();
  const residuals: number[] = [];
  const changes: number[] = [];
  let reason: AdmmResult<X>['reason'] = 'iteration-limit';
  for (let k = 0; k < iterations; k++) {
    if (context) await checkpoint(context);
    right = assign(space, rhs, right);
    for (let i = 0; i < terms.length; i++) {
      const { operator, rho } = terms[i];
      const state = states[i];
      state.kx = operator.range.axpy(-1, state.u, assign(operator.range, state.w, state.kx));
      held = operator.adjoint(state.kx, held);
      right = space.axpy(rho, held, right);
    }
    const solved = await cg(system, right, x, space, { iterations: cgIterations, tolerance: cgTolerance, workspace });
    x = space.axpy(-1, solved.x, x);
    const moved = await space.dot(x, x);
    x = assign(space, solved.x, x);
    changes.push(Math.sqrt(moved / Math.max(await space.dot(x, x), Number.MIN_VALUE)));
    let worst = 0;
    for (let i = 0; i < terms.length; i++) {
      const { operator, prox, rho } = terms[i];
      const range = operator.range;
      const state = states[i];
      state.kx = operator.apply(x, state.kx);
      state.u = range.axpy(1, state.kx, state.u);
      state.w = prox(assign(range, state.u, state.w), 1 / rho);
      state.u = range.axpy(-1, state.w, state.u);
      const size = Math.max(await range.dot(state.kx, state.kx), await range.dot(state.w, state.w));
      state.kx = range.axpy(-1, state.w, state.kx);
      if (size > 0) worst = Math.max(worst, Math.sqrt((await range.dot(state.kx, state.kx)) / size));
    }
    residuals.push(worst);
    await options.onIteration?.(k + 1, x);
    if (tolerance > 0 && k > 0 && worst <= tolerance && changes[k] <= tolerance) {
      reason = 'converged';
      break;
    }
  }
  if (space.dispose) for (const v of [held, right, ...Object.values(workspace)]) space.dispose(v);
  terms.forEach(({ operator }, i) => {
    for (const v of Object.values(states[i])) operator.range.dispose?.(v);
  });
  return { x, iterations: changes.length, residuals, changes, reason };
}
