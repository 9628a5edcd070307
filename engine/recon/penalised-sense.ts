/**
 * argmin ½‖Ax − y‖² + λ·max|Aᴴy|·P(x) for one slice by FISTA with step 1/‖A‖², whatever the penalty P: what l1-wavelet
 * and total variation share. λ is relative, so scaling the data scales the image.
 */
import { type NdArray, ndarray } from '../arrays/ndarray.ts';
import { checkpoint, type RunContext } from '../context.ts';
import { fista } from '../linear/fista.ts';
import type { MriSlice } from '../physics/mri/slice.ts';
import type { MriMethod } from './method.ts';
import { openSense } from './open-sense.ts';

export interface PenalisedOptions {
  /** Named in progress. */
  stage: string;
  lambda: number;
  iterations: number;
  /** The proximal map of P on images of this size: (v, weight) → argmin ½‖x − v‖² + weight·P(x). */
  proximal(rows: number, columns: number): (v: Float32Array, weight: number) => Float32Array;
}

/** complex64 [y, x] in the units of the k-space. */
export async function penalisedSense(
  slice: MriSlice,
  { stage, lambda, iterations, proximal }: PenalisedOptions,
  context: RunContext,
  watch: Parameters<MriMethod['run']>[3],
): Promise<NdArray<'complex64'>> {
  const { sense, rhs, normBound, peak } = openSense(slice, context);
  try {
    const space = sense.domain;
    const shrink = proximal(space.shape[0], space.shape[1]);
    const { x } = await fista({
      space,
      normal: sense.normal,
      rhs,
      prox: (v, step) => shrink(v, step * lambda * peak),
      step: 1 / normBound,
      iterations,
      start: space.scale(1 / normBound, space.copy(rhs)),
      onIteration: async (k, iterate) => {
        watch?.(k, iterate);
        await checkpoint(context);
        context.progress({ fraction: k / iterations, stage, step: { index: k, count: iterations } });
      },
    });
    return ndarray('complex64', space.shape, x);
  } finally {
    sense.dispose();
  }
}
