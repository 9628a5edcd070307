/**
 * How uncertain the denoised image is: r_t² = Var[x_0 | x_t], the quantity that weighs the prior's estimate against the
 * measurement when the noise level σ_y is known, γ_t = r_t²/σ_y².
 */
import type { VpSchedule } from '../prior/schedule.ts';

/** r_t² = v(1−ᾱ)/(ᾱv + 1−ᾱ) for a prior of variance v per real channel; exact for N(μ, vI). */
export function denoisedVariance(priorVariance: number, alphaBar: number): number {
  return (priorVariance * (1 - alphaBar)) / (alphaBar * priorVariance + 1 - alphaBar);
}

/** Share of β̃_t that r_t² must add to var_θ before the network's variance is believed; met at the smaller t. */
const leastShare = 0.01;

export interface LearnedVariance {
  /** r² per value for a raw network output v: var_θ inverted, kept inside the range the parametrisation can express. */
  convert(raw: number): number;
}

/**
 * Inverts the learned reverse variance of networks trained with variance interpolation (Nichol, Dhariwal 2021, eq. 15):
 *   var_θ(x_{t−1}|x_t) = β̃_t + (√ᾱ_{t−1} β_t/(1−ᾱ_t))² r²,  ln var_θ = f ln β_t + (1−f) ln β̃_t,  f = (v+1)/2,
 *   β̃_t = β_t(1−ᾱ_{t−1})/(1−ᾱ_t).
 * Returns undefined where r² is a small difference of large numbers (β̃_t ≈ β_t at large t, β̃_0 = 0): use the scalar
 * formula there.
 */
export function learnedVariance(schedule: VpSchedule, t: number, priorVariance: number): LearnedVariance | undefined {
  if (t < 1) return undefined;
  const beta = schedule.beta[t];
  const noise = 1 - schedule.alphaBar[t];
  const before = schedule.alphaBar[t - 1];
  const floor = (beta * (1 - before)) / noise;
  const weight = (before * beta * beta) / (noise * noise);
  const scalar = denoisedVariance(priorVariance, schedule.alphaBar[t]);
  if (weight * scalar < leastShare * floor) return undefined;
  const logBeta = Math.log(beta);
  const logFloor = Math.log(floor);
  return {
    convert(raw) {
      const f = Math.min(1, Math.max(0, (raw + 1) / 2));
      const variance = Math.exp(f * logBeta + (1 - f) * logFloor);
      // A pixel the network is certain about must still be able to move toward the data a little.
      return Math.max((variance - floor) / weight, 1e-4 * scalar);
    },
  };
}
