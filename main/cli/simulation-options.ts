/** How to undersample an image: the same options for simulate, reconstruct and demo, defined once. */
import { maskTypes } from '../../engine/physics/mri/masks.ts';
import { choice, integer, real } from './option-types.ts';

export const simulationOptions = {
  coils: integer(1, 64).optional().meta({ value: 'N', description: 'Receive coils to simulate.', standard: '8' }),
  mask: choice(maskTypes)
    .optional()
    .meta({ value: 'NAME', description: `Sampling pattern: ${maskTypes.join(', ')}.`, standard: 'uniform1d' }),
  accel: real(1, 64).optional().meta({ value: 'R', description: 'Nominal acceleration.', standard: '4' }),
  acs: real(0, 1)
    .optional()
    .meta({ value: 'F', description: 'Fully sampled centre, as a fraction of the lines.', standard: '0.08' }),
};

export const simulationDefaults = { coils: 8, mask: 'uniform1d', accel: 4, acs: 0.08, noise: 0.01 } as const;
