/**
 * A CT measurement of an image series: line integrals of attenuation along the rays of a parallel, fan or cone beam, with
 * Gaussian noise of σ = noise · (0.99 quantile), or the noise of counting N photons per ray. Hounsfield units become
 * attenuation (hounsfield.ts); other images are taken as attenuation in 1/mm, or 1/pixel where no spacing is known.
 */
import { type NdArray, ndarray, zeros } from '../arrays/ndarray.ts';
import { fillNormal } from '../arrays/random.ts';
import { quantile } from '../arrays/statistics.ts';
import { check, EngineError } from '../errors.ts';
import type { ImageScan, SinogramScan } from '../io/scan.ts';
import { diagonal, uniformAngles } from '../physics/ct/geometry.ts';
import { photonNoise } from '../physics/ct/photon-noise.ts';
import { createProjector } from '../physics/ct/projector.ts';
import { beamGeometry } from './beam-geometry.ts';
import { attenuationOf, waterPerMm } from './hounsfield.ts';
import type { BeamKind, CtSimulationOptions } from './result.ts';
import { stackShape } from './stack-shape.ts';

const noiseStep = 0x6374;

/** Where the image lies in the padded square. */
export interface SquareFrame {
  top: number;
  left: number;
  height: number;
  width: number;
}

export interface SimulatedCt {
  measured: SinogramScan;
  /** The true attenuation, float32 [slices, n, n], 1/mm or 1/pixel. */
  reference: NdArray<'float32'>;
  frame: SquareFrame;
  /** Standard deviation of the Gaussian noise added to a line integral; null for photon noise. */
  sigma: number | null;
}

/** Pixels must be as high as wide, up to rounding in a header. */
const squareTolerance = 1e-3;

/** Throws `mismatch` for MR and complex images, `unsupported` for oblong pixels, `bad-usage` for impossible options. */
export function simulateCt(scan: ImageScan, options: CtSimulationOptions, seed: number): SimulatedCt {
  checkSource(scan);
  const uneven = checkStack(scan, options.geometry);
  const { image: reference, frame } = squareAttenuation(scan);
  const [slices, size] = reference.shape;
  const pixelMm = scan.spacingMm?.[2];
  const notes = [...scan.notes, ...uneven];
  const beam = layBeam(options, slices, size, scan.spacingMm);
  const shape = beam.shape;
  const empty: SinogramScan = {
    kind: 'sinogram',
    format: scan.format,
    digest: scan.digest,
    notes,
    ...(scan.spacingMm
      ? { spacingMm: scan.spacingMm, sliceSpacingMm: scan.spacingMm[0], pixelSpacingMm: scan.spacingMm[2] }
      : {}),
    ...(scan.geometry ? { geometry: scan.geometry } : {}),
    ...(scan.modality === 'CT' && pixelMm !== undefined ? { waterPerMm } : {}),
    ...(options.photons === undefined ? {} : { photons: options.photons }),
    ...beam.fields,
    imageSize: size,
    anglesDeg: uniformAngles(options.angles, options.arc),
    sinogram: zeros('float32', shape),
  };
  const pixel = pixelMm ?? 1;
  const { geometry } = beamGeometry(empty, {
    size,
    detectorCentre: beam.fields.detectorCentre,
    lengths: { pixelMm, detectorSpacing: (beam.fields.detectorSpacingMm ?? pixel) / pixel },
  });
  const projector = createProjector(geometry, slices);
  const data = projector.apply(reference.data.map((value) => value * pixel));
  projector.dispose();
  for (let i = 0; i < data.length; i++) data[i] /= projector.scaling;
  const sigma = addNoise(data, options, seed, options.geometry === 'cone' ? 1 : slices);
  return { measured: { ...empty, sinogram: ndarray('float32', shape, data), reference }, reference, frame, sigma };
}

