/**
 * From decoded ISMRMRD readouts to a k-space scan: sorting by flags, noise covariance, gridding with averages, readout
 * oversampling, partitions, calibration lines, geometry. Rules: dds.md §4.4. Knows nothing of HDF5.
 */
import { type NdArray, ndarray } from '../arrays/ndarray.ts';
import { EngineError } from '../errors.ts';
import { croppedSize, sliceGeometry, voxelSize } from './ismrmrd-geometry.ts';
import type { Readout } from './ismrmrd-head.ts';
import type { IsmrmrdEncoding, IsmrmrdHeader } from './ismrmrd-header.ts';
import { noiseCovariance } from './ismrmrd-noise.ts';
import { type ImageOrder, orderImages, sortReadouts } from './ismrmrd-sort.ts';
import type { KspaceParts } from './kspace-scan.ts';
import { cropReadout, type GridSize, gridReadouts, incompletePartition, transformPartitions } from './readout-grid.ts';
import { sharedMask } from './sampling-mask.ts';

export type AssembledScan = Omit<KspaceParts, 'format' | 'digest'>;

/** The encoding most imaging readouts belong to. */
function mainEncoding(imaging: readonly Readout[], header: IsmrmrdHeader, path: string | undefined): number {
  const counts = new Map<number, number>();
  for (const { head } of imaging) counts.set(head.encodingSpaceRef, (counts.get(head.encodingSpaceRef) ?? 0) + 1);
  const [[ref]] = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  if (ref >= header.encoding.length)
    throw new EngineError('bad-input', `readouts refer to encoding ${ref}, the header has ${header.encoding.length}`, {
      ...(path === undefined ? {} : { path }),
    });
  return ref;
}

function checkTrajectory(encoding: IsmrmrdEncoding, notes: string[], path: string | undefined): void {
  const trajectory = encoding.trajectory.toLowerCase();
  if (trajectory === 'epi') notes.push('EPI: readouts are taken as regularly sampled, ghosts are not corrected');
  else if (trajectory !== 'cartesian')
    throw new EngineError('unsupported', `a ${trajectory} trajectory, expected cartesian`, {
      ...(path === undefined ? {} : { path }),
      hint: 'Grid the data first (for example with "bart nufft"), then open the result.',
    });
}

/** Averages as an array when anything was measured more than once; one plane when all slices agree. */
function averagesOf(counts: Float32Array, shape: readonly number[]): NdArray<'float32'> | undefined {
  if (!counts.some((count) => count > 1)) return undefined;
  const plane = shape[1] * shape[2];
  const shared = counts.every((count, i) => count === counts[i % plane]);
  return shared ? ndarray('float32', shape.slice(1), counts.slice(0, plane)) : ndarray('float32', shape, counts);
}

/** Calibration of images without lines of their own is that of the first image of the same slice that has some. */
function shareCalibration(data: Float32Array, counts: Float32Array, order: ImageOrder, depth: number): void {
  const perImage = data.length / order.count;
  const countsPerImage = counts.length / order.count;
  const filled = (image: number): boolean =>
    counts.subarray(image * countsPerImage, (image + 1) * countsPerImage).some((count) => count > 0);
  const slices = order.count === 0 ? 0 : order.slices.length;
  for (let image = 0; depth > 0 && image < order.count; image++) {
    if (filled(image)) continue;
    for (let other = image % slices; other < order.count; other += slices)
      if (filled(other)) {
        data.copyWithin(image * perImage, other * perImage, (other + 1) * perImage);
        break;
      }
  }
}

