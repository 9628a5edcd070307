/**
 * Total-variation reconstruction: minimises ½‖Ax − y‖² + λ·max|Aᴴy|·TV(x), isotropic TV of the complex image, by FISTA
 * with the dual proximal map of Beck & Teboulle (linear/total-variation-prox.ts), step 1/‖A‖².
 * K. T. Block, M. Uecker, J. Frahm, Magn. Reson. Med. 57 (2007) 1086–1098.
 */
import { z } from 'zod';
import { totalVariationProx } from '../../linear/total-variation-prox.ts';
import type { MriMethod } from '../method.ts';
import { penalisedSense } from '../penalised-sense.ts';

const parameters = z.strictObject({
  lambda: z.number().min(0).max(1).default(0.002).describe('penalty weight relative to the largest value of Aᴴy'),
  iterations: z.int().min(1).max(10_000).default(60).describe('FISTA iterations'),
  inner: z.int().min(1).max(1000).default(20).describe('iterations of the total-variation step in each'),
});

export const tv: MriMethod<z.infer<typeof parameters>> = {
  id: 'tv',
  title: 'Total variation',
  summary: 'Explains the data with few edges: removes noise and streaks, flattens fine texture.',
  parameters,
  tuning: { lambda: [0.0005, 0.001, 0.0015, 0.002, 0.003, 0.005] },
  run: (slice, { lambda, iterations, inner }, context, watch) =>
    penalisedSense(
      slice,
      {
        stage: 'tv',
        lambda,
        iterations,
        proximal: (rows, columns) => totalVariationProx({ rows, columns, iterations: inner }),
      },
      context,
      watch,
    ),
};
