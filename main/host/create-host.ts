/** Wires the parts of the host together; the window, the browser's server and tests all start here. */
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { EngineError } from '../../engine/errors.ts';
import { programVersion } from '../program-version.ts';
import type { CallOutput, CallRequest } from './api/api.ts';
import { bundledSeries } from './bundled-series.ts';
import { createCatalogue } from './catalogue.ts';
import { makePrivateFolder } from './data-folder.ts';
import { createExporter } from './export/create-exporter.ts';
import { createFileAccess } from './file-access.ts';
import { findDevices } from './find-devices.ts';
import { eventHub, type Host, type HostServices, hostOf } from './host.ts';
import { createJobs } from './jobs-queue/create-jobs.ts';
import { createLibrary } from './library/create-library.ts';
import type { ForkReader } from './library/fork-reader.ts';
import type { FileAccess } from './services.ts';
import { createSettingsStore } from './settings-store.ts';

export const notice = 'Research use only – not for diagnostic use';

export interface HostOptions {
  kind: 'electron' | 'browser';
  /** Made if need be, for this user alone. */
  dataFolder: string;
  /** Folders the page may browse. */
  roots: readonly string[];
  /** Native dialogs. Absent: `files.choose` is unsupported. */
  choose?(request: CallRequest<'files.choose'>, files: FileAccess): Promise<CallOutput<'files.choose'>>;
  /** How the library's reader is started; default a child process. */
  forkReader?: ForkReader;
  /** Default true: which devices there are is looked at in the background. */
  lookForDevices?: boolean;
}

function demoFolder(): string | undefined {
  try {
    const folder = bundledSeries('Open');
    return existsSync(folder) ? folder : undefined;
  } catch {
    return undefined;
  }
}

/** Rejects with an EngineError when the data folder cannot be made. */
export async function createHost(options: HostOptions): Promise<Host> {
  const { kind } = options;
  const folder = resolve(options.dataFolder);
  const resultsFolder = join(folder, 'results');
  for (const path of [folder, resultsFolder]) await makePrivateFolder(path);

  const hub = eventHub();
  const { emit } = hub;
  const files = createFileAccess();
  const settings = createSettingsStore({ folder, emit });
  const library = createLibrary({ emit, resultsFolder, fork: options.forkReader });
  const exporter = createExporter({ library });
  const threads = () => settings.read().threads || undefined;
  const jobs = createJobs({ emit, library, files, exporter, dataFolder: folder, resultsFolder, threads });
  const roots = options.roots.map((root) => ({ handle: files.grant(root), name: basename(resolve(root)) || root }));
  const demo = demoFolder();

  const describe = (): CallOutput<'app.describe'> => ({
    version: programVersion(),
    host: kind,
    roots,
    demo: demo !== undefined,
    devices: devices?.known() ?? [{ name: 'cpu', available: true, reason: '' }],
    notice,
  });
  const devices =
    options.lookForDevices === false ? undefined : findDevices(() => emit({ type: 'app', app: describe() }));

  const services: HostServices = {
    files,
    library,
    jobs,
    settings,
    catalogue: createCatalogue({ library }),
    describe: async () => describe(),
    choose: async (request) => {
      if (options.choose !== undefined) return options.choose(request, files);
      throw new EngineError('unsupported', 'a browser has no dialogs of the host', {
        hint: 'Drop the files on the page, choose them in the browser’s own dialog, or start with --root.',
      });
    },
    openDemo: async () => {
      if (demo === undefined)
        throw new EngineError('not-found', 'the demo scan is not installed', { hint: 'Run npm ci.' });
      return library.open([demo], ['demo']);
    },
    dispose: async () => devices?.dispose(),
  };
  return hostOf(services, hub);
}
