/**
 * A folder that holds the newest checkpoint of a long run: `checkpoint.json` and one .npy per array. The arrays are written
 * and flushed first, under names of their own; then the JSON that names them is replaced in one step; then files it no
 * longer names are removed. A kill at any moment leaves the old checkpoint or the new one.
 */
import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { check, EngineError } from '../errors.ts';
import { writeFileAtomic } from './atomic-file.ts';
import { discard } from './atomic-folder.ts';
import { npyHeader } from './npy.ts';
import { readInto } from './read-fully.ts';
import { writeError } from './write-error.ts';

type Values = Float32Array | Float64Array;

export interface CheckpointFolder {
  readonly path: string;
  /** The state saved last; undefined where there is no checkpoint. Throws `bad-input` for one that is damaged. */
  read(): Promise<unknown>;
  /** Fills `target` with the array of that name. Throws `mismatch` for another size, type or content than was saved. */
  load(name: string, target: Values): Promise<void>;
  /** Replaces the checkpoint; of the arrays saved before, those in `kept` stay. Not interrupted by cancelling. */
  write(state: unknown, arrays: ReadonlyMap<string, Values>, kept: readonly string[]): Promise<void>;
  /** Removes the checkpoint, and the folder when nothing else is in it. */
  remove(): Promise<void>;
}

const indexName = 'checkpoint.json';
const maxIndexBytes = 1 << 26;
const ownFile = /^checkpoint-\d+-[a-z0-9-]+\.npy$/;

const indexSchema = z.strictObject({
  format: z.literal('tangent-checkpoint'),
  version: z.literal(1),
  /** Counts the checkpoints written, so that new files never have old names. */
  serial: z.int().min(1),
  arrays: z.record(
    z.string(),
    z.strictObject({ file: z.string().regex(ownFile), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  ),
  state: z.json(),
});
type Index = z.infer<typeof indexSchema>;

/** The checkpoint in `folder`, which is made when it is first written to. */
export function checkpointFolder(folder: string): CheckpointFolder {
  const indexPath = join(folder, indexName);
  let index: Index | undefined;
  let known = false;

  async function current(): Promise<Index | undefined> {
    if (!known) index = await readIndex(indexPath);
    known = true;
    return index;
  }

  return {
    path: folder,
    read: async () => (await current())?.state,

    async load(name, target) {
      const entry = (await current())?.arrays[name];
      if (entry === undefined)
        throw new EngineError('bad-input', `the checkpoint holds no array "${name}"`, { path: indexPath });
      await loadArray(join(folder, entry.file), entry.sha256, target);
    },

    async write(state, arrays, kept) {
      const old = await current();
      const serial = (old?.serial ?? 0) + 1;
      const entries: Index['arrays'] = {};
      for (const name of kept) {
        const entry = old?.arrays[name];
        check(entry !== undefined, () => `the checkpoint holds no array "${name}"`, {
          code: 'internal',
          path: indexPath,
        });
        entries[name] = entry;
      }
      try {
        await mkdir(folder, { recursive: true });
        for (const [name, values] of arrays) {
          const file = `checkpoint-${serial}-${name}.npy`;
          entries[name] = { file, sha256: await saveArray(join(folder, file), values) };
        }
        await flushFolder(folder);
      } catch (error) {
        throw writeError(error, folder);
      }
      const next = indexSchema.parse({ format: 'tangent-checkpoint', version: 1, serial, arrays: entries, state });
      await writeFileAtomic(indexPath, `${JSON.stringify(next)}\n`, { force: true });
      await flushFolder(folder);
      index = next;
      const named = new Set(Object.values(entries).map(({ file }) => file));
      await removeFiles(folder, (name) => isOwn(name) && name !== indexName && !named.has(name));
    },

    async remove() {
      // The JSON first: without it the arrays are nothing.
      await discard(indexPath);
      index = undefined;
      known = true;
      await removeFiles(folder, isOwn);
      await rmdir(folder).catch(() => undefined);
    },
  };
}

/** Files of a checkpoint, and what a kill left of them under a temporary name. */
function isOwn(name: string): boolean {
  if (name === indexName || ownFile.test(name)) return true;
  return /^\.checkpoint(\.json|-\d+-[a-z0-9-]+\.npy)\.[0-9a-f]+\.partial$/.test(name);
}

async function removeFiles(folder: string, chosen: (name: string) => boolean): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) if (chosen(name)) await rm(join(folder, name), { force: true });
}

/** Makes the names in a folder survive a power failure, where the system can. */
async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

async function readIndex(path: string): Promise<Index | undefined> {
  let text: string;
  try {
    const handle = await open(path, 'r');
    try {
      const { size } = await handle.stat();
      check(size <= maxIndexBytes, () => `the checkpoint's state has ${size} bytes, more than ${maxIndexBytes}`, {
        path,
      });
    } finally {
      await handle.close();
    }
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof EngineError) throw cause;
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ENOENT') return undefined;
    if (code === 'ENOTDIR')
      throw new EngineError('bad-usage', 'a file stands where the checkpoint folder should be', {
        path: dirname(path),
        cause,
      });
    throw new EngineError('bad-input', 'the checkpoint cannot be read', { path, cause });
  }
  const hint = 'Remove the checkpoint folder to start anew.';
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new EngineError('bad-input', "the checkpoint's state is not valid JSON", { path, cause, hint });
  }
  const parsed = indexSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new EngineError('bad-input', `checkpoint field ${issue.path.join('.') || '(root)'}: ${issue.message}`, {
    path,
    hint,
  });
}

const bytesOf = (values: Values) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

function headerOf(values: Values): Uint8Array {
  return npyHeader(values instanceof Float64Array ? 'float64' : 'float32', [values.length]);
}

/** Returns the SHA-256 of the numbers. */
async function saveArray(path: string, values: Values): Promise<string> {
  const bytes = bytesOf(values);
  await writeFileAtomic(
    path,
    async (write) => {
      await write(headerOf(values));
      await write(bytes);
    },
    { force: true },
  );
  return createHash('sha256').update(bytes).digest('hex');
}

async function loadArray(path: string, sha256: string, target: Values): Promise<void> {
  const header = headerOf(target);
  const hint = 'The file was changed or damaged; remove the checkpoint folder to start anew.';
  const handle = await open(path, 'r').catch((cause: unknown) => {
    throw new EngineError('not-found', 'an array of the checkpoint cannot be read', { path, cause, hint });
  });
  try {
    const { size } = await handle.stat();
    const expected = header.length + target.byteLength;
    check(size === expected, () => `the array has ${size} bytes, expected ${expected}`, {
      code: 'mismatch',
      path,
      hint,
    });
    const head = new Uint8Array(header.length);
    await readInto(handle, head, 0, path);
    const same = head.every((byte, i) => byte === header[i]);
    check(same, () => 'the array is of another type or length', { code: 'mismatch', path, hint });
    await readInto(handle, bytesOf(target), header.length, path);
  } finally {
    await handle.close();
  }
  const found = createHash('sha256').update(bytesOf(target)).digest('hex');
  check(found === sha256, () => `the array has SHA-256 ${found}, the checkpoint says ${sha256}`, {
    code: 'mismatch',
    path,
    hint,
  });
}
