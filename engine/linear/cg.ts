/**
 * Conjugate gradients for B x = b with B Hermitian positive (semi-)definite.
 *   x₀; r = b − B x₀; p = r; ρ = ⟨r, r⟩
 *   repeat: q = B p; d = ⟨p, q⟩; stop unless d > 0; a = ρ/d; x += a p; r −= a q; ρ' = ⟨r, r⟩;
 *           stop when ρ' ≤ (tol ‖b‖)²; p = r + (ρ'/ρ) p; ρ = ρ'
 * Correct on complex vectors because the space's inner product conjugates its first argument and ⟨p, B p⟩ is real.
 * M. R. Hestenes, E. Stiefel, "Methods of conjugate gradients for solving linear systems", 1952. Scalars are float64.
 * Few iterations are a regulariser: each stays in x₀ + span{b − Bx₀, B(b − Bx₀), …}. Whether B is positive definite is
 * not checked; a direction with d ≤ 0 ends the run as 'breakdown' with the iterate before it.
 */
import { checkpoint, type RunContext } from '../context.ts';
import { EngineError } from '../errors.ts';
import type { VectorSpace } from './space.ts';

export interface CgOptions<V> {
  /** Most iterations; 0 returns the start. */
  iterations: number;
  /** Stop at ‖r‖ ≤ tolerance · ‖b‖. Default 0: only an exactly zero residual stops. */
  tolerance?: number;
  /** Vectors to use again from call to call; then the returned x is the workspace's own, valid until the next call. */
  workspace?: CgWorkspace<V>;
  /** Called after every iteration with the iterate, valid until the next one; throw to stop. */
  onIteration?: (iteration: number, x: V) => void | Promise<void>;
}

export interface CgWorkspace<V> {
  x: V;
  r: V;
  p: V;
  q: V;
}

export interface CgResult<V> {
  x: V;
  iterations: number;
  /** ‖r‖/‖b‖ at the start and after each iteration (‖r‖ itself when b = 0). */
  residuals: number[];
  reason: 'converged' | 'iterations' | 'breakdown';
}

export function cgWorkspace<V>(space: VectorSpace<V>): CgWorkspace<V> {
  return { x: space.zeros(), r: space.zeros(), p: space.zeros(), q: space.zeros() };
}

function assign<V>(space: VectorSpace<V>, x: V, y: V): V {
  if (space.assign) return space.assign(x, y);
  space.dispose?.(y);
  return space.copy(x);
}

function finite(value: number, what: string, iteration: number): number {
  if (Number.isFinite(value)) return value;
  throw new EngineError('numerical', `conjugate gradients: ${what} became ${value} in iteration ${iteration}`, {
    hint: 'look for NaN, infinite or extremely large numbers in the input, and at γ and the scale',
  });
}

/**
 * Solves B x = b from x0, which is not modified. `apply(x, out)` returns B x, in `out` where it can.
 * Four vectors are allocated, none when a workspace is given. With a context, cancellation is polled every iteration.
 * Errors: `numerical` naming the iteration in which a scalar left the finite numbers; `cancelled`.
 */
export async function cg<V>(
  apply: (x: V, out?: V) => V,
  b: V,
  x0: V,
  space: VectorSpace<V>,
  options: CgOptions<V>,
  context?: Pick<RunContext, 'signal'>,
): Promise<CgResult<V>> {
  const work = options.workspace ?? cgWorkspace(space);
  const applyTo = (x: V): void => {
    const q = apply(x, work.q);
    if (q !== work.q) space.dispose?.(work.q);
    work.q = q;
  };
  const norm = Math.sqrt(finite(await space.dot(b, b), '‖b‖²', 0));
  const relative = (squared: number): number => Math.sqrt(squared) / (norm > 0 ? norm : 1);
  const enough = ((options.tolerance ?? 0) * norm) ** 2;

  work.x = assign(space, x0, work.x);
  applyTo(work.x);
  work.r = space.axpy(-1, work.q, assign(space, b, work.r));
  let rho = finite(await space.dot(work.r, work.r), '‖r‖²', 0);
  const residuals = [relative(rho)];
  let iterations = 0;
  let reason: CgResult<V>['reason'] = rho <= enough ? 'converged' : 'iterations';
  if (reason !== 'converged') work.p = assign(space, work.r, work.p);
  while (reason === 'iterations' && iterations < options.iterations) {
    if (context) await checkpoint(context);
    const iteration = iterations + 1;
    applyTo(work.p);
    const d = finite(await space.dot(work.p, work.q), '⟨p, Bp⟩', iteration);
    if (!(d > 0)) {
      reason = 'breakdown';
      break;
    }
    const a = rho / d;
    work.x = space.axpy(a, work.p, work.x);
    work.r = space.axpy(-a, work.q, work.r);
    const next = finite(await space.dot(work.r, work.r), '‖r‖²', iteration);
    residuals.push(relative(next));
    iterations = iteration;
    await options.onIteration?.(iteration, work.x);
    if (next <= enough) reason = 'converged';
    else if (space.axpby) work.p = space.axpby(1, work.r, next / rho, work.p);
    else work.p = space.axpy(1, work.r, space.scale(next / rho, work.p));
    rho = next;
  }
  if (!options.workspace && space.dispose) for (const v of [work.r, work.p, work.q]) space.dispose(v);
  return { x: work.x, iterations, residuals, reason };
}
