/** How to undersample an image: the same options for simulate, reconstruct and demo, defined once. */
import { EngineError } from '../../engine/errors.ts';
import { maskTypes } from '../../engine/physics/mri/masks.ts';
import { beamKinds, type CtSimulationOptions } from '../../engine/recon/result.ts';
import { choice, flag, integer, real } from './option-types.ts';

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

/** Views of an X-ray acquisition to simulate; `--angles` chooses CT. */
export const ctSimulationOptions = {
  angles: integer(1, 100_000).optional().meta({ value: 'N', description: 'CT: number of views to simulate.' }),
  arc: real(1, 360)
    .optional()
    .meta({ value: 'DEG', description: 'CT: range of angles.', standard: '180; 360 for fan and cone' }),
  geometry: choice(beamKinds)
    .optional()
    .meta({ value: 'NAME', description: `CT: beam, ${beamKinds.join(', ')}.`, standard: 'parallel' }),
  photons: real(1, 1e15)
    .optional()
    .meta({ value: 'N', description: 'CT: photons per ray; the noise is that of counting them.' }),
  curved: flag('CT: detector of a fan beam on an arc around the source.'),
};

/** What was typed of the options above. */
interface CtGiven {
  angles?: number | undefined;
  arc?: number | undefined;
  geometry?: (typeof beamKinds)[number] | undefined;
  photons?: number | undefined;
  curved: boolean;
  noise?: number | undefined;
  [mri: string]: unknown;
}

/** Undefined without --angles. Throws `bad-usage` for options that exclude each other or lack --angles. */
export function ctSimulation(given: CtGiven): CtSimulationOptions | undefined {
  const { angles, arc, geometry = 'parallel', photons, curved, noise } = given;
  if (angles === undefined) {
    const stray = (['arc', 'geometry', 'photons', 'curved'] as const).find(
      (name) => given[name] !== undefined && given[name] !== false,
    );
    if (stray === undefined) return undefined;
    throw new EngineError('bad-usage', 'the option belongs to a simulated CT acquisition, which needs --angles', {
      path: `--${stray}`,
      hint: 'Add --angles N.',
    });
  }
  const mri = Object.keys(simulationOptions).find((name) => given[name] !== undefined);
  if (mri !== undefined)
    throw new EngineError('bad-usage', 'the option is for MRI, --angles is for CT', { path: `--${mri}` });
  if (photons !== undefined && noise !== undefined)
    throw new EngineError('bad-usage', 'photons and noise exclude each other', { path: '--photons' });
  return {
    angles,
    arc: arc ?? (geometry === 'parallel' ? 180 : 360),
    geometry,
    curved,
    noise: photons === undefined ? (noise ?? simulationDefaults.noise) : 0,
    ...(photons === undefined ? {} : { photons }),
  };
}

export const modalityOption = {
  modality: choice(['ct', 'mr']).optional().meta({
    value: 'NAME',
    description: 'What an image series is: ct (values in Hounsfield units) or mr.',
    standard: 'from the file',
  }),
};
