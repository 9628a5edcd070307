/** `tangent priors check NAME`: does the prior do on a scan what its model card promises? */
import { z } from 'zod';
import { command } from '../../command.ts';
import { commonOptions, deviceOptions, integer, seedOption, text } from '../../option-types.ts';
import { runJobFor } from '../../run-job.ts';
import { pairs, short, table } from '../../table.ts';

export const check = command({
  name: 'priors check',
  usage: 'NAME [--on SCAN] [--slices N] [options]',
  description:
    'Denoising self-test: error per noise level, whether predicted variance and removed noise are what they should be, and whether the images look like the training.',
  positionals: [{ name: 'NAME', description: 'Prior by name or folder.', required: true }],
  options: z.strictObject({
    on: text()
      .optional()
      .meta({ value: 'SCAN', description: 'Images or a raw scan to test on.', standard: 'the bundled series' }),
    slices: integer(1, 1000).default(4).meta({ value: 'N', description: 'Slices to test on.', standard: '4' }),
    ...seedOption,
    ...deviceOptions,
    ...commonOptions,
  }),
  examples: ['tangent priors check brain-mri --on series/'],
  run: async ({ options: { on, slices, seed, device, threads }, positionals: [prior] }, terminal) => {
    const done = await runJobFor(terminal, 'prior-check', { prior, on, slices, seed }, { device, threads });
    const learned = done.levels.some(({ learnedRatio }) => learnedRatio !== null);
    const fixed = (value: number | null, digits: number) => (value === null ? '–' : value.toFixed(digits));
    terminal.print(
      pairs([
        ['prior', `${done.prior} (${done.hash.slice(0, 12)})`],
        ['images', `${done.images.source}, slices ${done.images.slices.join(' ')}; ${done.images.reference}`],
      ]),
    );
    terminal.print(
      `\n${table(
        [
          'sigma',
          'PSNR dB',
          'card dB',
          'error',
          'predicted',
          'ratio',
          ...(learned ? ['learned'] : []),
          'noise²',
          'balance',
          'mean',
          'neighbour',
        ],
        done.levels.map((row) => [
          String(row.sigma),
          fixed(row.psnr, 2),
          fixed(row.reference, 2),
          short(row.error),
          short(row.predicted),
          fixed(row.ratio, 2),
          ...(learned ? [fixed(row.learnedRatio, 2)] : []),
          fixed(row.noisePower, 3),
          fixed(row.balance, 3),
          fixed(row.residual.mean, 4),
          fixed(row.residual.neighbour, 3),
        ]),
      )}`,
    );
    terminal.print(
      '\nratio: predicted variance over squared error, 1 when calibrated. balance: power of the predicted noise plus error/sigma², 1 for an exact denoiser. mean, neighbour: of the predicted noise, 0 when white.\n',
    );
    for (const sentence of done.verdict) terminal.print(sentence);
    terminal.print(done.fit.message);
    terminal.result(done);
    return 0;
  },
});
