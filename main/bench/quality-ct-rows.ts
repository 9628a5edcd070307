/**
 * Rows of the CT quality benchmark kept in a file, one JSON line each, so that a run that was stopped goes on where it
 * was. A row counts as done when everything it depends on is the same.
 */
import { appendFile, readFile } from 'node:fs/promises';
import { z } from 'zod';
import { EngineError } from '../../engine/errors.ts';
import type { CtRow } from './quality-ct-baseline.ts';

const metrics = z.strictObject({ psnr: z.number(), ssim: z.number(), nmse: z.number() });
const rowSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  setting: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  tuning: z.strictObject({ trials: z.int(), atEdge: z.array(z.string()) }).optional(),
  tunedOn: z.int(),
  convergence: z.strictObject({ iterations: z.int(), residual: z.number() }).optional(),
  bySlice: z.array(metrics).min(1),
  cpuSeconds: z.strictObject({ run: z.number(), tune: z.number() }),
});
const lineSchema = z.strictObject({ key: z.string(), row: rowSchema });

/** What a row depends on: the input's digest, slices, case, noise, seed, method, and for DDS prior and settings. */
export type RowKey = Readonly<Record<string, unknown>>;

export interface RowFile {
  find(key: RowKey): CtRow | undefined;
  add(key: RowKey, row: CtRow): Promise<void>;
}

/** Without a path nothing is kept. Throws `bad-input` naming the first line that is no row. */
export async function openRows(path: string | undefined): Promise<RowFile> {
  const rows = new Map<string, CtRow>();
  if (path !== undefined)
    for (const [i, line] of (await textOf(path)).split('\n').entries()) {
      if (line === '') continue;
      const parsed = lineSchema.safeParse(json(line));
      if (!parsed.success) throw new EngineError('bad-input', `line ${i + 1} is no row of this benchmark`, { path });
      rows.set(parsed.data.key, parsed.data.row);
    }
  return {
    find: (key) => rows.get(JSON.stringify(key)),
    async add(key, row) {
      rows.set(JSON.stringify(key), row);
      if (path !== undefined) await appendFile(path, `${JSON.stringify({ key: JSON.stringify(key), row })}\n`);
    },
  };
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
}

/** Undefined for a line cut short by a kill. */
function json(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
