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
  axpby(a: number, x: Float32Array, b: number, y: Float32Array): Float32Array;
}

// These loops are a third of a reconstruction's linear algebra; four elements a turn halve their time in V8.

function axpy(a: number, x: Float32Array, y: Float32Array): Float32Array {
  const whole = y.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    y[i] += a * x[i];
    y[i + 1] += a * x[i + 1];
    y[i + 2] += a * x[i + 2];
    y[i + 3] += a * x[i + 3];
  }
  for (let i = whole; i < y.length; i++) y[i] += a * x[i];
  return y;
}

function axpby(a: number, x: Float32Array, b: number, y: Float32Array): Float32Array {
  const whole = y.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    y[i] = a * x[i] + b * y[i];
    y[i + 1] = a * x[i + 1] + b * y[i + 1];
    y[i + 2] = a * x[i + 2] + b * y[i + 2];
    y[i + 3] = a * x[i + 3] + b * y[i + 3];
  }
  for (let i = whole; i < y.length; i++) y[i] = a * x[i] + b * y[i];
  return y;
}

function scale(a: number, x: Float32Array): Float32Array {
  const whole = x.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    x[i] *= a;
    x[i + 1] *= a;
    x[i + 2] *= a;
    x[i + 3] *= a;
  }
  for (let i = whole; i < x.length; i++) x[i] *= a;
  return x;
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
    axpy,
    axpby,
    scale,
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
