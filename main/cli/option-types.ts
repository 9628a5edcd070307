/**
 * The kinds of value a command-line option can have. Each is a zod schema from the typed string to the value; `.meta`
 * at the end of a chain carries the placeholder and the sentence of the help.
 */
import { z } from 'zod';

export interface OptionMeta {
  /** Sentence for --help. */
  description: string;
  /** Placeholder of the value; a flag has none. */
  value?: string;
  /** May be given several times. */
  multiple?: boolean;
  /** Shown in the help as the default. */
  standard?: string;
}

function numberFrom(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}

/** A switch without value. */
export const flag = (description: string) => z.boolean().default(false).meta({ description });

export const text = () => z.string().min(1, { error: 'expected a value, found nothing' });

export function integer(min: number, max: number) {
  return z.string().transform((value, context) => {
    const number = numberFrom(value);
    if (Number.isInteger(number) && number >= min && number <= max) return number;
    context.addIssue(`expected a whole number from ${min} to ${max}, found "${value}"`);
    return z.NEVER;
  });
}

export function real(min: number, max: number) {
  return z.string().transform((value, context) => {
    const number = numberFrom(value);
    if (Number.isFinite(number) && number >= min && number <= max) return number;
    context.addIssue(
      max === Number.MAX_VALUE
        ? `expected a number not below ${min}, found "${value}"`
        : `expected a number from ${min} to ${max}, found "${value}"`,
    );
    return z.NEVER;
  });
}

export function choice<const T extends readonly [string, ...string[]]>(values: T) {
  return z.enum(values, { error: (issue) => `expected ${values.join(', ')}; found "${String(issue.input)}"` });
}

/** Comma-separated members of a fixed set, without repeats. */
export function choices<const T extends readonly [string, ...string[]]>(values: T) {
  const known: readonly string[] = values;
  return z.string().transform((value, context): T[number][] => {
    const parts = [...new Set(value.split(',').map((part) => part.trim()))];
    const stranger = parts.find((part) => !known.includes(part));
    if (stranger !== undefined) {
      context.addIssue(`expected a comma-separated list of ${values.join(', ')}; found "${stranger}"`);
      return z.NEVER;
    }
    return parts as T[number][];
  });
}

/** `A:B`, either end optional, negative counts from the end; a single `N` means that slice. */
export const sliceRange = () =>
  z.string().transform((value, context) => {
    const match = /^(-?\d+)?(:)?(-?\d+)?$/.exec(value);
    const single = match !== null && match[2] === undefined;
    if (match === null || value === '' || (single && match[3] !== undefined)) {
      context.addIssue(`expected a range A:B of slice numbers, found "${value}"`);
      return z.NEVER;
    }
    const from = match[1] === undefined ? 0 : Number(match[1]);
    if (single) return { from, to: from === -1 ? Number.MAX_SAFE_INTEGER : from + 1 };
    return { from, to: match[3] === undefined ? Number.MAX_SAFE_INTEGER : Number(match[3]) };
  });

/** `A:B:STEP` or `A:B`, ends as in a slice range. */
export const viewRange = () =>
  z.string().transform((value, context) => {
    const match = /^(-?\d+)?:(-?\d+)?(?::(\d+))?$/.exec(value);
    const step = Number(match?.[3] ?? 1);
    if (match === null || step < 1) {
      context.addIssue(`expected a range A:B or A:B:STEP of view numbers, found "${value}"`);
      return z.NEVER;
    }
    const from = match[1] === undefined ? 0 : Number(match[1]);
    return { from, to: match[2] === undefined ? Number.MAX_SAFE_INTEGER : Number(match[2]), step };
  });

/** Options every command knows. */
export const commonOptions = {
  json: flag('Print one JSON value on standard output and nothing else there.'),
  quiet: flag('No progress bar and no notes.'),
  verbose: flag('Log lines while running; stack traces with errors.'),
};

export const seedOption = {
  seed: integer(0, Number.MAX_SAFE_INTEGER)
    .default(0)
    .meta({ value: 'N', description: 'Fixes every random number.', standard: '0' }),
};

export const deviceOptions = {
  device: choice(['auto', 'cpu', 'webgpu', 'cuda'])
    .default('auto')
    .meta({ value: 'NAME', description: 'auto, cpu, webgpu or cuda.', standard: 'auto' }),
  threads: integer(1, 1024)
    .optional()
    .meta({ value: 'N', description: 'Threads to use.', standard: 'the number of cores' }),
};