/** Assembles one measurement. Throws EngineErrors that name what was found and what was expected. */
export function assembleReadouts(header: IsmrmrdHeader, readouts: readonly Readout[], path?: string): AssembledScan {
  const where = path === undefined ? {} : { path };
  const sorted = sortReadouts(readouts, path);
  const { notes } = sorted;
  const ref = mainEncoding(sorted.imaging, header, path);
  const encoding = header.encoding[ref];
  checkTrajectory(encoding, notes, path);
  const belongs = ({ head }: Readout): boolean => head.encodingSpaceRef === ref;
  const imaging = sorted.imaging.filter(belongs);
  if (imaging.length < sorted.imaging.length)
    notes.push(`${sorted.imaging.length - imaging.length} readouts of other encodings were skipped`);

  const order = orderImages(imaging);
  const coils = imaging[0].head.activeChannels;
  const { matrixSize } = encoding.encodedSpace;
  const limits = encoding.encodingLimits;
  const size: GridSize = {
    images: order.count,
    coils,
    matrix: [matrixSize.z, matrixSize.y, matrixSize.x],
    centres: [
      limits.kspace_encoding_step_2?.center ?? Math.floor(matrixSize.z / 2),
      limits.kspace_encoding_step_1?.center ?? Math.floor(matrixSize.y / 2),
    ],
  };
  const width = croppedSize(encoding, 'x');
  const depth = matrixSize.z === 1 ? 1 : croppedSize(encoding, 'z');
  const grid = cropReadout(gridReadouts(imaging, size, order.imageOf, path), width);
  const gap = incompletePartition(grid);
  if (gap !== undefined)
    throw new EngineError(
      'unsupported',
      `3D k-space undersampled along the second phase encoding, first at [image, ky, kx] = [${gap}]`,
      { ...where, hint: 'Only 3D scans fully sampled along kz can be split into slices.' },
    );
  const stack = transformPartitions(grid, depth);
  const planes = [stack.slices, stack.ny, stack.nx];
  const shape = [stack.slices, coils, stack.ny, stack.nx];
  const mask = ndarray(
    'uint8',
    planes,
    Uint8Array.from(stack.counts, (count) => (count > 0 ? 1 : 0)),
  );
  const empty = new Set(Array.from({ length: order.count }, (_, i) => i));
  for (const { head } of imaging) empty.delete(order.imageOf(head) ?? -1);
  if (empty.size > 0) notes.push(`${empty.size} of ${order.count} images have no readouts`);

  let calibration: NdArray<'complex64'> | undefined;
  const lines = sorted.calibration.filter((readout) => belongs(readout) && readout.head.activeChannels === coils);
  if (sorted.separateCalibration && lines.length > 0) {
    const raw = cropReadout(gridReadouts(lines, size, order.imageOf, path), width);
    const separate = transformPartitions(raw, depth);
    shareCalibration(separate.data, separate.counts, order, depth);
    calibration = ndarray('complex64', shape, separate.data);
  }
  const covariance = noiseCovariance(
    sorted.noise,
    {
      channels: coils,
      sampleTimeUs: imaging[0].head.sampleTimeUs,
      relativeBandwidth: header.acquisitionSystemInformation?.relativeReceiverNoiseBandwidth,
    },
    notes,
  );
  const averages = averagesOf(stack.counts, planes);
  const rows = croppedSize(encoding, 'y');
  const extent = { depth, rows, columns: width };
  const voxel = voxelSize(encoding, extent, order.slices);
  const geometry = voxel === undefined ? undefined : sliceGeometry(order.slices, order.count, extent, voxel);
  const outer = order.axes.filter((axis) => axis.name === 'slice' || axis.size > 1);
  return {
    notes,
    kspace: ndarray('complex64', shape, stack.data),
    mask: sharedMask(mask),
    ...(rows === stack.ny ? {} : { imageSize: [rows, width] as [number, number] }),
    ...(calibration === undefined ? {} : { calibration }),
    ...(covariance === undefined ? {} : { noiseCovariance: covariance }),
    ...(averages === undefined ? {} : { averages }),
    ...(voxel === undefined ? {} : { spacingMm: voxel }),
    ...(geometry === undefined ? {} : { geometry }),
    ...(outer.length === 1
      ? {}
      : { outerAxes: outer.map(({ name, size: n }) => ({ name, size: name === 'slice' ? n * depth : n })) }),
  };
}
