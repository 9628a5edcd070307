/** Paths behind the handles a page knows: random names, and a root that links cannot leave. */
import { randomBytes } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { EngineError } from '../../engine/errors.ts';
import type { CallOutput } from './api/api.ts';
import type { FileAccess } from './services.ts';

type Entry = CallOutput<'files.browse'>['entries'][number];

interface Granted {
  path: string;
  /** What was granted first: this path itself, or the folder it was found in. */
  root: string;
}

/** Entries of one folder a page is told of. */
const MOST_ENTRIES = 10_000;

const isInside = (path: string, root: string) =>
  path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);

function outside(): EngineError {
  return new EngineError('untrusted', 'a link leads out of the folder that was opened', {
    hint: 'Give the folder it leads to with --root.',
  });
}

export function createFileAccess(): FileAccess {
  const granted = new Map<string, Granted>();
  const handles = new Map<string, string>();

  const grantBelow = (path: string, root: string): string => {
    const known = handles.get(path);
    if (known !== undefined) return known;
    const handle = `h${randomBytes(16).toString('hex')}`;
    handles.set(path, handle);
    granted.set(handle, { path, root });
    return handle;
  };
  const find = (handle: string): Granted => {
    const found = granted.get(handle);
    if (found === undefined)
      throw new EngineError('not-found', 'there is no such file or folder', { hint: 'Choose it again.' });
    return found;
  };

  return {
    grant: (given) => {
      const path = resolve(given);
      const handle = grantBelow(path, path);
      granted.set(handle, { path, root: path });
      return handle;
    },
    /** Throws `untrusted` when a link was put in the way since. */
    pathOf: (handle) => {
      const { path, root } = find(handle);
      if (path === root) return path;
      if (!isInside(realpathSync(path), realpathSync(root))) throw outside();
      return path;
    },
    browse: async (handle) => {
      const { path, root } = find(handle);
      const top = await realpath(root);
      if (!isInside(await realpath(path), top)) throw outside();
      const names = (await readdir(path)).filter((name) => !name.startsWith('.')).slice(0, MOST_ENTRIES);
      const found = await Promise.all(
        names.map(async (name): Promise<Entry | undefined> => {
          const full = join(path, name);
          try {
            if (!isInside(await realpath(full), top)) return undefined;
            const about = await stat(full);
            if (!about.isDirectory() && !about.isFile()) return undefined;
            const kind = about.isDirectory() ? 'folder' : 'file';
            return { handle: grantBelow(full, root), name, kind, bytes: kind === 'file' ? about.size : 0 };
          } catch {
            // Gone, or not ours to read.
            return undefined;
          }
        }),
      );
      const entries = found.filter((entry) => entry !== undefined);
      const order = new Intl.Collator('en', { numeric: true });
      entries.sort((a, b) => (a.kind === b.kind ? order.compare(a.name, b.name) : a.kind === 'folder' ? -1 : 1));
      return { entries };
    },
  };
}
