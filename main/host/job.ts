/** A job: a named function of plain data that runs in an engine process. */
import type { z } from 'zod';
import type { RunContext } from '../../engine/context.ts';

export interface Job<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  input: I;
  output: O;
  run(input: z.output<I>, context: RunContext): Promise<z.output<O>>;
}

/** Keeps the schema types while checking the shape. */
export function job<I extends z.ZodType, O extends z.ZodType>(definition: Job<I, O>): Job<I, O> {
  return definition;
}
