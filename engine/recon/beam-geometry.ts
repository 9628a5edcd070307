/** The projector's geometry of a scan: lengths in pixels. */
import { check } from '../errors.ts';
import type { SinogramScan } from '../io/scan.ts';
import { coneBeamGeometry } from '../physics/ct/cone-geometry.ts';
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
  detectorCentre: number;
  lengths: BeamLengths;
}

/**
 * Geometry and number of slices; a cone beam's slices are those of the file, else as many as the panel's height shows at
 * the rotation axis. Throws `bad-input` with the offending field as path.
 */
export function beamGeometry(
  scan: SinogramScan,
  { size, detectorCentre, lengths }: BeamSettings,
): { geometry: CtGeometry; slices: number } {
  const [slices, , detectors] = scan.sinogram.shape;
  const { detectorSpacing, pixelMm } = lengths;
  const { anglesDeg } = scan;
  const common = { size, anglesDeg, detectors, detectorCentre, detectorSpacing };
  if (scan.fan === undefined) return { geometry: parallelBeamGeometry(common), slices };
  check(pixelMm !== undefined, () => 'a diverging beam needs lengths in mm, found none', { path: 'pixel_spacing_mm' });
  const distances = {
    sourceOrigin: scan.fan.sourceOriginMm / pixelMm,
    sourceDetector: scan.fan.sourceDetectorMm / pixelMm,
  };
  const { cone, fan } = scan;
  if (cone === undefined)
    return {
      geometry: fanBeamGeometry({ ...common, ...distances, detector: fan.curved ? 'curved' : 'flat' }),
      slices,
    };
  const rows = scan.sinogram.shape[1];
  const rowSpacing = cone.rowSpacingMm / pixelMm;
  const sliceSpacing = (scan.sliceSpacingMm ?? pixelMm) / pixelMm;
  const seen = (rows * rowSpacing * distances.sourceOrigin) / distances.sourceDetector / sliceSpacing;
  const rowCentre = cone.rowCentre ?? (rows - 1) / 2;
  return {
    geometry: coneBeamGeometry({ ...common, ...distances, rows, rowCentre, rowSpacing, sliceSpacing }),
    slices: cone.slices ?? Math.max(1, Math.floor(seen + 1e-9)),
  };
}
