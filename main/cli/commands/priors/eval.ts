/** `tangent priors eval PRIOR`: one network evaluation. */
import { z } from 'zod';
import { command } from '../../command.ts';
import { commonOptions, deviceOptions, flag, real, text } from '../../option-types.ts';
import { removeTemporary, runJobFor } from '../../run-job.ts';
import { pairs } from '../../table.ts';

export const evaluate = command({
  name: 'priors eval',
  usage: 'NAME --x FILE --t T --out FILE [options]',
  description: 'One network evaluation.',
  positionals: [{ name: 'NAME', description: 'Prior by name or folder.', required: true }],
  options: z.strictObject({
    out: text().meta({ value: 'PATH', description: '.npy to write.' }),
    x: text().meta({ value: 'FILE', description: 'Input .npy, [channels, y, x] or with a batch axis.' }),
    t: real(0, 1e6).meta({ value: 'T', description: 'Noise level, index in the 1000-step schedule.' }),
    force: flag('Replace what exists.'),
    ...deviceOptions,
    ...commonOptions,
  }),
  examples: ['tangent priors eval brain-mri --x x.npy --t 500 --out y.npy'],
  run: async ({ options: { out, x, t, force, device, threads }, positionals: [prior] }, terminal) => {
    const done = await runJobFor(
      terminal,
      'prior-eval',
      { prior, x, t, out, force },
      { device, threads, afterKill: removeTemporary(out) },
    );
    terminal.print(
      pairs([
        ['output', done.file],
        ['shape', `[${done.shape.join(', ')}]`],
        ['L2 norm', String(done.norm)],
      ]),
    );
    terminal.result(done);
    return 0;
  },
});
