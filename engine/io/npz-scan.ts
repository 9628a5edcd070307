/**
 * Scans from NumPy files (contract.md).
 * .npz MRI: `kspace` complex [slices, coils, ky, kx], optional `mask`, `maps`, `spacing_mm` [dz, dy, dx]. Or `kspace_3d`
 * complex [coils, kz, ky, kx], fully sampled along kz, which is transformed into slices; `mask` then is [ky, kx] or the same for
 * every kz, `maps` and `reference` belong to the slices.
 * Simulated scans of both kinds also carry `reference` [slices, y, x], the image they were made from.
 * .npz CT: `sinogram` real [slices, angles, detectors], `angles_deg`, optional `detector_spacing_mm`,
 * `pixel_spacing_mm`, `image_size`, `detector_centre` (index), `slice_spacing_mm`, `water_per_mm`, `photons`,
 * `source_origin_mm` and `source_detector_mm` (fan beam; `curved_detector` 1 for an arc around the source), or a text
 * `geometry` in the JSON words of the Helsinki tomography challenge. `detector_row_spacing_mm` makes it a cone beam with
 * `sinogram` [angles, rows, detectors] and optional `detector_row_centre` (index) and `slices`.
 * .npz images: `image` real or complex [slices, y, x] without one of these, optional `spacing_mm`.
 * .npy alone: a complex array [slices, coils, ky, kx] is k-space, a real one [slices, y, x] an image. Leading axes may be
 * absent everywhere.
 */
import { z } from 'zod';
import { type NdArray, ndarray } from '../arrays/ndarray.ts';
import { EngineError } from '../errors.ts';
import { digestBytes } from './file-bytes.ts';
import { checkFinite } from './finite.ts';
import { kspaceScan } from './kspace-scan.ts';
import { parseNpy } from './npy.ts';
import { type NpzArchive, openNpz } from './npz.ts';
import { leadingAxes, toComplex64, toFloat32, toScalar } from './real-array.ts';
import { supportMask } from './sampling-mask.ts';
import type { ImageScan, KspaceScan, Scan, SinogramScan } from './scan.ts';
import { splitKz } from './split-kz.ts';

const MRI_KEYS = ['kspace', 'kspace_3d', 'mask', 'maps', 'spacing_mm', 'reference'];
const CT_KEYS = [
  ...['sinogram', 'angles_deg', 'detector_spacing_mm', 'pixel_spacing_mm', 'image_size'],
  ...['detector_centre', 'source_origin_mm', 'source_detector_mm', 'curved_detector', 'geometry', 'reference'],
  ...['detector_row_spacing_mm', 'detector_row_centre', 'slices', 'slice_spacing_mm', 'water_per_mm', 'photons'],
];

const htcGeometry = z.object({
  distanceSourceOrigin: z.number().positive(),
  distanceSourceDetector: z.number().positive(),
  pixelSizePost: z.number().positive(),
  effectivePixelSizePost: z.number().positive().optional(),
  distanceUnit: z.literal('mm').optional(),
});

interface Source {
  archive: NpzArchive;
  path: string | undefined;
  notes: string[];
}

function member(path: string | undefined, name: string): string {
  return path === undefined ? name : `${path}:${name}`;
}

function load({ archive, notes }: Source, name: string): NdArray {
  const { array, descr } = archive.content(name);
  if (/c16$/.test(descr)) notes.push(`${name} was stored as complex128 and converted to complex64`);
  return array;
}

function positive(source: Source, name: string): number | undefined {
  if (!source.archive.has(name)) return undefined;
  const value = toScalar(load(source, name), name, member(source.path, name));
  if (value <= 0)
    throw new EngineError('bad-input', `${name} is ${value}, expected a positive number`, {
      path: member(source.path, name),
    });
  return value;
}

/** A positive whole number. */
function positiveCount(source: Source, name: string): number | undefined {
  const value = positive(source, name);
  if (value === undefined || Number.isInteger(value)) return value;
  throw new EngineError('bad-input', `${name} is ${value}, expected a whole number`, {
    path: member(source.path, name),
  });
}

/** A position on the detector, in elements. */
function detectorIndex(source: Source, name: string, count: number): number | undefined {
  if (!source.archive.has(name)) return undefined;
  const path = member(source.path, name);
  const value = toScalar(load(source, name), name, path);
  if (Number.isFinite(value) && value >= 0 && value <= count - 1) return value;
  throw new EngineError('bad-input', `${name} is ${value}, expected an index from 0 to ${count - 1}`, { path });
}

