/** A library for one test, with what it said. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { HostEvent, OpenProgress } from '../../../main/host/api/api.ts';
import { hostEvent } from '../../../main/host/api/api.ts';
import { createLibrary } from '../../../main/host/library/create-library.ts';
import type { ForkReader } from '../../../main/host/library/fork-reader.ts';
import { createReader } from '../../../main/host/library/reader.ts';
import { toReader } from '../../../main/host/library/reader-messages.ts';
import type { Library } from '../../../main/host/services.ts';

export interface OpenedLibrary {
  library: Library;
  events: HostEvent[];
  results: string;
  /** Opens and waits for the end of the search. */
  search(paths: readonly string[]): Promise<OpenProgress>;
  /** Resolves with the first event that fits, past ones included. */
  event(fits: (event: HostEvent) => boolean): Promise<HostEvent>;
}

export function openLibrary(
  options: { fork?: ForkReader; results?: string; heard?: (event: HostEvent) => void } = {},
): OpenedLibrary {
  const folder = mkdtempSync(join(tmpdir(), 'tangent-library-test-'));
  const results = options.results ?? join(folder, 'results');
  mkdirSync(results, { recursive: true });
  const events: HostEvent[] = [];
  const waiting: { fits: (event: HostEvent) => boolean; resolve: (event: HostEvent) => void }[] = [];
  const library = createLibrary({
    resultsFolder: results,
    ...(options.fork === undefined ? {} : { fork: options.fork }),
    emit: (raw) => {
      const event = hostEvent.parse(raw);
      events.push(event);
      options.heard?.(event);
      for (const waiter of waiting) if (waiter.fits(event)) waiter.resolve(event);
    },
  });
  onTestFinished(async () => {
    await library.dispose();
    rmSync(folder, { recursive: true, force: true });
  });
  const event: OpenedLibrary['event'] = (fits) =>
    new Promise((resolve) => {
      const past = events.find(fits);
      if (past !== undefined) resolve(past);
      else waiting.push({ fits, resolve });
    });
  return {
    ...{ library, events, results, event },
    search: async (paths) => {
      const scan = library.open(paths);
      const end = await event((e) => e.type === 'open' && e.progress.scan === scan && e.progress.state !== 'running');
      if (end.type !== 'open') throw new Error('another event');
      return end.progress;
    },
  };
}

/** The reader in this process, so that messages arrive without delay and their order is certain. */
export const readHere: ForkReader = () => {
  let tell: (message: unknown) => void = () => {};
  const reader = createReader((message) => tell(message));
  return {
    send: (message) => reader.receive(toReader.parse(message)),
    onMessage: (listener) => {
      tell = listener;
    },
    onExit: () => {},
    kill: () => {
      tell = () => {};
    },
  };
};

/** Values of one slice as the page receives them. */
export async function slicePixels(library: Library, id: string, slice = 0, component = 'image'): Promise<Float32Array> {
  const { revision } = await library.describe(id);
  const answer = await library.data(['pixels', id, String(revision), component, String(slice)]);
  if (answer === undefined) throw new Error('no answer');
  const bytes = answer.bytes instanceof ArrayBuffer ? new Uint8Array(answer.bytes) : answer.bytes;
  return new Float32Array(bytes.slice().buffer);
}

export async function sliceColours(library: Library, id: string, slice = 0): Promise<number[]> {
  const { revision } = await library.describe(id);
  const answer = await library.data(['pixels', id, String(revision), 'image', String(slice)]);
  if (answer === undefined || answer.bytes instanceof ArrayBuffer) throw new Error('no answer');
  return [...answer.bytes];
}
