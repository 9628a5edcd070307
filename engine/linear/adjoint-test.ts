/** The dot-product test every operator must pass. */
import { fillNormal } from '../arrays/random.ts';
import { dot, hermitianDot, norm } from '../arrays/statistics.ts';
import { check } from '../errors.ts';
import type { LinearOperator } from './operator.ts';
import type { VectorSpace } from './space.ts';

function isComplex(space: VectorSpace<Float32Array>): boolean {
  return 'dtype' in space && space.dtype === 'complex64';
}

/**
 * max over random u, v of |⟨A u, v⟩ − ⟨u, Aᴴ v⟩| / (‖A u‖ ‖v‖). Where both spaces are complex the complex inner product
 * is compared, which also finds an operator that is only real-linear; otherwise the real part. A u = 0 with Aᴴ v not
 * orthogonal to u gives infinity. float32 operators reach about 1e-7.
 */
export function adjointError(op: LinearOperator<Float32Array, Float32Array>, seed = 0, trials = 10): number {
  const complex = isComplex(op.domain) && isComplex(op.range);
  const u = op.domain.zeros();
  const v = op.range.zeros();
  let worst = 0;
  for (let trial = 0; trial < trials; trial++) {
    fillNormal(u, { seed, sample: trial, slice: 0, step: 0 });
    fillNormal(v, { seed, sample: trial, slice: 1, step: 0 });
    const au = op.apply(u);
    const hv = op.adjoint(v);
    check(au.length === v.length && hv.length === u.length, () => `${op.name}: apply or adjoint has the wrong size`, {
      code: 'mismatch',
    });
    let difference: number;
    if (complex) {
      const left = hermitianDot(au, v);
      const right = hermitianDot(u, hv);
      difference = Math.hypot(left.re - right.re, left.im - right.im);
    } else difference = Math.abs(dot(au, v) - dot(u, hv));
    if (difference > 0) worst = Math.max(worst, difference / (norm(au) * norm(v)));
    else if (Number.isNaN(difference)) return Number.NaN;
  }
  return worst;
}
