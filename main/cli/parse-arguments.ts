/** Words of the command line → checked options and positionals, by a command's schema. */
import { parseArgs } from 'node:util';
import { EngineError } from '../../engine/errors.ts';
import type { AnyCommand } from './command.ts';
import { suggestion } from './nearest.ts';
import type { OptionMeta } from './option-types.ts';

export interface ParsedArguments {
  options: Record<string, unknown>;
  positionals: string[];
  rest: string[];
}

export function optionMeta(command: AnyCommand): Map<string, OptionMeta> {
  const table = new Map<string, OptionMeta>();
  for (const [name, schema] of Object.entries(command.options.shape)) {
    const meta = schema.meta();
    table.set(name, {
      description: String(meta?.description ?? ''),
      value: typeof meta?.value === 'string' ? meta.value : undefined,
      multiple: meta?.multiple === true,
      standard: typeof meta?.standard === 'string' ? meta.standard : undefined,
    });
  }
  return table;
}

function usageError(command: AnyCommand, message: string, path: string, hint = ''): EngineError {
  return new EngineError('bad-usage', message, { path, hint: `${hint} See tangent ${command.name} --help.`.trim() });
}

/** Throws `bad-usage` naming the word, what was expected, and the nearest known name. */
export function parseArguments(command: AnyCommand, words: readonly string[]): ParsedArguments {
  const table = optionMeta(command);
  const config: Record<string, { type: 'string' | 'boolean' }> = {};
  for (const [name, meta] of table) config[name] = { type: meta.value === undefined ? 'boolean' : 'string' };
  const { tokens } = parseArgs({
    args: [...words],
    options: config,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const raw: Record<string, unknown> = {};
  const positionals: string[] = [];
  const rest: string[] = [];
  for (const token of tokens) {
    // After a word that is not ours the order matters to whoever takes the rest: `--size 64`.
    if (token.kind === 'positional') (command.passThrough && rest.length > 0 ? rest : positionals).push(token.value);
    if (token.kind !== 'option') continue;
    const meta = token.rawName.startsWith('--') ? table.get(token.name) : undefined;
    if (meta === undefined) {
      if (command.passThrough) {
        rest.push(token.value === undefined ? token.rawName : `${token.rawName}=${token.value}`);
        continue;
      }
      throw usageError(
        command,
        `unknown option ${token.rawName}`,
        token.rawName,
        suggestion(token.name, [...table.keys()], '--'),
      );
    }
    if (meta.value === undefined) {
      if (token.value !== undefined) throw usageError(command, `takes no value, found "${token.value}"`, token.rawName);
      raw[token.name] = true;
      continue;
    }
    const missing = token.value === undefined || (token.inlineValue === false && isOption(token.value, table));
    if (missing) throw usageError(command, `expected a value ${meta.value}, found none`, token.rawName);
    if (meta.multiple) raw[token.name] = [...((raw[token.name] as unknown[] | undefined) ?? []), token.value];
    else raw[token.name] = token.value;
  }
  checkPositionals(command, positionals);
  return { options: checkOptions(command, raw), positionals, rest };
}

/** Options as typed → their values, by a command's schema. Throws `bad-usage` naming the option. */
export function checkOptions(command: AnyCommand, raw: Record<string, unknown>): Record<string, unknown> {
  const parsed = command.options.safeParse(raw);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const name = String(issue.path[0] ?? '');
  const absent = issue.code === 'invalid_type' && raw[name] === undefined;
  const value = optionMeta(command).get(name)?.value ?? '';
  throw usageError(command, absent ? `--${name} ${value} is required` : issue.message, `--${name}`);
}

function isOption(word: string, table: ReadonlyMap<string, OptionMeta>): boolean {
  return word.startsWith('--') && table.has(word.slice(2).split('=')[0]);
}

function checkPositionals(command: AnyCommand, positionals: readonly string[]): void {
  const required = command.positionals.filter((positional) => positional.required);
  if (positionals.length < required.length) {
    const name = required[positionals.length].name;
    throw usageError(command, `${name} is missing`, name, `Usage: tangent ${command.name} ${command.usage}.`);
  }
  const open = command.positionals.some((positional) => positional.many);
  if (!open && positionals.length > command.positionals.length) {
    const word = positionals[command.positionals.length];
    throw usageError(command, `unexpected word "${word}"`, command.name);
  }
}
