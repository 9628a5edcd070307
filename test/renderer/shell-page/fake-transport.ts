/** A host of plain data behind the page's transport; what was called is kept, and tests emit events through it. */
import { settings as settingsSchema } from '../../../main/host/api/settings.ts';
import type { Transport } from '../../../renderer/app/host-client.ts';
import { describe, items, job, methods, priors, solvers, tagsOf } from './fake-items.ts';

interface Input {
  id?: string;
  slice?: number;
  [name: string]: unknown;
}

export function fakeTransport(query: URLSearchParams) {
  const listeners = new Set<(event: unknown) => void>();
  const connections = new Set<(connected: boolean) => void>();
  const calls: { name: string; input: unknown }[] = [];
  const emit = (event: unknown) => {
    for (const listener of listeners) listener(event);
  };
  let settings = settingsSchema.parse({ theme: query.get('theme') ?? 'dark' });
  const list = query.get('items') === 'none' ? [] : items;
  const find = (id: string | undefined) => {
    const item = items.find((one) => one.id === id);
    if (item === undefined) throw new Error(`no item ${id}`);
    return item;
  };
  const open = () => {
    const progress = {
      scan: 's00000001',
      filesSeen: 501,
      skipped: 20,
      error: null,
      unreadable: [{ name: 'cut.dcm', reason: 'ends inside the pixel data' }],
    };
    setTimeout(() => {
      for (const item of items) emit({ type: 'item', item });
      emit({ type: 'open', progress: { ...progress, state: 'done', items: items.map(({ id }) => id) } });
    }, 30);
    emit({ type: 'open', progress: { ...progress, filesSeen: 12, state: 'running', items: [] } });
    return { scan: 's00000001' };
  };
  const answers: Record<string, (input: Input) => unknown> = {
    'app.describe': () => ({
      version: '0.1.0',
      host: query.get('host') ?? 'browser',
      roots: [{ handle: 'hroot0001', name: 'scans' }],
      demo: true,
      devices: [
        { name: 'cpu', available: true, reason: '2 threads' },
        { name: 'webgpu', available: false, reason: 'no adapter was found' },
        { name: 'cuda', available: false, reason: 'the CUDA files are missing; see tangent doctor' },
      ],
      notice: 'Research use only – not for diagnostic use',
    }),
    'settings.read': () => settings,
    'settings.write': (change) => {
      settings = settingsSchema.parse({ ...settings, ...change });
      return settings;
    },
    'library.list': () => ({ items: list }),
    'library.describe': ({ id }) => describe(find(id)),
    'library.tags': ({ id, slice }) => ({ file: 'slice.dcm', tags: tagsOf(find(id).id, slice ?? 0) }),
    'library.open': open,
    'library.openDemo': open,
    'library.stop': () => ({}),
    'library.close': ({ id }) => {
      emit({ type: 'item-removed', id });
      return {};
    },
    'library.remove': ({ id }) => {
      emit({ type: 'item-removed', id });
      return {};
    },
    'files.browse': () => ({
      entries: [
        { handle: 'hfolder001', name: 'study', kind: 'folder', bytes: 0 },
        { handle: 'hfile00001', name: 'scan.h5', kind: 'file', bytes: 1_000_000 },
      ],
    }),
    'files.choose': () => ({ chosen: [] }),
    'catalogue.methods': () => methods,
    'catalogue.priors': () => ({ priors }),
    'catalogue.solvers': () => ({ solvers }),
    'jobs.estimate': () => ({
      seconds: 20,
      bytes: 1e9,
      availableBytes: 8e9,
      networkCalls: 50,
      text: 'From a trial of two steps.',
      fits: true,
    }),
    'jobs.start': () => ({ id: 'j00000001' }),
    'jobs.list': () => ({ jobs: query.get('job') === 'running' ? [job({})] : [] }),
    'results.command': () => ({ command: 'tangent reconstruct INPUT --out DIR' }),
  };
  const transport: Transport = {
    call: async (name, input) => {
      calls.push({ name, input });
      const answer = answers[name];
      try {
        if (answer === undefined) return { ok: true, value: {} };
        return { ok: true, value: answer(input as Input) };
      } catch (thrown) {
        return { ok: false, error: { code: 'not-found', message: String(thrown), hint: 'Open it again.', path: null } };
      }
    },
    onEvent: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    upload: async (files) => {
      calls.push({
        name: 'upload',
        input: files.map((file) => ('webkitRelativePath' in file && file.webkitRelativePath) || file.name),
      });
      return files.map((file, index) => ({ handle: `hupload${index}00`, name: file.name }));
    },
    onConnection: (listener) => {
      connections.add(listener);
      return () => connections.delete(listener);
    },
  };
  return {
    transport,
    calls,
    emit,
    job,
    setConnected: (connected: boolean) => {
      for (const listener of connections) listener(connected);
    },
  };
}
