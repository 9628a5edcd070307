/** The reader: searches folders and reads items, one item request at a time, in its own process. */
import { EngineError } from '../../../engine/errors.ts';
import type { Component } from '../api/item.ts';
import { toEngineError } from '../engine-error.ts';
import { dicomItem } from './dicom-item.ts';
import type { ItemReader } from './item-reader.ts';
import { readAhead } from './read-ahead.ts';
import {
  type Entry,
  type FromReader,
  type RequestInput,
  type RequestName,
  type RequestOutput,
  requests,
  type ToReader,
} from './reader-messages.ts';
import { requireResultEntry } from './result-entry.ts';
import { searchFolder } from './search-folder.ts';
import { thumbnail } from './thumbnail.ts';

/** A series that grows while it is read has several revisions; links to the last ones still work. */
const KEPT_REVISIONS = 8;
/** Readers of items kept open; their pixels are bounded elsewhere. */
const KEPT_READERS = 24;
/** Largest answer with pixels. */
const MAX_PIXEL_BYTES = 2 ** 28;

async function openItem(entry: Entry): Promise<ItemReader> {
  switch (entry.recipe.kind) {
    case 'dicom':
      return dicomItem(entry);
    case 'result':
      return (await import('./result-item.ts')).resultItem(entry);
    case 'solution':
      return (await import('./solution-item.ts')).solutionItem(entry);
    default:
      return (await import('./array-item.ts')).arrayItem(entry);
  }
}

export interface Reader {
  receive(message: ToReader): void;
}

