/** `tangent priors train`: a folder of images to a prior. */
import { z } from 'zod';
import { command } from '../../command.ts';
import { commonOptions, deviceOptions, flag, integer, text } from '../../option-types.ts';
import { runJobFor } from '../../run-job.ts';
import { pairs } from '../../table.ts';

/** A step of a large network and the writing of a checkpoint fit into this. */
const graceMs = 60_000;

export const train = command({
  name: 'priors train',
  usage: '--data FOLDER --config FILE --out DIR [options]',
  description:
    'Trains a prior on your own images. Ctrl-C leaves a checkpoint that --resume goes on from, to the same result.',
  positionals: [],
  options: z.strictObject({
    data: text().meta({ value: 'FOLDER', description: 'DICOM, NIfTI or .npy images.' }),
    config: text().meta({
      value: 'FILE',
      description: 'JSON: title, licence and provenance of the data, and settings.',
    }),
    out: text().meta({ value: 'PATH', description: 'Prior folder to write; must be new, or hold a checkpoint.' }),
    init: text()
      .optional()
      .meta({ value: 'NAME', description: 'Start from the weights of this prior, in its convention.' }),
    resume: flag('Go on from the checkpoint in --out.'),
    steps: integer(1, 100_000_000)
      .optional()
      .meta({ value: 'N', description: 'Steps in all, instead of what the configuration says.' }),
    seed: integer(0, Number.MAX_SAFE_INTEGER)
      .optional()
      .meta({ value: 'N', description: 'Fixes every random number, instead of what the configuration says.' }),
    ...deviceOptions,
    ...commonOptions,
  }),
  examples: ['tangent priors train --data scans --config train.json --out my-prior'],
  run: async ({ options: given }, terminal) => {
    const { data, config, out, init, resume, steps, seed, device, threads } = given;
    const done = await runJobFor(
      terminal,
      'prior-train',
      { data, config, out, init, resume, steps, seed, device },
      // The network's own device is in the input: everything else runs on the processor.
      { device: 'auto', threads, graceMs, cancelHint: 'If a checkpoint was written, --resume goes on from it.' },
    );
    const ms = done.msPerStep === null ? '' : `, ${done.msPerStep.toFixed(0)} ms per step`;
    terminal.print(
      pairs([
        ['prior', done.prior],
        ['folder', done.folder],
        ['device', done.backend],
        ['steps', `${done.steps}${done.stoppedEarly ? ', stopped early' : ''}${ms}`],
        ['weights', `average of step ${done.kept}, sha256 ${done.hash}`],
        ['validation', `${done.validation.toFixed(4)} (mean loss over the noise levels)`],
        ['prior variance', done.priorVar.toPrecision(3)],
      ]),
    );
    terminal.result(done);
    return 0;
  },
});
