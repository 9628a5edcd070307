/**
 * Total-variation CT of the whole volume in one system: isotropic TV over all three axes (recon/tv-volume.ts), so that
 * neighbouring slices help each other. The z weight is the ratio of in-plane to slice spacing where one has to be chosen:
 * differences across far slices are larger, and count for less.
 */
import { z } from 'zod';
import type { CtMethod } from '../method.ts';
import { reconstructTvVolume } from '../tv-volume.ts';
import { tvParameters, tvWeights } from './tv-ct.ts';

const parameters = z.strictObject({
  ...tvParameters,
  zWeight: z.number().min(0).max(10).default(1).describe('weight of differences between slices beside those within'),
});

export const tv3dCt: CtMethod<z.infer<typeof parameters>> = {
  id: 'tv3d',
  title: 'Total variation, 3D',
  summary: 'As tv, with edges across slices counted as well: neighbouring slices help each other.',
  parameters,
  tuning: { lambda: tvWeights, zWeight: [0.125, 0.25, 0.5, 1, 2, 4, 8] },
  run: (data, settings, context, watch) => reconstructTvVolume(data, settings, context, watch),
};
