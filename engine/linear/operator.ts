/** Linear operators between vector spaces. Shapes and scaling are stated by each operator's header. */
import type { VectorSpace } from './space.ts';

export interface LinearOperator<X, Y = X> {
  readonly name: string;
  readonly domain: VectorSpace<X>;
  readonly range: VectorSpace<Y>;
  /** A x. On the CPU an `out` of the range may be given to avoid allocation; it is returned. */
  apply(x: X, out?: Y): Y;
  /** Aᴴ y, exactly adjoint under the spaces' inner products. */
  adjoint(y: Y, out?: X): X;
  /** AᴴA x, fused where that is cheaper than adjoint(apply(x)). */
  normal?(x: X, out?: X): X;
}

/** AᴴA x by the fused form when the operator has one. */
export function normal<X, Y>(a: LinearOperator<X, Y>, x: X, out?: X): X {
  return a.normal ? a.normal(x, out) : a.adjoint(a.apply(x), out);
}
