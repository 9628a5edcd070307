/** Options of a benchmark from its schema: every field `name` is read from `--name VALUE`. */
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { EngineError } from '../../engine/errors.ts';

/** Options named in `repeated` may come several times and reach the schema as a list. Throws `bad-usage` naming the option. */
export function parseOptions<S extends z.ZodObject>(
  schema: S,
  args: readonly string[],
  repeated: readonly string[] = [],
): z.output<S> {
  const names = Object.keys(schema.shape);
  try {
    const options = Object.fromEntries(
      names.map((name) => [name, { type: 'string' as const, multiple: repeated.includes(name) }]),
    );
    return schema.parse(parseArgs({ args: [...args], options }).values);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const [issue] = cause instanceof z.ZodError ? cause.issues : [];
    throw new EngineError('bad-usage', issue ? `--${issue.path.join('.')}: ${issue.message}` : message, {
      hint: `Options: --${names.join(', --')}.`,
      cause,
    });
  }
}
