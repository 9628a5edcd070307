/**
 * Filtered back-projection of every beam, one weighting, filtering and back-projection (Kak & Slaney, Principles of
 * Computerized Tomographic Imaging, 1988, chapter 3; L. A. Feldkamp, L. C. Davis, J. W. Kress, J. Opt. Soc. Am. A 1 (1984)
 * 612–619, for the cone):
 *
 *   q[v, ·] = ramp filter (ramp-filter.ts) of  Δθ_v · w(v, γ) · c · p[v, ·] / pitch,     x = back-projection of q (back-project.ts)
 *
 * Δθ_v is the angle the view stands for (view-weights.ts). Parallel: w = c = 1, the pitch the detector's. Fan and cone: w = ½
 * where the source makes a full turn, else Parker's weights; c the cosine of the ray's angle to the central one; the pitch that
 * of the detector shrunk to the rotation centre. Curved fan: c = R cos γ, the pitch in radians. Where an arc is missing
 * (coverage() says 'limited') the image is a preview: the missing directions are missing.
 */
import { check } from '../../errors.ts';
import { backProjectCone, backProjectSlices } from './back-project.ts';
import type { CtGeometry } from './ct-geometry.ts';
import { fanAngle } from './fan-geometry.ts';
import { checkWindow, type RampWindow, rampFilter } from './ramp-filter.ts';
import { parkerWeight, periodDeg, viewArc } from './view-weights.ts';

export { coverage } from './view-weights.ts';

export interface FbpOptions {
  /** Default 'ramp', none. */
  window?: RampWindow;
  /** Fraction of the detector's Nyquist frequency, in (0, 1]; default 1. */
  cutoff?: number;
  /** Slices of the volume of a cone beam; default: as many as the panel has rows. Others: as many as the sinogram has. */
  slices?: number;
}

/** Factor of p[v, j] before the filter, [views, detectors]; the cone's own cosine is in `coneCosines`. */
function rayWeights(geometry: CtGeometry): Float64Array {
  const { anglesDeg, detectors, detectorSpacing } = geometry;
  const arc = viewArc(anglesDeg, periodDeg(geometry));
  const out = new Float64Array(anglesDeg.length * detectors);
  if (geometry.kind === 'parallel') {
    for (let i = 0; i < out.length; i++) out[i] = arc.weights[Math.floor(i / detectors)] / detectorSpacing;
    return out;
  }
  const { sourceOrigin, sourceDetector } = geometry;
  const pitch = detectorSpacing / sourceDetector;
  const gammas = Float64Array.from({ length: detectors }, (_, j) => fanAngle(geometry, j));
  const delta = ((arc.spanDeg - 180) * Math.PI) / 360;
  for (let v = 0; v < anglesDeg.length; v++) {
    // Rounding must not send the first view round the circle.
    const turnDeg = ((((anglesDeg[v] - arc.firstDeg + 1e-9) % 360) + 360) % 360) - 1e-9;
    const turn = Math.max(0, turnDeg * (Math.PI / 180));
    for (let j = 0; j < detectors; j++) {
      const share = arc.closed ? 0.5 : parkerWeight(turn, gammas[j], delta);
      const beam =
        geometry.detector === 'curved'
          ? (sourceOrigin * Math.cos(gammas[j])) / pitch
          : Math.cos(gammas[j]) / (pitch * sourceOrigin);
      out[v * detectors + j] = arc.weights[v] * share * beam;
    }
  }
  return out;
}

/**
 * Images [slices, y, x] from line integrals [slices, views, detectors], of a cone beam [views, rows, detectors]. Throws
 * `mismatch` when the sinogram is not of whole slices (or one whole cone-beam scan) of the geometry, `bad-usage` for a window or
 * cut-off that does not exist.
 */
export function fbp(sinogram: Float32Array, geometry: CtGeometry, options: FbpOptions = {}): Float32Array {
  checkWindow(options);
  const { anglesDeg, detectors, kind } = geometry;
  const views = anglesDeg.length;
  const rows = kind === 'cone' ? geometry.rows : Math.max(1, Math.round(sinogram.length / (views * detectors)));
  check(
    sinogram.length === views * rows * detectors,
    () =>
      kind === 'cone'
        ? `sinogram has ${sinogram.length} elements, expected ${views}×${rows}×${detectors}`
        : `sinogram has ${sinogram.length} elements, expected slices of ${views}×${detectors}`,
    { code: 'mismatch', path: 'sinogram' },
  );
  const weights = rayWeights(geometry);
  const filtered = new Float32Array(sinogram.length);
  const lines = sinogram.length / detectors;
  for (let line = 0, at = 0; line < lines; line++) {
    const view = kind === 'cone' ? Math.floor(line / rows) : line % views;
    const height = kind === 'cone' ? (line % rows) - geometry.rowCentre : 0;
    for (let j = 0; j < detectors; j++, at++) {
      const tilt = kind === 'cone' ? coneCosine(geometry, j, height) : 1;
      filtered[at] = sinogram[at] * weights[view * detectors + j] * tilt;
    }
  }
  const pitch =
    kind === 'fan' && geometry.detector === 'curved' ? geometry.detectorSpacing / geometry.sourceDetector : 0;
  rampFilter(filtered, lines, detectors, { ...options, pitch }, filtered);
  return kind === 'cone'
    ? backProjectCone(filtered, geometry, options.slices ?? rows)
    : backProjectSlices(filtered, geometry, rows);
}

/** Cosine of the ray's tilt out of the fan: its length in the plane over its length. */
function coneCosine(geometry: Extract<CtGeometry, { kind: 'cone' }>, j: number, height: number): number {
  const { detectorCentre, detectorSpacing, sourceDetector, rowSpacing } = geometry;
  const plane = sourceDetector ** 2 + ((j - detectorCentre) * detectorSpacing) ** 2;
  return Math.sqrt(plane / (plane + (height * rowSpacing) ** 2));
}
