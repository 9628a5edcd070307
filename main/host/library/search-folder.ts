/** Walks what the user opened and tells of every image and scan in it, while it goes on. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { EngineError } from '../../../engine/errors.ts';
import { looksLikeDicom } from '../../../engine/io/dicom/dataset.ts';
import { looksLikeDicomdir, readDicomdir } from '../../../engine/io/dicom/dicomdir.ts';
import { hasPixels } from '../../../engine/io/dicom/pixel-description.ts';
import { readDicomHeader, readPrefix } from '../../../engine/io/dicom/read-header.ts';
import { isGzip } from '../../../engine/io/gunzip.ts';
import { isHdf5 } from '../../../engine/io/hdf5-magic.ts';
import { isNifti } from '../../../engine/io/nifti-header.ts';
import { isNpy } from '../../../engine/io/npy-header.ts';
import { unpackZip, zipNames } from '../../../engine/io/unpack-zip.ts';
import { isZip } from '../../../engine/io/zip.ts';
import type { ItemSummary } from '../api/item.ts';
import { toEngineError } from '../engine-error.ts';
import { arrayEntry } from './array-item.ts';
import { dicomFacts } from './dicom-facts.ts';
import { itemIdOf } from './item-id.ts';
import type { Entry } from './reader-messages.ts';
import { resultEntry } from './result-entry.ts';
import { seriesCollector } from './series-collector.ts';

export interface SearchState {
  filesSeen: number;
  skipped: number;
  unreadable: { name: string; reason: string }[];
}

export interface SearchOptions {
  paths: readonly string[];
  badges: readonly ItemSummary['badges'][number][];
  /** Only result folders. */
  results: boolean;
  /** Private folder for what must be unpacked. */
  temporary: string;
  signal: AbortSignal;
  progress(state: Readonly<SearchState>): void;
  item(entry: Entry): void;
  /** Revision of an item before, where it is listed already. */
  revisionOf(id: string): number | undefined;
}

const PROGRESS_MS = 150;
const MAX_DEPTH = 32;
const MAX_FILES = 200_000;
const MAX_REASONS = 200;
/** Files whose headers are read at the same time, to hide the disk's delay. */
const AT_ONCE = 8;

/** Files of other formats, opened after the DICOM files because that may take long. */
function isOther(path: string, prefix: Uint8Array): boolean {
  if (/\.(cfl|hdr)$/i.test(path)) return true;
  return isHdf5(prefix) || isNpy(prefix) || isZip(prefix) || isNifti(prefix) || isGzip(prefix);
}

