/**
 * Zero-filled reconstruction x = Aᴴy = Σ_c conj(S_c) Fᴴ(m y_c): coil-combined, with the missing samples left at zero.
 * Root-sum-of-squares images need no maps but lose the phase and add a noise floor; where there are no maps a single
 * coil of ones gives the plain inverse transform.
 */
import { z } from 'zod';
import { ndarray } from '../../arrays/ndarray.ts';
import { createSense } from '../../physics/mri/sense.ts';
import type { MriMethod } from '../method.ts';
import { requireMatching } from '../open-sense.ts';

const parameters = z.strictObject({});

export const zeroFilled: MriMethod<z.infer<typeof parameters>> = {
  id: 'zero-filled',
  title: 'Zero-filled',
  summary: 'Combines the coils and leaves what was not measured at zero: the quickest look at a scan.',
  parameters,
  async run(slice) {
    requireMatching(slice);
    const sense = createSense({ maps: slice.maps, mask: slice.mask, plain: true });
    return ndarray('complex64', sense.domain.shape, sense.adjoint(slice.kspace.data));
  },
};
