/**
 * Total-variation CT: minimises ½‖Ax − y‖² + λ·max|Aᵀy|·TV(x) over real images, A and y scaled by √(π/(2V))
 * (physics/ct/parallel-beam.ts), by FISTA from the filtered back-projection, step 1/‖A‖² by the power method.
 * E. Sidky, X. Pan, Phys. Med. Biol. 53 (2008) 4777–4807 (the model; solver as in methods/tv.ts).
 */
import { z } from 'zod';
import { type NdArray, ndarray, stack } from '../../arrays/ndarray.ts';
import { checkpoint, type RunContext, subContext } from '../../context.ts';
import { check } from '../../errors.ts';
import { fista } from '../../linear/fista.ts';
import { largestEigenvalue } from '../../linear/power-method.ts';
import { totalVariationProx } from '../../linear/total-variation-prox.ts';
import { type CtData, ctSlice } from '../../physics/ct/ct-data.ts';
import { fbp } from '../../physics/ct/fbp.ts';
import { createProjector } from '../../physics/ct/projector.ts';
import type { CtMethod } from '../method.ts';

const parameters = z.strictObject({
  lambda: z.number().min(0).max(1).default(0.001).describe('penalty weight relative to the largest value of Aᵀy'),
  iterations: z.int().min(1).max(10_000).default(200).describe('FISTA iterations'),
  inner: z.int().min(1).max(1000).default(10).describe('iterations of the total-variation step in each'),
  nonNegative: z.boolean().default(true).describe('attenuation below zero is set to zero'),
});

type Settings = z.infer<typeof parameters>;

/** The power method approaches the eigenvalue from below; the margin keeps the step safe. */
const eigenvalueMargin = 1.02;

export const tvCt: CtMethod<Settings> = {
  id: 'tv',
  title: 'Total variation',
  summary: 'Explains few views with few edges: no streaks, but fine texture is flattened.',
  parameters,
  tuning: { lambda: [0.0001, 0.0003, 0.001, 0.003, 0.01] },
  async run(data, settings, context) {
    const images: NdArray<'float32'>[] = [];
    for (let z = 0; z < data.slices; z++)
      images.push(
        await reconstructSlice(ctSlice(data, z), settings, subContext(context, z / data.slices, (z + 1) / data.slices)),
      );
    return stack(images);
  },
};

/** float32 [y, x] */
async function reconstructSlice(
  { sinogram, geometry }: CtData,
  { lambda, iterations, inner, nonNegative }: Settings,
  context: RunContext,
): Promise<NdArray<'float32'>> {
  const { size } = geometry;
  const projector = createProjector(geometry);
  const space = projector.domain;
  const rhs = projector.adjoint(sinogram.data.map((value) => projector.scaling * value));
  let peak = 0;
  for (const value of rhs) if (!(Math.abs(value) <= peak)) peak = Math.abs(value);
  check(peak > 0 && Number.isFinite(peak), () => `the largest value of Aᵀy is ${peak}, expected a positive number`, {
    path: 'sinogram',
    hint: 'The sinogram is all zero or not finite.',
  });
  const eigenvalue = await largestEigenvalue(projector, 0, { iterations: 20, tolerance: 1e-3 });
  const shrink = totalVariationProx({ rows: size, columns: size, field: 'real', iterations: inner });
  const { x } = await fista({
    space,
    normal: projector.normal,
    rhs,
    prox: (v, step) => {
      const image = shrink(v, step * lambda * peak);
      if (nonNegative) for (let i = 0; i < image.length; i++) if (image[i] < 0) image[i] = 0;
      return image;
    },
    step: 1 / (eigenvalueMargin * eigenvalue),
    iterations,
    start: fbp(sinogram.data, geometry),
    onIteration: async (k) => {
      await checkpoint(context);
      context.progress({ fraction: k / iterations, stage: 'tv', step: { index: k, count: iterations } });
    },
  });
  return ndarray('float32', [size, size], x);
}
