/** Options of `tangent batch`: those of reconstruct that hold for many scans, from a preset file and the command line. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { EngineError } from '../../../../engine/errors.ts';
import type { AnyCommand } from '../../command.ts';
import { flag, integer, text } from '../../option-types.ts';
import { checkOptions } from '../../parse-arguments.ts';
import { namedWords } from '../../settings.ts';
import { type ReconstructOptions, reconstructOptions } from '../reconstruct.ts';

/** Options that name one file of one scan. */
const ofOneScan = { out: true, reference: true, checkpoint: true, 'checkpoint-every': true, force: true } as const;

/** Without defaults, so that what was typed can be told from what was not. */
function open<T extends z.ZodType>(schema: T): z.ZodType<z.output<T> | undefined> {
  const inner = schema instanceof z.ZodDefault ? (schema.unwrap() as z.ZodType) : schema;
  return inner.optional().meta({ ...schema.meta() }) as z.ZodType<z.output<T> | undefined>;
}

const { method, seed, format, device, ...rest } = reconstructOptions.omit(ofOneScan).shape;
const settable = z.strictObject({
  ...rest,
  method: open(method),
  seed: open(seed),
  format: open(format),
  device: open(device),
});

const shard = z.string().transform((value, context) => {
  const match = /^(\d+)\/(\d+)$/.exec(value);
  const [index, count] = [Number(match?.[1]), Number(match?.[2])];
  if (match !== null && index >= 1 && index <= count) return { index, count };
  context.addIssue(`expected i/n with 1 ≤ i ≤ n, found "${value}"`);
  return z.NEVER;
});

export const batchOptions = z.strictObject({
  out: text().meta({ value: 'DIR', description: 'Folder for the result folders.' }),
  preset: text().optional().meta({
    value: 'FILE',
    description: 'Options by name as JSON, or the result.json of a result; options given here win.',
  }),
  concurrency: integer(1, 64)
    .default(1)
    .meta({ value: 'N', description: 'Scans at a time, which share the threads.', standard: '1' }),
  resume: flag('Leave results that are finished, told by a hash of input, settings, weights and version.'),
  force: flag('Replace results that are finished.'),
  watch: flag('Go on looking for new scans until stopped.'),
  shard: shard
    .optional()
    .meta({ value: 'I/N', description: 'Every Nth scan, beginning with number I: one share of an array job.' }),
  queue: text().optional().meta({ value: 'URL', description: 'Not in this version.' }),
  'dry-run': flag('List scans and result folders, compute nothing.'),
  ...settable.shape,
});
export type BatchCommandOptions = z.output<typeof batchOptions>;

const json = z.json();
const presetFile = z.union([
  z.looseObject({ command: z.looseObject({ options: z.record(z.string(), json) }) }),
  z.record(z.string(), json),
]);

function asTyped(value: z.output<typeof json>): string | boolean | string[] {
  if (typeof value === 'boolean' || typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(asTyped).join(',');
  if (value === null || typeof value !== 'object') return String(value);
  return Object.entries(value).map(([name, one]) => `${name}=${asTyped(one)}`);
}

/** Throws `not-found`, `bad-input` and `bad-usage` naming file and option. */
export async function readPreset(file: string): Promise<Partial<BatchCommandOptions>> {
  const content = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new EngineError('not-found', 'the preset cannot be read', { path: file, cause });
  });
  let parsed: z.output<typeof presetFile>;
  try {
    parsed = presetFile.parse(JSON.parse(content));
  } catch (cause) {
    const hint = 'Write {"method": "dds", "steps": 8, "set": {"momentum": 0.7}}, or give a result.json.';
    throw new EngineError('bad-input', 'the preset is not a JSON object of options', { path: file, hint, cause });
  }
  const stated =
    'command' in parsed ? (parsed as { command: { options: Record<string, never> } }).command.options : parsed;
  const raw: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(stated as Record<string, z.output<typeof json>>)) {
    // What a result names of its own scan does not hold for others.
    if (value === null || value === false || name === 'reference' || (name === 'maps' && value !== 'estimate'))
      continue;
    if (!Object.hasOwn(settable.shape, name))
      throw new EngineError('bad-usage', `the preset has no option "${name}"`, {
        path: file,
        hint: 'See tangent batch --help.',
      });
    const typed = asTyped(value);
    raw[name] = name === 'set' && !Array.isArray(typed) ? [typed] : typed;
  }
  const command = { name: 'batch', options: settable } as unknown as AnyCommand;
  try {
    return checkOptions(command, raw) as Partial<BatchCommandOptions>;
  } catch (thrown) {
    if (!(thrown instanceof EngineError)) throw thrown;
    const { code, message, hint, path } = thrown;
    throw new EngineError(code, message, { path: `${file}: ${path ?? ''}`, hint, cause: thrown });
  }
}

/** The options of one reconstruction: what was typed, else the preset, else the defaults. */
export function oneScan(given: BatchCommandOptions, preset: Partial<BatchCommandOptions>): ReconstructOptions {
  const merged: Record<string, unknown> = {};
  for (const name of Object.keys(settable.shape) as (keyof typeof settable.shape)[]) {
    const typed = given[name];
    merged[name] = typed === undefined || typed === false ? preset[name] : typed;
  }
  const set = { ...namedWords('set', preset.set ?? []), ...namedWords('set', given.set) };
  return {
    ...(merged as z.output<typeof settable>),
    ...{ out: given.out, force: given.force, json: given.json, quiet: given.quiet, verbose: given.verbose },
    method: given.method ?? preset.method ?? 'dds',
    seed: given.seed ?? preset.seed ?? 0,
    format: given.format ?? preset.format ?? ['npy', 'png'],
    device: given.device ?? preset.device ?? 'auto',
    simulate: given.simulate || (preset.simulate ?? false),
    curved: given.curved || (preset.curved ?? false),
    set: Object.entries(set).map(([name, value]) => `${name}=${value}`),
  };
}
