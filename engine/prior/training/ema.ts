/** Exponential moving average of weights: a ← a + (1 − d)(θ − a) with d = min(limit, (n + 1)/(n + 10)) after step n. */
import type { Variable } from '@tensorflow/tfjs-core';
import type { Tensors } from '../../tensor/backend.ts';

/** n counts the steps done, this one included. */
export function emaFactor(n: number, limit: number): number {
  return Math.min(limit, (n + 1) / (n + 10));
}

/** A copy of the parameters to start the average from. */
export function copyParameters(
  { tf }: Tensors,
  parameters: ReadonlyMap<string, Variable>,
): ReadonlyMap<string, Variable> {
  return new Map(
    [...parameters].map(([name, p]) => {
      const start = p.clone();
      const variable = tf.variable(start, false);
      start.dispose();
      return [name, variable] as const;
    }),
  );
}

export function emaStep(
  { tf }: Tensors,
  average: ReadonlyMap<string, Variable>,
  parameters: ReadonlyMap<string, Variable>,
  factor: number,
): void {
  for (const [name, a] of average) {
    const p = parameters.get(name);
    if (p !== undefined) tf.tidy(() => a.assign(tf.add(a, tf.mul(tf.sub(p, a), 1 - factor))));
  }
}
