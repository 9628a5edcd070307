/** One place that turns arrays of any reader into a checked k-space scan. */
import { elements, type NdArray, ndarray } from '../arrays/ndarray.ts';
import { EngineError } from '../errors.ts';
import { checkFinite } from './finite.ts';
import { leadingAxes } from './real-array.ts';
import { fitMask, supportMask } from './sampling-mask.ts';
import type { KspaceScan } from './scan.ts';

export interface KspaceParts extends Omit<KspaceScan, 'kind' | 'mask' | 'maps'> {
  /** Complex, [slices, coils, ky, kx]; leading axes may be absent. */
  kspace: NdArray<'complex64'>;
  /** As stored; the non-zero support when absent. */
  mask?: NdArray;
  /** As stored: [slices, coils, y, x], [coils, y, x] for all slices, or [y, x] for one coil. */
  maps?: NdArray<'complex64'>;
}

/** Coil maps on the grid of the k-space, repeated for each slice when the file has one set. */
export function fitMaps(maps: NdArray<'complex64'>, kspace: NdArray<'complex64'>, path?: string): NdArray<'complex64'> {
  const [slices, coils, ny, nx] = kspace.shape;
  const full = leadingAxes(maps, 4, '[slices, coils, y, x]', 'maps', path);
  const [mapSlices, mapCoils, my, mx] = full.shape;
  if ((mapSlices !== slices && mapSlices !== 1) || mapCoils !== coils || my !== ny || mx !== nx)
    throw new EngineError('mismatch', `maps have shape [${maps.shape}], expected [${[slices, coils, ny, nx]}]`, {
      ...(path === undefined ? {} : { path }),
      hint: 'Coil maps must be made for this scan; leave them out to have them estimated.',
    });
  checkFinite(full, 'maps', path);
  if (mapSlices === slices) return full;
  const data = new Float32Array(slices * full.data.length);
  for (let s = 0; s < slices; s++) data.set(full.data, s * full.data.length);
  return ndarray('complex64', [slices, coils, ny, nx], data);
}

/** Checks everything contract.md asks of k-space and fills in the mask. */
export function kspaceScan(parts: KspaceParts, path?: string): KspaceScan {
  const { mask: storedMask, maps, ...rest } = parts;
  const kspace = leadingAxes(parts.kspace, 4, '[slices, coils, ky, kx]', 'kspace', path);
  checkFinite(kspace, 'kspace', path);
  const support = supportMask(kspace);
  if (!support.data.includes(1))
    throw new EngineError('bad-input', `kspace [${parts.kspace.shape}] is zero everywhere, expected measured samples`, {
      ...(path === undefined ? {} : { path }),
    });
  const mask = storedMask === undefined ? support : fitMask(storedMask, kspace, path);
  return {
    ...rest,
    kind: 'kspace',
    kspace,
    mask,
    ...(maps === undefined ? {} : { maps: fitMaps(maps, kspace, path) }),
  };
}

/** Fraction of the grid that was measured. */
export function measuredFraction(mask: NdArray<'uint8'>): number {
  let sum = 0;
  for (const value of mask.data) sum += value;
  return sum / elements(mask.shape);
}