function checkSource({ volume, modality, spacingMm }: ImageScan): void {
  if (volume.dtype === 'complex64')
    throw new EngineError('mismatch', 'a CT measurement needs a real image, found a complex one', { path: 'volume' });
  if (modality === 'MR')
    throw new EngineError('mismatch', 'the input is an MR series; X-rays belong to CT images', {
      hint: 'Leave the CT options (--angles) out, or state --modality ct.',
    });
  if (spacingMm && Math.abs(spacingMm[1] / spacingMm[2] - 1) > squareTolerance)
    throw new EngineError('unsupported', `pixels of ${spacingMm[1]} × ${spacingMm[2]} mm are not square`, {
      path: 'pixel spacing',
      hint: 'Resample the series to square pixels first.',
    });
}

/** Degrees of tilt or shear that rounding in a header explains. */
const tiltTolerance = 0.1;
/** Distances of slices that differ by less than this share are equal. */
const spacingTolerance = 0.02;

/** Refuses stacks that lean; tells of uneven ones, where each slice is measured on its own. */
function checkStack({ geometry, gantryTiltDeg = 0 }: ImageScan, beam: BeamKind): string[] {
  const shape = geometry && stackShape(geometry);
  const lean = Math.max(gantryTiltDeg, shape?.shearDeg ?? 0);
  if (lean > tiltTolerance)
    throw new EngineError('unsupported', `the series was made with a gantry tilted by ${lean.toFixed(1)}°`, {
      path: gantryTiltDeg > tiltTolerance ? 'Gantry/Detector Tilt (0018,1120)' : 'Image Position (0020,0032)',
      hint: 'Resample it to slices at right angles to the table first.',
    });
  if (shape === undefined) return [];
  const { stepMm, leastStepMm, largestStepMm } = shape;
  const off = Math.max(largestStepMm - stepMm, stepMm - leastStepMm);
  if (off <= Math.max(spacingTolerance * stepMm, 0.01)) return [];
  const text = `slices are spaced unevenly, ${leastStepMm.toFixed(2)} to ${largestStepMm.toFixed(2)} mm`;
  if (beam === 'cone')
    throw new EngineError('unsupported', `${text}; a cone beam crosses them all at once`, {
      path: 'Image Position (0020,0032)',
      hint: 'Use --geometry fan or parallel, or choose evenly spaced slices by --slices.',
    });
  return [`${text}; each is measured on its own`];
}

/** float32 [slices, n, n]: attenuation, with the shorter axis padded by air on both sides. */
function squareAttenuation(scan: ImageScan): { image: NdArray<'float32'>; frame: SquareFrame } {
  const [slices, height, width] = scan.volume.shape;
  const n = Math.max(height, width);
  const [top, left] = [Math.floor((n - height) / 2), Math.floor((n - width) / 2)];
  // Without spacing there is no μ of water either: attenuation relative to water.
  const water = scan.spacingMm ? waterPerMm : 1;
  const values = scan.modality === 'CT' ? attenuationOf(scan.volume.data, water) : scan.volume.data;
  const out = new Float32Array(slices * n * n);
  for (let z = 0; z < slices; z++)
    for (let y = 0; y < height; y++) {
      const from = (z * height + y) * width;
      out.set(values.subarray(from, from + width), (z * n + y + top) * n + left);
    }
  return { image: ndarray('float32', [slices, n, n], out), frame: { top, left, height, width } };
}

/** The part of [slices, n, n] that the image came from. */
export function cropToFrame(image: NdArray<'float32'>, { top, left, height, width }: SquareFrame): NdArray<'float32'> {
  const [slices, n] = image.shape;
  if (height === n && width === n) return image;
  const out = new Float32Array(slices * height * width);
  for (let z = 0; z < slices; z++)
    for (let y = 0; y < height; y++) {
      const from = (z * n + y + top) * n + left;
      out.set(image.data.subarray(from, from + width), (z * height + y) * width);
    }
  return ndarray('float32', [slices, height, width], out);
}

/**
 * Views measured over those that sample the edge of the image as densely as its pixels: π/2 · n over half a turn, which
 * holds every ray of a parallel beam, and twice that over the whole turn of a diverging one.
 */
export function fractionOfViews(views: number, size: number, kind: BeamKind): number {
  return Math.min(1, views / (Math.ceil((Math.PI / 2) * size) * (kind === 'parallel' ? 1 : 2)));
}

