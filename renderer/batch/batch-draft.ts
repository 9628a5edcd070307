/** What is chosen for the next batch, kept while the page is open, and the request it makes. */
import { create } from 'zustand';
import type { CallInput } from '../../main/host/api/api.ts';
import type { Settings } from '../../main/host/api/settings.ts';
import { buildSettings, type Draft, type MethodList } from '../reconstruct/draft.ts';
import type { Folder } from './folder.ts';

export interface BatchDraft {
  folder: Folder | null;
  /** Null: the results folder of the library. */
  out: Folder | null;
  watch: boolean;
  concurrency: number;
  measured: 'MRI' | 'CT';
  /** The folder holds images, from which scans are simulated. */
  simulate: boolean;
  /** Null until the methods are known. */
  draft: Draft | null;
  /** The batch looked at. */
  job: string | null;
}

export const useBatch = create<BatchDraft>(() => ({
  folder: null,
  out: null,
  watch: false,
  concurrency: 1,
  measured: 'MRI',
  simulate: false,
  draft: null,
  job: null,
}));

type BatchRequest = Extract<CallInput<'jobs.start'>, { kind: 'batch' }>;

/** Null while the folder or the settings are missing. */
export function batchRequest(batch: BatchDraft, methods: MethodList, device: Settings['device']): BatchRequest | null {
  if (batch.folder === null || batch.draft === null) return null;
  const { measured, simulate, watch, concurrency, out } = batch;
  return {
    kind: 'batch',
    folder: batch.folder.handle,
    watch,
    concurrency,
    settings: buildSettings(batch.draft, { ...methods, needsSimulation: simulate }, device, measured === 'CT'),
    ...(out === null ? {} : { out: out.handle }),
  };
}

/** What will happen, before it does. */
export function drySummary(batch: BatchDraft, entries: { files: number; folders: number } | null): string {
  const { draft, measured, simulate, watch, concurrency } = batch;
  const found =
    entries === null
      ? ''
      : ` with ${entries.files} ${entries.files === 1 ? 'file' : 'files'} and ${entries.folders} ${entries.folders === 1 ? 'folder' : 'folders'} at its top`;
  const what = simulate ? `images, each of which is simulated as ${measured} first` : `${measured} scans`;
  const how = draft === null ? '' : ` by ${draft.method}, seed ${draft.seed}`;
  const many = concurrency > 1 ? `, ${concurrency} at a time` : '';
  return `Searches “${batch.folder?.name ?? ''}”${found} for ${what}, and reconstructs each${how}${many} into ${batch.out === null ? 'the library' : `“${batch.out.name}”`}. Finished results with equal settings are skipped.${watch ? ' Then it waits for new scans until it is cancelled.' : ''}`;
}
