/** A result folder → the entry of a list; result.json alone is read. */
import { realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import { EngineError } from '../../../engine/errors.ts';
import type { ItemSummary } from '../api/item.ts';
import { itemIdOf } from './item-id.ts';
import type { Entry } from './reader-messages.ts';
import { readResultRecord } from './result-record.ts';

type Badges = readonly ItemSummary['badges'][number][];

const blank = { patient: null, study: null, seriesNumber: null, problem: null, bytes: 0, revision: 0 } as const;

/** Undefined when the folder holds no result. The same folder has the same id. */
export async function resultEntry(folder: string, badges: Badges = []): Promise<Entry | undefined> {
  const found = await readResultRecord(folder);
  if (found === undefined) return undefined;
  const place = await realpath(folder);
  const common = {
    ...blank,
    id: itemIdOf('result', place),
    title: basename(place),
    created: found.created,
    // New pixels have a new time, which parts them in every cache.
    revision: Math.floor(Date.parse(found.created) / 1000),
  };
  if (found.kind === 'solution') {
    const { solver } = found.record;
    const summary: ItemSummary = {
      ...common,
      kind: 'solution',
      group: 'solutions',
      groupTitle: 'Solver results',
      modality: 'OT',
      slices: 0,
      rows: 0,
      columns: 0,
      badges: [...new Set(badges)],
      thumbnail: false,
      origin: solver,
    };
    return { summary, description: null, recipe: { kind: 'solution', folder: place } };
  }
  const { record } = found;
  const [slices = 0, rows = 0, columns = 0] = record.shape;
  const summary: ItemSummary = {
    ...common,
    kind: 'result',
    group: 'results',
    groupTitle: 'Results',
    modality: record.modality,
    slices,
    rows,
    columns,
    bytes: 4 * slices * rows * columns,
    badges: [
      ...new Set<ItemSummary['badges'][number]>([
        'derived',
        ...(record.simulated ? (['simulated'] as const) : []),
        'research',
        ...badges,
      ]),
    ],
    thumbnail: true,
    origin: record.method,
  };
  return { summary, description: null, recipe: { kind: 'result', folder: place } };
}

export async function requireResultEntry(folder: string, badges: Badges = []): Promise<Entry> {
  const entry = await resultEntry(folder, badges);
  if (entry !== undefined) return entry;
  throw new EngineError('bad-input', 'the folder holds no result.json that this version can read', {
    path: basename(folder),
  });
}
