/** The library of a window: what was opened, what was made, and the way to its pixels. Reading is another process's work. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { EngineError } from '../../../engine/errors.ts';
import type { OpenProgress } from '../api/api.ts';
import type { Component, ItemDescription, ItemSummary } from '../api/item.ts';
import { toEngineError } from '../engine-error.ts';
import type { DataAnswer, Emit, Library } from '../services.ts';
import { type ForkReader, forkReader } from './fork-reader.ts';
import { createReaderClient } from './reader-client.ts';
import type { Entry } from './reader-messages.ts';
import { readResultRecord } from './result-record.ts';
import { matches } from './search-items.ts';
import { serveFile } from './serve-file.ts';

export interface LibraryOptions {
  emit: Emit;
  /** Where results are written; those in it are listed from the start, and only those may be removed. */
  resultsFolder: string;
  threads?: number;
  /** How the reader is started; default a child process. */
  fork?: ForkReader;
}

/** Slices are asked for in answers of about this size. */
const CHUNK_BYTES = 2 ** 24;
const MAX_VOLUME_BYTES = 2 ** 32;

function notFound(what = 'there is no such item'): EngineError {
  return new EngineError('not-found', what, { hint: 'Open it again.' });
}

/** Newest first among results; items read from files keep the order in which they were found. */
function listOrder(a: ItemSummary, b: ItemSummary): number {
  const rank = ({ kind }: ItemSummary) => (kind === 'result' || kind === 'solution' ? 0 : 1);
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (a.created !== null && b.created !== null) return a.created < b.created ? 1 : a.created > b.created ? -1 : 0;
  return 0;
}

