/**
 * fastMRI files (J. Zbontar et al., "fastMRI: an open dataset and benchmarks for accelerated MRI", 2018): `kspace`
 * complex [slices, coils, rows, cols] or [slices, rows, cols], orthonormal centred FFT; rows are the readout, columns the
 * phase encoding. `ismrmrd_header` gives the sizes; `mask` [cols] exists in undersampled files; `reconstruction_rss`
 * (multi-coil) or `reconstruction_esc` (single-coil) is the reference. Columns outside
 * [encodedY/2 − centre, encodedY/2 − centre + maximum + 1) are zero padding and count as not measured.
 * The image is the central part (reconSpace) of the transform; kspace stays on its own grid.
 */
import { type NdArray, ndarray } from '../arrays/ndarray.ts';
import { EngineError } from '../errors.ts';
import { digestFiles } from './file-bytes.ts';
import { checkFinite } from './finite.ts';
import type { Hdf5File } from './hdf5-file.ts';
import { toComplex, toReals } from './hdf5-numbers.ts';
import { type IsmrmrdHeader, parseIsmrmrdHeader } from './ismrmrd-header.ts';
import { kspaceScan } from './kspace-scan.ts';
import { supportMask } from './sampling-mask.ts';
import type { KspaceScan } from './scan.ts';
import { claimedBytes } from './size-limit.ts';
import { checkSliceRange } from './take-slices.ts';

/** Columns [from, to) that were acquired rather than padded with zeros. */
export function acquiredColumns(header: IsmrmrdHeader, columns: number): [from: number, to: number] {
  const { encodedSpace, encodingLimits } = header.encoding[0];
  const limits = encodingLimits.kspace_encoding_step_1;
  if (limits === undefined || encodedSpace.matrixSize.y !== columns) return [0, columns];
  const from = Math.floor(columns / 2) - limits.center;
  return [Math.max(0, from), Math.min(columns, from + limits.maximum + 1)];
}

async function readMask(file: Hdf5File, columns: number): Promise<Uint8Array | undefined> {
  const described = await file.dataset('/mask');
  if (described === undefined) return undefined;
  const count = described.shape.reduce((product, n) => product * n, 1);
  if (count !== columns)
    throw new EngineError(
      'mismatch',
      `mask has shape [${described.shape}], expected [${columns}] as kspace has columns`,
      {
        path: `${file.path}:mask`,
      },
    );
  const values = toReals(await file.read('/mask', 0, described.shape[0]), described.type, `${file.path}:mask`);
  return Uint8Array.from(values, (value) => {
    if (value !== 0 && value !== 1)
      throw new EngineError('bad-input', `mask holds ${value}, expected only 0 and 1`, { path: `${file.path}:mask` });
    return value;
  });
}

async function readReference(
  file: Hdf5File,
  multicoil: boolean,
  slices: number,
  range: readonly [number, number],
): Promise<NdArray<'float32'> | undefined> {
  for (const name of multicoil ? ['reconstruction_rss'] : ['reconstruction_esc', 'reconstruction_rss']) {
    const described = await file.dataset(`/${name}`);
    if (described === undefined) continue;
    const { shape } = described;
    const path = `${file.path}:${name}`;
    if (shape.length !== 3 || shape[0] !== slices)
      throw new EngineError('mismatch', `${name} has shape [${shape}], expected [${slices}, y, x]`, { path });
    const values = toReals(await file.read(`/${name}`, ...range), described.type, path);
    const reference = ndarray('float32', [range[1] - range[0], shape[1], shape[2]], values);
    checkFinite(reference, name, path);
    return reference;
  }
  return undefined;
}

