/**
 * Opens a scan in any supported format, told apart by content: HDF5 (fastMRI, ISMRMRD), NumPy arrays and archives,
 * NIfTI, BART pairs, DICOM files and folders. Names matter only where a format consists of two files (BART).
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../errors.ts';
import { cflScan, findCflPair } from './cfl-scan.ts';
import { digestBytes, fileError, readFileBytes, readFileRange, statPath } from './file-bytes.ts';
import { checkFinite } from './finite.ts';
import { isGzip } from './gunzip.ts';
import { isHdf5 } from './hdf5-magic.ts';
import { isNiftiFile, readNifti } from './nifti.ts';
import { isNpy } from './npy-header.ts';
import { npyScan, npzScan } from './npz-scan.ts';
import type { ImageScan, Scan } from './scan.ts';
import { takeSlices } from './take-slices.ts';
import { isZip } from './zip.ts';

export interface OpenOptions {
  /** Half-open range of slices to keep; formats that can, read only those. */
  slices?: readonly [from: number, to: number];
  /** What an image is, over what its file says or its values suggest; CT values are Hounsfield units. */
  modality?: 'CT' | 'MR';
}

type Format = 'hdf5' | 'npy' | 'npz' | 'nifti' | 'dicom';

const PREFIX_BYTES = 1 << 16;
const MAX_FOLDER_FILES = 100_000;
const MAX_FOLDER_DEPTH = 8;
const FORMATS = 'fastMRI or ISMRMRD .h5, BART .cfl/.hdr, .npz, .npy, NIfTI, DICOM';

/** "DICM" behind the preamble, or a first element that opens a data set without one (groups 0002 and 0008). */
function isDicom(bytes: Uint8Array): boolean {
  if (bytes.length >= 132 && String.fromCharCode(...bytes.subarray(128, 132)) === 'DICM') return true;
  if (bytes.length < 16 || (bytes[0] !== 2 && bytes[0] !== 8) || bytes[1] !== 0 || bytes[3] !== 0) return false;
  const explicit = /^(AE|CS|DA|IS|LO|OB|SH|TM|UI|UL|UN)$/.test(String.fromCharCode(bytes[4], bytes[5]));
  const length = new DataView(bytes.buffer, bytes.byteOffset, 16).getUint32(4, true);
  return explicit || (length <= 128 && length % 2 === 0);
}

function recognise(prefix: Uint8Array): Format | undefined {
  if (isHdf5(prefix)) return 'hdf5';
  if (isNpy(prefix)) return 'npy';
  if (isZip(prefix)) return 'npz';
  if (isNiftiFile(prefix)) return 'nifti';
  if (isDicom(prefix)) return 'dicom';
  return undefined;
}

function unrecognised(path: string, prefix: Uint8Array): EngineError {
  if (isGzip(prefix))
    return new EngineError('unsupported', 'gzip data that hold no NIfTI volume', {
      path,
      hint: 'Unpack the file first.',
    });
  const text = prefix.subarray(0, 512).every((byte) => byte >= 9 && byte < 127);
  return new EngineError('unsupported', `not a scan in a known format${text ? ' (it is a text file)' : ''}`, {
    path,
    hint: `Known formats: ${FORMATS}.`,
  });
}

/** Integers that reach below −200 are Hounsfield units; NIfTI itself does not say what was measured. */
function niftiScan(bytes: Uint8Array, path: string): ImageScan {
  const { volume, spacingMm, geometry, notes } = readNifti(bytes, path);
  checkFinite(volume, 'image', path);
  let minimum = 0;
  if (volume.dtype === 'float32') for (const value of volume.data) if (value < minimum) minimum = value;
  const hounsfield = minimum < -200;
  if (hounsfield) notes.push('values below -200 were taken as Hounsfield units (CT)');
  return {
    kind: 'image',
    format: 'nifti',
    digest: digestBytes(bytes),
    notes,
    volume,
    spacingMm,
    modality: hounsfield ? 'CT' : 'OT',
    ...(geometry === undefined ? {} : { geometry }),
  };
}

