/** `tangent deidentify INPUT --out DIR`: DICOM images without identity. */
import { z } from 'zod';
import { command } from '../command.ts';
import { commonOptions, flag, text } from '../option-types.ts';
import { removeTemporary, runJobFor } from '../run-job.ts';
import { pairs } from '../table.ts';

export const deidentify = command({
  name: 'deidentify',
  usage: 'INPUT --out DIR [options]',
  description:
    'Writes DICOM images without identity: PS3.15 Basic Profile, and no free text, name, date or private attribute beyond it. ' +
    'Pixels keep their bytes. Every file is read back and compared. Names burned into pixels are not found: series that often ' +
    'have them are refused until somebody has looked. A face can be computed from slices of a head.',
  positionals: [{ name: 'INPUT', description: 'DICOM files or folders.', required: true, many: true }],
  options: z.strictObject({
    out: text().meta({ value: 'DIR', description: 'The folder to write; it must not exist yet.' }),
    'shift-dates': flag('Keep dates, moved by one random number of days per patient, instead of removing them.'),
    'pixels-reviewed': flag('I have looked at every picture and found no text of the patient in it.'),
    force: flag('Replace an existing folder.'),
    ...commonOptions,
  }),
  examples: [
    'tangent deidentify series/ --out anonymous/',
    'tangent deidentify study/ --out anonymous/ --shift-dates --pixels-reviewed',
  ],
  run: async ({ options, positionals }, terminal) => {
    const { out, force } = options;
    const done = await runJobFor(
      terminal,
      'deidentify',
      {
        inputs: [...positionals],
        out,
        force,
        shiftDates: options['shift-dates'],
        pixelsReviewed: options['pixels-reviewed'],
      },
      { afterKill: removeTemporary(out) },
    );
    terminal.print(
      pairs([
        ['folder', done.folder],
        ['images', String(done.files)],
        ...(done.left_out === 0 ? [] : [['left out', `${done.left_out} files that are no images`] as [string, string]]),
        ...done.warnings.map(({ message }): [string, string] => ['warning', message]),
      ]),
    );
    terminal.result(done);
    return 0;
  },
});
