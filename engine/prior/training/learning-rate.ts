/** The learning rate of step n = 0, 1, …: linear warm-up, constant, then half a cosine down to zero. */

export interface LearningRateOptions {
  learningRate: number;
  warmup: number;
  /** Length of the run; Infinity never decays. */
  steps: number;
  /** Share of the run over which it falls. */
  decay: number;
}

export function learningRateAt(n: number, { learningRate, warmup, steps, decay }: LearningRateOptions): number {
  const rising = warmup > 0 ? Math.min(1, (n + 1) / warmup) : 1;
  if (!Number.isFinite(steps) || decay <= 0) return learningRate * rising;
  const tail = Math.min(1, Math.max(0, (n - (1 - decay) * steps) / (decay * steps)));
  return learningRate * rising * 0.5 * (1 + Math.cos(Math.PI * tail));
}
