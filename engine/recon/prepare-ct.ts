/**
 * From a sinogram file to data every CT method can use. Inside the engine lengths are counted in pixels and the image
 * is attenuation per pixel width, so that line integrals are taken as they are:
 *
 *   ∫ μ ds  [1/mm · mm] = Σ μ · pixel  →  internal value = μ · pixel,   μ = internal value / pixel
 *
 * The width of a pixel is the file's, else that of a detector element seen at the rotation axis.
 */
import { estimateSinogramNoise } from '../dds/sinogram-noise.ts';
import { check, EngineError } from '../errors.ts';
import type { SinogramScan } from '../io/scan.ts';
import type { CtData } from '../physics/ct/ct-data.ts';
import { type BeamLengths, beamGeometry } from './beam-geometry.ts';
import type { CtReading, ImageUnit, ResultBeam, ResultWarning, ViewSelection } from './result.ts';
import { rotationCentre } from './rotation-centre.ts';
import { viewCoverage } from './view-coverage.ts';
import { viewSubset } from './view-subset.ts';

export interface PreparedCt {
  data: CtData;
  beam: ResultBeam;
  /** Unit of the attenuation that `perLength` leads to, or HU where water is known. */
  unit: ImageUnit;
  /** mm per pixel, or 1: image values divided by it are attenuation in 1/mm or 1/pixel. */
  pixel: number;
  /** Attenuation of water per pixel width. */
  waterPerPixel: number | undefined;
  spacingMm: [number, number, number] | undefined;
  notes: string[];
  warnings: ResultWarning[];
}

/** Noise level of a line integral, or `auto`. */
export type CtNoise = number | 'auto';

/** Images beyond this are surely a mistake in a spacing. */
const largestImage = 8192;

/**
 * Throws `bad-usage` for a reading that does not fit the scan, `bad-input` and `mismatch` for fields that contradict
 * each other, `unsupported` for beams there is no projector for.
 */
export function prepareCt(scan: SinogramScan, reading: CtReading, noise: CtNoise): PreparedCt {
  const notes: string[] = [];
  const warnings: ResultWarning[] = [];
  const measuredViews = scan.anglesDeg.length;
  const views = selectedViews(reading.views, measuredViews);
  const detectors = scan.sinogram.shape[2];
  const lengths = lengthsOf(scan, reading, notes);
  const size = imageSize(scan, reading, detectors, lengths);
  const centre = rotationCentre(scan, reading.centre, notes, warnings);
  const { geometry: all, slices } = beamGeometry(scan, { size, detectorCentre: centre.index, lengths });
  const measured = { sinogram: scan.sinogram, geometry: all, slices, sigma: 0 };
  const { sinogram, geometry } = views.length === measuredViews ? measured : viewSubset(measured, views);
  const { anglesDeg } = geometry;
  const sigma = noise === 'auto' ? noiseOf(scan, sinogram.data, detectors) : noise;
  warnings.push(...coverageWarnings(anglesDeg, scan, geometry.detectors, lengths));
  const { pixelMm } = lengths;
  const waterPerPixel = scan.waterPerMm !== undefined && pixelMm !== undefined ? scan.waterPerMm * pixelMm : undefined;
  const dz = scan.sliceSpacingMm ?? scan.spacingMm?.[0];
  if (pixelMm !== undefined && dz === undefined)
    notes.push('the distance of the slices is not stated: taken as the width of a pixel');
  return {
    data: { sinogram, geometry, slices, sigma },
    beam: {
      kind: geometry.kind,
      views: views.length,
      measuredViews,
      arcDeg: viewCoverage(anglesDeg, 360).arcDeg,
      centre: centre.index,
      centreFrom: centre.from,
      detectors,
      pixelMm: pixelMm ?? null,
      sourceOriginMm: scan.fan?.sourceOriginMm ?? null,
      sourceDetectorMm: scan.fan?.sourceDetectorMm ?? null,
      curved: scan.fan?.curved ?? false,
      photons: scan.photons ?? null,
      waterPerMm: scan.waterPerMm ?? null,
    },
    unit: waterPerPixel !== undefined ? 'HU' : pixelMm !== undefined ? '1/mm' : '1/pixel',
    pixel: pixelMm ?? 1,
    waterPerPixel,
    spacingMm: pixelMm === undefined ? undefined : [dz ?? pixelMm, pixelMm, pixelMm],
    notes,
    warnings,
  };
}

/** Indices of the views to use, in order. */
function selectedViews(selection: ViewSelection | undefined, count: number): number[] {
  if (selection === undefined) return Array.from({ length: count }, (_, view) => view);
  const absolute = (end: number) => (end < 0 ? end + count : end);
  const from = absolute(selection.from);
  const to = selection.to === Number.MAX_SAFE_INTEGER ? count : absolute(selection.to);
  if (from < 0 || from >= to || to > count)
    throw new EngineError('bad-usage', `views ${from}:${to} are not inside 0:${count}`, {
      path: '--views',
      hint: 'Write --views A:B:STEP with 0 ≤ A < B; view B is not included.',
    });
  const views: number[] = [];
  for (let view = from; view < to; view += selection.step) views.push(view);
  return views;
}

