/** The families of settings whose quality is followed over the number of network evaluations. */
import type { DdsInput } from '../../engine/dds/parameters.ts';

export const pathIds = ['fast', 'quality', 'ddim', 'dpm2m'] as const;
export type PathId = (typeof pathIds)[number];

export interface Path {
  title: string;
  /** Settings that take `steps` evaluations per sample. */
  input(steps: number): DdsInput;
}

/** From pure noise, evenly in log-SNR down to the clean end, data weighed by their noise level as the theory has it. */
const fromNoise: DdsInput = { tStart: 999, tEnd: 0, spacing: 'even', sigmaY: 'auto', dc: 'posterior', samples: 1 };

export const paths: Record<PathId, Path> = {
  fast: { title: 'preset fast', input: (steps) => ({ preset: 'fast', steps }) },
  quality: {
    title: 'preset quality, one sample',
    input: (steps) => ({ preset: 'quality', steps, samples: 1 }),
  },
  ddim: {
    title: 'DDIM with eta 0.5 from pure noise',
    input: (steps) => ({ ...fromNoise, sampler: 'ddim', noiseRule: 'ddim', eta: 0.5, steps }),
  },
  dpm2m: {
    title: 'dpm2m from pure noise',
    input: (steps) => ({ ...fromNoise, sampler: 'dpm2m', steps }),
  },
};

/** The 100-step estimators few steps are compared with: one sample, and the mean of several. */
export function referenceInput(steps: number, samples: number): DdsInput {
  return { preset: 'quality', steps, samples };
}
