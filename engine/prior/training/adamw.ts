/**
 * AdamW (Loshchilov, Hutter 2019, algorithm 2, as PyTorch computes it): with gradient g at step n = 1, 2, …,
 *   θ ← (1 − η λ) θ,  m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²,
 *   θ ← θ − η/(1 − β₁ⁿ) · m / (√v/√(1 − β₂ⁿ) + ε).
 */
import type { Tensor, Variable } from '@tensorflow/tfjs-core';
import type { Tensors } from '../../tensor/backend.ts';

export interface AdamWOptions {
  beta1: number;
  beta2: number;
  epsilon: number;
  weightDecay: number;
}

export interface Moments {
  /** Running means of g and g², by parameter name. */
  first: ReadonlyMap<string, Variable>;
  second: ReadonlyMap<string, Variable>;
}

/** Zero moments for every parameter. */
export function zeroMoments({ tf }: Tensors, parameters: ReadonlyMap<string, Variable>): Moments {
  const zeros = () =>
    new Map(
      [...parameters].map(([name, p]) => {
        const start = tf.zeros(p.shape);
        const variable = tf.variable(start, false);
        start.dispose();
        return [name, variable] as const;
      }),
    );
  return { first: zeros(), second: zeros() };
}

/** One step, number n ≥ 1, with gradients multiplied by `scale` (clipping). Gradients are left to the caller. */
export function adamWStep(
  { tf }: Tensors,
  parameters: ReadonlyMap<string, Variable>,
  moments: Moments,
  gradients: ReadonlyMap<string, Tensor>,
  scale: number,
  learningRate: number,
  n: number,
  { beta1, beta2, epsilon, weightDecay }: AdamWOptions,
): void {
  const size = learningRate / (1 - beta1 ** n);
  const root = 1 / Math.sqrt(1 - beta2 ** n);
  for (const [name, p] of parameters) {
    const m = moments.first.get(name);
    const v = moments.second.get(name);
    const gradient = gradients.get(name);
    if (m === undefined || v === undefined || gradient === undefined) continue;
    tf.tidy(() => {
      const g = scale === 1 ? gradient : tf.mul(gradient, scale);
      m.assign(tf.add(tf.mul(m, beta1), tf.mul(g, 1 - beta1)));
      v.assign(tf.add(tf.mul(v, beta2), tf.mul(tf.square(g), 1 - beta2)));
      const change = tf.div(tf.mul(m, size), tf.add(tf.mul(tf.sqrt(v), root), epsilon));
      p.assign(tf.sub(tf.mul(p, 1 - learningRate * weightDecay), change));
    });
  }
}
