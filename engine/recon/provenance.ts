/** How a result is computed again: its options as a command line without paths, from what result.json keeps. */
import type { JsonValue } from './result.ts';

export interface CommandRecord {
  /** Name of the tangent command. */
  name: string;
  /** Options by name; true for a flag. Files are stood for by a word in capitals. */
  options: Readonly<Record<string, JsonValue>>;
}

function word(value: JsonValue): string {
  const text = typeof value === 'string' ? value : Array.isArray(value) ? value.join(',') : JSON.stringify(value);
  return /^[A-Za-z0-9_.,:=+/@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** `tangent reconstruct INPUT --out DIR --method dds --seed 0 …`, for a POSIX shell. */
export function commandLine(record: CommandRecord): string {
  const words = [`tangent ${record.name}`, ...(record.name === 'demo' ? [] : ['INPUT', '--out DIR'])];
  for (const [name, value] of Object.entries(record.options)) {
    if (value === false || value === null) continue;
    const settings = name === 'set' && typeof value === 'object' && !Array.isArray(value);
    if (settings) for (const [key, item] of Object.entries(value)) words.push(`--set ${word(`${key}=${plain(item)}`)}`);
    else words.push(value === true ? `--${name}` : `--${name} ${word(value)}`);
  }
  return words.join(' ');
}

function plain(value: JsonValue): string {
  return typeof value === 'string' ? value : Array.isArray(value) ? value.join(',') : JSON.stringify(value);
}

/** Object with its keys sorted at every level, so that equal contents give equal bytes. */
export function sortedJson(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sortedJson);
  if (value === null || typeof value !== 'object') return value;
  const record = value as Readonly<Record<string, JsonValue>>;
  return Object.fromEntries(
    Object.keys(record)
      .sort()
      .map((key) => [key, sortedJson(record[key])]),
  );
}
