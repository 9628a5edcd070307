/** Filtered back-projection (physics/ct/fbp.ts): ramp filter, back-projection, no parameters. */
import { z } from 'zod';
import { ndarray } from '../../arrays/ndarray.ts';
import { fbp as filteredBackProjection } from '../../physics/ct/fbp.ts';
import type { CtMethod } from '../method.ts';

const parameters = z.strictObject({});

export const fbp: CtMethod<z.infer<typeof parameters>> = {
  id: 'fbp',
  title: 'Filtered back-projection',
  summary: 'The direct inverse for many views over 180°; streaks where views are few, shadows where they are missing.',
  parameters,
  async run({ sinogram, geometry, slices }) {
    return ndarray('float32', [slices, geometry.size, geometry.size], filteredBackProjection(sinogram.data, geometry));
  },
};
