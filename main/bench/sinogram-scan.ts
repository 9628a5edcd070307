/** Real scans made smaller for a benchmark: detector elements joined, views chosen or left out. */
import { ndarray } from '../../engine/arrays/ndarray.ts';
import type { SinogramScan } from '../../engine/io/scan.ts';

/** Means of `bin` neighbouring detector elements; the elements left over at the end are dropped. */
export function binDetector(scan: SinogramScan, bin: number): SinogramScan {
  if (bin === 1) return scan;
  const [slices, views, detectors] = scan.sinogram.shape;
  const count = Math.floor(detectors / bin);
  const data = new Float32Array(slices * views * count);
  for (let line = 0; line < slices * views; line++)
    for (let j = 0; j < count; j++) {
      let sum = 0;
      for (let k = 0; k < bin; k++) sum += scan.sinogram.data[line * detectors + j * bin + k];
      data[line * count + j] = sum / bin;
    }
  const moved = (centre: number) => (centre - (bin - 1) / 2) / bin;
  const longer = (length: number | undefined) => (length === undefined ? undefined : length * bin);
  const { detectorCentre, detectorSpacingMm, pixelSpacingMm, imageSize: _, ...rest } = scan;
  return {
    ...rest,
    sinogram: ndarray('float32', [slices, views, count], data),
    ...(detectorCentre === undefined ? {} : { detectorCentre: moved(detectorCentre) }),
    ...(detectorSpacingMm === undefined ? {} : { detectorSpacingMm: longer(detectorSpacingMm) as number }),
    ...(pixelSpacingMm === undefined ? {} : { pixelSpacingMm: longer(pixelSpacingMm) as number }),
  };
}

export function chooseViews(scan: SinogramScan, views: readonly number[]): SinogramScan {
  const [slices, count, detectors] = scan.sinogram.shape;
  const data = new Float32Array(slices * views.length * detectors);
  for (let z = 0; z < slices; z++)
    views.forEach((view, k) => {
      const from = (z * count + view) * detectors;
      data.set(scan.sinogram.data.subarray(from, from + detectors), (z * views.length + k) * detectors);
    });
  return {
    ...scan,
    sinogram: ndarray('float32', [slices, views.length, detectors], data),
    anglesDeg: Float64Array.from(views, (view) => scan.anglesDeg[view]),
  };
}

/** About `wanted` views, evenly: every kth of those that make up half a turn (k = ⌊count/wanted⌋). */
export function everyView(count: number, wanted: number): number[] {
  const step = Math.max(1, Math.floor(count / wanted));
  return Array.from({ length: Math.min(wanted, Math.ceil(count / step)) }, (_, k) => k * step);
}
