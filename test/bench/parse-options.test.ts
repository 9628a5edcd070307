import { expect, test } from 'vitest';
import { z } from 'zod';
import { parseOptions } from '../../main/bench/parse-options.ts';

const schema = z.object({ slices: z.coerce.number().int().min(1).default(3), dds: z.array(z.string()).default([]) });

test('reads every field of the schema, repeated ones as a list', () => {
  expect(parseOptions(schema, ['--slices=2', '--dds', 'a=1', '--dds', 'b=2'], ['dds'])).toEqual({
    slices: 2,
    dds: ['a=1', 'b=2'],
  });
  expect(parseOptions(schema, [])).toEqual({ slices: 3, dds: [] });
});

test.each([
  [['--slices', 'many'], '--slices'],
  [['--slices', '0'], '--slices'],
  [['--depth', '1'], '--depth'],
])('refuses %j by name', (args, name) => {
  expect(() => parseOptions(schema, args)).toThrowError(
    expect.objectContaining({ code: 'bad-usage', message: expect.stringContaining(name) }),
  );
});
