/** What a queue needs around it, without a window: items are files, results are folders. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../../../engine/errors.ts';
import { readNpy } from '../../../engine/io/npy.ts';
import type { HostEvent } from '../../../main/host/api/api.ts';
import type { ItemDescription } from '../../../main/host/api/item.ts';
import type { JobRecord } from '../../../main/host/api/job.ts';
import type { Exporter, FileAccess, Jobs, Library } from '../../../main/host/services.ts';

const idOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 24);

export interface FakeLibrary extends Library {
  add(path: string | string[], kind?: ItemDescription['kind']): string;
  opened: string[][];
}

export function fakeLibrary(): FakeLibrary {
  const items = new Map<string, { path: string | string[]; kind: ItemDescription['kind'] }>();
  const opened: string[][] = [];
  const itemOf = (id: string) => {
    const item = items.get(id);
    if (item === undefined) throw new EngineError('not-found', 'there is no such item');
    return item;
  };
  const folderOf = (id: string) => {
    const { path } = itemOf(id);
    if (typeof path !== 'string') throw new EngineError('bad-usage', 'no folder');
    return path;
  };
  const arrayOf = async (id: string) => {
    const { path, kind } = itemOf(id);
    const file = kind === 'result' ? join(String(path), 'image.npy') : String(path);
    return readNpy(await readFile(file), file);
  };
  const summary = (id: string): ItemDescription => ({
    ...{ id, kind: itemOf(id).kind, group: 'g', groupTitle: 'Group', title: 'a scan', modality: 'MR' },
    ...{ slices: 2, rows: 32, columns: 32, bytes: 0, badges: [], thumbnail: false, patient: null, study: null },
    ...{ seriesNumber: null, origin: 'npz', created: null, revision: 0, problem: null, components: [], planes: [] },
    ...{ spacingMm: [null, null, null], frameOfReference: null, thicknessMm: null, transferSyntax: null, scan: null },
    ...{ result: null, artifacts: [], files: [], notes: [] },
  });
  return {
    opened,
    add: (path, kind = 'scan') => {
      const id = idOf(String(path));
      items.set(id, { path, kind });
      return id;
    },
    open: (paths) => {
      opened.push([...paths]);
      return 's00000000';
    },
    stop: () => {},
    list: () => [...items.keys()].map(summary),
    describe: async (id) => {
      const description = summary(id);
      if (description.kind === 'scan') return description;
      const { shape } = await arrayOf(id);
      const component = {
        ...{ name: 'image', title: 'Image', role: 'image' as const, format: 'float32' as const, unit: 'arbitrary' },
        ...{ shape: shape as [number, number, number], range: [0, 1] as [number, number], window: null },
        ...{ inverted: false, integer: false },
      };
      return { ...description, components: [component] };
    },
    tags: async () => ({ file: '', tags: [] }),
    close: (id) => {
      items.delete(id);
    },
    remove: async () => {},
    addResult: async (folder) => {
      const id = idOf(folder);
      items.set(id, { path: folder, kind: 'result' });
      return id;
    },
    source: (id) => {
      const { path } = itemOf(id);
      return typeof path === 'string' ? { path } : { files: path };
    },
    folderOf,
    volume: async (id) => Float32Array.from((await arrayOf(id)).data),
    data: async () => undefined,
    dispose: async () => {},
  };
}

export function fakeFiles(): FileAccess {
  const paths = new Map<string, string>();
  return {
    grant: (path) => {
      const handle = `h${idOf(path)}`;
      paths.set(handle, path);
      return handle;
    },
    pathOf: (handle) => {
      const path = paths.get(handle);
      if (path === undefined) throw new EngineError('not-found', 'unknown handle');
      return path;
    },
    browse: async () => ({ entries: [] }),
  };
}

export const noExporter: Exporter = {
  run: async () => {
    throw new EngineError('unsupported', 'no exports here');
  },
};

/** Every state a job was seen in, and the way to wait for one. */
export function jobEvents() {
  const records: JobRecord[] = [];
  const waiters = new Set<() => void>();
  const emit = (event: HostEvent) => {
    if (event.type === 'job') records.push(event.job);
    for (const waiter of waiters) waiter();
  };
  const until = (wanted: (record: JobRecord) => boolean, jobs: Jobs): Promise<JobRecord> =>
    new Promise((resolve) => {
      const look = () => {
        const found = jobs.list().find(wanted);
        if (found === undefined) return;
        waiters.delete(look);
        resolve(found);
      };
      waiters.add(look);
      look();
    });
  return { emit, records, until };
}
