/** `tangent priors import FILE`: a weight file to a prior folder. */
import { z } from 'zod';
import { EngineError } from '../../../../engine/errors.ts';
import { command } from '../../command.ts';
import { commonOptions, deviceOptions, flag, text } from '../../option-types.ts';
import { removeTemporary, runJobFor } from '../../run-job.ts';
import { pairs } from '../../table.ts';

export const importFile = command({
  name: 'priors import',
  usage: 'FILE (--out DIR | --name NAME) [options]',
  description: 'A .pt, .safetensors or .onnx file to a prior folder.',
  positionals: [{ name: 'FILE', description: 'The weight file.', required: true }],
  options: z.strictObject({
    config: text().optional().meta({ value: 'FILE', description: 'JSON with what the weights do not tell.' }),
    out: text().optional().meta({ value: 'PATH', description: 'Prior folder to write.' }),
    name: text().optional().meta({ value: 'NAME', description: 'Install under this name instead of --out.' }),
    force: flag('Replace what exists.'),
    ...deviceOptions,
    ...commonOptions,
  }),
  examples: ['tangent priors import model.pt --config model.json --name knee'],
  run: async ({ options: given, positionals: [file] }, terminal) => {
    const { config, out, name, force, device, threads } = given;
    if (out === undefined && name === undefined)
      throw new EngineError('bad-usage', 'priors import needs --out', {
        path: '--out',
        hint: 'See tangent priors import --help.',
      });
    if (out !== undefined && name !== undefined)
      throw new EngineError('bad-usage', 'give either --out or --name', { path: '--name' });
    const done = await runJobFor(
      terminal,
      'prior-import',
      { file, config, force, ...(name === undefined ? { out } : { name }) },
      { device, threads, afterKill: out === undefined ? undefined : removeTemporary(out) },
    );
    terminal.print(
      pairs([
        ['prior', done.name],
        ['folder', done.folder],
        ['sha256', done.hash],
      ]),
    );
    terminal.result(done);
    return 0;
  },
});
