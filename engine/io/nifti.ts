/**
 * NIfTI volumes. Axes are kept as stored, nothing is flipped: the file's first axis i becomes our last (x, columns), j
 * becomes y (rows), k becomes slices; further axes (time, contrast) fold into slices, outermost slowest. Where that lies
 * in the patient is told by `geometry`, RAS turned into DICOM's LPS (first two coordinates negated).
 * Values are slope · stored + intercept where slope is finite and not 0. Integers beyond 2^24 round to float32.
 */
import { gzipSync } from 'node:zlib';
import { elements, type NdArray, ndarray } from '../arrays/ndarray.ts';
import { EngineError } from '../errors.ts';
import { gunzip, gunzipPrefix, isGzip } from './gunzip.ts';
import { affineToGeometry, geometryToAffine } from './nifti-geometry.ts';
import { isNifti, NIFTI_HEADER_BYTES, parseNiftiHeader } from './nifti-header.ts';
import { rotationToQuaternion } from './quaternion.ts';
import type { SliceGeometry } from './scan.ts';
import { claimedBytes, MAX_INFLATED_BYTES } from './size-limit.ts';

export interface NiftiVolume {
  /** [slices, y, x]. */
  volume: NdArray<'float32'> | NdArray<'complex64'>;
  /** [dz, dy, dx] in mm. */
  spacingMm: [number, number, number];
  geometry?: SliceGeometry[];
  notes: string[];
}

interface Reader {
  bytes: number;
  complex: boolean;
  read(view: DataView, at: number, littleEndian: boolean): number;
}

/** By NIfTI datatype code; `bytes` of one real number. */
const READERS: Record<number, Reader> = {
  2: { bytes: 1, complex: false, read: (view, at) => view.getUint8(at) },
  4: { bytes: 2, complex: false, read: (view, at, le) => view.getInt16(at, le) },
  8: { bytes: 4, complex: false, read: (view, at, le) => view.getInt32(at, le) },
  16: { bytes: 4, complex: false, read: (view, at, le) => view.getFloat32(at, le) },
  32: { bytes: 4, complex: true, read: (view, at, le) => view.getFloat32(at, le) },
  64: { bytes: 8, complex: false, read: (view, at, le) => view.getFloat64(at, le) },
  256: { bytes: 1, complex: false, read: (view, at) => view.getInt8(at) },
  512: { bytes: 2, complex: false, read: (view, at, le) => view.getUint16(at, le) },
  768: { bytes: 4, complex: false, read: (view, at, le) => view.getUint32(at, le) },
  1024: { bytes: 8, complex: false, read: (view, at, le) => Number(view.getBigInt64(at, le)) },
  1280: { bytes: 8, complex: false, read: (view, at, le) => Number(view.getBigUint64(at, le)) },
  1792: { bytes: 8, complex: true, read: (view, at, le) => view.getFloat64(at, le) },
};

/** Bytes tolerated behind the image. */
const SLACK = 1 << 16;

/** True for .nii and for gzip data that hold one. */
export function isNiftiFile(bytes: Uint8Array): boolean {
  if (!isGzip(bytes)) return isNifti(bytes);
  try {
    return isNifti(gunzipPrefix(bytes));
  } catch {
    return false;
  }
}

