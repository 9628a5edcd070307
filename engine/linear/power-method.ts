/** Largest eigenvalue of AᴴA by the power method: x ← AᴴA x/‖AᴴA x‖, λ = ⟨x, AᴴA x⟩; its root is the norm of A. */
import { fillNormal } from '../arrays/random.ts';
import { EngineError } from '../errors.ts';
import { type LinearOperator, normal } from './operator.ts';
import type { VectorSpace } from './space.ts';

export interface PowerMethodOptions {
  /** Most iterations (default 100). */
  iterations?: number;
  /** Stop when λ changes by less than this share (default 1e-5). λ approaches from below. */
  tolerance?: number;
}

export interface PowerMethodResult<V> {
  eigenvalue: number;
  /** Unit vector. */
  vector: V;
  iterations: number;
  reason: 'converged' | 'iterations';
}

/**
 * Dominant eigenpair of a Hermitian positive semi-definite map. `start` is not modified and must not be orthogonal to
 * the dominant eigenspace. The zero map gives 0. Errors: `numerical` when the iteration leaves the finite numbers.
 */
export async function powerMethod<V>(
  apply: (x: V, out?: V) => V,
  start: V,
  space: VectorSpace<V>,
  options: PowerMethodOptions = {},
): Promise<PowerMethodResult<V>> {
  const { iterations = 100, tolerance = 1e-5 } = options;
  let x = space.copy(start);
  let y = space.zeros();
  let squared = await space.dot(x, x);
  let eigenvalue = 0;
  for (let i = 1; i <= iterations; i++) {
    x = space.scale(squared > 0 ? 1 / Math.sqrt(squared) : 0, x);
    const next = apply(x, y);
    if (next !== y) space.dispose?.(y);
    const lambda = await space.dot(x, next);
    squared = await space.dot(next, next);
    if (!Number.isFinite(lambda) || !Number.isFinite(squared))
      throw new EngineError('numerical', `power method: the eigenvalue became ${lambda} in iteration ${i}`);
    const settled = Math.abs(lambda - eigenvalue) <= tolerance * Math.abs(lambda);
    eigenvalue = lambda;
    if (settled) {
      space.dispose?.(next);
      return { eigenvalue, vector: x, iterations: i, reason: 'converged' };
    }
    if (i === iterations) space.dispose?.(next);
    else {
      y = x;
      x = next;
    }
  }
  return { eigenvalue, vector: x, iterations, reason: 'iterations' };
}

/** Largest eigenvalue of AᴴA, from a seeded start. */
export async function largestEigenvalue<Y>(
  a: LinearOperator<Float32Array, Y>,
  seed = 0,
  options: PowerMethodOptions = {},
): Promise<number> {
  const start = a.domain.zeros();
  fillNormal(start, { seed, sample: 0, slice: 0, step: 0 });
  const { eigenvalue } = await powerMethod((x, out) => normal(a, x, out), start, a.domain, options);
  return eigenvalue;
}