/** Regular files of a folder and its folders, sorted, hidden ones and DICOMDIR left out; links are not followed. */
async function listFolder(path: string, depth = 0): Promise<string[]> {
  if (depth > MAX_FOLDER_DEPTH) return [];
  const files: string[] = [];
  let entries: import('node:fs').Dirent[];
  try {
    entries = await readdir(path, { withFileTypes: true });
  } catch (cause) {
    throw fileError(cause, path);
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    if (entry.name.startsWith('.') || entry.name === 'DICOMDIR') continue;
    const inside = join(path, entry.name);
    if (entry.isDirectory()) files.push(...(await listFolder(inside, depth + 1)));
    else if (entry.isFile()) files.push(inside);
    if (files.length > MAX_FOLDER_FILES)
      throw new EngineError('bad-input', `more than ${MAX_FOLDER_FILES} files in the folder`, { path });
  }
  return files;
}

async function dicomScan(paths: string[]): Promise<ImageScan> {
  const { openDicom } = await import('./dicom/read-series.ts');
  return openDicom(paths);
}

async function folderScan(path: string): Promise<ImageScan> {
  const dicom: string[] = [];
  const files = await listFolder(path);
  for (const file of files) if (isDicom(await readFileRange(file, 0, 256))) dicom.push(file);
  if (dicom.length === 0)
    throw new EngineError('bad-input', `a folder with ${files.length} files, none of them DICOM`, {
      path,
      hint: 'Give one scan file, or use "tangent batch" for a folder of scans.',
    });
  const scan = await dicomScan(dicom);
  if (dicom.length < files.length)
    scan.notes.push(`${files.length - dicom.length} files that are not DICOM were skipped`);
  return scan;
}

async function open(path: string, options: OpenOptions): Promise<Scan> {
  let pair: Awaited<ReturnType<typeof findCflPair>>;
  try {
    if ((await statPath(path)).isDirectory()) return await folderScan(path);
  } catch (error) {
    // BART names a pair by its stem, which is no file itself.
    pair = error instanceof EngineError && error.code === 'not-found' ? await findCflPair(path) : undefined;
    if (pair === undefined) throw error;
  }
  if (pair !== undefined) return cflScan(pair);
  const prefix = await readFileRange(path, 0, PREFIX_BYTES);
  if (prefix.length === 0) throw new EngineError('bad-input', 'the file is empty', { path });
  switch (recognise(prefix)) {
    case 'hdf5':
      return (await import('./hdf5-scan.ts')).hdf5Scan(path, options.slices);
    case 'npy':
      return npyScan(await readFileBytes(path), path);
    case 'npz':
      return npzScan(await readFileBytes(path), path);
    case 'nifti':
      return niftiScan(await readFileBytes(path), path);
    case 'dicom':
      return dicomScan([path]);
    default:
      pair = await findCflPair(path);
      if (pair === undefined) throw unrecognised(path, prefix);
      return cflScan(pair);
  }
}

function statedModality(scan: Scan, modality: 'CT' | 'MR' | undefined, path: string): Scan {
  if (modality === undefined) return scan;
  if (scan.kind !== 'image')
    throw new EngineError('bad-usage', 'a modality is stated for images, the input is measured data', {
      path: '--modality',
    });
  if (modality === 'CT' && scan.volume.dtype === 'complex64')
    throw new EngineError('mismatch', 'a complex image is stated to be CT', { path });
  if (scan.modality !== modality)
    scan.notes.push(`taken as ${modality}, as stated; the file suggests ${scan.modality}`);
  return { ...scan, modality };
}

/** Several files are one DICOM series. */
async function openFiles(paths: readonly string[]): Promise<Scan> {
  for (const path of paths)
    if (!isDicom(await readFileRange(path, 0, 256)))
      throw new EngineError('bad-input', 'several files must be the images of one DICOM series', {
        path,
        hint: 'Give one file, or DICOM files only.',
      });
  return dicomScan([...paths]);
}

/**
 * Opens the scan at `path`: a file, either file of a BART pair or its stem, a folder of DICOM files, or the files of one
 * DICOM series. Throws EngineErrors only; every message names the file or field.
 */
export async function openScan(path: string | readonly string[], options: OpenOptions = {}): Promise<Scan> {
  const paths = typeof path === 'string' ? [path] : path;
  if (paths.length === 0) throw new EngineError('bad-usage', 'no file was given');
  const opened = paths.length === 1 ? await open(paths[0], options) : await openFiles(paths);
  const scan = statedModality(opened, options.modality, paths[0]);
  // fastMRI files are cut while they are read.
  return options.slices === undefined || scan.format === 'fastmri' ? scan : takeSlices(scan, options.slices);
}
