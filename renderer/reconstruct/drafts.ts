/** Drafts by item, kept while the page is open, and the methods each item can have. */
import { create } from 'zustand';
import type { ItemDescription } from '../../main/host/api/item.ts';
import { describeItem, host } from '../app/session.ts';
import { type Draft, defaultDraft, type MethodList } from './draft.ts';

interface Entry {
  description: ItemDescription;
  methods: MethodList;
  draft: Draft;
}

export const useDrafts = create<{ entries: ReadonlyMap<string, Entry> }>(() => ({ entries: new Map() }));

/** Reads what an item is and what it can have; its draft is kept. Rejects with HostError. */
export async function loadDraft(id: string): Promise<Entry> {
  const [description, methods] = await Promise.all([describeItem(id), host().call('catalogue.methods', { id })]);
  const draft = useDrafts.getState().entries.get(id)?.draft ?? defaultDraft(methods);
  const entry = { description, methods, draft };
  useDrafts.setState((state) => ({ entries: new Map([...state.entries, [id, entry]]) }));
  return entry;
}

export function changeDraft(id: string, change: Partial<Draft>): void {
  useDrafts.setState((state) => {
    const entry = state.entries.get(id);
    if (entry === undefined) return {};
    return { entries: new Map([...state.entries, [id, { ...entry, draft: { ...entry.draft, ...change } }]]) };
  });
}

/** Everything as at first. */
export function resetDraft(id: string): void {
  const entry = useDrafts.getState().entries.get(id);
  if (entry !== undefined) changeDraft(id, defaultDraft(entry.methods));
}
