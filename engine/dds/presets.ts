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
  'ct',
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
 * A point estimate in eight network evaluations: from the CG-SENSE image itself, no noise added, denoised at a falling
 * level with momentum and another mirror image at every step. Behind each setting its effect on the mean PSNR of seven
 * scenes it was chosen on (t1_demo_pddl under four masks, brain_t1_7ch under three), with two snapshots of the prior that
 * differ by less than 0.1 dB. `quality` with the earlier of them: one sample 29.2, mean of three 29.6, mean of three with
 * 100 steps 29.3 dB.
 */
const fast: DdsInput = {
  // σ = 0.20. From 0.15, 0.3, 0.44: -0.03, -0.05, -0.1 dB; high acceleration of whole columns would want more.
  tStart: 57,
  // σ = 0.01. Ending at 0.015, 0.02: -0.12, -0.18 dB, under eight masks and noise levels on t1_demo_pddl.
  tEnd: 0,
  // 4, 6, 8, 10 steps: 28.8, 29.6, 29.8, 29.9 dB. With 100 steps 29.2: it then fits errors of the coil maps.
  steps: 8,
  spacing: 'even',
  // Eight steps with all noise fresh: -0.4 dB; with kept noise (DDIM, eta 0): -2.3 dB.
  noiseRule: 'none',
  // Without: -0.4 dB; 0.5, 0.8: -0.05, -0.1 dB. Counted from the start image on: 0.05 dB of it.
  momentum: 0.7,
  // Without: -0.11 dB.
  mirror: true,
  sigmaY: 'auto',
  // 3, 10: -0.12, -0.03 dB; 30: -0.3 dB.
  dataWeight: 5,
  // 3, 10: -0.1, -0.5 dB; more helps where coil maps are exact and costs up to 2 dB where they are not.
  cgIters: 5,
  samples: 1,
};

/**
 * The same in 24 evaluations, where aliasing is removed slowly and eight fall behind: whole columns undersampled beyond
 * R = 5, and one coil. Held-out series, one slice, 8, 16, 24 steps: uniform1d R = 8 26.8, 30.2, 31.4 dB; gaussian1d R = 8
 * 31.5, 32.6, 32.7 dB; one coil, R = 4, 33.5, 34.2, 34.5 dB (mean of three samples of `quality` with 100 steps: 30.9, 32.4,
 * 34.6 dB). From tStart 130: -0.1 dB in each.
 */
const thorough: DdsInput = { ...fast, steps: 24 };

/**
 * Samples with a spread, and their mean (docs/decisions/0004): from CG-SENSE with noise of level σ = 0.44 added, evenly in
 * log-SNR to 0.02, all noise drawn afresh at every step. Its samples are too alike: four fifths of the squared error are
 * common to all of them, whatever the data weight. The spread is therefore multiplied by what t1_demo_pddl needed
 * (`tangent bench calibration` without the factor: 1.95, 2.70, 2.51 under three masks) and validated on the held-out
 * series (2.02, 2.56, 2.27, and 2.10 at R = 8). `posterior` needs no factor but its images are worse.
 */
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
  spreadFactor: 2.4,
};

/**
 * CT of any beam: like `fast`, but more steps, since few views tell little about an image and each step moves it by what the
 * prior makes of that, and more CG iterations, since AᴴA of few views spreads over four decades. `dataWeight` follows the
 * views (recon/run-dds-ct.ts). Behind each setting what it gains on 16 slices of body_totalseg_3mm, 16 views, 10⁶ or 10⁵
 * photons per ray, with snapshots of the prior that differ by less than 0.2 dB.
 */
const ct: DdsInput = {
  ...fast,
  // σ = 1.6. From 0.72 with as many steps: within 0.1 dB.
  tStart: 350,
  // σ = 0.01. Ending at 0.015, 0.034: -0.3, -1.3 dB.
  tEnd: 0,
  // 24 steps: -0.1 dB; 64 the same; 80 on an arc of 90°: +0.3 dB.
  steps: 32,
  // 0, 0.7: -0.5, -0.1 dB.
  momentum: 0.85,
  // 10, at a data weight of 5: -0.4 dB.
  cgIters: 40,
  // The prior sees the neighbours of a slice itself: λ = 0.02, 0.1 at ρ = 1: -0.15, -0.8 dB; none: -0.1 dB.
  tv: true,
  rho: 0.1,
  lambda: 0.01,
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
  ct,
};
