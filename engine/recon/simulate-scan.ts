/** Retrospective undersampling of an image series: the k-space scan it would have given, and the truth to compare with. */
import { magnitude } from '../arrays/complex.ts';
import { type NdArray, ndarray } from '../arrays/ndarray.ts';
import { EngineError } from '../errors.ts';
import type { ImageScan, KspaceScan } from '../io/scan.ts';
import { type MaskType, maskTypes } from '../physics/mri/masks.ts';
import { simulateScan } from '../physics/mri/simulate.ts';
import type { SimulationOptions } from './result.ts';

export interface SimulatedKspace {
  measured: KspaceScan;
  /** Magnitude of the true image, float32 [slices, y, x]. */
  reference: NdArray<'float32'>;
  /** Noise per real component of a sample. */
  sigma: number;
  effectiveAcceleration: number;
}

function maskType(name: string): MaskType {
  const type = maskTypes.find((known) => known === name);
  if (type) return type;
  throw new EngineError('bad-usage', `mask ${JSON.stringify(name)} is unknown`, {
    path: '--mask',
    hint: `Choose one of ${maskTypes.join(', ')}.`,
  });
}

/** Coil maps are not handed on: whoever reconstructs estimates them from the measured centre, as with real data. */
export function simulateKspace(scan: ImageScan, options: SimulationOptions, seed: number): SimulatedKspace {
  const { coils, mask, accel, acs, noise } = options;
  if (scan.modality === 'CT')
    throw new EngineError('mismatch', 'the input is a CT series; k-space belongs to MR images', {
      hint: 'Give an MR series.',
    });
  const simulated = simulateScan(scan.volume, { coils, mask: maskType(mask), acceleration: accel, acs, noise, seed });
  const { format, digest, notes, spacingMm, geometry } = scan;
  return {
    measured: {
      kind: 'kspace',
      format,
      digest,
      notes,
      ...(spacingMm ? { spacingMm } : {}),
      ...(geometry ? { geometry } : {}),
      kspace: simulated.kspace,
      mask: simulated.mask,
    },
    reference: ndarray('float32', simulated.image.shape, magnitude(simulated.image.data)),
    sigma: simulated.sigma,
    effectiveAcceleration: simulated.effectiveAcceleration,
  };
}
