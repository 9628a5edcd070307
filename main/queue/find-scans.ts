/** Every scan below some files and folders: a DICOM series, or a file of any other format. */
import { open, readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { EngineError } from '../../engine/errors.ts';
import { looksLikeDicom } from '../../engine/io/dicom/dataset.ts';
import { hasPixels } from '../../engine/io/dicom/pixel-description.ts';
import { readDicomHeader, readPrefix } from '../../engine/io/dicom/read-header.ts';
import { isGzip } from '../../engine/io/gunzip.ts';
import { isHdf5 } from '../../engine/io/hdf5-magic.ts';
import { isNifti } from '../../engine/io/nifti-header.ts';
import { isNpy } from '../../engine/io/npy-header.ts';
import { isZip, listZipFile } from '../../engine/io/zip.ts';
import { toEngineError } from '../host/engine-error.ts';

export const foundScan = z.object({
  /** One file, or those of a DICOM series, sorted. */
  files: z.array(z.string()).min(1),
  /** What a list calls it: the file, or the folder of a series. May say who was scanned: for the screen only. */
  name: z.string(),
  /** Changes when a file is still being written. */
  state: z.string(),
});
export type FoundScan = z.output<typeof foundScan>;

export const foundScans = z.object({
  scans: z.array(foundScan),
  /** Files that hold no scan. */
  skipped: z.int(),
  /** Files that should, and why they do not. */
  unreadable: z.array(z.object({ file: z.string(), code: z.string(), message: z.string() })),
});

const maxFiles = 200_000;
const maxDepth = 32;

interface Search {
  series: Map<string, string[]>;
  singles: string[];
  states: Map<string, string>;
  skipped: number;
  unreadable: z.output<typeof foundScans>['unreadable'];
  seen: Set<string>;
  signal: AbortSignal;
}

function isScanFile(prefix: Uint8Array): boolean {
  return isHdf5(prefix) || isNpy(prefix) || isNifti(prefix) || isGzip(prefix);
}

const scanMembers: readonly string[] = ['kspace.npy', 'kspace_3d.npy', 'sinogram.npy'];

/** Whether an archive holds a scan, not maps or masks alone; a damaged one counts, so that it is told of. */
async function holdsScan(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const members = await listZipFile(file, path).catch(() => undefined);
    return members === undefined || members.some(({ name }) => scanMembers.includes(name));
  } finally {
    await file.close();
  }
}

/** Both files of a BART pair are one scan, named by the header. */
const pairOf = (path: string) => path.replace(/\.cfl$/i, '.hdr');

async function lookAt(path: string, named: boolean, search: Search): Promise<void> {
  const isPair = /\.(cfl|hdr)$/i.test(path);
  const file = isPair ? pairOf(path) : path;
  if (search.seen.has(file)) return;
  search.seen.add(file);
  if (search.seen.size > maxFiles)
    throw new EngineError('resource', `more than ${maxFiles} files`, { hint: 'Give one folder at a time.' });
  try {
    const { size, mtimeMs } = await stat(path);
    search.states.set(file, `${size}:${mtimeMs}`);
    if (isPair) {
      search.singles.push(file);
      return;
    }
    const start = await readPrefix(path);
    if (start.size > 0 && looksLikeDicom(start.prefix) && basename(path) !== 'DICOMDIR') {
      const header = await readDicomHeader(path, start);
      if (header === undefined || !hasPixels(header.dataset)) search.skipped++;
      else {
        const uid = header.dataset.attributes.string('x0020000e')?.trim() || path;
        const known = search.series.get(uid) ?? [];
        search.series.set(uid, [...known, path]);
      }
    } else if (named || (isZip(start.prefix) ? await holdsScan(path) : isScanFile(start.prefix)))
      search.singles.push(path);
    else search.skipped++;
  } catch (thrown) {
    const { code, message } = toEngineError(thrown);
    search.unreadable.push({ file: path, code, message });
  }
}

/** A folder that one of our own results lies in is no input. */
const isResult = (names: readonly string[]) => names.includes('result.json');

async function walk(folder: string, exclude: ReadonlySet<string>, depth: number, search: Search): Promise<void> {
  if (depth > maxDepth || exclude.has(resolve(folder))) return;
  const entries = await readdir(folder, { withFileTypes: true });
  if (isResult(entries.map(({ name }) => name))) return;
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (search.signal.aborted) throw new EngineError('cancelled', 'cancelled');
    if (entry.name.startsWith('.')) continue;
    const inside = join(folder, entry.name);
    if (entry.isDirectory()) await walk(inside, exclude, depth + 1, search);
    else if (entry.isFile()) await lookAt(inside, false, search);
  }
}

/** Sorted by file. Throws `not-found` for a path that is not there. Links below a folder are not followed. */
export async function findScans(
  paths: readonly string[],
  exclude: readonly string[],
  signal: AbortSignal,
): Promise<z.output<typeof foundScans>> {
  const search: Search = {
    ...{ series: new Map(), singles: [], states: new Map(), skipped: 0, unreadable: [], seen: new Set(), signal },
  };
  const out = new Set(exclude.map((path) => resolve(path)));
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    if (found?.isDirectory()) await walk(path, out, 0, search);
    else if (found !== undefined) await lookAt(path, true, search);
    else if (await stat(`${path}.hdr`).catch(() => undefined)) await lookAt(`${path}.hdr`, true, search);
    else throw new EngineError('not-found', 'no such file or folder', { path, hint: 'Check the path.' });
  }
  const stateOf = (files: readonly string[]) => files.map((file) => search.states.get(file)).join(' ');
  const series = [...search.series.values()].map((files) => files.sort());
  const scans = [...search.singles.map((file) => [file]), ...series].map((files) => ({
    files,
    name: files.length === 1 ? basename(files[0]) : basename(join(files[0], '..')),
    state: stateOf(files),
  }));
  return {
    scans: scans.sort((a, b) => (a.files[0] < b.files[0] ? -1 : 1)),
    ...{ skipped: search.skipped, unreadable: search.unreadable },
  };
}