function noteIgnored(source: Source, known: readonly string[]): void {
  const ignored = source.archive.names.filter((name) => !known.includes(name));
  if (ignored.length > 0) source.notes.push(`arrays not used: ${ignored.slice(0, 8).join(', ')}`);
}

function readSpacing(source: Source): [number, number, number] | undefined {
  if (!source.archive.has('spacing_mm')) return undefined;
  const path = member(source.path, 'spacing_mm');
  const values = [...toFloat64(load(source, 'spacing_mm'))];
  if (values.length !== 3 || values.some((value) => !(value > 0 && Number.isFinite(value))))
    throw new EngineError('bad-input', `spacing_mm is [${values}], expected three positive lengths [dz, dy, dx]`, {
      path,
    });
  return [values[0], values[1], values[2]];
}

function toFloat64(a: NdArray): Float64Array {
  return a.dtype === 'complex64' ? new Float64Array(0) : Float64Array.from(a.data);
}

/** The stored reference magnitude; `slices` must agree, and for MRI the grid too. */
function readReference(
  source: Source,
  slices: number | undefined,
  grid?: readonly number[],
): NdArray<'float32'> | undefined {
  if (!source.archive.has('reference')) return undefined;
  const path = member(source.path, 'reference');
  const stored = load(source, 'reference');
  const reference = leadingAxes(toFloat32(stored, 'reference', path), 3, '[slices, y, x]', 'reference', path);
  const [n, ...plane] = reference.shape;
  if ((slices !== undefined && n !== slices) || (grid !== undefined && (plane[0] !== grid[0] || plane[1] !== grid[1])))
    throw new EngineError(
      'mismatch',
      `reference has shape [${stored.shape}], expected [${[slices ?? 'slices', ...(grid ?? ['y', 'x'])]}]`,
      {
        path,
      },
    );
  checkFinite(reference, 'reference', source.path);
  return reference;
}

function mri(source: Source, digest: string): KspaceScan {
  const { archive, path, notes } = source;
  const volumetric = archive.has('kspace_3d');
  const name = volumetric ? 'kspace_3d' : 'kspace';
  const stored = load(source, name);
  if (stored.dtype !== 'complex64')
    throw new EngineError('bad-input', `${name} is ${stored.dtype}, expected complex64`, {
      path: member(path, name),
      hint: 'Store real and imaginary parts as one complex array.',
    });
  const spacingMm = readSpacing(source);
  noteIgnored(source, MRI_KEYS);
  const scan = kspaceScan(
    {
      format: 'npz',
      digest,
      notes,
      ...(volumetric ? slicesOf(source, toComplex64(stored)) : { kspace: toComplex64(stored) }),
      ...(archive.has('mask') ? { mask: load(source, 'mask') } : {}),
      ...(archive.has('maps') ? { maps: toComplex64(load(source, 'maps')) } : {}),
      ...(spacingMm === undefined ? {} : { spacingMm }),
    },
    path,
  );
  if (volumetric && scan.mask.shape.length === 3)
    throw new EngineError('unsupported', 'the mask of kspace_3d differs along kz, expected the same for every kz', {
      path: member(path, 'mask'),
      hint: 'Only 3D scans fully sampled along kz can be split into slices.',
    });
  const { shape } = scan.kspace;
  const reference = readReference(source, shape[0], shape.slice(2));
  return reference === undefined ? scan : { ...scan, reference };
}

/** [coils, kz, ky, kx], or [kz, ky, kx] of one coil → [slices, coils, ky, kx] and where it is measured, [ky, kx]. */
function slicesOf({ path, notes }: Source, stored: NdArray<'complex64'>) {
  const where = member(path, 'kspace_3d');
  if (stored.shape.length < 3)
    throw new EngineError('bad-input', `kspace_3d has shape [${stored.shape}], expected [coils, kz, ky, kx]`, {
      path: where,
    });
  const whole = leadingAxes(stored, 4, '[coils, kz, ky, kx]', 'kspace_3d', path);
  checkFinite(whole, 'kspace_3d', path);
  const [coils, kz, ky, kx] = whole.shape;
  // Read off before the transform, which may leave a slice without any signal.
  const lines = supportMask(ndarray('complex64', [1, coils * kz, ky, kx], whole.data));
  const slices = splitKz(whole.data, { images: 1, coils, kz, ky, kx }, where);
  notes.push(`3D k-space was transformed along kz into ${kz} slices`);
  return { kspace: ndarray('complex64', [kz, coils, ky, kx], slices), mask: lines };
}