/** Parses .nii or .nii.gz. Sizes are checked against the file before anything is inflated or allocated. */
export function readNifti(bytes: Uint8Array, path?: string): NiftiVolume {
  const where = path === undefined ? {} : { path };
  const packed = isGzip(bytes);
  const header = parseNiftiHeader(packed ? gunzipPrefix(bytes, path).subarray(0, NIFTI_HEADER_BYTES) : bytes, path);
  const { shape, voxOffset, littleEndian, slope, intercept } = header;
  const reader = READERS[header.datatype];
  if (reader === undefined)
    throw new EngineError('unsupported', `NIfTI datatype ${header.datatype} (colour, bit or extended precision)`, {
      ...where,
      hint: 'Convert the volume to float32.',
    });
  const parts = reader.complex ? 2 : 1;
  const limit = packed ? MAX_INFLATED_BYTES : undefined;
  const claimed = claimedBytes(shape, reader.bytes * parts, { path, field: '"dim"', ...(limit ? { limit } : {}) });
  const expected = voxOffset + claimed;
  const content = packed ? gunzip(bytes, expected, SLACK, path) : bytes;
  if (content.length < expected || content.length > expected + SLACK)
    throw new EngineError(
      'bad-input',
      `the header promises ${expected} bytes for [${shape}], the file has ${content.length}`,
      where,
    );

  const notes: string[] = [];
  const scale = Number.isFinite(slope) && slope !== 0 && Number.isFinite(intercept);
  const factor = scale ? slope : 1;
  const offset = scale ? intercept : 0;
  const n = elements(shape) * parts;
  const data = new Float32Array(n);
  const view = new DataView(content.buffer, content.byteOffset + voxOffset, claimed);
  for (let i = 0; i < n; i++) {
    const stored = reader.read(view, i * reader.bytes, littleEndian);
    // The intercept is real.
    data[i] = factor * stored + (i % parts === 0 ? offset : 0);
  }
  const [nx, ny, nz, ...outer] = [...shape, 1, 1, 1].slice(0, Math.max(3, shape.length));
  const volumes = elements(outer);
  if (volumes > 1) notes.push(`${volumes} volumes of ${nz} slices each were joined along the slices`);
  const full = [nz * volumes, ny, nx];
  const volume = reader.complex ? ndarray('complex64', full, data) : ndarray('float32', full, data);
  const placed = header.affine === undefined ? undefined : affineToGeometry(header.affine, nz);
  if (header.affine === undefined) notes.push('the file does not state its orientation');
  else if (placed === undefined) notes.push('the stated orientation is singular and was ignored');
  else if (placed.oblique) notes.push('the axes are not orthogonal; the shear is not kept');
  const [dx, dy, dz] = header.spacing;
  return {
    volume,
    spacingMm: placed?.spacingMm ?? [dz, dy, dx],
    ...(placed === undefined
      ? {}
      : { geometry: Array.from({ length: volumes }, () => structuredClone(placed.geometry)).flat() }),
    notes,
  };
}

/**
 * NIfTI-1 single file, float32 or complex64, [slices, y, x] → k, j, i. The sform (and the qform, when the axes are
 * orthogonal) state the geometry; without geometry only the spacing is written. `gzip` compresses, without a clock.
 * `description` (ASCII, cut to 79 characters) goes into the header's "descrip".
 */
export function writeNifti(
  content: Pick<NiftiVolume, 'volume'> & Partial<Pick<NiftiVolume, 'spacingMm' | 'geometry'>>,
  options: { gzip?: boolean; description?: string } = {},
): Uint8Array {
  const { volume, geometry, spacingMm = [1, 1, 1] } = content;
  if (volume.shape.length !== 3) throw new EngineError('mismatch', `expected [slices, y, x], found [${volume.shape}]`);
  const [nz, ny, nx] = volume.shape;
  for (const size of volume.shape)
    if (size < 1 || size > 32_767)
      throw new EngineError('unsupported', `NIfTI-1 sizes are 1 to 32767, found [${volume.shape}]`);
  const bytes = new Uint8Array(352 + volume.data.byteLength);
  const view = new DataView(bytes.buffer);
  const complex = volume.dtype === 'complex64';
  view.setInt32(0, 348, true);
  for (const [i, size] of [3, nx, ny, nz, 1, 1, 1, 1].entries()) view.setInt16(40 + 2 * i, size, true);
  view.setInt16(70, complex ? 32 : 16, true);
  view.setInt16(72, complex ? 64 : 32, true);
  const pixdim = [1, spacingMm[2], spacingMm[1], spacingMm[0], 1, 1, 1, 1];
  view.setFloat32(108, 352, true);
  view.setFloat32(112, 1, true);
  bytes[123] = 2;
  const { description = 'tangent' } = options;
  bytes.set(new TextEncoder().encode(description.replace(/[^ -~]/g, '?').slice(0, 79)), 148);
  if (geometry !== undefined) {
    if (geometry.length !== nz)
      throw new EngineError('mismatch', `${geometry.length} slice positions for ${nz} slices`);
    const affine = geometryToAffine(geometry, spacingMm);
    view.setInt16(254, 1, true);
    for (const [i, row] of affine.entries())
      for (const [j, value] of row.entries()) view.setFloat32(280 + 16 * i + 4 * j, value, true);
    pixdim[3] = Math.hypot(affine[0][2], affine[1][2], affine[2][2]);
    const turn = rotationToQuaternion(affine);
    if (turn !== undefined) {
      pixdim[0] = turn.qfac;
      view.setInt16(252, 1, true);
      for (const [i, value] of [...turn.bcd, affine[0][3], affine[1][3], affine[2][3]].entries())
        view.setFloat32(256 + 4 * i, value, true);
    }
  }
  for (const [i, value] of pixdim.entries()) view.setFloat32(76 + 4 * i, value, true);
  bytes.set([0x6e, 0x2b, 0x31, 0], 344);
  bytes.set(new Uint8Array(volume.data.buffer, volume.data.byteOffset, volume.data.byteLength), 352);
  return options.gzip === true ? gzipSync(bytes, { level: 6 }) : bytes;
}
