/** The application service behind every screen: parses a call, hands it to its service, parses the answer. */
import { EngineError } from '../../engine/errors.ts';
import { type CallAnswer, type CallName, type CallOutput, type CallRequest, calls, type HostEvent } from './api/api.ts';
import { toEngineError } from './engine-error.ts';
import type { Catalogue, DataAnswer, FileAccess, Jobs, Library, SettingsStore } from './services.ts';

export interface HostServices {
  files: FileAccess;
  library: Library;
  jobs: Jobs;
  catalogue: Catalogue;
  settings: SettingsStore;
  describe(): Promise<CallOutput<'app.describe'>>;
  /** Native dialog; throws `unsupported` where there is none. */
  choose(request: CallRequest<'files.choose'>): Promise<CallOutput<'files.choose'>>;
  /** Opens the bundled demo series and returns the scan. */
  openDemo(): Promise<string>;
  dispose(): Promise<void>;
}

export interface Host {
  readonly services: HostServices;
  /** Never rejects: a failure is an answer. */
  call(name: string, input: unknown): Promise<CallAnswer>;
  /** `path` begins with /data/. Undefined when there is no such thing. Rejects with EngineErrors. */
  data(path: string): Promise<DataAnswer | undefined>;
  subscribe(listener: (event: HostEvent) => void): () => void;
  /** For events that come from the shell itself, such as its menu. */
  emit(event: HostEvent): void;
  dispose(): Promise<void>;
}

/** Where services say what happened; every subscriber hears it. */
export interface EventHub {
  emit(event: HostEvent): void;
  subscribe(listener: (event: HostEvent) => void): () => void;
}

export function eventHub(): EventHub {
  const listeners = new Set<(event: HostEvent) => void>();
  return {
    emit: (event) => {
      for (const listener of listeners) listener(event);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

type Handlers = { [N in CallName]: (request: CallRequest<N>) => Promise<CallOutput<N>> };

function handlersOf(services: HostServices): Handlers {
  const { files, library, jobs, catalogue, settings } = services;
  return {
    'app.describe': () => services.describe(),
    'settings.read': async () => settings.read(),
    'settings.write': (change) => settings.write(change),
    'files.choose': (request) => services.choose(request),
    'files.browse': ({ handle }) => files.browse(handle),
    'library.open': async ({ handles }) => ({ scan: library.open(handles.map((handle) => files.pathOf(handle))) }),
    'library.openDemo': async () => ({ scan: await services.openDemo() }),
    'library.stop': async ({ scan }) => {
      library.stop(scan);
      return {};
    },
    'library.list': async ({ search }) => ({ items: library.list(search) }),
    'library.describe': ({ id }) => library.describe(id),
    'library.tags': (request) => library.tags(request),
    'library.close': async ({ id }) => {
      library.close(id);
      return {};
    },
    'library.remove': async ({ id }) => {
      await library.remove(id);
      return {};
    },
    'catalogue.methods': (of) => ('id' in of ? catalogue.methods(of.id) : catalogue.methodsFor(of.measured)),
    'catalogue.priors': () => catalogue.priors(),
    'catalogue.solvers': () => catalogue.solvers(),
    'jobs.estimate': (request) => jobs.estimate(request),
    'jobs.start': async (request) => ({ id: await jobs.start(request) }),
    'jobs.list': async () => ({ jobs: jobs.list() }),
    'jobs.cancel': async (request) => {
      await jobs.cancel(request);
      return {};
    },
    'jobs.pause': async ({ id }) => {
      await jobs.pause(id);
      return {};
    },
    'jobs.resume': async ({ id }) => {
      await jobs.resume(id);
      return {};
    },
    'jobs.retry': async ({ id }) => ({ id: await jobs.retry(id) }),
    'jobs.remove': async ({ id }) => {
      await jobs.remove(id);
      return {};
    },
    'results.command': async (request) => ({ command: await jobs.command(request) }),
    'results.replay': async ({ id }) => ({ id: await jobs.replay(id) }),
  };
}

function failed(thrown: unknown): CallAnswer {
  const { code, message, hint, path } = toEngineError(thrown);
  return { ok: false, error: { code, message, hint: hint ?? null, path: path ?? null } };
}

export function hostOf(services: HostServices, hub: EventHub): Host {
  const handlers = handlersOf(services) as Record<string, (request: unknown) => Promise<unknown>>;
  return {
    services,
    call: async (name, input) => {
      try {
        if (!Object.hasOwn(calls, name)) throw new EngineError('bad-usage', `there is no call ${JSON.stringify(name)}`);
        const schema = calls[name as CallName];
        const parsed = schema.input.safeParse(input);
        if (!parsed.success) {
          const issue = parsed.error.issues[0];
          throw new EngineError('bad-usage', `${name}: ${issue.message}`, { path: issue.path.join('.') });
        }
        return { ok: true, value: schema.output.parse(await handlers[name](parsed.data)) };
      } catch (thrown) {
        return failed(thrown);
      }
    },
    data: async (path) => {
      const parts = path.split('/').filter((part) => part !== '');
      if (parts[0] !== 'data') return undefined;
      const route = parts.slice(1).map(decodeURIComponent);
      return (await services.library.data(route)) ?? (await services.jobs.data(route));
    },
    subscribe: (listener) => hub.subscribe(listener),
    emit: (event) => hub.emit(event),
    dispose: async () => {
      await services.jobs.dispose();
      await services.library.dispose();
      await services.dispose();
    },
  };
}
