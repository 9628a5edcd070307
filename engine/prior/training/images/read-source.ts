/** One source of training images, read into memory. */
import { elements, type NdArray, ndarray } from '../../../arrays/ndarray.ts';
import type { RunContext } from '../../../context.ts';
import { check, EngineError } from '../../../errors.ts';
import { openDicom } from '../../../io/dicom/read-series.ts';
import { readFileBytes } from '../../../io/file-bytes.ts';
import { checkFinite } from '../../../io/finite.ts';
import { gunzipPrefix, isGzip } from '../../../io/gunzip.ts';
import { readNifti } from '../../../io/nifti.ts';
import { parseNiftiHeader } from '../../../io/nifti-header.ts';
import { readNpy } from '../../../io/npy.ts';
import { toFloat32 } from '../../../io/real-array.ts';
import type { TrainingConfig } from '../training-config.ts';
import type { VolumeSource } from './find-sources.ts';
import { axisDirections, planeViews } from './plane-views.ts';
import type { TrainingVolume } from './training-volume.ts';

/** Below this a real volume holds Hounsfield units; magnitudes of MRI are not negative but for interpolation. */
const HOUNSFIELD_FLOOR = -200;
/** NIfTI's default axes (right, front, head) as directions of [slices, rows, columns] in the patient. */
const RAS = [
  [0, 0, 1],
  [0, -1, 0],
  [-1, 0, 0],
] as const;

/** Integers within 16 bits take half the memory and are exact. */
function compact(data: Float32Array): Float32Array | Int16Array {
  for (let i = 0; i < data.length; i++) if ((data[i] << 16) >> 16 !== data[i]) return data;
  return Int16Array.from(data);
}

function split(a: NdArray<'float32'> | NdArray<'complex64'>): Pick<TrainingVolume, 're' | 'im'> {
  if (a.dtype === 'float32') return { re: compact(a.data) };
  const n = elements(a.shape);
  const re = new Float32Array(n);
  const im = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    re[i] = a.data[2 * i];
    im[i] = a.data[2 * i + 1];
  }
  return { re, im };
}

/** Throws `mismatch` when the values cannot be what the configuration says the images are. */
function checkUnits(parts: Pick<TrainingVolume, 're' | 'im'>, config: TrainingConfig, path: string): void {
  if (parts.im !== undefined) {
    check(config.modality !== 'ct', () => 'the images are complex, expected real Hounsfield units (ct)', {
      ...{ code: 'mismatch', path },
    });
    return;
  }
  let lowest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < parts.re.length; i++) if (parts.re[i] < lowest) lowest = parts.re[i];
  if (config.modality === 'mri')
    check(
      lowest >= HOUNSFIELD_FLOOR,
      () => `values reach down to ${lowest}, expected magnitudes (mri), not Hounsfield units or phase`,
      {
        ...{ code: 'mismatch', path },
      },
    );
  else if (config.image.rule === 'window')
    check(
      lowest < HOUNSFIELD_FLOOR,
      () => `no value lies below ${HOUNSFIELD_FLOOR} (lowest: ${lowest}), expected Hounsfield units (ct)`,
      {
        ...{ code: 'mismatch', path },
      },
    );
}

/** The volumes of one array [repeats · slices, y, x]. */
function volumes(
  source: VolumeSource,
  array: NdArray<'float32'> | NdArray<'complex64'>,
  slices: number,
  config: TrainingConfig,
  views: TrainingVolume['views'],
): TrainingVolume[] {
  checkFinite(array, 'image', source.name);
  const parts = split(array);
  checkUnits(parts, config, source.name);
  const [total, rows, columns] = array.shape;
  const stride = slices * rows * columns;
  return Array.from({ length: total / slices }, (_, k) => ({
    name: source.name,
    group: source.group,
    re: parts.re.subarray(k * stride, (k + 1) * stride),
    ...(parts.im === undefined ? {} : { im: parts.im.subarray(k * stride, (k + 1) * stride) }),
    shape: [slices, rows, columns],
    views,
  }));
}

async function readNiftiSource(source: VolumeSource, config: TrainingConfig): Promise<TrainingVolume[]> {
  const bytes = await readFileBytes(source.paths[0]);
  const { volume, spacingMm, geometry } = readNifti(bytes, source.name);
  const { shape } = parseNiftiHeader(isGzip(bytes) ? gunzipPrefix(bytes) : bytes, source.name);
  // Further axes (time, contrast) were joined along the slices; planes across them mean nothing.
  const slices = shape[2] ?? 1;
  const [, rows, columns] = volume.shape;
  const directions = geometry === undefined ? RAS : axisDirections(geometry.slice(0, slices));
  const views = planeViews([slices, rows, columns], spacingMm, directions, config.maximumAnisotropy);
  return volumes(source, volume, slices, config, views);
}

async function readNpySource(source: VolumeSource, config: TrainingConfig): Promise<TrainingVolume[]> {
  const stored = readNpy(await readFileBytes(source.paths[0]), source.name);
  const array =
    stored.dtype === 'complex64'
      ? ndarray('complex64', stored.shape, stored.data as Float32Array)
      : toFloat32(stored, 'image', source.name);
  check(elements(array.shape) > 0, () => `the array [${array.shape}] is empty`, { path: source.name });
  const [slices, rows, columns] = array.shape.length === 2 ? [1, ...array.shape] : array.shape;
  const full = { ...array, shape: [slices, rows, columns] };
  const views = planeViews([slices, rows, columns], undefined, undefined, config.maximumAnisotropy);
  return volumes(source, full, slices, config, views);
}

async function readDicomSource(
  source: VolumeSource,
  config: TrainingConfig,
  context: RunContext,
): Promise<TrainingVolume[]> {
  const scan = await openDicom(source.paths, { signal: context.signal, maxVolumeBytes: config.memoryMiB * 2 ** 20 });
  const stated = { MR: 'mri', CT: 'ct', OT: config.modality }[scan.modality];
  check(stated === config.modality, () => `the series is ${scan.modality}, expected ${config.modality}`, {
    code: 'mismatch',
    path: source.name,
  });
  const [slices, rows, columns] = scan.volume.shape;
  const inPlane = scan.dicom?.pixelSpacing;
  const spacing = scan.spacingMm;
  const directions = scan.geometry === undefined || spacing === undefined ? undefined : axisDirections(scan.geometry);
  const views = planeViews(
    [slices, rows, columns],
    spacing ?? (inPlane === undefined ? undefined : [1, inPlane[0], inPlane[1]]),
    directions,
    config.maximumAnisotropy,
  );
  return volumes(source, scan.volume, slices, config, views);
}

/**
 * The volumes of a source; more than one when a file holds several. Throws EngineErrors: damaged or truncated files,
 * values that are not finite, units that contradict the modality.
 */
export async function readSource(
  source: VolumeSource,
  config: TrainingConfig,
  context: RunContext,
): Promise<TrainingVolume[]> {
  try {
    if (source.format === 'dicom') return await readDicomSource(source, config, context);
    return await (source.format === 'nifti' ? readNiftiSource : readNpySource)(source, config);
  } catch (error) {
    if (error instanceof RangeError)
      throw new EngineError('resource', 'not enough memory for the volume', { path: source.name, cause: error });
    throw error;
  }
}
