/**
 * Vector spaces: the only view iterative algorithms have of the numbers they work on, so the same CG runs on typed
 * arrays and on GPU tensors.
 */

export interface VectorSpace<V> {
  readonly name: string;
  zeros(): V;
  copy(x: V): V;
  /** y ← x without allocating, where the device can; returns the new y. */
  assign?(x: V, y: V): V;
  /** y ← y + a·x. Returns the new y; the caller must use the returned value (device tensors are replaced). */
  axpy(a: number, x: V, y: V): V;
  /** y ← a·x + b·y in one pass, where the device can, same rule. */
  axpby?(a: number, x: V, b: number, y: V): V;
  /** x ← a·x, same rule. */
  scale(a: number, x: V): V;
  /** Real inner product Re⟨x, y⟩ = Re Σ conj(x)·y, accumulated in float64. */
  dot(x: V, y: V): Promise<number>;
  dispose?(x: V): void;
}
