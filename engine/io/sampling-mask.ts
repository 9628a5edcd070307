/** Sampling masks: read from a file, or taken from where the data are not zero. */
import { elements, type NdArray, ndarray } from '../arrays/ndarray.ts';
import { EngineError } from '../errors.ts';

/**
 * 1 where any coil is not exactly zero. kspace [slices, coils, ky, kx] → [ky, kx] when all slices agree, else
 * [slices, ky, kx].
 */
export function supportMask(kspace: NdArray<'complex64'>): NdArray<'uint8'> {
  const [slices, coils, ny, nx] = kspace.shape;
  const plane = ny * nx;
  const mask = new Uint8Array(slices * plane);
  const { data } = kspace;
  for (let s = 0; s < slices; s++)
    for (let c = 0; c < coils; c++) {
      const from = 2 * (s * coils + c) * plane;
      for (let i = 0; i < plane; i++)
        if (data[from + 2 * i] !== 0 || data[from + 2 * i + 1] !== 0) mask[s * plane + i] = 1;
    }
  return sharedMask(ndarray('uint8', [slices, ny, nx], mask));
}

/** [slices, ky, kx] → [ky, kx] when every slice has the same mask. */
export function sharedMask(mask: NdArray<'uint8'>): NdArray<'uint8'> {
  const [slices, ny, nx] = mask.shape;
  const plane = ny * nx;
  for (let i = plane; i < slices * plane; i++) if (mask.data[i] !== mask.data[i % plane]) return mask;
  return ndarray('uint8', [ny, nx], mask.data.slice(0, plane));
}

/** Index [slice, coil, ky, kx] of a non-zero sample outside the mask, if there is one. */
export function sampleOutside(kspace: NdArray<'complex64'>, mask: NdArray<'uint8'>): number[] | undefined {
  const [slices, coils, ny, nx] = kspace.shape;
  const plane = ny * nx;
  const perSlice = mask.shape.length === 3;
  const { data } = kspace;
  for (let s = 0; s < slices; s++) {
    const maskFrom = perSlice ? s * plane : 0;
    for (let c = 0; c < coils; c++) {
      const from = 2 * (s * coils + c) * plane;
      for (let i = 0; i < plane; i++)
        if (mask.data[maskFrom + i] === 0 && (data[from + 2 * i] !== 0 || data[from + 2 * i + 1] !== 0))
          return [s, c, Math.floor(i / nx), i % nx];
    }
  }
  return undefined;
}

function zeroOne(a: NdArray, where: { path?: string }): Uint8Array {
  const result = new Uint8Array(elements(a.shape));
  let any = false;
  for (let i = 0; i < result.length; i++) {
    const value = a.data[i];
    if ((value !== 0 && value !== 1) || a.dtype === 'complex64')
      throw new EngineError('bad-input', `mask holds ${value} at element ${i}, expected only 0 and 1`, where);
    result[i] = value;
    any ||= value === 1;
  }
  if (!any) throw new EngineError('bad-input', 'mask marks no sample as measured', where);
  return result;
}

/**
 * A stored mask on the grid of `kspace` [slices, coils, ky, kx]: [ky, kx], [slices, ky, kx], or one axis, which stands
 * for ky and where only kx fits, for kx. Throws `mismatch` for another size or when data lie outside it.
 */
export function fitMask(stored: NdArray, kspace: NdArray<'complex64'>, path?: string): NdArray<'uint8'> {
  const where = path === undefined ? {} : { path };
  const [slices, , ny, nx] = kspace.shape;
  const shape = [...stored.shape];
  while (shape.length > 2 && shape[0] === 1) shape.shift();
  if (shape.length === 4 && shape[0] === slices && shape[1] === 1) shape.splice(1, 1);
  const values = zeroOne(stored, where);
  const candidates: NdArray<'uint8'>[] = [];
  if (shape.length === 1) {
    if (shape[0] === ny)
      candidates.push(
        ndarray(
          'uint8',
          [ny, nx],
          Uint8Array.from({ length: ny * nx }, (_, i) => values[Math.floor(i / nx)]),
        ),
      );
    if (shape[0] === nx)
      candidates.push(
        ndarray(
          'uint8',
          [ny, nx],
          Uint8Array.from({ length: ny * nx }, (_, i) => values[i % nx]),
        ),
      );
  } else if (shape.length === 2 && shape[0] === ny && shape[1] === nx) {
    candidates.push(ndarray('uint8', [ny, nx], values));
  } else if (shape.length === 3 && shape[0] === slices && shape[1] === ny && shape[2] === nx) {
    candidates.push(sharedMask(ndarray('uint8', [slices, ny, nx], values)));
  }
  if (candidates.length === 0)
    throw new EngineError(
      'mismatch',
      `mask has shape [${stored.shape}], expected [${ny}, ${nx}] (ky, kx), [${ny}] (ky) or [${slices}, ${ny}, ${nx}]`,
      where,
    );
  // On a square grid one axis may mean either; the data decide.
  let outside: number[] | undefined;
  for (const mask of candidates) {
    const found = sampleOutside(kspace, mask);
    if (found === undefined) return mask;
    outside ??= found;
  }
  throw new EngineError('mismatch', `k-space is not zero at [${outside}] (slice, coil, ky, kx), where mask is 0`, {
    ...where,
    hint: 'Give the mask that was used for the acquisition, or none: then the non-zero samples count as measured.',
  });
}
