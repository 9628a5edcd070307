/**
 * Least squares by conjugate gradients: minimises ½‖Ax − y‖² + (λ‖A‖²/2)‖x‖² on (AᵀA + λ‖A‖²I) x = Aᵀy from x = 0, A and y
 * scaled by √(π/(2V)), the whole volume in one system. Stopping early regularises: each iteration adds finer detail and
 * more of the noise. Negative values of the result may be set to zero at the end. Memory: six volumes and one sinogram.
 * M. R. Hestenes, E. Stiefel, J. Res. Nat. Bur. Stand. 49 (1952) 409–436.
 */
import { z } from 'zod';
import { ndarray } from '../../arrays/ndarray.ts';
import { cg } from '../../linear/cg.ts';
import type { CtMethod } from '../method.ts';
import { clampNegative, normSquaredOf, openCt } from '../open-ct.ts';

const parameters = z.strictObject({
  iterations: z.int().min(1).max(1000).default(10).describe('CG iterations at most'),
  lambda: z.number().min(0).max(10).default(0).describe('Tikhonov weight relative to ‖A‖²'),
  tolerance: z.number().min(0).max(1).default(1e-4).describe('stop when the relative residual is no more'),
  nonNegative: z.boolean().default(true).describe('attenuation below zero is set to zero at the end'),
});

export const cgCt: CtMethod<z.infer<typeof parameters>> = {
  id: 'cg',
  title: 'Conjugate gradients',
  summary: 'Least squares over all views, stopped early: sharper than sirt per iteration, noisy when run on.',
  parameters,
  tuning: { iterations: [2, 3, 5, 7, 10, 15, 20, 30, 50], lambda: [0, 0.0003, 0.001, 0.003, 0.01] },
  async run(data, { iterations, lambda, tolerance, nonNegative }, context, watch) {
    const { projector, rhs } = openCt(data, context.threads);
    try {
      const space = projector.domain;
      const shift = lambda > 0 ? lambda * (await normSquaredOf(projector)) : 0;
      const clipped = watch && nonNegative ? space.zeros() : undefined;
      const { x } = await cg(
        (v, out) => {
          const product = projector.normal(v, out);
          return shift > 0 ? space.axpy(shift, v, product) : product;
        },
        rhs,
        space.zeros(),
        space,
        {
          iterations,
          tolerance,
          onIteration: (index, image) => {
            watch?.(index, clipped ? clampNegative(space.assign(image, clipped)) : image);
            context.progress({ fraction: index / iterations, stage: 'cg', step: { index, count: iterations } });
          },
        },
        context,
      );
      return ndarray('float32', space.shape, nonNegative ? clampNegative(x) : x);
    } finally {
      projector.dispose();
    }
  },
};
