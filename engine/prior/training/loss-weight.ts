/**
 * What an error in the predicted noise costs at a noise level: c(σ) in E c(σ) ‖ε̂ − ε‖².
 *
 * `edm` (Karras et al. 2022, section 5): λ(σ) ‖D − x₀‖² with λ = (σ² + s²)/(σ s)², s = σ_data, so that the error of the
 * preconditioned network F has weight one. With x_σ = x₀ + σ ε = D + σ ε̂, D − x₀ = σ (ε − ε̂), hence
 * c = λ σ² = (σ² + s²)/s². It grows with σ where `eps`, c = 1, does not: near pure noise ε̂ is nearly x_t, and an ε error
 * of given size is a large error of the image.
 */
import { check } from '../../errors.ts';
import type { NoiseLevel } from '../prior.ts';
import { sigmaOf } from '../schedule.ts';
import type { LossWeighting } from './trainer.ts';

/** Throws `bad-usage` when `edm` lacks σ_data. */
export function lossWeight(weighting: LossWeighting, level: NoiseLevel, sigmaData: number | undefined): number {
  if (weighting === 'eps') return 1;
  check(
    sigmaData !== undefined && sigmaData > 0,
    () => `the edm weighting needs a positive sigmaData, found ${sigmaData}`,
    { code: 'bad-usage', path: 'sigmaData', hint: 'use the standard deviation of clean images, or the eps weighting' },
  );
  return (sigmaOf(level.alphaBar) / sigmaData) ** 2 + 1;
}
