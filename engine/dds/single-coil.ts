/** The closed-form data consistency of one coil (physics/mri/single-coil.ts) in the sampler's units. */
import type { NdArray } from '../arrays/ndarray.ts';
import { projectSingleCoil } from '../physics/mri/single-coil.ts';
import type { ClosedFormConsistency } from './problem.ts';

/** `kspace`: [ky, kx] or [1, ky, kx] in the units of the data, sensitivity 1 everywhere; `mask`: [ky, kx]. */
export function singleCoilConsistency(kspace: NdArray<'complex64'>, mask: NdArray<'uint8'>): ClosedFormConsistency {
  const scaled = new Float32Array(kspace.data.length);
  let scaledBy = Number.NaN;
  return (image, measurementScale, gamma) => {
    if (measurementScale !== scaledBy) {
      for (let i = 0; i < scaled.length; i++) scaled[i] = kspace.data[i] / measurementScale;
      scaledBy = measurementScale;
    }
    projectSingleCoil(image, scaled, mask, gamma, image);
  };
}

/** Whether coil maps are sensitivity 1 everywhere, the case above. */
export function isUniformSensitivity(maps: NdArray<'complex64'>): boolean {
  return maps.data.every((value, i) => value === (i % 2 === 0 ? 1 : 0));
}
