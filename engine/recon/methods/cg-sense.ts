/**
 * CG-SENSE: minimises ½‖Ax − y‖² + (λ‖A‖²/2)‖x‖² by conjugate gradients on (AᴴA + λ‖A‖²I) x = Aᴴy from x = 0.
 * K. P. Pruessmann, M. Weiger, P. Börnert, P. Boesiger, Magn. Reson. Med. 46 (2001) 638–651. λ is relative to the
 * largest eigenvalue, which is 1 for normalised maps; stopping early regularises as well.
 */
import { z } from 'zod';
import { ndarray } from '../../arrays/ndarray.ts';
import { cg } from '../../linear/cg.ts';
import type { MriMethod } from '../method.ts';
import { openSense } from '../open-sense.ts';

const parameters = z.strictObject({
  iterations: z.int().min(1).max(1000).default(20).describe('CG iterations at most'),
  lambda: z.number().min(0).max(10).default(0.01).describe('Tikhonov weight relative to ‖A‖²'),
  tolerance: z.number().min(0).max(1).default(1e-4).describe('stop when the relative residual is no more'),
});

export const cgSense: MriMethod<z.infer<typeof parameters>> = {
  id: 'cg-sense',
  title: 'CG-SENSE',
  summary: 'Least squares with all coils at once by conjugate gradients, held back by a small Tikhonov term.',
  parameters,
  tuning: { iterations: [5, 10, 20, 40], lambda: [0, 0.002, 0.005, 0.01, 0.02, 0.05] },
  async run(slice, { iterations, lambda, tolerance }, context, watch) {
    const { sense, rhs, normBound } = openSense(slice, context);
    try {
      const space = sense.domain;
      const { x } = await cg(
        (v, out) => space.axpy(lambda * normBound, v, sense.normal(v, out)),
        rhs,
        space.zeros(),
        space,
        { iterations, tolerance, ...(watch && { onIteration: watch }) },
        context,
      );
      return ndarray('complex64', space.shape, x);
    } finally {
      sense.dispose();
    }
  },
};
