/** Opens the scan a job was given, with errors that name the file as the user typed it. */
import { z } from 'zod';
import { checkpoint, type RunContext } from '../../engine/context.ts';
import { EngineError } from '../../engine/errors.ts';
import { openScan } from '../../engine/io/recognise.ts';
import type { Scan } from '../../engine/io/scan.ts';
import { sliceCount, takeSlices } from '../../engine/io/take-slices.ts';
import { toEngineError } from './engine-error.ts';

/** A file or folder, or the files of one DICOM series. */
export const inputPaths = z.union([z.string(), z.array(z.string()).min(1).max(100_000)]);
export type InputPaths = z.output<typeof inputPaths>;

/** What an error calls an input. */
export function inputName(input: InputPaths): string {
  return typeof input === 'string' ? input : input[0];
}

/** Half-open, absolute. */
export interface SliceRange {
  from: number;
  to: number;
  /** Slices of the whole scan, where it was read whole. */
  count?: number;
}

/** Adds the file to an error's place unless it is named there already. */
export function namingFile(thrown: unknown, file: string): EngineError {
  const error = toEngineError(thrown);
  // An option that is wrong is wrong whatever the file.
  const own = error.code === 'bad-usage' && error.path !== undefined;
  if (error.code === 'cancelled' || error.code === 'internal' || own || error.path?.includes(file)) return error;
  const named = new EngineError(error.code, error.message, {
    hint: error.hint,
    path: error.path === undefined ? file : `${file}: ${error.path}`,
    cause: error.cause,
  });
  named.stack = error.stack;
  return named;
}

/** Ends counted from the back become absolute, an end beyond the last slice is the last slice. */
function resolveRange(range: { from: number; to: number }, count: number): SliceRange {
  const absolute = (end: number) => (end < 0 ? end + count : end);
  const from = absolute(range.from);
  const to = range.to === Number.MAX_SAFE_INTEGER ? count : absolute(range.to);
  if (from < 0 || from >= to || to > count)
    throw new EngineError('bad-usage', `slices ${from}:${to} are not inside 0:${count}`, {
      path: '--slices',
      hint: 'Write --slices A:B with 0 ≤ A < B; slice B is not included.',
    });
  return { from, to, count };
}

export async function openInput(
  path: InputPaths,
  context: RunContext,
  slices?: { from: number; to: number },
  modality?: 'CT' | 'MR',
): Promise<{ scan: Scan; range: SliceRange }> {
  context.progress({ fraction: 0, stage: 'load' });
  try {
    const closed = slices !== undefined && slices.from >= 0 && slices.to >= 0 && slices.to < Number.MAX_SAFE_INTEGER;
    const opened = await openScan(path, {
      ...(closed ? { slices: [slices.from, slices.to] as const } : {}),
      ...(modality ? { modality } : {}),
    });
    await checkpoint(context);
    for (const note of opened.notes) context.log('info', note);
    if (closed) return { scan: opened, range: slices };
    const count = sliceCount(opened);
    if (slices === undefined) return { scan: opened, range: { from: 0, to: count, count } };
    const range = resolveRange(slices, count);
    return { scan: takeSlices(opened, [range.from, range.to]), range };
  } catch (thrown) {
    throw namingFile(thrown, inputName(path));
  }
}
