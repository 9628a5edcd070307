/** `tangent solve ID --input NAME=FILE … --set PARAM=VALUE … --out DIR`. */
import { z } from 'zod';
import { EngineError } from '../../../engine/errors.ts';
import { command } from '../command.ts';
import { commonOptions, deviceOptions, flag, integer, text } from '../option-types.ts';
import { removeTemporary, runJobFor } from '../run-job.ts';
import { namedWords } from '../settings.ts';
import { pairs, short } from '../table.ts';

const words = (value: string, description: string) =>
  z.array(text()).default([]).meta({ value, description, multiple: true });

export const solve = command({
  name: 'solve',
  usage: 'ID --input NAME=FILE … --set PARAM=VALUE … --out DIR',
  description:
    'Runs a solver on files and writes result.json with one file per output. tangent solvers show ID lists inputs, parameters and outputs.',
  positionals: [{ name: 'ID', description: 'Which solver.', required: true }],
  options: z.strictObject({
    input: words('NAME=FILE', 'An input file; may be repeated.'),
    set: words('P=VALUE', 'A parameter; lists are comma separated; may be repeated.'),
    out: text().optional().meta({ value: 'DIR', description: 'Result folder; it must not exist yet.' }),
    demo: flag('Run the experiment of the paper.'),
    force: flag('Replace an existing result folder.'),
    seed: integer(0, Number.MAX_SAFE_INTEGER)
      .optional()
      .meta({ value: 'N', description: 'Fixes every random number.', standard: '0' }),
    ...deviceOptions,
    ...commonOptions,
  }),
  examples: ['tangent solve dds --input kspace=k.npy --set preset=paper-49 --out result'],
  run: async ({ options, positionals }, terminal) => {
    const { out, force, seed } = options;
    const [id] = positionals;
    if (out === undefined)
      throw new EngineError('bad-usage', '--out DIR is required', { path: '--out', hint: 'See tangent solve --help.' });
    const done = await runJobFor(
      terminal,
      'solve',
      {
        id,
        out,
        force,
        seed,
        demo: options.demo,
        inputs: namedWords('input', options.input),
        settings: namedWords('set', options.set),
      },
      { device: options.device, threads: options.threads, afterKill: removeTemporary(out) },
    );
    for (const { message } of done.result.warnings) terminal.note(`warning: ${message}`);
    terminal.print(
      pairs([
        ['result', done.folder],
        ['solver', done.result.solver],
        ...Object.entries(done.result.metrics).map(([name, value]): [string, string] => [
          name,
          value === null ? '–' : short(value),
        ]),
        ['seconds', short(done.result.seconds)],
        ['files', Object.values(done.result.artifacts).join(', ')],
      ]),
    );
    terminal.result({ ...done.result, folder: done.folder });
    return 0;
  },
});
