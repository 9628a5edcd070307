/**
 * LSQR: minimises ‖A x − b‖² + damp² ‖x‖² by Golub–Kahan bidiagonalisation, algebraically CG on the normal equations
 * with better behaviour on ill-conditioned A. C. C. Paige, M. A. Saunders, "LSQR: an algorithm for sparse linear
 * equations and sparse least squares", ACM TOMS 8, 1982 (recurrences of section 3, damping of section 2, stopping rules
 * 1 and 2 of section 6).
 */
import { checkpoint, type RunContext } from '../context.ts';
import { EngineError } from '../errors.ts';
import type { LinearOperator } from './operator.ts';

export interface LsqrOptions<X> {
  iterations: number;
  /** Relative accuracy of A: stop at ‖Aᴴr‖ ≤ atol ‖A‖‖r‖ (default 1e-6). */
  atol?: number;
  /** Relative accuracy of b: stop at ‖r‖ ≤ btol ‖b‖ + atol ‖A‖‖x‖ (default 1e-6). */
  btol?: number;
  /** Default 0. With a start x0 the damping pulls towards x0. */
  damp?: number;
  /** Default 0; not modified. */
  x0?: X;
}

export interface LsqrResult<X> {
  x: X;
  iterations: number;
  /** ‖b − A x‖ (damped: of the augmented system) relative to ‖b‖, at the start and after each iteration. */
  residuals: number[];
  /** 'consistent': A x = b to btol; 'least-squares': Aᴴ r = 0 to atol. */
  reason: 'consistent' | 'least-squares' | 'iterations';
}

/** Errors: `numerical` naming the iteration; `cancelled`. */
export async function lsqr<X, Y>(
  a: LinearOperator<X, Y>,
  b: Y,
  options: LsqrOptions<X>,
  context?: Pick<RunContext, 'signal'>,
): Promise<LsqrResult<X>> {
  const { domain, range } = a;
  const { atol = 1e-6, btol = 1e-6, damp = 0, x0 } = options;
  const lengthOf = (squared: number, iteration: number): number => {
    if (Number.isFinite(squared)) return Math.sqrt(squared);
    throw new EngineError(
      'numerical',
      `LSQR on ${a.name}: a norm became ${Math.sqrt(squared)} in iteration ${iteration}`,
    );
  };

  const normB = lengthOf(await range.dot(b, b), 0);
  let x = x0 === undefined ? domain.zeros() : domain.copy(x0);
  let u = range.copy(b);
  if (x0 !== undefined) u = range.axpy(-1, a.apply(x), u);
  let beta = lengthOf(await range.dot(u, u), 0);
  const unit = normB > 0 ? normB : 1;
  const residuals = [beta / unit];
  if (beta === 0) return { x, iterations: 0, residuals, reason: 'consistent' };
  u = range.scale(1 / beta, u);
  let v = domain.copy(a.adjoint(u));
  let alpha = lengthOf(await domain.dot(v, v), 0);
  if (alpha === 0) return { x, iterations: 0, residuals, reason: 'least-squares' };
  v = domain.scale(1 / alpha, v);
  let w = domain.copy(v);

  let phiBar = beta;
  let rhoBar = alpha;
  let normA2 = alpha * alpha;
  // what damping adds to the squared residual of the augmented system
  let damped = 0;
  for (let i = 1; i <= options.iterations; i++) {
    if (context) await checkpoint(context);
    u = range.axpy(1, a.apply(v), range.scale(-alpha, u));
    beta = lengthOf(await range.dot(u, u), i);
    if (beta > 0) u = range.scale(1 / beta, u);
    v = domain.axpy(1, a.adjoint(u), domain.scale(-beta, v));
    alpha = lengthOf(await domain.dot(v, v), i);
    if (alpha > 0) v = domain.scale(1 / alpha, v);
    normA2 += alpha * alpha + beta * beta + damp * damp;

    // rotate the damping row away, then the subdiagonal of the bidiagonal matrix
    const rhoDamped = Math.hypot(rhoBar, damp);
    damped += ((damp / rhoDamped) * phiBar) ** 2;
    phiBar *= rhoBar / rhoDamped;
    const rho = Math.hypot(rhoDamped, beta);
    const c = rhoDamped / rho;
    const s = beta / rho;
    const theta = s * alpha;
    rhoBar = -c * alpha;
    const phi = c * phiBar;
    phiBar *= s;
    x = domain.axpy(phi / rho, w, x);
    w = domain.axpy(1, v, domain.scale(-theta / rho, w));

    const residual = Math.sqrt(phiBar * phiBar + damped);
    residuals.push(residual / unit);
    const normA = Math.sqrt(normA2);
    const normalResidual = Math.abs(alpha * c * phiBar);
    const normX = lengthOf(await domain.dot(x, x), i);
    if (residual <= btol * normB + atol * normA * normX) return { x, iterations: i, residuals, reason: 'consistent' };
    if (normalResidual <= atol * normA * residual) return { x, iterations: i, residuals, reason: 'least-squares' };
  }
  return { x, iterations: options.iterations, residuals, reason: 'iterations' };
}
