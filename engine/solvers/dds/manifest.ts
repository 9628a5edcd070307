/** The bare sampler as a solver: names and file names of its inputs, outputs and parameters. */
import { z } from 'zod';
import { ddsSchema } from '../../dds/parameters.ts';
import type { SolverManifest } from '../sdk.ts';

export const ddsManifest: SolverManifest = {
  id: 'dds',
  title: 'Diffusion reconstruction',
  group: 'Reconstruction',
  summary:
    'Reconstructs undersampled MRI or CT with the Decomposed Diffusion Sampler, with every parameter in reach and no estimation around it.',
  citation:
    'H. Chung, S. Lee, J. C. Ye: Decomposed Diffusion Sampler for Accelerating Large-Scale Inverse Problems. ICLR 2024, arXiv 2303.05754.',
  inputs: [
    {
      name: 'kspace',
      types: ['kspace'],
      required: false,
      description: 'Measured k-space, zero frequency at floor(n/2), zeros where not sampled.',
      shape: '[H, W], [C, H, W], [Z, C, H, W]',
    },
    {
      name: 'mask',
      types: ['matrix', 'image', 'volume'],
      required: false,
      description: 'Sampling mask of 0 and 1; default: where k-space is not zero.',
      shape: '[W], [H, W], [Z, H, W]',
    },
    {
      name: 'maps',
      types: ['matrix', 'field', 'volume', 'kspace'],
      required: false,
      description: 'Coil sensitivities; default: estimated from the central lines, or ones for a single coil.',
      shape: '[C, H, W], [Z, C, H, W]',
    },
    {
      name: 'sinogram',
      types: ['sinogram'],
      required: false,
      description: 'Parallel-beam line integrals in pixel units.',
      shape: '[V, D], [Z, V, D]',
    },
    {
      name: 'angles',
      types: ['matrix', 'points'],
      required: false,
      description: 'View angles in degrees; default k·180/V.',
      shape: '[V]',
    },
    {
      name: 'model',
      types: ['model'],
      required: false,
      description: 'Diffusion prior by name or folder.',
    },
    {
      name: 'prior_mean',
      types: ['matrix', 'image'],
      required: false,
      description: 'Mean of the analytic Gaussian prior, in the units of the data.',
      shape: '[], [H, W]',
    },
    {
      name: 'prior_spectrum',
      types: ['matrix', 'image'],
      required: false,
      description: 'Variance per real channel of each Fourier coefficient, zero frequency at floor(n/2).',
      shape: '[], [H, W]',
    },
    {
      name: 'init',
      types: ['image', 'volume', 'matrix', 'field'],
      required: false,
      description: 'Start noise, replaces the seeded draw.',
      shape: 'shape of the image',
    },
    {
      name: 'reference',
      types: ['image', 'volume', 'matrix'],
      required: false,
      description: 'Ground truth, for metrics only.',
      shape: 'shape of the image',
    },
  ],
  outputs: [
    { name: 'image', type: 'image', description: 'The reconstruction; the mean of several samples.' },
    { name: 'magnitude', type: 'picture', description: 'Magnitude of the reconstruction.' },
    { name: 'samples', type: 'image', description: 'All samples, when there are several.' },
    { name: 'std', type: 'image', description: 'Spread of the samples, √(var Re + var Im).' },
    { name: 'evidence', type: 'image', description: 'Fraction of each pixel supplied by the prior, 0 to 1.' },
    { name: 'kspace', type: 'kspace', description: 'k-space of the reconstruction on the full grid.' },
    { name: 'init', type: 'image', description: 'The start noise that was used.' },
    { name: 'residual', type: 'curve', description: 'Data residual and conjugate-gradient statistics per step.' },
    {
      name: 'consistency',
      type: 'table',
      description: 'Residual against the noise, per coil and k-space ring or view.',
    },
  ],
  parameters: ddsSchema.extend({
    prior_mean: z
      .number()
      .optional()
      .meta({ description: 'Mean of the analytic Gaussian prior, one number.', unit: 'units of the data' }),
    prior_spectrum: z.number().positive().optional().meta({
      description: 'Variance of the analytic Gaussian prior, the same at all frequencies.',
      unit: 'units of the data squared',
    }),
  }),
};
