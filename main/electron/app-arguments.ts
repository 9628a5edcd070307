/** Words the window was started with: files to open, and two options; Chromium's own switches are passed over. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export interface AppArguments {
  paths: string[];
  roots: string[];
  data: string | undefined;
}

export function appArguments(words: readonly string[], folder: string): AppArguments {
  const { values, positionals } = parseArgs({
    args: [...words],
    options: { root: { type: 'string', multiple: true }, data: { type: 'string' } },
    strict: false,
    allowPositionals: true,
  });
  const text = (value: unknown): value is string => typeof value === 'string' && value !== '';
  const at = (path: string) => resolve(folder, path);
  const roots = Array.isArray(values.root) ? values.root.filter(text) : [];
  return {
    paths: positionals.filter(text).map(at),
    roots: roots.map(at),
    data: text(values.data) ? at(values.data) : undefined,
  };
}