export function createReader(send: (message: FromReader) => void): Reader {
  const entries = new Map<string, Map<number, Entry>>();
  const readers = new Map<string, Promise<ItemReader>>();
  const described = new Map<string, Component[]>();
  const searches = new Map<string, AbortController>();
  let temporary = '';
  let tail: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  const queue = (work: () => Promise<void>) => {
    tail = tail.then(work);
  };
  const ahead = readAhead(queue, () => waiting === 0);

  const keep = (entry: Entry) => {
    const { id, revision } = entry.summary;
    const known = entries.get(id) ?? new Map<number, Entry>();
    known.delete(revision);
    known.set(revision, entry);
    for (const old of known.keys()) if (known.size > KEPT_REVISIONS) known.delete(old);
    entries.set(id, known);
    readers.delete(`${id}/${revision}`);
    described.delete(`${id}/${revision}`);
  };
  const forget = (id: string) => {
    for (const revision of entries.get(id)?.keys() ?? []) {
      readers.delete(`${id}/${revision}`);
      described.delete(`${id}/${revision}`);
    }
    entries.delete(id);
  };
  const entryOf = (id: string, revision?: number): Entry => {
    const known = entries.get(id);
    const found = revision === undefined ? [...(known?.values() ?? [])].at(-1) : known?.get(revision);
    if (found !== undefined) return found;
    throw new EngineError('not-found', known === undefined ? 'there is no such item' : 'the item has changed since', {
      hint: known === undefined ? 'Open it again.' : 'Ask for its newest revision.',
    });
  };
  const readerOf = (entry: Entry): Promise<ItemReader> => {
    const key = `${entry.summary.id}/${entry.summary.revision}`;
    const known = readers.get(key);
    const reader = known ?? openItem(entry);
    readers.delete(key);
    readers.set(key, reader);
    if (known === undefined) reader.catch(() => readers.delete(key));
    for (const oldest of readers.keys()) if (readers.size > KEPT_READERS) readers.delete(oldest);
    return reader;
  };
  /** Components without asking for what takes reading pixels, where the entry has them. */
  const componentsOf = async (entry: Entry): Promise<Component[]> => {
    if (entry.description !== null) return entry.description.components;
    const key = `${entry.summary.id}/${entry.summary.revision}`;
    const known = described.get(key) ?? (await (await readerOf(entry)).describe()).components;
    described.set(key, known);
    return known;
  };

  const handlers: { [N in RequestName]: (input: RequestInput<N>) => Promise<RequestOutput<N>> } = {
    open: async ({ scan, paths, badges, results }) => {
      const abort = new AbortController();
      searches.set(scan, abort);
      try {
        await searchFolder({
          ...{ paths, badges, results, temporary },
          signal: abort.signal,
          progress: ({ filesSeen, skipped, unreadable }) =>
            send({ type: 'progress', scan, filesSeen, skipped, unreadable: [...unreadable] }),
          item: (entry) => {
            keep(entry);
            send({ type: 'entry', scan, entry });
          },
          revisionOf: (id) => [...(entries.get(id)?.keys() ?? [])].at(-1),
        });
        return { stopped: false };
      } catch (thrown) {
        if (abort.signal.aborted) return { stopped: true };
        throw thrown;
      } finally {
        searches.delete(scan);
      }
    },
    result: async ({ folder }) => {
      const entry = await requireResultEntry(folder);
      keep(entry);
      return entry;
    },
    describe: async ({ id }) => {
      const description = await (await readerOf(entryOf(id))).describe();
      described.set(`${id}/${description.revision}`, description.components);
      return description;
    },
    tags: async ({ id, slice }) => {
      const reader = await readerOf(entryOf(id));
      if (reader.tags === undefined) throw new EngineError('unsupported', 'only DICOM files have tags');
      return reader.tags(slice);
    },
    pixels: async ({ id, revision, component, from, to }) => {
      const entry = entryOf(id, revision);
      const reader = await readerOf(entry);
      if (to === from + 1) {
        const { buffer, byteOffset, byteLength } = await reader.slice(component, from);
        const place = { component, index: from, count: entry.summary.slices };
        if (entry.recipe.kind === 'dicom')
          setImmediate(() => ahead.after(`${id}/${revision}/${component}`, reader, place));
        return { bytes: new Uint8Array(buffer, byteOffset, byteLength) };
      }
      const sizes = 4 * entry.summary.rows * entry.summary.columns * (to - from);
      if (to <= from || sizes > MAX_PIXEL_BYTES)
        throw new EngineError('resource', `slices ${from} to ${to} are too many for one answer`);
      const parts: Uint8Array[] = [];
      for (let index = from; index < to; index++) {
        const { buffer, byteOffset, byteLength } = await reader.slice(component, index);
        parts.push(new Uint8Array(buffer, byteOffset, byteLength));
      }
      return { bytes: Buffer.concat(parts) };
    },
    thumbnail: async ({ id, revision }) => {
      const entry = entryOf(id, revision);
      const [component] = await componentsOf(entry);
      if (component === undefined) throw new EngineError('not-found', 'the item has no picture');
      const middle = component.shape[0] >> 1;
      const pixels = await (await readerOf(entry)).slice(component.name, middle);
      return { bytes: thumbnail(pixels, component) };
    },
  };

  const answer = async (id: number, name: RequestName, input: unknown): Promise<void> => {
    try {
      const handler = handlers[name] as (input: unknown) => Promise<unknown>;
      send({ type: 'answer', id, value: await handler(requests[name].input.parse(input)) });
    } catch (thrown) {
      const { code, message, hint, path } = toEngineError(thrown);
      send({
        type: 'failed',
        id,
        error: { code, message, ...(hint === undefined ? {} : { hint }), ...(path === undefined ? {} : { path }) },
      });
    }
  };

  return {
    receive: (message) => {
      if (message.type === 'start') temporary = message.temporary;
      else if (message.type === 'restore') keep(message.entry);
      else if (message.type === 'stop') searches.get(message.scan)?.abort();
      else if (message.type === 'forget') forget(message.id);
      else if (Object.hasOwn(requests, message.name)) {
        const name = message.name as RequestName;
        const run = () => answer(message.id, name, message.input);
        // Searches go on beside the others; those follow one another, so that a crash has one culprit.
        if (name === 'open') run();
        else {
          waiting++;
          queue(() => run().finally(() => waiting--));
        }
      }
    },
  };
}
