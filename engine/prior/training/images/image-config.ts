/** The part of a training configuration that says how images are made: planes, scaling, phase, augmentations. */
import { z } from 'zod';

export const about = (description: string, unit?: string) =>
  unit === undefined ? { description } : { description, unit };

/** Probability in [0, 1]. */
const chance = (value: number, description: string) => z.number().min(0).max(1).default(value).meta(about(description));

/** [low, high] inside [min, max], drawn from uniformly. */
export function interval(value: [number, number], min: number, max: number, description: string, unit?: string) {
  const end = z.number().min(min).max(max);
  return z
    .tuple([end, end])
    .refine(([low, high]) => low <= high, { message: 'expected a lower end that does not exceed the upper one' })
    .default(value)
    .meta(about(description, unit));
}

export const imageRuleSchema = z.discriminatedUnion('rule', [
  z.strictObject({
    rule: z.literal('quantile').meta(about('Each image is divided by a quantile of its magnitude.')),
    quantile: z.number().min(0.5).max(1).default(0.99).meta(about('The quantile that becomes 1.')),
  }),
  z.strictObject({
    rule: z.literal('window').meta(about('A window of Hounsfield units becomes 0 to 1.')),
    window: interval([-1000, 1500], -10_000, 100_000, 'Values that become 0 and 1.', 'HU').refine(
      ([low, high]) => low < high,
      { message: 'expected a lower end below the upper one' },
    ),
    ceiling: z.number().min(1).max(4).default(1.2).meta(about('Larger values, after the window, are cut to this.')),
  }),
  z.strictObject({ rule: z.literal('none').meta(about('Values are used as stored.')) }),
]);
export type ImageRule = z.infer<typeof imageRuleSchema>;

export const planesSchema = z
  .strictObject({
    axial: chance(0.7, 'Share of axial slices (or of slices as stored where the orientation is not known).'),
    coronal: chance(0.15, 'Share of coronal slices.'),
    sagittal: chance(0.15, 'Share of sagittal slices.'),
  })
  .refine((p) => p.axial + p.coronal + p.sagittal > 0, { message: 'expected a share above 0 for at least one plane' })
  .prefault({});

/** φ = φ₀ + ramp + polynomial of orders 2–4 + smooth Gaussian random field. */
export const phaseSchema = z
  .strictObject({
    ramp: interval([-0.1, 0.1], -1, 1, 'Slope of the linear part along each axis.', 'rad per pixel'),
    polynomial: interval([0.3, 1.5], 0, 20, 'Standard deviation of the polynomial of orders 2 to 4.', 'rad'),
    field: interval([0.05, 0.7], 0, 20, 'Standard deviation of the smooth random field.', 'rad'),
    cycles: interval([1, 4], 0.5, 16, 'Highest frequency of the random field.', 'cycles per field of view'),
  })
  .prefault({});
export type PhaseConfig = z.infer<typeof phaseSchema>;

export const augmentationsSchema = z
  .strictObject({
    flip: z
      .strictObject({
        leftRight: chance(0.5, 'Probability of a left-right flip.'),
        upDown: chance(0, 'Probability of an up-down flip.'),
      })
      .prefault({}),
    rotation: z
      .strictObject({
        probability: chance(1, 'Probability of a rotation.'),
        degrees: interval([-15, 15], -180, 180, 'Angle of the rotation.', 'degrees'),
        quarterTurns: chance(0.3, 'Probability of a further 90, 180 or 270 degrees.'),
      })
      .prefault({}),
    zoom: z
      .strictObject({
        probability: chance(1, 'Probability of a change of size.'),
        factor: interval([0.8, 1.25], 0.25, 4, 'Factor on the size of the anatomy.'),
      })
      .prefault({}),
    elastic: z
      .strictObject({
        probability: chance(0.5, 'Probability of an elastic deformation.'),
        sigma: z.number().min(2).max(256).default(8).meta(about('Smoothness of the displacements.', 'voxels')),
        amplitude: interval([0, 2], 0, 64, 'Largest displacement.', 'voxels'),
      })
      .prefault({}),
    resampling: z
      .strictObject({
        voxel: interval([0.8, 2], 0.05, 20, 'Voxel size; gives way where the head could not fill the matrix.', 'mm'),
        fill: interval([0.45, 0.95], 0.05, 4, 'Share of the matrix the head or body spans.'),
        shift: interval([0, 0.06], 0, 0.5, 'Offset from the centre, as far as the head stays inside.', 'matrix sides'),
      })
      .prefault({}),
    gamma: z
      .strictObject({
        probability: chance(0.6, 'Probability of a power law on the magnitude.'),
        exponent: interval([0.7, 1.4], 0.1, 10, 'Its exponent.'),
      })
      .prefault({}),
    intensityMap: z
      .strictObject({
        probability: chance(0.3, 'Probability of a random monotone map of intensities.'),
        knots: z.int().min(1).max(32).default(4).meta(about('Random knots of the piecewise linear map.')),
      })
      .prefault({}),
    bias: z
      .strictObject({
        probability: chance(0.6, 'Probability of a multiplicative bias field exp(g).'),
        sigma: interval([0.2, 0.4], 0, 2, 'Standard deviation of g.'),
        cycles: interval([2, 3], 0.5, 16, 'Highest frequency of g.', 'cycles per field of view'),
      })
      .prefault({}),
    air: z
      .strictObject({
        probability: chance(0.5, 'Probability that air is filled with Rician noise.'),
        sigma: interval([0, 0.01], 0, 1, 'Standard deviation of each noise channel.', 'largest magnitudes'),
      })
      .prefault({}),
    lowPass: z
      .strictObject({
        probability: chance(0.2, 'Probability of an elliptical low-pass, as of partial sampling.'),
        radius: interval([0.6, 1.1], 0.1, 2, 'Half axes of the ellipse, drawn apart.', 'highest frequencies'),
      })
      .prefault({}),
    gain: z
      .strictObject({
        probability: chance(0.5, 'CT: probability of a change of gain about water and of offset.'),
        factor: interval([0.9, 1.12], 0.1, 10, 'The gain.'),
        offset: z.number().min(0).max(1).default(0.01).meta(about('Standard deviation of the offset.', 'windows')),
      })
      .prefault({}),
    inserts: z
      .strictObject({
        probability: chance(0.4, 'CT: probability of ellipses of random density inside the body.'),
        count: interval([1, 5], 0, 64, 'Their number.'),
        radius: interval([1, 14], 0.5, 128, 'Their half axes.', 'pixels'),
        density: z.number().min(0).max(1).default(0.06).meta(about('Spread of the density added.', 'windows')),
      })
      .prefault({}),
  })
  .prefault({});
export type Augmentations = z.infer<typeof augmentationsSchema>;
