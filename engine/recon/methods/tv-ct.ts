/**
 * Total-variation CT slice by slice: isotropic TV within each slice, none across (recon/tv-volume.ts with w = 0). All
 * slices are solved together, with one penalty weight relative to the largest value of Aᵀy of the volume.
 */
import { z } from 'zod';
import type { CtMethod } from '../method.ts';
import { reconstructTvVolume } from '../tv-volume.ts';

export const tvParameters = {
  lambda: z.number().min(0).max(1).default(0.0002).describe('penalty weight relative to the largest value of Aᵀy'),
  iterations: z.int().min(1).max(10_000).default(600).describe('primal-dual iterations at most'),
  tolerance: z
    .number()
    .min(0)
    .max(1)
    .default(0.0005)
    .describe('stop when the optimality conditions are missed by no more than this share'),
  nonNegative: z.boolean().default(true).describe('attenuation below zero is set to zero'),
};

/** Weights from hardly any to too much smoothing, whatever the number of views. */
export const tvWeights = [0.00001, 0.00003, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005];

const parameters = z.strictObject(tvParameters);

export const tvCt: CtMethod<z.infer<typeof parameters>> = {
  id: 'tv',
  title: 'Total variation',
  summary: 'Explains few views with few edges: no streaks, but fine texture is flattened.',
  parameters,
  tuning: { lambda: tvWeights },
  run: (data, settings, context, watch) => reconstructTvVolume(data, { ...settings, zWeight: 0 }, context, watch),
};
