/**
 * First difference along one axis: (D v)[z] = v[z+1] − v[z]. The range has the domain's shape; at the last index
 * 'neumann' gives 0 and 'periodic' v[0] − v[Z−1]. Dᵀ is the exact transpose, ‖D‖² ≤ 4.
 */
import { check } from '../errors.ts';
import type { LinearOperator } from './operator.ts';
import { complexSpace, realSpace, type TypedSpace } from './typed-space.ts';

export type Boundary = 'neumann' | 'periodic';

export interface FiniteDifference extends LinearOperator<Float32Array> {
  readonly domain: TypedSpace;
  readonly range: TypedSpace;
  normal(x: Float32Array, out?: Float32Array): Float32Array;
}

export function finiteDifference(
  shape: readonly number[],
  axis: number,
  boundary: Boundary = 'neumann',
  dtype: 'float32' | 'complex64' = 'float32',
): FiniteDifference {
  check(Number.isInteger(axis) && axis >= 0 && axis < shape.length, () => `axis ${axis} is outside [${shape}]`, {
    code: 'mismatch',
  });
  const space = dtype === 'float32' ? realSpace(shape) : complexSpace(shape);
  const n = shape[axis];
  let inner = dtype === 'float32' ? 1 : 2;
  for (let i = axis + 1; i < shape.length; i++) inner *= shape[i];
  const outer = n === 0 ? 0 : space.length / (n * inner);
  const periodic = boundary === 'periodic';

  const apply = (x: Float32Array, out: Float32Array): Float32Array => {
    for (let o = 0; o < outer; o++) {
      const base = o * n * inner;
      const last = base + (n - 1) * inner;
      for (let i = base; i < last; i++) out[i] = x[i + inner] - x[i];
      for (let i = 0; i < inner; i++) out[last + i] = periodic ? x[base + i] - x[last + i] : 0;
    }
    return out;
  };

  const adjoint = (y: Float32Array, out: Float32Array): Float32Array => {
    for (let o = 0; o < outer; o++) {
      const base = o * n * inner;
      const last = base + (n - 1) * inner;
      for (let i = base + inner; i < last; i++) out[i] = y[i - inner] - y[i];
      for (let i = 0; i < inner; i++) {
        const first = base + i;
        const end = last + i;
        if (n === 1) out[first] = 0;
        else {
          out[first] = (periodic ? y[end] : 0) - y[first];
          out[end] = y[end - inner] - (periodic ? y[end] : 0);
        }
      }
    }
    return out;
  };

  // Dᵀ D: the second difference −v[z−1] + 2v[z] − v[z+1], one-sided at Neumann ends
  const normal = (x: Float32Array, out: Float32Array): Float32Array => {
    for (let o = 0; o < outer; o++) {
      const base = o * n * inner;
      for (let z = 0; z < n; z++) {
        const here = base + z * inner;
        const before = z > 0 ? here - inner : periodic ? base + (n - 1) * inner : here;
        const after = z < n - 1 ? here + inner : periodic ? base : here;
        for (let i = 0; i < inner; i++) out[here + i] = 2 * x[here + i] - x[before + i] - x[after + i];
      }
    }
    return out;
  };

  return {
    name: `finite difference along axis ${axis} of [${shape}] (${boundary})`,
    domain: space,
    range: space,
    apply: (x, out = space.zeros()) => apply(x, out),
    adjoint: (y, out = space.zeros()) => adjoint(y, out),
    normal: (x, out = space.zeros()) => normal(x, out),
  };
}
