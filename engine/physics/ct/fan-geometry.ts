/**
 * Where the rays of a fan-beam scan run. Lengths in pixel widths, angles in degrees. X to the right and y upwards from the
 * rotation centre, which lies at pixel (imageCentre, imageCentre): at angle β the source stands at (−R sin β, R cos β),
 * R = sourceOrigin, and the detector's axis points along (cos β, sin β). The ray through detector element j leaves the
 * central ray by the fan angle
 *
 *   flat:   tan γ = (j − detectorCentre)·detectorSpacing / sourceDetector
 *   curved: γ = (j − detectorCentre)·detectorSpacing / sourceDetector      (spacing along the arc around the source)
 *
 * so it is the ray of a parallel beam (geometry.ts) at angle θ = β + γ, at distance s = R sin γ from the centre.
 */
import { check } from '../../errors.ts';
import { checkAngles, checkDetectors, checkFinite, checkLength, checkSize } from './geometry.ts';

export interface FanBeamOptions {
  /** Image width and height n. */
  size: number;
  anglesDeg: ArrayLike<number>;
  /** Number of detector elements D. */
  detectors: number;
  /** Detector index the central ray meets; default (D − 1)/2. */
  detectorCentre?: number;
  /** Detector pitch at the detector. */
  detectorSpacing: number;
  detector: 'flat' | 'curved';
  /** Source to rotation centre, R. */
  sourceOrigin: number;
  /** Source to detector along the central ray. */
  sourceDetector: number;
  /** Pixel index of the rotation centre in both axes; default (n − 1)/2. */
  imageCentre?: number;
}

export interface FanBeamGeometry {
  readonly kind: 'fan';
  readonly size: number;
  readonly anglesDeg: Float64Array;
  readonly detectors: number;
  readonly detectorCentre: number;
  readonly detectorSpacing: number;
  readonly detector: 'flat' | 'curved';
  readonly sourceOrigin: number;
  readonly sourceDetector: number;
  readonly imageCentre: number;
}

/** γ in radians of a point on the detector, `index` in elements. */
export function fanAngle(
  { detector, detectorCentre, detectorSpacing, sourceDetector }: Omit<FanBeamGeometry, 'kind'>,
  index: number,
): number {
  const ratio = ((index - detectorCentre) * detectorSpacing) / sourceDetector;
  return detector === 'flat' ? Math.atan(ratio) : ratio;
}

/**
 * Fills in the defaults. Throws `bad-input` with the offending field as path: lengths that are not positive, a source that
 * would pass through the image, a curved detector of more than half a turn.
 */
export function fanBeamGeometry(options: FanBeamOptions): FanBeamGeometry {
  const { size, anglesDeg, detectors, detectorSpacing, detector, sourceOrigin, sourceDetector } = options;
  checkSize(size);
  checkAngles(anglesDeg);
  checkDetectors(detectors);
  const detectorCentre = options.detectorCentre ?? (detectors - 1) / 2;
  checkFinite(detectorCentre, 'detector centre', 'detector_centre');
  const imageCentre = options.imageCentre ?? (size - 1) / 2;
  checkFinite(imageCentre, 'image centre', 'image_centre');
  checkLength(detectorSpacing, 'detector spacing', 'detector_spacing_mm');
  checkLength(sourceOrigin, 'distance from source to rotation centre', 'source_origin_mm');
  checkLength(sourceDetector, 'distance from source to detector', 'source_detector_mm');
  check(
    detector === 'flat' || detector === 'curved',
    () => `detector shape is ${JSON.stringify(detector)}, expected "flat" or "curved"`,
    { path: 'detector' },
  );
  const corner = Math.SQRT2 * (Math.max(imageCentre, size - 1 - imageCentre) + 1);
  check(
    sourceOrigin > corner,
    () => `the source is ${sourceOrigin} pixels from the rotation centre, expected more than ${corner.toFixed(1)}`,
    { path: 'source_origin_mm', hint: 'The source would pass through the image: check units and pixel size.' },
  );
  const geometry: FanBeamGeometry = {
    kind: 'fan',
    size,
    anglesDeg: Float64Array.from(anglesDeg),
    detectors,
    detectorCentre,
    detectorSpacing,
    detector,
    sourceOrigin,
    sourceDetector,
    imageCentre,
  };
  const widest = Math.max(Math.abs(fanAngle(geometry, 0)), Math.abs(fanAngle(geometry, detectors - 1)));
  check(
    widest < Math.PI / 2,
    () => `the detector reaches ${((widest * 180) / Math.PI).toFixed(1)}° from the central ray, expected less than 90°`,
    { path: 'detector_spacing_mm' },
  );
  return geometry;
}
