/**
 * FISTA: minimises ½⟨x, Bx⟩ − Re⟨b, x⟩ + g(x), that is ½‖Ax − y‖² + g(x) up to a constant with B = AᴴA and b = Aᴴy.
 *
 *   1. x_k = prox_{s·g}(z_k − s (B z_k − b)),                 s ≤ 1/‖B‖
 *   2. t_{k+1} = (1 + √(1 + 4 t_k²))/2
 *   3. z_{k+1} = x_k + ((t_k − 1)/t_{k+1}) (x_k − x_{k−1})
 *
 * A. Beck, M. Teboulle, SIAM J. Imaging Sci. 2 (2009) 183–202, "FISTA with constant step size". Restarts after
 * B. O'Donoghue, E. Candès, Found. Comput. Math. 15 (2015) 715–732: `function` sets t ← 1 when the objective rose,
 * `gradient` when ⟨z_k − x_k, x_k − x_{k−1}⟩ > 0 (no objective needed).
 */
import { check } from '../errors.ts';
import type { VectorSpace } from './space.ts';

export interface FistaOptions<V> {
  space: VectorSpace<V>;
  /** z ↦ B z. */
  normal: (z: V, out?: V) => V;
  /** b */
  rhs: V;
  /** prox_{step·g} of v; may overwrite v, whose value is not used again. */
  prox: (v: V, step: number, iteration: number) => V | Promise<V>;
  step: number;
  iterations: number;
  /** Default 0. Not modified. */
  start?: V;
  /** Stops when ‖x_k − x_{k−1}‖ ≤ tolerance·‖x_k‖. Default 0 = never. */
  tolerance?: number;
  /** Default none. */
  restart?: 'none' | 'gradient' | 'function';
  /** Objective at x, needed by the function restart. */
  objective?: (x: V) => number | Promise<number>;
  /** Called after every iteration; throw to stop. */
  onIteration?: (iteration: number, x: V) => void | Promise<void>;
}

export interface FistaResult<V> {
  x: V;
  iterations: number;
  /** ‖x_k − x_{k−1}‖/‖x_k‖ per iteration. */
  changes: number[];
  restarts: number;
  reason: 'converged' | 'iteration-limit';
}

/** Throws `bad-usage` for a step or objective that is missing, `numerical` when the iterates leave the finite numbers. */
export async function fista<V>(options: FistaOptions<V>): Promise<FistaResult<V>> {
  const { space, normal, rhs, prox, step, iterations, tolerance = 0, restart = 'none', objective } = options;
  check(step > 0 && Number.isFinite(step), () => `step is ${step}, expected a positive number`, { code: 'bad-usage' });
  check(restart !== 'function' || objective !== undefined, () => 'the function restart needs an objective', {
    code: 'bad-usage',
  });
  let x = options.start === undefined ? space.zeros() : space.copy(options.start);
  let z = space.copy(x);
  let spare: V | undefined = space.zeros();
  let t = 1;
  let energy = await space.dot(x, x);
  let value = restart === 'function' && objective ? await objective(x) : 0;
  let restarts = 0;
  const changes: number[] = [];
  let reason: FistaResult<V>['reason'] = 'iteration-limit';
  for (let k = 0; k < iterations; k++) {
    let u = normal(z, spare);
    if (spare !== undefined && u !== spare) space.dispose?.(spare);
    u = space.axpy(-1, rhs, u);
    u = combine(space, 1, z, -step, u);
    const next = await prox(u, step, k);
    const nextEnergy = await space.dot(next, next);
    const cross = await space.dot(next, x);
    check(Number.isFinite(nextEnergy), () => `FISTA left the finite numbers in iteration ${k + 1}`, {
      code: 'numerical',
      hint: 'The step is too large or the data hold infinite values.',
    });
    // ‖next − x‖²; the subtraction is exact to about 1e-12 of the energy, float64 sums of float32 products.
    const change = Math.sqrt(Math.max(0, nextEnergy - 2 * cross + energy) / Math.max(nextEnergy, Number.MIN_VALUE));
    changes.push(change);
    let rose = false;
    if (restart === 'gradient') {
      const along = (await space.dot(z, next)) - (await space.dot(z, x)) - nextEnergy + cross;
      rose = along > 0;
    } else if (restart === 'function' && objective) {
      const nextValue = await objective(next);
      rose = nextValue > value;
      value = nextValue;
    }
    if (rose) {
      t = 1;
      restarts++;
    }
    const following = (1 + Math.sqrt(1 + 4 * t * t)) / 2;
    const momentum = (t - 1) / following;
    t = following;
    x = combine(space, 1 + momentum, next, -momentum, x);
    spare = z;
    z = x;
    x = next;
    energy = nextEnergy;
    await options.onIteration?.(k + 1, x);
    if (change <= tolerance && k > 0) {
      reason = 'converged';
      break;
    }
  }
  space.dispose?.(z);
  if (spare !== undefined) space.dispose?.(spare);
  return { x, iterations: changes.length, changes, restarts, reason };
}

/** y ← a·x + b·y, in one pass where the space can. */
function combine<V>(space: VectorSpace<V>, a: number, x: V, b: number, y: V): V {
  return space.axpby ? space.axpby(a, x, b, y) : space.axpy(a, x, space.scale(b, y));
}