/** Zeroes the padded columns and returns the mask [ky, kx] or [slices, ky, kx] without them. */
function maskWithoutPadding(
  kspace: NdArray<'complex64'>,
  stored: Uint8Array | undefined,
  [from, to]: readonly [number, number],
  notes: string[],
): NdArray<'uint8'> {
  const [, , rows, columns] = kspace.shape;
  let cleared = false;
  for (let at = 0; at < kspace.data.length / 2; at++) {
    const column = at % columns;
    if (column >= from && column < to) continue;
    cleared ||= kspace.data[2 * at] !== 0 || kspace.data[2 * at + 1] !== 0;
    kspace.data[2 * at] = 0;
    kspace.data[2 * at + 1] = 0;
  }
  const padding = columns - (to - from);
  if (padding > 0) notes.push(`${padding} of ${columns} columns are zero padding and count as not measured`);
  if (cleared) notes.push('the padded columns were not zero and have been cleared');
  if (stored === undefined) return supportMask(kspace);
  const inside = stored.map((value, column) => (column >= from && column < to ? value : 0));
  return ndarray(
    'uint8',
    [rows, columns],
    Uint8Array.from({ length: rows * columns }, (_, i) => inside[i % columns]),
  );
}

/** Reads the slices [from, to) of a fastMRI file; all of them by default. */
export async function readFastMri(file: Hdf5File, slices?: readonly [number, number]): Promise<KspaceScan> {
  const { path } = file;
  const described = await file.dataset('/kspace');
  if (described === undefined) throw new EngineError('bad-input', 'there is no dataset "kspace"', { path });
  const { shape } = described;
  if ((shape.length !== 3 && shape.length !== 4) || shape.some((n) => n < 1))
    throw new EngineError('bad-input', `kspace has shape [${shape}], expected [slices, coils, rows, columns]`, {
      path,
    });
  const multicoil = shape.length === 4;
  const [rows, columns] = shape.slice(-2);
  const range = slices ?? [0, shape[0]];
  checkSliceRange(range, shape[0]);
  const size = [range[1] - range[0], multicoil ? shape[1] : 1, rows, columns];
  claimedBytes(size, 8, { path, field: 'kspace' });
  const values = toComplex(await file.read('/kspace', ...range), described.type, `${path}:kspace`);
  const kspace = ndarray('complex64', size, values);

  const notes: string[] = [];
  const xml = (await file.dataset('/ismrmrd_header')) === undefined ? undefined : await file.text('/ismrmrd_header');
  const header = xml === undefined ? undefined : parseIsmrmrdHeader(xml, `${path}:ismrmrd_header`);
  if (header === undefined) notes.push('no ismrmrd_header: image size and zero padding are unknown');
  const acquired = header === undefined ? ([0, columns] as const) : acquiredColumns(header, columns);
  const mask = maskWithoutPadding(kspace, await readMask(file, columns), acquired, notes);
  const reference = await readReference(file, multicoil, shape[0], range);
  const { acquisition } = await file.attributes('/');
  if (typeof acquisition === 'string' && /^[A-Z0-9_]{1,24}$/.test(acquisition))
    notes.push(`acquisition ${acquisition}`);

  const recon = header?.encoding[0].reconSpace;
  const imageSize: [number, number] =
    recon === undefined
      ? reference === undefined
        ? [rows, columns]
        : [reference.shape[1], reference.shape[2]]
      : [Math.min(rows, recon.matrixSize.x), Math.min(columns, recon.matrixSize.y)];
  if (reference !== undefined && (reference.shape[1] !== imageSize[0] || reference.shape[2] !== imageSize[1]))
    throw new EngineError('mismatch', `the reference has ${reference.shape.slice(1)} pixels, expected ${imageSize}`, {
      path,
    });
  const spacing =
    recon === undefined
      ? []
      : [
          recon.fieldOfView_mm.z / recon.matrixSize.z,
          recon.fieldOfView_mm.x / recon.matrixSize.x,
          recon.fieldOfView_mm.y / recon.matrixSize.y,
        ];
  return kspaceScan(
    {
      format: 'fastmri',
      digest: await digestFiles([path]),
      notes,
      kspace,
      mask,
      ...(imageSize[0] === rows && imageSize[1] === columns ? {} : { imageSize }),
      ...(reference === undefined ? {} : { reference }),
      ...(spacing.length === 3 && spacing.every((s) => s > 0)
        ? { spacingMm: [spacing[0], spacing[1], spacing[2]] }
        : {}),
    },
    path,
  );
}