export async function searchFolder(options: SearchOptions): Promise<void> {
  const { signal } = options;
  const state: SearchState = { filesSeen: 0, skipped: 0, unreadable: [] };
  const series = seriesCollector(options);
  const others: { path: string; size: number; zip: boolean }[] = [];
  const directories: string[] = [];
  /** Folders whose own name says nothing. */
  const titles = new Map<string, string>();
  let told = 0;
  const tell = (always = false) => {
    const now = performance.now();
    if (!always && now - told < PROGRESS_MS) return;
    told = now;
    options.progress(state);
    series.flush(false);
  };
  const unreadable = (path: string, thrown: unknown) => {
    const { message, path: place } = toEngineError(thrown);
    const where = place === undefined || place === path || place === basename(path) ? '' : ` – ${place}`;
    if (state.unreadable.length < MAX_REASONS) state.unreadable.push({ name: basename(path), reason: message + where });
  };

  const readOne = async (path: string): Promise<void> => {
    try {
      const start = await readPrefix(path);
      if (looksLikeDicomdir(start.prefix)) {
        // Inside a folder its files are found without it.
        if (options.paths.includes(path)) directories.push(path);
      } else if (start.size > 0 && looksLikeDicom(start.prefix)) {
        const header = await readDicomHeader(path, start);
        if (header === undefined || !hasPixels(header.dataset)) state.skipped++;
        else series.add(dicomFacts(path, header));
      } else if (isOther(path, start.prefix)) {
        const zip = isZip(start.prefix) && !(await zipNames(path)).every((name) => name.endsWith('.npy'));
        // Archives are unpacked where someone asked for it, not because they lie in a folder.
        if (zip && !options.paths.includes(path)) state.skipped++;
        else others.push({ path, size: start.size, zip });
      } else state.skipped++;
    } catch (thrown) {
      unreadable(path, thrown);
    }
  };

  const running = new Set<Promise<void>>();
  const file = async (path: string): Promise<void> => {
    if (++state.filesSeen > MAX_FILES)
      throw new EngineError('resource', `more than ${MAX_FILES} files`, { hint: 'Open one study at a time.' });
    const work = readOne(path).finally(() => running.delete(work));
    running.add(work);
    if (running.size >= AT_ONCE) await Promise.race(running);
    tell();
  };
  const stopIfAsked = () => {
    if (signal.aborted) throw new EngineError('cancelled', 'cancelled');
  };

  const folder = async (path: string, depth: number): Promise<void> => {
    if (depth > MAX_DEPTH) return;
    const entries = (await readdir(path, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
    if (entries.some(({ name }) => name === 'result.json')) {
      const found = await resultEntry(path, options.badges);
      if (found !== undefined) {
        options.item(found);
        return;
      }
    }
    for (const entry of entries) {
      stopIfAsked();
      if (entry.name.startsWith('.')) continue;
      const inside = join(path, entry.name);
      if (entry.isDirectory())
        await folder(inside, depth + 1).catch((thrown) => {
          if (thrown instanceof EngineError) throw thrown;
          unreadable(inside, thrown);
        });
      else if (entry.isFile() && !options.results) await file(inside);
    }
  };

  const mediaDirectory = async (path: string): Promise<void> => {
    try {
      const { files, missing, refused } = await readDicomdir(path);
      for (const found of files) {
        stopIfAsked();
        await file(found);
      }
      const name = basename(path);
      if (missing > 0) state.unreadable.push({ name, reason: `${missing} of the files it names are not there` });
      if (refused > 0)
        state.unreadable.push({ name, reason: `${refused} of the files it names lie outside its folder` });
    } catch (thrown) {
      unreadable(path, thrown);
    }
  };

  /** An archive is unpacked once into the private folder, and walked like any other. */
  const archive = async (path: string): Promise<void> => {
    try {
      const { mtimeMs, size } = await stat(path);
      const target = join(options.temporary, itemIdOf('archive', path, String(mtimeMs), String(size)));
      const there = await stat(target).catch(() => undefined);
      if (there === undefined) await unpackZip(path, target, { signal });
      titles.set(target, basename(path));
      await folder(target, 0);
    } catch (thrown) {
      stopIfAsked();
      unreadable(path, thrown);
    }
  };

  // Also while one large file is read.
  const timer = setInterval(() => tell(), PROGRESS_MS);
  try {
    for (const path of options.paths) {
      stopIfAsked();
      const found = await stat(path);
      if (found.isDirectory()) await folder(path, 0);
      else await file(path);
    }
    await Promise.all(running);
    for (const path of directories) await mediaDirectory(path);
    await Promise.all(running);
    for (const { path } of others.filter(({ zip }) => zip)) await archive(path);
    await Promise.all(running);
    series.flush(true);
    tell(true);
    const stems = new Set<string>();
    for (const { path, size, zip } of others) {
      stopIfAsked();
      if (zip) continue;
      // Both files of a BART pair are one scan.
      const stem = path.replace(/\.(cfl|hdr)$/i, '');
      if (stem !== path && stems.has(stem)) continue;
      stems.add(stem);
      try {
        const folderTitle = titles.get(dirname(path));
        const place = { roots: options.paths, bytes: size, badges: options.badges, folderTitle };
        options.item(await arrayEntry(path, { ...place, revision: 0 }));
      } catch (thrown) {
        const { code } = toEngineError(thrown);
        if (code === 'unsupported' || stem !== path) state.skipped++;
        else unreadable(path, thrown);
      }
      tell();
    }
  } finally {
    clearInterval(timer);
    await Promise.all(running);
    series.flush(true);
    options.progress(state);
  }
}
