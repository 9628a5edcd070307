/** The SENSE operator of a slice with what every iterative method starts from. */
import type { RunContext } from '../context.ts';
import { check } from '../errors.ts';
import { createSense, type SenseOperator } from '../physics/mri/sense.ts';
import type { MriSlice } from '../physics/mri/slice.ts';

export interface OpenSense {
  /** The caller disposes of it. */
  sense: SenseOperator;
  /** Aᴴy, complex [y, x]. */
  rhs: Float32Array;
  /** max_pixel Σ_c|S_c|² ≥ ‖A‖², since F is unitary and m ≤ 1; equals it when the centre of k-space is well sampled. */
  normBound: number;
  /** max |Aᴴy|: the unit of relative penalty weights. */
  peak: number;
}

/** Throws `mismatch` when k-space, mask and maps disagree, `bad-input` when maps or measurements are all zero. */
export function openSense(slice: MriSlice, context: Pick<RunContext, 'threads'>): OpenSense {
  const { maps, kspace, mask } = slice;
  check(
    kspace.shape.length === 3 &&
      kspace.shape[0] === maps.shape[0] &&
      kspace.shape[1] === mask.shape[0] &&
      kspace.shape[2] === mask.shape[1],
    () => `k-space is [${kspace.shape}], maps are [${maps.shape}], the mask is [${mask.shape}]`,
    { code: 'mismatch', path: 'kspace', hint: 'Coils must agree, and the mask must have the size of k-space.' },
  );
  const sense = createSense({ ...slice, threads: context.threads });
  const rhs = sense.adjoint(sense.weighted(kspace.data));
  const peak = Math.sqrt(largestEnergy(rhs, 1));
  const normBound = largestEnergy(maps.data, maps.shape[0]);
  check(normBound > 0, () => 'the coil maps are zero everywhere, expected sensitivities', { path: 'maps' });
  check(peak > 0 && Number.isFinite(peak), () => `the largest value of Aᴴy is ${peak}, expected a positive number`, {
    path: 'kspace',
    hint: 'No measured sample is left, or the data are not finite.',
  });
  return { sense, rhs, normBound, peak };
}

/** max_i Σ_p |v[p, i]|² of `planes` complex planes. */
function largestEnergy(v: Float32Array, planes: number): number {
  const length = v.length / planes;
  let largest = 0;
  for (let i = 0; i < length; i += 2) {
    let energy = 0;
    for (let at = i; at < v.length; at += length) energy += v[at] * v[at] + v[at + 1] * v[at + 1];
    if (!(energy <= largest)) largest = energy;
  }
  return largest;
}
