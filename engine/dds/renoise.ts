/**
 * Coefficients of one sampling step from level t to level s < t, in float64.
 *
 *   network input   inputScale·x
 *   Tweedie         x̂0 = fromState·x + fromNoise·ε̂
 *   re-noise        x_s = signal·x̂0′ + kept·ε̂ + fresh·z,  z ~ N(0, I)
 *   rederive        ε̂′ = (x − stateSignal·x̂0′)/stateNoise
 *   dpm2m           x_s = carry·x + push·D
 *
 * VP: x = √ᾱ x_0 + √(1−ᾱ) ε. fresh = η √((1−ᾱ_s)/(1−ᾱ_t)) √(1−ᾱ_t/ᾱ_s) for the rule `ddim` (Song, Meng, Ermon 2021,
 * eq. 16), η √(1−ᾱ_s) for `fraction` (Chung, Lee, Ye 2024, as implemented there); kept = √(1−ᾱ_s−fresh²).
 * The rule `none` puts no noise back, fresh = kept = 0: the denoiser then acts on the data-consistent image itself, as in
 * half-quadratic splitting with a falling level (Zhang et al. 2021, "Plug-and-Play Image Restoration with Deep Denoiser
 * Prior"). The path is deterministic and seeks a point estimate; its images are not samples.
 * VE: x = x_0 + σ ε. fresh = η (σ_s/σ_t) √(σ_t²−σ_s²) or η σ_s; kept = √(σ_s²−fresh²).
 * Both describe the same step under σ² = (1−ᾱ)/ᾱ, x^VE = x^VP/√ᾱ. At the clean level every noise coefficient is zero
 * and signal is one, so x_s = x̂0′.
 */
import type { NoiseLevel } from '../prior/prior.ts';
import { logSnr, sigmaOf } from '../prior/schedule.ts';

export const parametrisations = ['vp', 've'] as const;
export type Parametrisation = (typeof parametrisations)[number];
export const noiseRules = ['ddim', 'fraction', 'none'] as const;
export type NoiseRule = (typeof noiseRules)[number];

export interface StepCoefficients {
  inputScale: number;
  fromState: number;
  fromNoise: number;
  stateSignal: number;
  stateNoise: number;
  signal: number;
  kept: number;
  fresh: number;
  carry: number;
  push: number;
}

export interface RenoiseOptions {
  param: Parametrisation;
  noiseRule: NoiseRule;
  eta: number;
}

const noNoise = { fresh: 0, kept: 0 } as const;

/** The split of the noise of level s into a fresh part c1 and a kept part c2, both in units of the VP state. */
export function noiseSplit(
  alphaBarT: number,
  alphaBarS: number,
  rule: NoiseRule,
  eta: number,
): { fresh: number; kept: number } {
  if (rule === 'none') return noNoise;
  const variance = 1 - alphaBarS;
  const fresh =
    rule === 'ddim'
      ? eta * Math.sqrt(variance / (1 - alphaBarT)) * Math.sqrt(Math.max(0, 1 - alphaBarT / alphaBarS))
      : eta * Math.sqrt(variance);
  return { fresh, kept: Math.sqrt(Math.max(0, variance - fresh * fresh)) };
}

/** The same split in units of the VE state. */
export function noiseSplitVe(
  sigmaT: number,
  sigmaS: number,
  rule: NoiseRule,
  eta: number,
): { fresh: number; kept: number } {
  if (rule === 'none') return noNoise;
  const fresh =
    rule === 'ddim'
      ? eta * (sigmaS / sigmaT) * Math.sqrt(Math.max(0, sigmaT * sigmaT - sigmaS * sigmaS))
      : eta * sigmaS;
  return { fresh, kept: Math.sqrt(Math.max(0, sigmaS * sigmaS - fresh * fresh)) };
}

/** All coefficients of the step t → s. `to.alphaBar` = 1 means the clean image. */
export function stepCoefficients(from: NoiseLevel, to: NoiseLevel, options: RenoiseOptions): StepCoefficients {
  return options.param === 'vp'
    ? vpStep(from.alphaBar, to.alphaBar, options)
    : veStep(from.alphaBar, to.alphaBar, options);
}

function vpStep(alphaBarT: number, alphaBarS: number, { noiseRule, eta }: RenoiseOptions): StepCoefficients {
  const rootT = Math.sqrt(alphaBarT);
  const noiseT = Math.sqrt(1 - alphaBarT);
  const rootS = Math.sqrt(alphaBarS);
  return {
    inputScale: 1,
    fromState: 1 / rootT,
    fromNoise: -noiseT / rootT,
    stateSignal: rootT,
    stateNoise: noiseT,
    signal: rootS,
    ...noiseSplit(alphaBarT, alphaBarS, noiseRule, eta),
    carry: Math.sqrt((1 - alphaBarS) / (1 - alphaBarT)),
    push: rootS * gain(alphaBarT, alphaBarS),
  };
}

function veStep(alphaBarT: number, alphaBarS: number, { noiseRule, eta }: RenoiseOptions): StepCoefficients {
  const sigmaT = sigmaOf(alphaBarT);
  const sigmaS = sigmaOf(alphaBarS);
  return {
    inputScale: Math.sqrt(alphaBarT),
    fromState: 1,
    fromNoise: -sigmaT,
    stateSignal: 1,
    stateNoise: sigmaT,
    signal: 1,
    ...noiseSplitVe(sigmaT, sigmaS, noiseRule, eta),
    carry: sigmaS / sigmaT,
    push: gain(alphaBarT, alphaBarS),
  };
}

/** 1 − e^{−h} with h = λ_s − λ_t; one at the clean level, where λ_s = ∞. */
function gain(alphaBarT: number, alphaBarS: number): number {
  return alphaBarS === 1 ? 1 : -Math.expm1(logSnr(alphaBarT) - logSnr(alphaBarS));
}

/**
 * Weight of the correction in the second-order multistep update, D = x̂0′ + weight·(x̂0′ − x̂0′_previous):
 * h/(2(λ_t−λ_p)), h = λ_s − λ_t (Lu et al. 2022, DPM-Solver++(2M)). Zero where there is no previous estimate and at
 * the clean level, where the result is x̂0′ itself.
 */
export function multistepWeight(previous: NoiseLevel | undefined, from: NoiseLevel, to: NoiseLevel): number {
  if (previous === undefined || to.alphaBar === 1) return 0;
  const lambda = logSnr(from.alphaBar);
  return (logSnr(to.alphaBar) - lambda) / (2 * (lambda - logSnr(previous.alphaBar)));
}
