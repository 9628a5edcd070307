/**
 * The Newton direction by Jacobi-preconditioned conjugate gradients on the negative Hessian with its off-diagonal blocks
 * sparsified and its diagonals kept whole: M z = η (d∘z + (S z_y, Sᵀ z_x)), d = (P1, Pᵀ1). Diagonals taken from S would
 * make every component of its graph singular.
 */
import { type CsrMatrix, csrMultiply, csrMultiplyTransposed } from '../../linear/csr.ts';

export interface NewtonStep {
  /** [n + m]. */
  direction: Float64Array;
  iterations: number;
}

/** Stops when √(resᵀ D⁻¹ res) ≤ `tolerance` times its first value, after `mostIterations`, or where curvature vanishes. */
export function newtonStep(
  sparse: CsrMatrix,
  diagonal: Float64Array,
  gradient: Float64Array,
  eta: number,
  tolerance: number,
  mostIterations: number,
): NewtonStep {
  const length = gradient.length;
  const n = sparse.rows;
  const direction = new Float64Array(length);
  const residual = Float64Array.from(gradient);
  const preconditioned = Float64Array.from(residual, (value, k) => value / (eta * diagonal[k]));
  const search = Float64Array.from(preconditioned);
  const product = new Float64Array(length);
  const dot = (a: Float64Array, b: Float64Array) => {
    let sum = 0;
    for (let k = 0; k < length; k++) sum += a[k] * b[k];
    return sum;
  };
  let rho = dot(residual, preconditioned);
  const stop = tolerance * tolerance * rho;
  let iterations = 0;
  while (iterations < mostIterations && rho > stop) {
    csrMultiply(sparse, search.subarray(n), product.subarray(0, n));
    csrMultiplyTransposed(sparse, search.subarray(0, n), product.subarray(n));
    for (let k = 0; k < length; k++) product[k] = eta * (diagonal[k] * search[k] + product[k]);
    const curvature = dot(search, product);
    if (!(curvature > 0)) break;
    const step = rho / curvature;
    for (let k = 0; k < length; k++) {
      direction[k] += step * search[k];
      residual[k] -= step * product[k];
      preconditioned[k] = residual[k] / (eta * diagonal[k]);
    }
    const next = dot(residual, preconditioned);
    const beta = next / rho;
    for (let k = 0; k < length; k++) search[k] = preconditioned[k] + beta * search[k];
    rho = next;
    iterations++;
  }
  return { direction, iterations };
}
