/** `tangent simulate INPUT --out FILE.npz`: retrospective undersampling of an image or volume. */
import { z } from 'zod';
import { command } from '../command.ts';
import { commonOptions, flag, real, seedOption, sliceRange, text } from '../option-types.ts';
import { removeTemporary, runJobFor } from '../run-job.ts';
import {
  ctSimulation,
  ctSimulationOptions,
  modalityOption,
  simulationDefaults,
  simulationOptions,
} from '../simulation-options.ts';
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
      .optional()
      .meta({
        value: 'X',
        description:
          'Noise as a fraction of the 0.99 quantile: per real component of the image, for CT of the line integrals.',
        standard: String(simulationDefaults.noise),
      }),
    ...ctSimulationOptions,
    ...modalityOption,
    slices: sliceRange()
      .optional()
      .meta({ value: 'A:B', description: 'Slices A up to but not including B.', standard: 'all' }),
    force: flag('Replace an existing file.'),
    ...seedOption,
    ...commonOptions,
  }),
  examples: [
    'tangent simulate series/ --out scan.npz --coils 8 --mask uniform1d --accel 4',
    'tangent simulate ct-series/ --out sinogram.npz --angles 60 --photons 1e5',
  ],
  run: async ({ options, positionals }, terminal) => {
    const { out, force, seed, slices, noise, modality } = options;
    const ct = ctSimulation(options);
    const done = await runJobFor(
      terminal,
      'simulate',
      {
        input: positionals[0],
        out,
        force,
        seed,
        slices,
        modality: modality === undefined ? undefined : modality === 'ct' ? 'CT' : 'MR',
        ...(ct === undefined
          ? {
              mri: {
                coils: options.coils ?? simulationDefaults.coils,
                mask: options.mask ?? simulationDefaults.mask,
                accel: options.accel ?? simulationDefaults.accel,
                acs: options.acs ?? simulationDefaults.acs,
                noise: noise ?? simulationDefaults.noise,
              },
            }
          : { ct }),
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