function lengthsOf(scan: SinogramScan, reading: CtReading, notes: string[]): BeamLengths {
  const { fan, detectorSpacingMm } = scan;
  const magnification = fan ? fan.sourceDetectorMm / fan.sourceOriginMm : 1;
  const stated = reading.pixelMm ?? scan.pixelSpacingMm;
  if (fan && detectorSpacingMm === undefined)
    throw new EngineError('bad-input', 'a diverging beam needs detector_spacing_mm, found none', {
      path: 'detector_spacing_mm',
    });
  const atAxis = detectorSpacingMm === undefined ? undefined : detectorSpacingMm / magnification;
  const pixelMm = stated ?? atAxis;
  if (stated === undefined && atAxis !== undefined)
    notes.push(`pixel width is not stated: taken as ${short(atAxis)} mm, a detector element at the rotation axis`);
  if (pixelMm === undefined) notes.push('lengths are not stated: the image is in 1/pixel');
  return {
    pixelMm,
    // Without any spacing a detector element is a pixel wide.
    detectorSpacing: detectorSpacingMm === undefined || pixelMm === undefined ? 1 : detectorSpacingMm / pixelMm,
  };
}

/** The image's width in pixels. A parallel beam must see its corners; a diverging one a circle in it. */
function imageSize(scan: SinogramScan, reading: CtReading, detectors: number, lengths: BeamLengths): number {
  const size = reading.imageSize ?? scan.imageSize ?? scan.reference?.shape[2];
  if (size !== undefined) {
    check(size <= largestImage, () => `image size is ${size} pixels, expected at most ${largestImage}`, {
      code: reading.imageSize === undefined ? 'bad-input' : 'bad-usage',
      path: reading.imageSize === undefined ? 'image_size' : '--image-size',
    });
    return size;
  }
  const width = detectors * lengths.detectorSpacing;
  const seen = scan.fan
    ? fanDiameter(scan.fan, width * (lengths.pixelMm ?? 1)) / (lengths.pixelMm ?? 1)
    : width / Math.SQRT2;
  const found = Math.max(1, Math.floor(seen + 1e-9));
  check(found <= largestImage, () => `the detector sees ${found} pixels across, more than ${largestImage}`, {
    path: 'pixel_spacing_mm',
    hint: 'Check the spacings, or give --image-size.',
  });
  return found;
}

/** Diameter in mm of the circle that every view of the fan sees. */
function fanDiameter({ sourceOriginMm, sourceDetectorMm, curved }: NonNullable<SinogramScan['fan']>, widthMm: number) {
  const half = widthMm / 2 / sourceDetectorMm;
  return 2 * sourceOriginMm * Math.sin(curved ? Math.min(half, Math.PI / 2) : Math.atan(half));
}

/**
 * Standard deviation of a line integral: of photon counting, var p = e^p/N, the root mean square over the rays; else from
 * the edges of the detector.
 */
function noiseOf({ photons }: SinogramScan, data: Float32Array, detectors: number): number {
  if (photons === undefined) return estimateSinogramNoise(data, detectors);
  let sum = 0;
  for (const value of data) sum += Math.exp(Math.min(value, Math.log(photons)));
  return Math.sqrt(sum / data.length / photons);
}

/** Largest step against the median one beyond which views are called uneven. */
const unevenStep = 1.5;

function coverageWarnings(
  anglesDeg: Float64Array,
  { fan }: SinogramScan,
  detectors: number,
  { detectorSpacing, pixelMm }: BeamLengths,
): ResultWarning[] {
  const warnings: ResultWarning[] = [];
  const { coveredDeg, stepDeg, largestStepDeg } = viewCoverage(anglesDeg, fan ? 360 : 180);
  const half = fan ? (detectors * detectorSpacing * (pixelMm ?? 1)) / 2 / fan.sourceDetectorMm : 0;
  const needed = fan ? 180 + (2 * (fan.curved ? half : Math.atan(half)) * 180) / Math.PI : 180;
  if (coveredDeg < needed - Math.max(stepDeg, 0.5))
    warnings.push({
      code: 'ct-limited-angle',
      message: `The views cover ${coveredDeg.toFixed(1)}° of the ${needed.toFixed(1)}° that determine an image: edges along the missing directions are not measured.`,
      value: coveredDeg,
    });
  if (stepDeg > 0 && largestStepDeg > unevenStep * stepDeg)
    warnings.push({
      code: 'ct-uneven-angles',
      message: `Views are spaced unevenly, by up to ${largestStepDeg.toFixed(2)}° where ${stepDeg.toFixed(2)}° is usual.`,
      value: largestStepDeg,
    });
  return warnings;
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