/** Source to axis in widths of the image: a fan of 28° to either side sees its corners. */
const sourceDistance = 1.5;
/** Source to detector over source to axis. */
const magnification = 1.75;

type BeamFields = Pick<SinogramScan, 'fan' | 'cone' | 'detectorSpacingMm'> & { detectorCentre: number };

/** A beam that sees the whole image, corners included. */
function layBeam(
  { geometry, curved, angles }: CtSimulationOptions,
  slices: number,
  size: number,
  spacingMm: readonly [number, number, number] | undefined,
): { shape: [number, number, number]; fields: BeamFields } {
  if (geometry === 'parallel') {
    check(!curved, () => 'a parallel beam has no curved detector', { code: 'bad-usage', path: '--curved' });
    const detectors = diagonal(size);
    return {
      shape: [slices, angles, detectors],
      fields: {
        detectorCentre: Math.floor(detectors / 2),
        ...(spacingMm ? { detectorSpacingMm: spacingMm[2] } : {}),
      },
    };
  }
  check(geometry !== 'cone' || !curved, () => 'a cone beam has a flat detector here', {
    code: 'bad-usage',
    path: '--curved',
  });
  if (spacingMm === undefined)
    throw new EngineError('bad-input', `a ${geometry} beam needs the size of a pixel in mm, which is not known`, {
      path: 'pixel spacing',
      hint: 'Use --geometry parallel.',
    });
  const [dz, , pixel] = spacingMm;
  const sourceOriginMm = sourceDistance * size * pixel;
  const sourceDetectorMm = magnification * sourceOriginMm;
  const detectorSpacingMm = magnification * pixel;
  const half = Math.asin(Math.SQRT1_2 / sourceDistance);
  const halfWidth = sourceDetectorMm * (curved ? half : Math.tan(half));
  const detectors = 2 * Math.ceil(halfWidth / detectorSpacingMm) + 1;
  const fields: BeamFields = {
    fan: { sourceOriginMm, sourceDetectorMm, ...(curved ? { curved } : {}) },
    detectorSpacingMm,
    detectorCentre: (detectors - 1) / 2,
  };
  if (geometry === 'fan') return { shape: [slices, angles, detectors], fields };
  const rowSpacingMm = magnification * dz;
  // The end slices seen through the near side of the inscribed circle.
  const halfHeight = ((slices * dz) / 2) * (sourceDetectorMm / (sourceOriginMm - (size * pixel) / 2));
  const rows = 2 * Math.ceil(halfHeight / rowSpacingMm) + 1;
  return {
    shape: [angles, rows, detectors],
    fields: { ...fields, cone: { rowSpacingMm, rowCentre: (rows - 1) / 2, slices } },
  };
}

/** More than this share of rays without a photon is no measurement. */
const mostStarved = 0.5;

function countPhotons(data: Float32Array, photons: number, seed: number, slices: number): Float32Array {
  const { lineIntegrals, starved } = photonNoise(data, { photons, seed, slices });
  if (starved > mostStarved * data.length)
    throw new EngineError(
      'bad-usage',
      `no photon arrives along ${Math.round((100 * starved) / data.length)} % of the rays`,
      { path: '--photons', hint: 'Give more photons; images that are not CT must be attenuation in 1/mm.' },
    );
  return lineIntegrals;
}

/** `slices`: leading parts of the data whose noise is drawn independently of the others. */
function addNoise(
  data: Float32Array,
  { noise, photons }: CtSimulationOptions,
  seed: number,
  slices: number,
): number | null {
  if (photons !== undefined) {
    data.set(countPhotons(data, photons, seed, slices));
    return null;
  }
  if (!(noise > 0)) return 0;
  const sigma = noise * quantile(data, 0.99);
  const normal = new Float32Array(data.length);
  fillNormal(normal, { seed, sample: 0, slice: 0, step: noiseStep });
  for (let i = 0; i < data.length; i++) data[i] += sigma * normal[i];
  return sigma;
}
