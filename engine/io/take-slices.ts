/** A range of the slices of a scan. */
import type { Dtype, NdArray } from '../arrays/ndarray.ts';
import { ndarray } from '../arrays/ndarray.ts';
import { EngineError } from '../errors.ts';
import type { Scan } from './scan.ts';

/** Number of slices of any scan; a cone beam, which crosses all of its slices at once, counts as one. */
export function sliceCount(scan: Scan): number {
  if (scan.kind === 'sinogram' && scan.cone) return 1;
  const array = scan.kind === 'kspace' ? scan.kspace : scan.kind === 'sinogram' ? scan.sinogram : scan.volume;
  return array.shape[0];
}

/** Throws `bad-usage` unless 0 ≤ from < to ≤ count. */
export function checkSliceRange(range: readonly [number, number], count: number): void {
  const [from, to] = range;
  if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || to <= from || to > count)
    throw new EngineError('bad-usage', `slices ${from}:${to} are not inside 0:${count}`, {
      path: '--slices',
      hint: 'Give A:B with 0 ≤ A < B; slice B is not included.',
    });
}

function cut<D extends Dtype>(a: NdArray<D>, [from, to]: readonly [number, number]): NdArray<D> {
  const stride = a.data.length / a.shape[0];
  return ndarray(
    a.dtype,
    [to - from, ...a.shape.slice(1)],
    a.data.slice(from * stride, to * stride) as NdArray<D>['data'],
  );
}

/** Slices [from, to) of every per-slice field. Outer axes no longer describe the result and are dropped. */
export function takeSlices(scan: Scan, range: readonly [number, number]): Scan {
  const count = sliceCount(scan);
  checkSliceRange(range, count);
  if (range[0] === 0 && range[1] === count) return scan;
  const geometry = scan.geometry === undefined ? {} : { geometry: scan.geometry.slice(...range) };
  if (scan.kind === 'sinogram') {
    const reference = scan.reference === undefined ? {} : { reference: cut(scan.reference, range) };
    return { ...scan, ...geometry, ...reference, sinogram: cut(scan.sinogram, range) };
  }
  if (scan.kind === 'image') {
    const volume = scan.volume.dtype === 'float32' ? cut(scan.volume, range) : cut(scan.volume, range);
    const dicom =
      scan.dicom === undefined ? {} : { dicom: { ...scan.dicom, slices: scan.dicom.slices.slice(...range) } };
    return { ...scan, ...geometry, ...dicom, volume };
  }
  const { outerAxes: _dropped, maps, calibration, averages, reference, ...rest } = scan;
  return {
    ...rest,
    ...geometry,
    kspace: cut(scan.kspace, range),
    mask: scan.mask.shape.length === 3 ? cut(scan.mask, range) : scan.mask,
    ...(maps === undefined ? {} : { maps: cut(maps, range) }),
    ...(calibration === undefined ? {} : { calibration: cut(calibration, range) }),
    ...(averages === undefined ? {} : { averages: averages.shape.length === 3 ? cut(averages, range) : averages }),
    ...(reference === undefined ? {} : { reference: cut(reference, range) }),
  };
}