export function createLibrary({ emit, resultsFolder, fork = forkReader }: LibraryOptions): Library {
  const entries = new Map<string, Entry>();
  const descriptions = new Map<string, Promise<ItemDescription>>();
  const scans = new Map<string, OpenProgress>();
  const temporary = mkdtempSync(join(tmpdir(), 'tangent-library-'));
  const removeTemporary = () => rmSync(temporary, { recursive: true, force: true });
  process.once('exit', removeTemporary);

  const put = (entry: Entry) => {
    const { id } = entry.summary;
    entries.set(id, entry);
    descriptions.delete(id);
    emit({ type: 'item', item: entry.summary });
  };
  const drop = (id: string) => {
    if (!entries.delete(id)) return;
    descriptions.delete(id);
    reader.tell({ type: 'forget', id });
    emit({ type: 'item-removed', id });
  };
  const entryOf = (id: string): Entry => {
    const found = entries.get(id);
    if (found === undefined) throw notFound();
    return found;
  };
  const tellScan = (scan: string, change: Partial<OpenProgress>) => {
    const before = scans.get(scan);
    if (before === undefined) return;
    const progress = { ...before, ...change };
    scans.set(scan, progress);
    emit({ type: 'open', progress });
  };

  const reader = createReaderClient({
    fork,
    temporary,
    entryOf: (id) => entries.get(id),
    onEvent: (event) => {
      if (event.type === 'entry') {
        const { id } = event.entry.summary;
        put(event.entry);
        const scan = scans.get(event.scan);
        if (scan !== undefined && !scan.items.includes(id)) tellScan(event.scan, { items: [...scan.items, id] });
        return;
      }
      const { scan, filesSeen, skipped, unreadable } = event;
      tellScan(scan, { filesSeen, skipped, unreadable });
    },
    onCulprit: (id, how) => {
      const entry = entries.get(id);
      if (entry === undefined) return;
      const problem = `Reading this item stopped the reader (${how}). The file may be damaged.`;
      const summary = { ...entry.summary, problem, thumbnail: false };
      put({
        ...entry,
        summary,
        description: entry.description && { ...entry.description, ...summary, components: [] },
      });
    },
  });

  const describe = (id: string): Promise<ItemDescription> => {
    const entry = entryOf(id);
    const known = descriptions.get(id);
    if (known !== undefined) return known;
    const complete = entry.description?.components.every(
      ({ format, range }) => format === 'rgba8' || range[0] !== range[1],
    );
    const description =
      entry.description !== null && complete ? Promise.resolve(entry.description) : reader.request('describe', { id });
    descriptions.set(id, description);
    description.catch(() => descriptions.delete(id));
    return description;
  };

  const componentOf = async (id: string, name: string): Promise<Component> => {
    const found = (await describe(id)).components.find((component) => component.name === name);
    if (found === undefined) throw notFound('the item has no such component');
    return found;
  };

  /** All slices of a component, fetched in pieces so that no message grows beyond what a pipe carries well. */
  const volumeBytes = async (id: string, name: string, revision: number): Promise<ArrayBuffer> => {
    const { shape } = await componentOf(id, name);
    const [slices, rows, columns] = shape;
    const sliceBytes = 4 * rows * columns;
    if (slices * sliceBytes > MAX_VOLUME_BYTES)
      throw new EngineError('resource', `the volume needs ${slices * sliceBytes} bytes, at most ${MAX_VOLUME_BYTES}`);
    const out = new Uint8Array(slices * sliceBytes);
    const step = Math.max(1, Math.floor(CHUNK_BYTES / sliceBytes));
    for (let from = 0; from < slices; from += step) {
      const to = Math.min(slices, from + step);
      const { bytes } = await reader.request('pixels', { id, revision, component: name, from, to });
      if (bytes.length !== (to - from) * sliceBytes) throw new EngineError('internal', 'slices of another size');
      out.set(bytes, from * sliceBytes);
    }
    return out.buffer;
  };

  const search = (scan: string, paths: readonly string[], badges: readonly 'demo'[], results: boolean) => {
    reader
      .request('open', { scan, paths: [...paths], badges: [...badges], results })
      .then(
        ({ stopped }) => tellScan(scan, { state: stopped ? 'stopped' : 'done' }),
        (thrown) => tellScan(scan, { state: 'failed', error: toEngineError(thrown).message }),
      )
      .finally(() => scans.delete(scan));
  };
  search('results', [resultsFolder], [], true);

  const insideResults = async (folder: string): Promise<boolean> => {
    const root = await realpath(resultsFolder).catch(() => undefined);
    const place = await realpath(folder).catch(() => undefined);
    return root !== undefined && place?.startsWith(root + sep) === true;
  };

  const folderOf = (id: string): string => {
    const { recipe } = entryOf(id);
    if (recipe.kind === 'result' || recipe.kind === 'solution') return recipe.folder;
    throw new EngineError('bad-usage', 'the item is no result');
  };

  const routes: Record<string, (id: string, rest: readonly string[]) => Promise<DataAnswer>> = {
    pixels: async (id, [revision, component, slice]) => {
      const from = Number(slice);
      const { bytes } = await reader.request('pixels', {
        id,
        revision: Number(revision),
        component,
        from,
        to: from + 1,
      });
      return { contentType: 'application/octet-stream', bytes };
    },
    volume: async (id, [revision, component]) => ({
      contentType: 'application/octet-stream',
      bytes: await volumeBytes(id, component, Number(revision)),
    }),
    thumbnail: async (id, [revision]) => ({
      contentType: 'image/png',
      bytes: (await reader.request('thumbnail', { id, revision: Number(revision) })).bytes,
    }),
    file: async (id, names) => serveFile(folderOf(id), names.join('/'), (await describe(id)).files),
  };
  const lengths: Readonly<Record<string, number>> = { pixels: 5, volume: 4, thumbnail: 3 };

  return {
    open: (paths, badges = []) => {
      const scan = `s${randomBytes(8).toString('hex')}`;
      const start = { filesSeen: 0, skipped: 0, unreadable: [], items: [], error: null };
      scans.set(scan, { scan, state: 'running', ...start });
      search(scan, paths, badges, false);
      return scan;
    },
    stop: (scan) => reader.tell({ type: 'stop', scan }),
    list: (words) =>
      [...entries.values()]
        .map(({ summary }) => summary)
        .filter((summary) => matches(summary, words))
        .sort(listOrder),
    describe,
    tags: ({ id, slice }) => {
      entryOf(id);
      return reader.request('tags', { id, slice });
    },
    close: (id) => drop(id),
    remove: async (id) => {
      const folder = folderOf(id);
      if (!(await insideResults(folder)) || (await readResultRecord(folder)) === undefined)
        throw new EngineError('untrusted', 'only results made here can be deleted', {
          hint: 'Close the item instead; its files stay.',
        });
      await rm(folder, { recursive: true });
      drop(id);
    },
    addResult: async (folder) => {
      const entry = await reader.request('result', { folder });
      put(entry);
      return entry.summary.id;
    },
    source: (id) => {
      const { recipe } = entryOf(id);
      switch (recipe.kind) {
        case 'dicom':
          return { files: [...new Set(recipe.slices.map(({ path }) => path))] };
        case 'result':
          return { path: join(recipe.folder, 'image.npy') };
        case 'solution':
          throw new EngineError('unsupported', "a solver's result cannot be reconstructed");
        default:
          return { path: recipe.path };
      }
    },
    folderOf,
    volume: async (id, component) => new Float32Array(await volumeBytes(id, component, entryOf(id).summary.revision)),
    data: async (path) => {
      const [kind, id, ...rest] = path;
      if (!Object.hasOwn(routes, kind)) return undefined;
      if (lengths[kind] !== undefined && path.length !== lengths[kind]) throw notFound('there is no such address');
      if (!rest.slice(0, kind === 'file' ? 0 : 1).every((part) => /^\d{1,15}$/.test(part)))
        throw notFound('there is no such address');
      entryOf(id);
      return routes[kind](id, rest);
    },
    dispose: async () => {
      reader.dispose();
      process.off('exit', removeTemporary);
      await rm(temporary, { recursive: true, force: true });
    },
  };
}
