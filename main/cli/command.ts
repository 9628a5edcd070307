/** What a command of `tangent` is: options as a schema, positionals by name, and the work. */
import type { z } from 'zod';
import type { Terminal } from './terminal.ts';

export interface Positional {
  name: string;
  description: string;
  required: boolean;
  /** Takes all remaining words. */
  many?: boolean;
}

export interface Command<S extends z.ZodObject = z.ZodObject> {
  name: string;
  /** After "tangent NAME", for example "INPUT --out DIR [options]". */
  usage: string;
  /** One or a few sentences. */
  description: string;
  positionals: readonly Positional[];
  options: S;
  /** Options this command does not know, and the words after them, are handed on instead of refused. */
  passThrough?: boolean;
  examples?: readonly string[];
  /** Commands chosen by the first word, for `tangent NAME ACTION --help`. */
  actions?: ReadonlyMap<string, AnyCommand>;
  run(input: { options: z.output<S>; positionals: string[]; rest: string[] }, terminal: Terminal): Promise<number>;
}

/** Keeps the schema's type while checking the shape. */
export function command<S extends z.ZodObject>(definition: Command<S>): Command<S> {
  return definition;
}

/** A command whose schema type is forgotten: what the entry and the help work on. */
export interface AnyCommand extends Omit<Command, 'run'> {
  run(
    input: { options: Record<string, unknown>; positionals: string[]; rest: string[] },
    terminal: Terminal,
  ): Promise<number>;
}
