/** Named combinations of parameters. Sources: Chung, Lee, Ye 2024 (paper and public code); the last three are ours. */
import type { DdsInput } from './parameters.ts';

export const presetNames = [
  'paper-19',
  'paper-49',
  'paper-99',
  'reference-mri',
  'reference-svct',
  'reference-lact',
  'posterior',
  'fast',
  'thorough',
  'quality',
] as const;
export type PresetName = (typeof presetNames)[number];

/** Noiseless MRI: η was searched per number of evaluations. */
const paper = (steps: number, eta: number): DdsInput => ({
  steps,
  eta,
  spacing: 'leading',
  sampler: 'ddim',
  noiseRule: 'ddim',
  epsRule: 'keep',
  dc: 'noiseless',
  cgIters: 5,
});

const reference: DdsInput = {
  steps: 50,
  eta: 0.85,
  spacing: 'leading',
  sampler: 'ddim',
  noiseRule: 'fraction',
  epsRule: 'keep',
  gamma: 1,
  cgIters: 5,
  legacyLast: true,
};

/** One slice: proximal. A volume: ADMM with total variation and no proximal term, which is what `auto` resolves to. */
const referenceCt = (lambda: number): DdsInput => ({
  ...reference,
  dc: 'auto',
  rho: 10,
  lambda,
  admmIters: 1,
  zBoundary: 'periodic',
});

/**
 * A point estimate in eight network evaluations.
 */
const fast: DdsInput = {
  tStart: 57,
  tEnd: 1,
  steps: 8,
  spacing: 'even',
  noiseRule: 'none',
  momentum: 0.7,
  mirror: true,
  sigmaY: 'auto',
  dataWeight: 5,
  cgIters: 5,
  samples: 1,
};

/**
 * The same from a higher noise level in 24 evaluations, for one-dimensional undersampling beyond R = 5, where eight fall
 * behind: held-out series, uniform1d R = 8, three slices, eight 24.86 dB, sixteen from tStart 100 27.80 dB.
 */
const thorough: DdsInput = { ...fast, tStart: 130, steps: 24 };

/** Samples. */
const quality: DdsInput = {
  tStart: 130,
  tEnd: 2,
  steps: 30,
  spacing: 'even',
  noiseRule: 'fraction',
  eta: 1,
  sigmaY: 'auto',
  dataWeight: 3,
  cgIters: 5,
  samples: 3,
};

export const presets: Record<PresetName, DdsInput> = {
  'paper-19': paper(20, 0.15),
  'paper-49': paper(50, 0.5),
  'paper-99': paper(100, 0.8),
  'reference-mri': { ...reference, dc: 'proximal' },
  'reference-svct': referenceCt(0.04),
  'reference-lact': referenceCt(0.4),
  // 25 second-order steps evenly spread in log-SNR are right to a few per cent in variance.
  posterior: { dc: 'posterior', sampler: 'dpm2m', spacing: 'logsnr', steps: 25, cgIters: 15 },
  fast,
  thorough,
  quality,
};
