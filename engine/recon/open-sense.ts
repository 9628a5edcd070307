/** The SENSE operator of a slice with what every iterative method starts from. */
import type { RunContext } from '../context.ts';
import { check, EngineError } from '../errors.ts';
import { createSense, type SenseOperator } from '../physics/mri/sense.ts';
import type { MriSlice } from '../physics/mri/slice.ts';

export interface OpenSense {
  /** The caller disposes of it. */
  sense: SenseOperator;
  /** Aᴴy, complex [y, x]. */
  rhs: Float32Array;
  /** max_pixel Σ_c|S_c|² · max_k m² ≥ ‖A‖², since F is unitary (m² = 1, or the number of averages). */
  normBound: number;
  /** max |Aᴴy|: the unit of relative penalty weights. */
  peak: number;
}

/** Throws `mismatch` unless k-space, mask and maps belong together. */
export function requireMatching({ kspace, maps, mask }: MriSlice): void {
  check(
    kspace.shape.length === 3 &&
      kspace.shape[0] === maps.shape[0] &&
      kspace.shape[1] === mask.shape[0] &&
      kspace.shape[2] === mask.shape[1],
    () => `k-space is [${kspace.shape}], maps are [${maps.shape}], the mask is [${mask.shape}]`,
    { code: 'mismatch', path: 'kspace', hint: 'Coils must agree, and the mask must have the size of k-space.' },
  );
}

/** Throws `mismatch` when k-space, mask and maps disagree, `bad-input` when maps or measurements are all zero. */
export function openSense(slice: MriSlice, context: Pick<RunContext, 'threads'>): OpenSense {
  requireMatching(slice);
  const normBound = largestEnergy(slice.maps.data, slice.maps.shape[0]) * mostAverages(slice);
  check(normBound > 0 && Number.isFinite(normBound), () => `the largest Σ|S|² is ${normBound}, expected about 1`, {
    path: 'maps',
    hint: 'The coil maps are zero everywhere or not finite.',
  });
  const sense = createSense({ ...slice, threads: context.threads });
  const rhs = sense.adjoint(sense.weighted(slice.kspace.data));
  const peak = Math.sqrt(largestEnergy(rhs, 1));
  if (!(peak > 0 && Number.isFinite(peak))) {
    sense.dispose();
    throw new EngineError('bad-input', `the largest value of Aᴴy is ${peak}, expected a positive number`, {
      path: 'kspace',
      hint: 'No measured sample is left, or the data are not finite.',
    });
  }
  return { sense, rhs, normBound, peak };
}

function mostAverages({ averages, mask }: MriSlice): number {
  if (!averages) return 1;
  let most = 0;
  for (let i = 0; i < mask.data.length; i++) if (mask.data[i] !== 0 && averages.data[i] > most) most = averages.data[i];
  return most;
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
