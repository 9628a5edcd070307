/** `tangent priors import FILE`: a weight file to a prior folder. */
import { z } from 'zod';
import { EngineError } from '../../../../engine/errors.ts';
import { askAll, canAsk } from '../../ask.ts';
import { command } from '../../command.ts';
import { commonOptions, deviceOptions, flag, text } from '../../option-types.ts';
import { removeTemporary, runJobFor } from '../../run-job.ts';
import { pairs } from '../../table.ts';
import type { Terminal } from '../../terminal.ts';

interface Stated {
  licence?: string | undefined;
  source?: string | undefined;
}

/** Asks for what neither options, configuration nor file say, where somebody can answer; an empty answer leaves it open. */
async function complete(given: Stated, file: string, config: string | undefined, terminal: Terminal): Promise<Stated> {
  if (!canAsk(terminal) || (given.licence !== undefined && given.source !== undefined)) return given;
  const held = await runJobFor(terminal, 'prior-info', { file, config });
  // What cannot be imported says so by itself.
  if (held.problems.length > 0) return given;
  const open = (['licence', 'source'] as const).filter((name) => given[name] === undefined && held[name] === null);
  if (open.length === 0) return given;
  if (held.known !== null)
    terminal.note(`These are the published ${held.known} weights; the repository they come from carries no licence.`);
  const questions = {
    licence: 'Under which licence were these weights given to you (name or sentence; empty: not stated)? ',
    source: 'Where do they come from (address, paper or person; empty: not stated)? ',
  };
  const answers = await askAll(open.map((name) => questions[name]));
  const said = open.flatMap((name, i) => (answers[i] === '' ? [] : [[name, answers[i]]]));
  return { ...given, ...Object.fromEntries(said) };
}

export const importFile = command({
  name: 'priors import',
  usage: 'FILE (--out DIR | --name NAME) [options]',
  description: 'A .pt, .safetensors or .onnx file to a prior folder.',
  positionals: [{ name: 'FILE', description: 'The weight file.', required: true }],
  options: z.strictObject({
    config: text().optional().meta({ value: 'FILE', description: 'JSON with what the weights do not tell.' }),
    licence: text().optional().meta({ value: 'TEXT', description: 'Licence of the weights, kept in the model card.' }),
    source: text().optional().meta({ value: 'TEXT', description: 'Where the weights come from, kept there too.' }),
    out: text().optional().meta({ value: 'PATH', description: 'Prior folder to write.' }),
    name: text().optional().meta({ value: 'NAME', description: 'Install under this name instead of --out.' }),
    force: flag('Replace what exists.'),
    ...deviceOptions,
    ...commonOptions,
  }),
  examples: ['tangent priors import model.pt --licence "CC BY 4.0" --source URL --name knee'],
  run: async ({ options: given, positionals: [file] }, terminal) => {
    const { config, licence, source, out, name, force, device, threads } = given;
    if (out === undefined && name === undefined)
      throw new EngineError('bad-usage', 'priors import needs --out', {
        path: '--out',
        hint: 'See tangent priors import --help.',
      });
    if (out !== undefined && name !== undefined)
      throw new EngineError('bad-usage', 'give either --out or --name', { path: '--name' });
    const stated = await complete({ licence, source }, file, config, terminal);
    const done = await runJobFor(
      terminal,
      'prior-import',
      { file, config, ...stated, force, ...(name === undefined ? { out } : { name }) },
      { device, threads, afterKill: out === undefined ? undefined : removeTemporary(out) },
    );
    terminal.print(
      pairs([
        ['prior', done.name],
        ['folder', done.folder],
        ['sha256', done.hash],
        ['licence', done.licence],
        ['source', done.source],
        ...done.assumed.map((what): [string, string] => ['assumed', what]),
      ]),
    );
    terminal.result(done);
    return 0;
  },
});
