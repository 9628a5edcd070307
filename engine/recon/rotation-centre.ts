/** Which detector index the rotation centre projects to, and who says so. */
import { EngineError } from '../errors.ts';
import type { SinogramScan } from '../io/scan.ts';
import { findCentre } from '../physics/ct/find-centre.ts';
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

/** Share of the detector, at least one element and a half, by which an axis must be off to be worth a warning. */
const tolerable = 0.005;
/** Fewer views than this do not tell the axis well enough to doubt the middle. */
const fewestViews = 60;

/**
 * The axis as asked, else from the file, else the middle of the detector; in the last case the data of a parallel beam are
 * asked too, and a warning names the axis they suggest. The axis belongs to the scanner, so that all measured views are
 * asked, whichever are used. Throws `bad-usage` for an index off the detector, `unsupported`
 * where the views do not tell.
 */
export function rotationCentre(
  scan: SinogramScan,
  asked: number | 'auto' | undefined,
  notes: string[],
  warnings: ResultWarning[],
): RotationCentre {
  const detectors = scan.sinogram.shape[2];
  if (typeof asked === 'number') {
    if (!(asked >= 0 && asked <= detectors - 1))
      throw new EngineError('bad-usage', `the rotation centre ${asked} is not on the detector, 0 to ${detectors - 1}`, {
        path: '--centre',
        hint: 'Give the index of the detector element the rotation axis projects to, or auto.',
      });
    return { index: asked, from: 'option' };
  }
  if (asked === 'auto') {
    if (scan.fan !== undefined)
      throw new EngineError('unsupported', 'the rotation axis is found for parallel beams only', {
        path: '--centre',
        hint: 'Give the detector index of the rotation axis.',
      });
    const index = round(findCentre(scan.sinogram.data, scan.anglesDeg, detectors));
    notes.push(`the rotation axis was found at detector index ${index}`);
    return { index, from: 'data' };
  }
  if (scan.detectorCentre !== undefined) return { index: scan.detectorCentre, from: 'file' };
  const index = middle(scan);
  const suggested = scan.fan === undefined && scan.anglesDeg.length >= fewestViews ? suggestion(scan) : undefined;
  if (suggested !== undefined && Math.abs(suggested - index) > Math.max(1.5, tolerable * detectors))
    warnings.push({
      code: 'ct-centre',
      message: `The file does not say where the rotation axis is; the middle of the detector, ${index}, was used, but the data suggest ${suggested}. Use --centre auto, or --centre ${suggested}.`,
      value: suggested,
    });
  return { index, from: 'middle' };
}

/** Undefined where the data do not tell. */
function suggestion({ sinogram, anglesDeg }: SinogramScan): number | undefined {
  try {
    return round(findCentre(sinogram.data, anglesDeg, sinogram.shape[2]));
  } catch (thrown) {
    if (thrown instanceof EngineError) return undefined;
    throw thrown;
  }
}

/** Digits beyond these mean nothing. */
function round(index: number): number {
  return Math.round(100 * index) / 100;
}
