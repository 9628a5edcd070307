/** The parts the host is made of, as they see one another. */

import type { CallOutput, CallRequest, HostEvent } from './api/api.ts';
import type { JobInput } from './job-table.ts';

export type Emit = (event: HostEvent) => void;

/** Bytes for a data route. */
export interface DataAnswer {
  contentType: string;
  bytes: Uint8Array | ArrayBuffer;
  /** Suggested file name, for downloads. */
  name?: string;
}

/** Paths behind the handles the page knows. Only adapters (dialogs, drops, uploads, --root, command line) grant. */
export interface FileAccess {
  /** Same path, same handle. */
  grant(path: string): string;
  /** Throws `not-found` for a handle that was never granted. */
  pathOf(handle: string): string;
  /** Entries of a granted folder, each granted in turn; links that leave the root are left out. */
  browse(handle: string): Promise<CallOutput<'files.browse'>>;
}

/** What an engine job reads for an item: one path, or the files of one series. */
export type ItemSource = { path: string } | { files: readonly string[] };

export interface Library {
  open(paths: readonly string[], badges?: readonly 'demo'[]): string;
  stop(scan: string): void;
  list(search: string): CallOutput<'library.list'>['items'];
  describe(id: string): Promise<CallOutput<'library.describe'>>;
  tags(request: CallRequest<'library.tags'>): Promise<CallOutput<'library.tags'>>;
  close(id: string): void;
  remove(id: string): Promise<void>;
  /** Adds a finished result or solution folder; the same folder has the same id. */
  addResult(folder: string): Promise<string>;
  /** Throws `not-found`. */
  source(id: string): ItemSource;
  /** Folder of a result or solution. */
  folderOf(id: string): string;
  /** float32 values of a component, [slices, rows, columns]. */
  volume(id: string, component: string): Promise<Float32Array>;
  /** Routes pixels, volume, thumbnail and file. Undefined when the path is none of them. */
  data(path: readonly string[]): Promise<DataAnswer | undefined>;
  dispose(): Promise<void>;
}

export interface Jobs {
  start(request: CallRequest<'jobs.start'>): Promise<string>;
  estimate(request: CallRequest<'jobs.estimate'>): Promise<CallOutput<'jobs.estimate'>>;
  list(): CallOutput<'jobs.list'>['jobs'];
  cancel(request: CallRequest<'jobs.cancel'>): Promise<void>;
  pause(id: string): Promise<void>;
  resume(id: string): Promise<void>;
  retry(id: string): Promise<string>;
  remove(id: string): Promise<void>;
  command(request: CallRequest<'results.command'>): Promise<string>;
  replay(result: string): Promise<string>;
  /** Routes preview and download. */
  data(path: readonly string[]): Promise<DataAnswer | undefined>;
  /** Stops what runs, keeping checkpoints. */
  dispose(): Promise<void>;
}

export interface Catalogue {
  methods(id: string): Promise<CallOutput<'catalogue.methods'>>;
  /** For measured scans in general. */
  methodsFor(measured: 'MRI' | 'CT'): Promise<CallOutput<'catalogue.methods'>>;
  priors(): Promise<CallOutput<'catalogue.priors'>>;
  solvers(): Promise<CallOutput<'catalogue.solvers'>>;
}

export interface SettingsStore {
  read(): CallOutput<'settings.read'>;
  write(change: CallRequest<'settings.write'>): Promise<CallOutput<'settings.read'>>;
}

/** Writes an item to files in `folder`; returns their names. Runs outside the page, in the host. */
export interface Exporter {
  run(
    request: Extract<CallRequest<'jobs.start'>, { kind: 'export' }>,
    folder: string,
    signal: AbortSignal,
    progress: (fraction: number, stage: string) => void,
  ): Promise<{ files: string[]; warnings: { code: string; message: string }[] }>;
}

export type ReconstructInput = JobInput<'reconstruct'>;
