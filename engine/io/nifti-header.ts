/**
 * NIfTI-1 (348 bytes, R. W. Cox et al., nifti1.h) and NIfTI-2 (540 bytes, nifti2.h) headers, either byte order, of
 * single files (.nii). World coordinates of NIfTI are RAS: x to the patient's right, y anterior, z superior.
 */
import { EngineError } from '../errors.ts';

/** Rows of the 3 × 4 matrix that takes voxel (i, j, k, 1) to RAS millimetres. */
export type Affine = [number[], number[], number[]];

export interface NiftiHeader {
  version: 1 | 2;
  littleEndian: boolean;
  /** Sizes, first one fastest in memory; 1 to 7 of them. */
  shape: number[];
  datatype: number;
  voxOffset: number;
  slope: number;
  intercept: number;
  /** [dx, dy, dz] in mm from pixdim. */
  spacing: [number, number, number];
  /** From sform, else qform; absent when the file states neither. */
  affine?: Affine;
}

export const NIFTI_HEADER_BYTES = 540;

/** Version and byte order by size field and magic, or undefined for anything else. */
function flavour(bytes: Uint8Array): { version: 1 | 2; littleEndian: boolean } | undefined {
  if (bytes.length < 348) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = (at: number): string => String.fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2]);
  for (const littleEndian of [true, false]) {
    const size = view.getInt32(0, littleEndian);
    if (size === 348 && (magic(344) === 'n+1' || magic(344) === 'ni1')) return { version: 1, littleEndian };
    if (size === 540 && (magic(4) === 'n+2' || magic(4) === 'ni2')) return { version: 2, littleEndian };
  }
  return undefined;
}

export function isNifti(bytes: Uint8Array): boolean {
  return flavour(bytes) !== undefined;
}

/** qform: unit quaternion (a, b, c, d) with a ≥ 0, third axis times qfac = ±1 (nifti1.h, method 2). */
function quaternionAffine(q: number[], offset: number[], spacing: readonly number[], qfac: number): Affine {
  const [b, c, d] = q;
  const a = Math.sqrt(Math.max(0, 1 - b * b - c * c - d * d));
  const rotation = [
    [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
    [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
    [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - c * c - b * b],
  ];
  const scale = [spacing[0], spacing[1], spacing[2] * qfac];
  const row = (i: number): number[] => [...rotation[i].map((value, j) => value * scale[j]), offset[i]];
  return [row(0), row(1), row(2)];
}

/** Parses the header; sizes are counts ≥ 1 afterwards, geometry is finite. */
export function parseNiftiHeader(bytes: Uint8Array, path?: string): NiftiHeader {
  const where = path === undefined ? {} : { path };
  const fail = (what: string): EngineError => new EngineError('bad-input', `damaged NIfTI header: ${what}`, where);
  const found = flavour(bytes);
  if (found === undefined) throw new EngineError('bad-input', 'not a NIfTI file', where);
  const { version, littleEndian } = found;
  if (version === 2 && bytes.length < 540) throw fail(`${bytes.length} bytes, expected 540`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes[version === 1 ? 345 : 5] === 0x69)
    throw new EngineError('unsupported', 'a NIfTI header whose image lies in a separate .img file', {
      ...where,
      hint: 'Convert the pair to a single .nii file.',
    });
  const i16 = (at: number): number => view.getInt16(at, littleEndian);
  const i32 = (at: number): number => view.getInt32(at, littleEndian);
  const f32 = (at: number): number => view.getFloat32(at, littleEndian);
  const f64 = (at: number): number => view.getFloat64(at, littleEndian);
  const i64 = (at: number): number => {
    const value = view.getBigInt64(at, littleEndian);
    if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER)) throw fail(`a size of ${value}`);
    return Number(value);
  };
  const one = version === 1;
  const real = (at1: number, at2: number, i: number): number => (one ? f32(at1 + 4 * i) : f64(at2 + 8 * i));
  const reals = (at1: number, at2: number, n: number): number[] =>
    Array.from({ length: n }, (_, i) => real(at1, at2, i));

  const axes = one ? i16(40) : i64(16);
  if (!(axes >= 1 && axes <= 7)) throw fail(`${axes} axes, expected 1 to 7`);
  const shape = Array.from({ length: axes }, (_, i) => (one ? i16(42 + 2 * i) : i64(24 + 8 * i)));
  for (const size of shape) if (size < 1) throw fail(`a size of ${size} in [${shape}]`);
  const unit = { 1: 1000, 2: 1, 3: 1e-3 }[(one ? bytes[123] : i32(500)) & 7] ?? 1;
  const pixdim = reals(76, 104, 4);
  const spacing = pixdim.slice(1).map((d) => (Number.isFinite(d) && d !== 0 ? Math.abs(d) * unit : 1));
  const voxOffset = one ? f32(108) : i64(168);
  if (!Number.isSafeInteger(voxOffset) || voxOffset < 0) throw fail(`data offset ${voxOffset}`);

  const qformCode = one ? i16(252) : i32(344);
  const sformCode = one ? i16(254) : i32(348);
  let affine: Affine | undefined;
  if (sformCode > 0) {
    const rows = [reals(280, 400, 4), reals(296, 432, 4), reals(312, 464, 4)].map((r) => r.map((v) => v * unit));
    affine = [rows[0], rows[1], rows[2]];
  } else if (qformCode > 0) {
    const offset = reals(268, 376, 3).map((value) => value * unit);
    affine = quaternionAffine(reals(256, 352, 3), offset, spacing, pixdim[0] < 0 ? -1 : 1);
  }
  if (affine?.some((row) => row.some((value) => !Number.isFinite(value)))) throw fail('its orientation is not finite');
  return {
    version,
    littleEndian,
    shape,
    datatype: one ? i16(70) : i16(12),
    voxOffset: Math.max(voxOffset, one ? 348 : 540),
    slope: real(112, 176, 0),
    intercept: real(116, 184, 0),
    spacing: [spacing[0], spacing[1], spacing[2]],
    ...(affine === undefined ? {} : { affine }),
  };
}
