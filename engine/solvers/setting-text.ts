/** Values given as text on the command line (`--set NAME=VALUE`), read by the type the manifest declares. */
import type { z } from 'zod';
import { check } from '../errors.ts';
import type { SolverManifest } from './sdk.ts';
import { allowedValues } from './sdk.ts';

/**
 * The value of one parameter: a boolean, a number, a comma-separated list, JSON or the text itself, whichever the schema
 * accepts first. Throws `bad-usage` naming the allowed values, or the parameters there are.
 */
export function parseSettingText(manifest: SolverManifest, name: string, text: string): unknown {
  const field = manifest.parameters.shape[name] as z.ZodType | undefined;
  check(field !== undefined, () => `${manifest.id} has no parameter ${name}`, {
    code: 'bad-usage',
    path: name,
    hint: `parameters are ${Object.keys(manifest.parameters.shape).join(', ')}`,
  });
  const fitting = readings(text).find((value) => field.safeParse(value).success);
  check(fitting !== undefined, () => `${JSON.stringify(text)} is not a value for parameter ${name}`, {
    code: 'bad-usage',
    path: name,
    hint: allowedValues(manifest, name),
  });
  return fitting;
}

/** What the text can mean, most specific first. */
function readings(text: string): unknown[] {
  const single = scalars(text);
  const list = text.split(',').map((part) => scalars(part.trim())[0]);
  return [...single, ...(text === '' ? [] : [list]), ...json(text)];
}

function scalars(text: string): unknown[] {
  if (text === 'true' || text === 'false') return [text === 'true', text];
  const number = Number(text);
  return text.trim() !== '' && Number.isFinite(number) ? [number, text] : [text];
}

function json(text: string): unknown[] {
  if (!/^[[{]/.test(text.trim())) return [];
  try {
    return [JSON.parse(text)];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}