/** Fan-beam fields from the JSON text, or nothing (with a note) when it is of another kind. */
function readGeometry({ archive, path, notes }: Source): Partial<SinogramScan> {
  if (!archive.has('geometry')) return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(archive.text('geometry'));
  } catch (cause) {
    if (cause instanceof EngineError) throw cause;
    throw new EngineError('bad-input', 'geometry is not JSON', { path: member(path, 'geometry'), cause });
  }
  const result = htcGeometry.safeParse(parsed);
  if (!result.success) {
    notes.push('the text "geometry" is in unknown words and was not used');
    return {};
  }
  const { distanceSourceOrigin, distanceSourceDetector, pixelSizePost, effectivePixelSizePost } = result.data;
  return {
    fan: { sourceOriginMm: distanceSourceOrigin, sourceDetectorMm: distanceSourceDetector },
    detectorSpacingMm: pixelSizePost,
    ...(effectivePixelSizePost === undefined ? {} : { pixelSpacingMm: effectivePixelSizePost }),
  };
}

/** Angles as stored, or k·180/V when the file has none. */
function readAngles(source: Source, views: number): Float64Array {
  const { archive, path, notes } = source;
  if (!archive.has('angles_deg')) {
    notes.push(`no angles_deg: assumed ${views} angles spread evenly over 180 degrees`);
    return Float64Array.from({ length: views }, (_, k) => (k * 180) / views);
  }
  const array = load(source, 'angles_deg');
  checkFinite(array, 'angles_deg', path);
  const angles = toFloat64(array);
  if (angles.length !== views)
    throw new EngineError('mismatch', `angles_deg has shape [${array.shape}], expected [${views}] as in sinogram`, {
      path: member(path, 'angles_deg'),
    });
  return angles;
}

/** Fields of diverging beams; the older ones beside the text `geometry` win. */
function readBeam(source: Source, rows: number): Pick<SinogramScan, 'fan' | 'cone'> {
  const { path, archive } = source;
  const sourceOriginMm = positive(source, 'source_origin_mm');
  const sourceDetectorMm = positive(source, 'source_detector_mm');
  if ((sourceOriginMm === undefined) !== (sourceDetectorMm === undefined))
    throw new EngineError('bad-input', 'fan beam needs both source_origin_mm and source_detector_mm, found one', {
      ...(path === undefined ? {} : { path }),
    });
  const curved = archive.has('curved_detector')
    ? toScalar(load(source, 'curved_detector'), 'curved_detector', path) !== 0
    : false;
  if (sourceOriginMm === undefined || sourceDetectorMm === undefined) {
    const stray = ['detector_row_spacing_mm', 'curved_detector'].find((name) => archive.has(name));
    if (stray !== undefined && !archive.has('geometry'))
      throw new EngineError('bad-input', `${stray} needs source_origin_mm and source_detector_mm, found neither`, {
        path: member(path, stray),
      });
    return {};
  }
  if (sourceDetectorMm <= sourceOriginMm)
    throw new EngineError(
      'bad-input',
      `source_detector_mm is ${sourceDetectorMm}, expected more than source_origin_mm, ${sourceOriginMm}`,
      { path: member(path, 'source_detector_mm') },
    );
  const fan = { sourceOriginMm, sourceDetectorMm, ...(curved ? { curved } : {}) };
  const rowSpacingMm = positive(source, 'detector_row_spacing_mm');
  if (rowSpacingMm === undefined) return { fan };
  if (curved)
    throw new EngineError('unsupported', 'a cone beam on a curved detector', {
      path: member(path, 'curved_detector'),
      hint: 'Resample the rows to a flat detector.',
    });
  const rowCentre = detectorIndex(source, 'detector_row_centre', rows);
  const slices = positiveCount(source, 'slices');
  return {
    fan,
    cone: {
      rowSpacingMm,
      ...(rowCentre === undefined ? {} : { rowCentre }),
      ...(slices === undefined ? {} : { slices }),
    },
  };
}

