/** Which detector index the rotation centre projects to, and who says so. */
import type { NdArray } from '../arrays/ndarray.ts';
import { EngineError } from '../errors.ts';
import type { SinogramScan } from '../io/scan.ts';
import type { ResultBeam, ResultWarning } from './result.ts';

export interface RotationCentre {
  index: number;
  from: ResultBeam['centreFrom'];
}

/** The middle of a simulated parallel beam is floor(D/2) (contract.md); a real detector's middle lies between elements. */
function middle(scan: SinogramScan): number {
  const detectors = scan.sinogram.shape[2];
  return scan.fan ? (detectors - 1) / 2 : Math.floor(detectors / 2);
}

/** Throws `bad-usage` for an index off the detector, `unsupported` where it cannot be found. */
export async function rotationCentre(
  scan: SinogramScan,
  asked: number | 'auto' | undefined,
  _views: { sinogram: NdArray<'float32'>; anglesDeg: Float64Array },
  _notes: string[],
  _warnings: ResultWarning[],
): Promise<RotationCentre> {
  const detectors = scan.sinogram.shape[2];
  if (typeof asked === 'number') {
    if (!(asked >= 0 && asked <= detectors - 1))
      throw new EngineError('bad-usage', `the rotation centre ${asked} is not on the detector, 0 to ${detectors - 1}`, {
        path: '--centre',
        hint: 'Give the index of the detector element the rotation axis projects to, or auto.',
      });
    return { index: asked, from: 'option' };
  }
  if (asked === 'auto') throw new EngineError('unsupported', 'finding the rotation centre', { path: '--centre' });
  if (scan.detectorCentre !== undefined) return { index: scan.detectorCentre, from: 'file' };
  return { index: middle(scan), from: 'middle' };
}
