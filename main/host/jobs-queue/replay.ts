/** A result computed again from its own record, on the same input, and compared file by file. */
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { EngineError } from '../../../engine/errors.ts';
import { readResult } from '../../../engine/recon/result-folder.ts';
import type { JobRecord, JobRequest } from '../api/job.ts';
import { runJob } from '../engine-client.ts';
import type { Library } from '../services.ts';
import type { JobEntry } from './job-entry.ts';
import { recordedRequest } from './recorded-request.ts';
import { itemsOf } from './request-inputs.ts';
import { itemInput } from './run-reconstruct.ts';

const maxLooks = 40;

/** Items by the digest of their content, which a result names its input by. */
export function inputFinder(library: Library): (digest: string, rows: number, columns: number) => Promise<string> {
  const digests = new Map<string, string>();
  const digestOf = async (id: string, revision: number): Promise<string> => {
    const key = `${id}:${revision}`;
    const known = digests.get(key);
    if (known !== undefined) return known;
    const { scan } = await library.describe(id);
    const stated = typeof scan?.digest === 'string' ? scan.digest : undefined;
    const digest = stated ?? (await runJob('info', { input: itemInput(library, id) }, { threads: 1 })).digest;
    digests.set(key, digest);
    return digest;
  };
  return async (digest, rows, columns) => {
    const like = (item: { rows: number; columns: number }) => (item.rows === rows && item.columns === columns ? 0 : 1);
    const items = library.list('').filter(({ kind }) => kind === 'series' || kind === 'scan');
    for (const { id, revision } of items.sort((a, b) => like(a) - like(b)).slice(0, maxLooks))
      if ((await digestOf(id, revision).catch(() => undefined)) === digest) return id;
    throw new EngineError('not-found', 'the input of this result is not open', {
      hint: 'Open the scan it was made from, and try again.',
    });
  };
}

/**
 * The request a result came from: that of its job, else out of result.json, on the open item with the digest it names.
 * Throws `not-found` when the input is not open, `unsupported` where the record does not suffice.
 */
export async function replayRequest(
  result: string,
  library: Library,
  madeBy: (folder: string) => JobRequest | undefined,
  find: ReturnType<typeof inputFinder>,
): Promise<JobRequest> {
  const folder = library.folderOf(result);
  const open = new Set(library.list('').map(({ id }) => id));
  const made = madeBy(folder);
  if (made !== undefined && itemsOf(made).every((item) => open.has(item))) return made;
  if (made?.kind === 'solve' || (await library.describe(result)).kind === 'solution')
    throw new EngineError('not-found', 'the inputs of this solver run are not open any more', {
      hint: 'Copy its command and run it on the same files.',
    });
  const { command, source, shape } = await readResult(folder);
  const [rows, columns] = shape.slice(-2);
  // First, so that a record that cannot be repeated is said before anything is read.
  const request = recordedRequest(command, '00000000');
  return { ...request, item: await find(source.digest, rows, columns) };
}

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => relative(folder, join(parentPath, name))).sort();
}

/** Which files of the new result have the bytes of the old; the record, which holds times, aside. */
export async function compareResults(library: Library, entry: JobEntry): Promise<JobRecord['output']> {
  if (entry.replayOf === undefined || entry.resultFolder === undefined) return null;
  const after = entry.resultFolder;
  const before = library.folderOf(entry.replayOf);
  const files: { name: string; equal: boolean }[] = [];
  const names = await filesOf(before);
  for (const name of names) {
    if (name === 'result.json') continue;
    const [one, other] = await Promise.all(
      [before, after].map((folder) => readFile(join(folder, name)).catch(() => undefined)),
    );
    files.push({ name, equal: one !== undefined && other !== undefined && one.equals(other) });
  }
  const equal = names.join() === (await filesOf(after)).join() && files.every((file) => file.equal);
  if (entry.request.kind !== 'reconstruct') return { replayOf: entry.replayOf, equal, files };
  const [old, made] = await Promise.all([readResult(before), readResult(after)]);
  return { replayOf: entry.replayOf, sameInput: old.source.digest === made.source.digest, equal, files };
}
