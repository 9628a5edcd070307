/** Runs the same computation on TensorFlow.js's plain JavaScript backend and on another one, on the same numbers. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { openTensors, type TensorBackend, type Tensors } from '../../engine/tensor/backend.ts';

export interface Sample {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Reproducible numbers in (−1, 1): the low bits of a linear congruential sequence (Knuth's MMIX constants mod 2³²). */
export function sample(shape: readonly number[], seed: number): Sample {
  const size = shape.reduce((product, n) => product * n, 1);
  const values = new Float32Array(size);
  let state = (seed * 2654435761 + 12345) >>> 0;
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    values[i] = (state / 2 ** 32) * 2 - 1;
  }
  return { shape, values };
}

export type Computation = (tf: Tensors['tf'], inputs: Tensor[]) => Tensor;

export interface Computed {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** The numbers of `computation` on one backend; everything it made is released. */
export async function computeOn(
  backend: TensorBackend,
  samples: readonly Sample[],
  computation: Computation,
): Promise<Computed> {
  const { tf } = await openTensors(backend);
  const inputs = samples.map(({ shape, values }) => tf.tensor(values, [...shape]));
  const result = tf.tidy(() => computation(tf, inputs));
  const values = Float32Array.from(await result.data());
  const { shape } = result;
  result.dispose();
  for (const input of inputs) input.dispose();
  return { shape, values };
}

/** ‖a − b‖ / ‖b‖, in float64; ‖a‖ where b is zero. */
export function relativeError(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < b.length; i++) {
    difference += (a[i] - b[i]) ** 2;
    norm += b[i] ** 2;
  }
  return Math.sqrt(difference) / (norm === 0 ? 1 : Math.sqrt(norm));
}

/** float32 roundoff 6e-8 times the square root of the longest sums here (a few thousand terms) stays below this. */
export const TOLERANCE = 1e-5;

export async function expectSameAsCpu(
  backend: TensorBackend,
  samples: readonly Sample[],
  computation: Computation,
  { tolerance = TOLERANCE, reference: onCpu = computation }: { tolerance?: number; reference?: Computation } = {},
): Promise<void> {
  const reference = await computeOn('cpu', samples, onCpu);
  const result = await computeOn(backend, samples, computation);
  expect(result.shape).toEqual(reference.shape);
  expect(relativeError(result.values, reference.values)).toBeLessThan(tolerance);
}
