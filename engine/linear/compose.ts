/** Operators made of operators. Each keeps one intermediate vector, so results handed out are not shared. */
import { check } from '../errors.ts';
import { type LinearOperator, normal } from './operator.ts';
import type { VectorSpace } from './space.ts';

/** B A: first A, then B. The adjoint is Aᴴ Bᴴ, the normal Aᴴ (Bᴴ B) A with B's fused form. */
export function compose<X, Y, Z>(b: LinearOperator<Y, Z>, a: LinearOperator<X, Y>): LinearOperator<X, Z> {
  check(a.range.name === b.domain.name, () => `cannot apply ${b.name} (on ${b.domain.name}) to ${a.range.name}`, {
    code: 'mismatch',
  });
  let held: Y | undefined;
  let second: Y | undefined;
  return {
    name: `${b.name} ∘ ${a.name}`,
    domain: a.domain,
    range: b.range,
    apply: (x, out) => b.apply((held = a.apply(x, held)), out),
    adjoint: (z, out) => a.adjoint((held = b.adjoint(z, held)), out),
    normal: (x, out) => {
      held = a.apply(x, held);
      second = normal(b, held, second);
      return a.adjoint(second, out);
    },
  };
}

/** c A for real c. */
export function scaled<X, Y>(c: number, a: LinearOperator<X, Y>): LinearOperator<X, Y> {
  return {
    name: `${c} · ${a.name}`,
    domain: a.domain,
    range: a.range,
    apply: (x, out) => a.range.scale(c, a.apply(x, out)),
    adjoint: (y, out) => a.domain.scale(c, a.adjoint(y, out)),
    normal: (x, out) => a.domain.scale(c * c, normal(a, x, out)),
  };
}

export function identity<V>(space: VectorSpace<V>): LinearOperator<V> {
  const pass = (x: V, out?: V): V => (out !== undefined && space.assign ? space.assign(x, out) : space.copy(x));
  return { name: 'identity', domain: space, range: space, apply: pass, adjoint: pass, normal: pass };
}
