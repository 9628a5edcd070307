/**
 * How a network's own convention relates to ε̂ in VP scaling. Every case is linear:
 * network input = inputFactor · x_t, ε̂ = keep · x_t + network · output.
 */
import { check } from '../errors.ts';
import type { Manifest } from './manifest.ts';
import type { NoiseLevel } from './prior.ts';
import { sigmaOf } from './schedule.ts';

export interface Preconditioning {
  inputFactor: number;
  time: number;
  keep: number;
  network: number;
}

/** What a network's output means and what it is told. */
export type Convention = Pick<Manifest, 'prediction' | 'parametrisation' | 'timeInput' | 'sigmaData'>;

/**
 * With a = 1/√(1−ᾱ+ᾱ s²), s = σ_data, the preconditioned denoiser D = c_skip x_σ + c_out F(c_in x_σ) of Karras et al.
 * 2022 (eq. 7, table 1) becomes F(a x_t) and ε̂ = √(1−ᾱ) a² x_t − √ᾱ s a F.
 * Throws `bad-usage` unless 0 < ᾱ < 1.
 */
export function precondition(convention: Convention, level: NoiseLevel): Preconditioning {
  const { alphaBar, t } = level;
  check(alphaBar > 0 && alphaBar < 1, () => `a prior needs a noise level with 0 < alpha-bar < 1, found ${alphaBar}`, {
    code: 'bad-usage',
  });
  const signal = Math.sqrt(alphaBar);
  const noise = Math.sqrt(1 - alphaBar);
  const sigma = sigmaOf(alphaBar);
  const times = { index: t, sigma, 'log-sigma': Math.log(sigma), 'quarter-log-sigma': Math.log(sigma) / 4 };
  const time = times[convention.timeInput];
  const ve = convention.parametrisation === 've';
  const inputFactor = ve ? 1 / signal : 1;
  switch (convention.prediction) {
    case 'eps':
      return { inputFactor, time, keep: 0, network: 1 };
    case 'x0':
      return { inputFactor, time, keep: 1 / noise, network: -signal / noise };
    case 'v':
      return { inputFactor, time, keep: noise, network: signal };
    case 'score':
      // VP score −ε/√(1−ᾱ), VE score −ε/σ.
      return { inputFactor, time, keep: 0, network: ve ? -sigma : -noise };
    case 'denoiser-edm': {
      const s = convention.sigmaData ?? 1;
      const a = 1 / Math.sqrt(1 - alphaBar + alphaBar * s * s);
      return { inputFactor: a, time, keep: noise * a * a, network: -signal * s * a };
    }
  }
}