function ct(source: Source, digest: string): SinogramScan {
  const { path, notes } = source;
  const stored = toFloat32(load(source, 'sinogram'), 'sinogram', member(path, 'sinogram'));
  const axes = source.archive.has('detector_row_spacing_mm')
    ? '[angles, rows, detectors]'
    : '[slices, angles, detectors]';
  const sinogram = leadingAxes(stored, 3, axes, 'sinogram', path);
  checkFinite(sinogram, 'sinogram', path);
  const beam = readBeam(source, sinogram.shape[1]);
  const [slices, views] = beam.cone ? [beam.cone.slices, sinogram.shape[0]] : sinogram.shape;
  const anglesDeg = readAngles(source, views);
  const optional = {
    detectorSpacingMm: positive(source, 'detector_spacing_mm'),
    pixelSpacingMm: positive(source, 'pixel_spacing_mm'),
    sliceSpacingMm: positive(source, 'slice_spacing_mm'),
    imageSize: positiveCount(source, 'image_size'),
    detectorCentre: detectorIndex(source, 'detector_centre', sinogram.shape[2]),
    waterPerMm: positive(source, 'water_per_mm'),
    photons: positive(source, 'photons'),
  };
  noteIgnored(source, CT_KEYS);
  const reference = readReference(source, slices);
  const { sliceSpacingMm: dz, pixelSpacingMm: dx } = optional;
  return {
    kind: 'sinogram',
    format: 'npz',
    digest,
    notes,
    sinogram,
    anglesDeg,
    ...readGeometry(source),
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
    ...(dz === undefined || dx === undefined ? {} : { spacingMm: [dz, dx, dx] as [number, number, number] }),
    ...(reference === undefined ? {} : { reference }),
    ...beam,
  };
}

/** Images without their measurement: float32 or complex64 [slices, y, x], with the spacing where it is there. */
function images(source: Source, digest: string): ImageScan {
  const { path, notes } = source;
  const stored = load(source, 'image');
  const complex = stored.dtype === 'complex64';
  const array = complex ? toComplex64(stored) : toFloat32(stored, 'image', member(path, 'image'));
  const volume = leadingAxes(array, 3, '[slices, y, x]', 'image', path);
  checkFinite(volume, 'image', path);
  const spacingMm = readSpacing(source);
  noteIgnored(source, ['image', 'spacing_mm']);
  const common = { kind: 'image', format: 'npz', digest, notes, volume, modality: 'OT' } as const;
  return spacingMm === undefined ? common : { ...common, spacingMm };
}

/** A scan from .npz bytes. */
export function npzScan(bytes: Uint8Array, path?: string): Scan {
  const source: Source = { archive: openNpz(bytes, path), path, notes: [] };
  const { archive } = source;
  const measured = ['kspace', 'kspace_3d', 'sinogram'].filter((name) => archive.has(name));
  const found = measured.length === 0 && archive.has('image') ? ['image'] : measured;
  if (found.length !== 1)
    throw new EngineError(
      'bad-input',
      found.length > 1
        ? `the file holds both "${found[0]}" and "${found[1]}", expected one of them`
        : `the file holds ${archive.names.length === 0 ? 'no arrays' : archive.names.slice(0, 12).join(', ')}, expected "kspace" or "sinogram"`,
      path === undefined ? {} : { path },
    );
  const digest = digestBytes(bytes);
  if (found[0] === 'image') return images(source, digest);
  return found[0] === 'sinogram' ? ct(source, digest) : mri(source, digest);
}

/** A scan from .npy bytes: complex → k-space, real → image. */
export function npyScan(bytes: Uint8Array, path?: string): Scan {
  const { array, descr } = parseNpy(bytes, path);
  const digest = digestBytes(bytes);
  if (array.dtype === 'complex64') {
    const notes = /c16$/.test(descr) ? ['stored as complex128 and converted to complex64'] : [];
    return kspaceScan({ format: 'npy', digest, notes, kspace: toComplex64(array) }, path);
  }
  const notes = ['a real array was taken as an image; put line integrals into .npz as "sinogram"'];
  if (descr.endsWith('f8')) notes.push('stored as float64 and converted to float32');
  const volume = leadingAxes(toFloat32(array, 'image', path), 3, '[slices, y, x]', 'image', path);
  checkFinite(volume, 'image', path);
  const scan: ImageScan = { kind: 'image', format: 'npy', digest, notes, volume, modality: 'OT' };
  return scan;
}
