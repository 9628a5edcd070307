/** The projector's geometry of a scan: lengths in pixels. */
import { check, EngineError } from '../errors.ts';
import type { SinogramScan } from '../io/scan.ts';
import { fanBeamGeometry } from '../physics/ct/fan-geometry.ts';
import { parallelBeamGeometry } from '../physics/ct/geometry.ts';
import type { CtGeometry } from '../physics/ct/projector.ts';

export interface BeamLengths {
  /** mm; undefined when unknown. */
  pixelMm: number | undefined;
  /** Width of a detector element in pixels, on the detector. */
  detectorSpacing: number;
}

export interface BeamSettings {
  size: number;
  anglesDeg: Float64Array;
  detectorCentre: number;
  lengths: BeamLengths;
}

/** Throws `bad-input` with the offending field as path, `unsupported` for beams without a projector. */
export function beamGeometry(
  scan: SinogramScan,
  { size, anglesDeg, detectorCentre, lengths }: BeamSettings,
): { geometry: CtGeometry; slices: number } {
  const [slices, , detectors] = scan.sinogram.shape;
  const { detectorSpacing, pixelMm } = lengths;
  const common = { size, anglesDeg, detectors, detectorCentre, detectorSpacing };
  if (scan.fan === undefined) return { geometry: parallelBeamGeometry(common), slices };
  check(pixelMm !== undefined, () => 'a diverging beam needs lengths in mm, found none', { path: 'pixel_spacing_mm' });
  const distances = {
    sourceOrigin: scan.fan.sourceOriginMm / pixelMm,
    sourceDetector: scan.fan.sourceDetectorMm / pixelMm,
  };
  if (scan.cone !== undefined) throw new EngineError('unsupported', 'cone beams are not projected by this version');
  const detector = scan.fan.curved ? 'curved' : 'flat';
  return { geometry: fanBeamGeometry({ ...common, ...distances, detector }), slices };
}
