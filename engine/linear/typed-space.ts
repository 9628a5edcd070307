/** Vector spaces of float32 arrays on the CPU; axpy and scale work in place, inner products add up in float64. */
import { elements } from '../arrays/ndarray.ts';
import { dot } from '../arrays/statistics.ts';
import type { VectorSpace } from './space.ts';

export interface TypedSpace extends VectorSpace<Float32Array> {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'complex64';
  /** Numbers per vector: twice the elements when complex. */
  readonly length: number;
  assign(x: Float32Array, y: Float32Array): Float32Array;
}

function typedSpace(dtype: 'float32' | 'complex64', shape: readonly number[]): TypedSpace {
  const length = elements(shape) * (dtype === 'complex64' ? 2 : 1);
  return {
    name: `${dtype} [${shape}]`,
    dtype,
    shape: [...shape],
    length,
    zeros: () => new Float32Array(length),
    copy: (x) => x.slice(),
    assign: (x, y) => {
      y.set(x);
      return y;
    },
    axpy: (a, x, y) => {
      for (let i = 0; i < length; i++) y[i] += a * x[i];
      return y;
    },
    scale: (a, x) => {
      for (let i = 0; i < length; i++) x[i] *= a;
      return x;
    },
    dot: (x, y) => Promise.resolve(dot(x, y)),
  };
}

/** Real arrays of the shape. */
export function realSpace(shape: readonly number[]): TypedSpace {
  return typedSpace('float32', shape);
}

/** Complex arrays of the shape, interleaved; `dot` is Re⟨x, y⟩. */
export function complexSpace(shape: readonly number[]): TypedSpace {
  return typedSpace('complex64', shape);
}
