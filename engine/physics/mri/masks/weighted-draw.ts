import type { Random } from '../../../arrays/random.ts';

/**
 * `count` distinct indices, drawn one after the other with probability proportional to `weights` among those left.
 * Efraimidis and Spirakis, "Weighted random sampling with a reservoir" (2006): the largest keys log(u)/w win, one
 * uniform number per item, so the result does not depend on any search order.
 */
export function drawWithoutReplacement(weights: Float64Array, count: number, random: Random): Int32Array {
  const keys = new Float64Array(weights.length);
  for (let i = 0; i < weights.length; i++) keys[i] = Math.log(1 - random.uniform()) / weights[i];
  const order = Int32Array.from(keys.keys()).sort((a, b) => keys[b] - keys[a] || a - b);
  return order.subarray(0, count);
}
