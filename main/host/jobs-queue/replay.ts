/** A result computed again from its own record, on the same input, and compared file by file. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../../../engine/errors.ts';
import { readResult } from '../../../engine/recon/result-folder.ts';
import type { JobRecord, JobRequest } from '../api/job.ts';
import type { Library } from '../services.ts';
import type { JobEntry } from './job-entry.ts';

/** The request a result came from. Throws `not-found` when its input is not open any more. */
export async function replayRequest(
  result: string,
  library: Library,
  entries: readonly JobEntry[],
): Promise<JobRequest> {
  const folder = library.folderOf(result);
  const made = entries.find(({ resultFolder }) => resultFolder === folder);
  if (made === undefined)
    throw new EngineError('not-found', 'the request of this result is not known any more', {
      hint: 'Copy its command and run it on the same input.',
    });
  const { request } = made;
  const inputs =
    request.kind === 'reconstruct'
      ? [request.item, ...(request.reference === undefined ? [] : [request.reference])]
      : request.kind === 'solve'
        ? Object.values(request.inputs).map(({ item }) => item)
        : [];
  for (const item of inputs)
    if (!library.list('').some(({ id }) => id === item))
      throw new EngineError('not-found', 'the input of this result is not open any more', { hint: 'Open it again.' });
  return request;
}

/** Which files of the new result have the bytes of the old; result.json, which holds times, aside. */
export async function compareResults(library: Library, entry: JobEntry): Promise<JobRecord['output']> {
  if (entry.replayOf === undefined || entry.resultFolder === undefined) return null;
  const before = library.folderOf(entry.replayOf);
  const [old, made] = await Promise.all([readResult(before), readResult(entry.resultFolder)]);
  const files: { name: string; equal: boolean }[] = [];
  for (const name of old.files) {
    if (name === 'result.json') continue;
    const [one, other] = await Promise.all(
      [before, entry.resultFolder].map((folder) => readFile(join(folder, name)).catch(() => undefined)),
    );
    files.push({ name, equal: one !== undefined && other !== undefined && one.equals(other) });
  }
  const sameInput = old.source.digest === made.source.digest;
  return { replayOf: entry.replayOf, sameInput, equal: files.every(({ equal }) => equal), files };
}
