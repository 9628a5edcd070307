/**
 * A folder of training images → the volumes in it, told apart by content. Only headers are read here: what every volume
 * will need in memory is known before the first one is opened. Links are not followed.
 */
import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { checkpoint, type RunContext } from '../../../context.ts';
import { EngineError } from '../../../errors.ts';
import { looksLikeDicom } from '../../../io/dicom/dataset.ts';
import { parseDicomFile } from '../../../io/dicom/read-file.ts';
import { fileError, readFileBytes, readFileRange, statPath } from '../../../io/file-bytes.ts';
import { gunzipPrefix, isGzip } from '../../../io/gunzip.ts';
import { isNiftiFile } from '../../../io/nifti.ts';
import { NIFTI_HEADER_BYTES, parseNiftiHeader } from '../../../io/nifti-header.ts';
import { isNpy, parseNpyHeader } from '../../../io/npy-header.ts';
import { claimedBytes } from '../../../io/size-limit.ts';
import { meant } from './meant.ts';

export interface VolumeSource {
  format: 'nifti' | 'npy' | 'dicom';
  /** Folder-relative name; "DICOM series k" says nothing about the patient. */
  name: string;
  group: string;
  paths: string[];
  /** Bytes as float32, real or complex as stored. */
  bytes: number;
}

export interface FoundSources {
  sources: VolumeSource[];
  /** Files that hold no image in a format for training. */
  others: number;
  /** Files the configuration leaves out. */
  excluded: number;
  /** Files that should have been images and why they cannot be used. */
  damaged: { name: string; reason: string }[];
  /** Files found in all, links left out. */
  files: number;
}

const MAX_DEPTH = 8;
const MAX_FILES = 100_000;
const MAX_DICOM_BYTES = 2 ** 31 - 1;
/** Enough for every header, packed or not. */
const PREFIX_BYTES = 1 << 16;

async function walk(folder: string, depth: number, files: string[]): Promise<void> {
  let entries: import('node:fs').Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    throw fileError(cause, folder);
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    if (entry.name.startsWith('.') || entry.name === 'DICOMDIR') continue;
    const path = join(folder, entry.name);
    // Links are neither files nor directories here.
    if (entry.isFile()) files.push(path);
    else if (entry.isDirectory()) {
      if (depth === MAX_DEPTH)
        throw new EngineError('bad-input', `folders are nested deeper than ${MAX_DEPTH}`, { path });
      await walk(path, depth + 1, files);
    }
    if (files.length > MAX_FILES)
      throw new EngineError('bad-input', `more than ${MAX_FILES} files in the folder`, { path: folder });
  }
}

/** Bytes of a NIfTI or NumPy volume by its header, or undefined for anything else. */
function claim(prefix: Uint8Array, path: string): { format: 'nifti' | 'npy'; bytes: number } | undefined {
  if (isNpy(prefix)) {
    const { descr, shape } = parseNpyHeader(prefix, path);
    if (shape.length !== 2 && shape.length !== 3)
      throw new EngineError('bad-input', `the array has shape [${shape}], expected [y, x] or [n, y, x]`, { path });
    return { format: 'npy', bytes: claimedBytes(shape, descr.includes('c') ? 8 : 4, { path }) };
  }
  if (!isNiftiFile(prefix)) return undefined;
  const head = isGzip(prefix) ? gunzipPrefix(prefix, path).subarray(0, NIFTI_HEADER_BYTES) : prefix;
  const { shape, datatype } = parseNiftiHeader(head, path);
  const complex = datatype === 32 || datatype === 1792;
  return { format: 'nifti', bytes: claimedBytes(shape, complex ? 8 : 4, { path, field: '"dim"' }) };
}

/** Every readable source of the folder, in the order of file names. Throws when the folder itself cannot be read. */
export async function findSources(
  folder: string,
  exclude: readonly string[],
  context: RunContext,
): Promise<FoundSources> {
  if (!(await statPath(folder)).isDirectory())
    throw new EngineError('bad-input', 'expected a folder of images, found a file', { path: folder });
  const files: string[] = [];
  await walk(folder, 0, files);
  const found: FoundSources = { sources: [], others: 0, excluded: 0, damaged: [], files: files.length };
  const series = new Map<string, VolumeSource>();
  for (const [i, path] of files.entries()) {
    if (i % 32 === 0) await checkpoint(context);
    const name = relative(folder, path).split(sep).join('/');
    if (exclude.some((wish) => meant(name, wish))) {
      found.excluded++;
      continue;
    }
    try {
      const prefix = await readFileRange(path, 0, PREFIX_BYTES);
      if (looksLikeDicom(prefix)) {
        const file = parseDicomFile(await readFileBytes(path, MAX_DICOM_BYTES));
        const bytes = claimedBytes([file.frames.length, file.pixels.rows, file.pixels.columns], 4, { path });
        const known = series.get(file.seriesUid);
        if (known === undefined) {
          const source: VolumeSource = {
            ...{ format: 'dicom', name: `DICOM series ${series.size + 1}`, group: `study ${file.studyUid}` },
            ...{ paths: [path], bytes },
          };
          series.set(file.seriesUid, source);
          found.sources.push(source);
        } else {
          known.paths.push(path);
          known.bytes += bytes;
        }
        continue;
      }
      const claimed = claim(prefix, name);
      if (claimed === undefined) found.others++;
      else found.sources.push({ ...claimed, name, group: name, paths: [path] });
    } catch (error) {
      if (!(error instanceof EngineError) || error.code === 'cancelled') throw error;
      found.damaged.push({ name, reason: error.message });
    }
    context.progress({ fraction: (i + 1) / files.length, stage: 'look at files' });
  }
  return found;
}
