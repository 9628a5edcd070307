/** `tangent simulate INPUT --out FILE.npz`: retrospective undersampling of an image or volume. */
import { z } from 'zod';
import { command } from '../command.ts';
import { choice, commonOptions, flag, integer, real, seedOption, sliceRange, text } from '../option-types.ts';
import { removeTemporary, runJobFor } from '../run-job.ts';
import { simulationDefaults, simulationOptions } from '../simulation-options.ts';
import { pairs, short } from '../table.ts';

export const simulate = command({
  name: 'simulate',
  usage: 'INPUT --out FILE.npz [options]',
  description:
    'Makes k-space (or, with --angles, a sinogram) from images that are already reconstructed, undersamples it and adds noise. ' +
    'The file holds kspace, mask and the reference, and is an input of tangent reconstruct.',
  positionals: [{ name: 'INPUT', description: 'DICOM file or folder, NIfTI, .npy.', required: true }],
  options: z.strictObject({
    out: text().meta({ value: 'FILE', description: 'The .npz to write; it must not exist yet.' }),
    ...simulationOptions,
    noise: real(0, 10)
      .default(simulationDefaults.noise)
      .meta({
        value: 'X',
        description: 'Noise per real component, as a fraction of the 0.99 quantile of the image.',
        standard: String(simulationDefaults.noise),
      }),
    angles: integer(1, 100_000).optional().meta({ value: 'N', description: 'CT: number of views.' }),
    arc: real(1, 360).default(180).meta({ value: 'DEG', description: 'CT: range of angles.', standard: '180' }),
    geometry: choice(['parallel'])
      .default('parallel')
      .meta({ value: 'NAME', description: 'CT: beam geometry, parallel.', standard: 'parallel' }),
    slices: sliceRange()
      .optional()
      .meta({ value: 'A:B', description: 'Slices A up to but not including B.', standard: 'all' }),
    force: flag('Replace an existing file.'),
    ...seedOption,
    ...commonOptions,
  }),
  examples: ['tangent simulate series/ --out scan.npz --coils 8 --mask uniform1d --accel 4'],
  run: async ({ options, positionals }, terminal) => {
    const { out, force, seed, slices, angles, arc, noise } = options;
    const done = await runJobFor(
      terminal,
      'simulate',
      {
        input: positionals[0],
        out,
        force,
        seed,
        slices,
        ...(angles === undefined
          ? {
              mri: {
                coils: options.coils ?? simulationDefaults.coils,
                mask: options.mask ?? simulationDefaults.mask,
                accel: options.accel ?? simulationDefaults.accel,
                acs: options.acs ?? simulationDefaults.acs,
                noise,
              },
            }
          : { ct: { angles, arc, noise } }),
      },
      { afterKill: removeTemporary(out) },
    );
    terminal.print(
      pairs([
        ['file', done.file],
        ...Object.entries(done.arrays).map(([name, shape]): [string, string] => [name, `[${shape.join(', ')}]`]),
        ['measured', `${short(100 * done.measured_fraction)} %`],
        ...(done.acceleration === null ? [] : [['acceleration', short(done.acceleration)] as [string, string]]),
      ]),
    );
    terminal.result(done);
    return 0;
  },
});
