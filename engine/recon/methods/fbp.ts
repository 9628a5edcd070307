/** Filtered back-projection of any beam (physics/ct/fbp.ts), with a window and cut-off on the ramp filter. */
import { z } from 'zod';
import { ndarray } from '../../arrays/ndarray.ts';
import { fbp as filteredBackProjection } from '../../physics/ct/fbp.ts';
import { rampWindows } from '../../physics/ct/ramp-filter.ts';
import type { CtMethod } from '../method.ts';
import { clampNegative } from '../open-ct.ts';

const parameters = z.strictObject({
  window: z.enum(rampWindows).default('ramp').describe('window on the ramp filter: smoother, less sharp'),
  cutoff: z.number().gt(0).max(1).default(1).describe("highest frequency as a share of the detector's own"),
  nonNegative: z.boolean().default(false).describe('attenuation below zero is set to zero at the end'),
});

export const fbp: CtMethod<z.infer<typeof parameters>> = {
  id: 'fbp',
  title: 'Filtered back-projection',
  summary: 'The direct inverse for many views over 180°; streaks where views are few, shadows where they are missing.',
  parameters,
  tuning: {
    cutoff: [0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1],
    window: [...rampWindows],
    nonNegative: [true],
  },
  async run({ sinogram, geometry, slices }, { window, cutoff, nonNegative }) {
    const image = filteredBackProjection(sinogram.data, geometry, { window, cutoff, slices });
    return ndarray('float32', [slices, geometry.size, geometry.size], nonNegative ? clampNegative(image) : image);
  },
};
