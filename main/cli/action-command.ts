/** A command whose first word chooses an action, each a command of its own: `tangent priors import …`. */
import { z } from 'zod';
import { EngineError } from '../../engine/errors.ts';
import type { AnyCommand, Command } from './command.ts';
import { suggestion } from './nearest.ts';
import { checkOptions, optionMeta } from './parse-arguments.ts';

/** An action is named by its command and its word: "priors import". */
const wordOf = (action: AnyCommand) => action.name.slice(action.name.indexOf(' ') + 1);
/** For a sentence behind a colon; "JSON …" stays as it is. */
const lowerFirst = (text: string) => (/^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text);

/** Every action's options for the parser and the help; values stay as typed until the action is known. */
function allOptions(actions: readonly AnyCommand[]): z.ZodObject {
  const uses = new Map<string, { word: string; meta: ReturnType<typeof optionMeta> }[]>();
  for (const action of actions) {
    const meta = optionMeta(action);
    for (const name of meta.keys()) uses.set(name, [...(uses.get(name) ?? []), { word: wordOf(action), meta }]);
  }
  const shape: Record<string, z.ZodType> = {};
  // What every action knows comes last, as in the other commands.
  const ordered = [...uses].sort(
    ([, a], [, b]) => Number(a.length === actions.length) - Number(b.length === actions.length),
  );
  for (const [name, users] of ordered) {
    const found = users.flatMap(({ word, meta }) => {
      const entry = meta.get(name);
      return entry === undefined ? [] : [{ word, entry }];
    });
    const texts = new Map<string, string[]>();
    for (const { word, entry } of found) texts.set(entry.description, [...(texts.get(entry.description) ?? []), word]);
    const description = [...texts].map(([text, words]) =>
      words.length === actions.length || text.startsWith(`${words.join(', ')}: `)
        ? text
        : `${words.join(', ')}: ${lowerFirst(text)}`,
    );
    const standards = new Set(found.map(({ entry }) => entry.standard));
    const first = found[0].entry;
    shape[name] = z
      .unknown()
      .optional()
      .meta({
        description: description.join(' '),
        value: first.value,
        multiple: first.multiple,
        standard: standards.size === 1 ? first.standard : undefined,
      });
  }
  return z.strictObject(shape);
}

/** Throws `bad-usage` when an option of another action, or none where one is needed, was given. */
function actionOptions(action: AnyCommand, raw: Record<string, unknown>): Record<string, unknown> {
  const known = action.options.shape;
  const given = Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== undefined));
  const hint = `See tangent ${action.name} --help.`;
  for (const name of Object.keys(given))
    if (!Object.hasOwn(known, name))
      throw new EngineError('bad-usage', `${action.name} takes no --${name}`, { path: `--${name}`, hint });
  for (const [name, schema] of Object.entries(known))
    if (given[name] === undefined && !z.safeParse(schema, undefined).success)
      throw new EngineError('bad-usage', `${action.name} needs --${name}`, { path: `--${name}`, hint });
  return checkOptions(action, given);
}

function checkWords(action: AnyCommand, words: readonly string[]): void {
  const missing = action.positionals.filter(({ required }) => required)[words.length];
  if (missing !== undefined)
    throw new EngineError('bad-usage', `${action.name} needs a ${missing.name}`, {
      path: action.name.split(' ')[0],
      hint: `See tangent ${action.name} --help.`,
    });
  if (words.length > action.positionals.length)
    throw new EngineError('bad-usage', `unexpected word "${words[action.positionals.length]}"`, { path: action.name });
}

/** Builds the command `name` from its actions, in the order they are shown. */
export function actionCommand(name: string, actions: readonly AnyCommand[]): Command {
  const words = actions.map(wordOf);
  return {
    name,
    usage: `${actions.map((action) => `${wordOf(action)} ${action.positionals.map((p) => p.name).join(' ')}`.trim()).join(' | ')} [options]`,
    description: actions.map((action) => `${wordOf(action)}: ${lowerFirst(action.description)}`).join(' '),
    positionals: [
      { name: 'ACTION', description: `${words.slice(0, -1).join(', ')} or ${words.at(-1)}.`, required: true },
      { name: 'WORD', description: 'What the action works on.', required: false, many: true },
    ],
    options: allOptions(actions),
    actions: new Map(actions.map((action) => [wordOf(action), action])),
    examples: actions.flatMap((action) => action.examples ?? []),
    run: async ({ options, positionals: [word, ...rest] }, terminal) => {
      const action = actions[words.indexOf(word)];
      if (action === undefined)
        throw new EngineError('bad-usage', `unknown action "${word}"`, {
          path: name,
          hint: `${suggestion(word, words)} See tangent ${name} --help.`.trim(),
        });
      checkWords(action, rest);
      return action.run({ options: actionOptions(action, options), positionals: rest, rest: [] }, terminal);
    },
  };
}
