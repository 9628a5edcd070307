/**
 * Noise schedules. Variance preserving (VP): x_t = √ᾱ_t x_0 + √(1−ᾱ_t) ε with β_t linear in t and
 * ᾱ_t = Π_{s≤t}(1−β_s), all float64 (Ho, Jain, Abbeel 2020, eq. 4; Nichol, Dhariwal 2021 for the names).
 * Variance exploding (VE): x_σ = x_0 + σ ε, σ(τ) = σ_min (σ_max/σ_min)^τ (Song et al. 2021, appendix C).
 * Dictionary: σ_t = √((1−ᾱ_t)/ᾱ_t), x^VE = x^VP/√ᾱ_t, the same ε.
 */
import { check, EngineError } from '../errors.ts';
import type { NoiseLevel } from './prior.ts';

export interface ScheduleOptions {
  betaStart: number;
  betaEnd: number;
  steps: number;
}

/** β from 1e-4 to 0.02 over 1000 steps: the schedule of every prior this program ships or imports. */
export const defaultSchedule: ScheduleOptions = { betaStart: 1e-4, betaEnd: 0.02, steps: 1000 };

export interface VpSchedule extends ScheduleOptions {
  /** β_t, t = 0 … steps−1. */
  readonly beta: Float64Array;
  /** ᾱ_t, t = 0 … steps−1. */
  readonly alphaBar: Float64Array;
  /** The level at index t; t = −1 is the clean image (ᾱ = 1). Throws `bad-usage` outside −1 … steps−1. */
  level(t: number): NoiseLevel;
}

/** Builds the linear-β schedule. Throws `bad-usage` unless 0 < β < 1 and there is at least one step. */
export function vpSchedule(options: Partial<ScheduleOptions> = {}): VpSchedule {
  const { betaStart, betaEnd, steps } = { ...defaultSchedule, ...options };
  const valid = (b: number) => b > 0 && b < 1;
  check(
    Number.isSafeInteger(steps) && steps >= 1 && steps <= 1_000_000,
    () => `a schedule of ${steps} steps is not possible`,
    {
      code: 'bad-usage',
    },
  );
  check(valid(betaStart) && valid(betaEnd), () => `betas must lie between 0 and 1, found ${betaStart} and ${betaEnd}`, {
    code: 'bad-usage',
  });
  const beta = new Float64Array(steps);
  const alphaBar = new Float64Array(steps);
  let product = 1;
  for (let t = 0; t < steps; t++) {
    beta[t] = steps === 1 ? betaStart : betaStart + ((betaEnd - betaStart) * t) / (steps - 1);
    product *= 1 - beta[t];
    alphaBar[t] = product;
  }
  const level = (t: number): NoiseLevel => {
    if (t === -1) return { t, alphaBar: 1 };
    if (!Number.isInteger(t) || t < 0 || t >= steps)
      throw new EngineError('bad-usage', `time index must be an integer from -1 to ${steps - 1}, found ${t}`);
    return { t, alphaBar: alphaBar[t] };
  };
  return { betaStart, betaEnd, steps, beta, alphaBar, level };
}

/** Half the log signal-to-noise ratio: λ = ½ ln(ᾱ/(1−ᾱ)) = −ln σ. */
export function logSnr(alphaBar: number): number {
  return 0.5 * Math.log(alphaBar / (1 - alphaBar));
}

/** VE noise level of a VP level: σ = √((1−ᾱ)/ᾱ). */
export function sigmaOf(alphaBar: number): number {
  return Math.sqrt((1 - alphaBar) / alphaBar);
}

/** VP level of a VE noise level: ᾱ = 1/(1+σ²). */
export function alphaBarOf(sigma: number): number {
  return 1 / (1 + sigma * sigma);
}

/** The VE models of Score-MRI and DiffusionMBIR. */
export const defaultVe = { sigmaMin: 0.01, sigmaMax: 378 };

/** σ(τ) = σ_min (σ_max/σ_min)^τ, τ ∈ [0, 1]. */
export function veSigma(tau: number, { sigmaMin, sigmaMax } = defaultVe): number {
  return sigmaMin * (sigmaMax / sigmaMin) ** tau;
}
