/** Finds items by words: every word must occur in what a person sees of the item. */
import type { ItemSummary } from '../api/item.ts';

const MODALITY_NAMES: Readonly<Record<string, string>> = { MR: 'mri magnetic resonance', CT: 'computed tomography' };

/** Lower case without accents, so that "muller" finds "Müller". */
function folded(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

function shownText({ title, groupTitle, modality, origin, patient, study, badges, kind }: ItemSummary): string {
  const names = [patient?.name, patient?.id, study?.description, study?.date, study?.institution];
  const kinds = [title, groupTitle, modality, MODALITY_NAMES[modality], origin, kind, ...badges];
  return folded([...kinds, ...names].filter((part) => part !== undefined).join('\n'));
}

export function matches(item: ItemSummary, search: string): boolean {
  const words = folded(search).split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const text = shownText(item);
  return words.every((word) => text.includes(word));
}
