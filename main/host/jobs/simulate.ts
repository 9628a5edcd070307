/** Retrospective undersampling of an image or volume to one .npz. */
import { z } from 'zod';
import { magnitude } from '../../../engine/arrays/complex.ts';
import { type NdArray, ndarray } from '../../../engine/arrays/ndarray.ts';
import { EngineError } from '../../../engine/errors.ts';
import { writeFileAtomic } from '../../../engine/io/atomic-file.ts';
import { writeNpz } from '../../../engine/io/npz.ts';
import type { ImageScan, Scan } from '../../../engine/io/scan.ts';
import { maskTypes } from '../../../engine/physics/mri/masks.ts';
import { simulateScan } from '../../../engine/physics/mri/simulate.ts';
import { fractionOfViews, simulateCt } from '../../../engine/recon/simulate-ct.ts';
import { job } from '../job.ts';
import { inputName, inputPaths, namingFile, openInput } from '../open-input.ts';
import { checkOutputFile } from '../output-file.ts';
import { ctSimulationInput } from './reconstruct.ts';

const mri = z.object({
  coils: z.int(),
  mask: z.enum(maskTypes),
  accel: z.number(),
  acs: z.number(),
  noise: z.number(),
});

const input = z.object({
  input: inputPaths,
  out: z.string(),
  force: z.boolean(),
  seed: z.int(),
  slices: z.object({ from: z.int(), to: z.int() }).optional(),
  mri: mri.optional(),
  ct: ctSimulationInput.optional(),
  modality: z.enum(['CT', 'MR']).optional(),
});

const output = z.object({
  file: z.string(),
  kind: z.enum(['kspace', 'sinogram']),
  /** Shape of each array in the file. */
  arrays: z.record(z.string(), z.array(z.number())),
  measured_fraction: z.number(),
  acceleration: z.number().nullable(),
  /** Standard deviation of the noise that was added, per real component, in units of the data; null for photon noise. */
  sigma: z.number().nullable(),
  seed: z.number(),
});

interface Simulated {
  kind: 'kspace' | 'sinogram';
  arrays: Map<string, NdArray>;
  measuredFraction: number;
  acceleration: number | null;
  sigma: number | null;
}

function requireImage(scan: Scan): ImageScan {
  if (scan.kind === 'image') return scan;
  const found = scan.kind === 'kspace' ? 'k-space' : 'a sinogram';
  throw new EngineError('bad-input', `expected an image or volume, found ${found}`, {
    hint: 'Measured data need no simulation: use tangent reconstruct.',
  });
}

function simulateMri(scan: ImageScan, settings: z.output<typeof mri>, seed: number): Simulated {
  const { accel, ...rest } = settings;
  const done = simulateScan(scan.volume, { ...rest, acceleration: accel, seed });
  const reference = ndarray('float32', done.image.shape, magnitude(done.image.data));
  const arrays = new Map<string, NdArray>([
    ['kspace', done.kspace],
    ['mask', done.mask],
    ['reference', reference],
  ]);
  if (scan.spacingMm !== undefined)
    arrays.set('spacing_mm', ndarray('float64', [3], Float64Array.from(scan.spacingMm)));
  return {
    kind: 'kspace',
    arrays,
    measuredFraction: 1 / done.effectiveAcceleration,
    acceleration: done.effectiveAcceleration,
    sigma: done.sigma,
  };
}

function simulateViews(scan: ImageScan, settings: z.output<typeof ctSimulationInput>, seed: number): Simulated {
  const { measured, reference, sigma } = simulateCt(scan, settings, seed);
  const scalar = (value: number) => ndarray('float64', [], Float64Array.of(value));
  const count = (value: number) => ndarray('int32', [], Int32Array.of(value));
  const { anglesDeg, fan, cone } = measured;
  const [slices, size] = reference.shape;
  const arrays = new Map<string, NdArray>([
    ['sinogram', measured.sinogram],
    ['angles_deg', ndarray('float64', [anglesDeg.length], anglesDeg)],
    ['image_size', count(size)],
    ['reference', reference],
  ]);
  const lengths: Record<string, number | undefined> = {
    pixel_spacing_mm: measured.pixelSpacingMm,
    slice_spacing_mm: measured.sliceSpacingMm,
    detector_spacing_mm: measured.detectorSpacingMm,
    detector_centre: measured.detectorCentre,
    source_origin_mm: fan?.sourceOriginMm,
    source_detector_mm: fan?.sourceDetectorMm,
    detector_row_spacing_mm: cone?.rowSpacingMm,
    detector_row_centre: cone?.rowCentre,
    water_per_mm: measured.waterPerMm,
    photons: measured.photons,
  };
  for (const [name, value] of Object.entries(lengths)) if (value !== undefined) arrays.set(name, scalar(value));
  if (fan?.curved) arrays.set('curved_detector', count(1));
  if (cone) arrays.set('slices', count(slices));
  return {
    kind: 'sinogram',
    arrays,
    measuredFraction: fractionOfViews(settings.angles, size, settings.geometry),
    acceleration: null,
    sigma,
  };
}

export const simulate = job({
  input,
  output,
  run: async (request, context) => {
    await checkOutputFile(request.out, request.force);
    const { scan } = await openInput(request.input, context, request.slices, request.modality);
    context.progress({ fraction: 0.2, stage: 'simulate' });
    const done = (() => {
      try {
        const image = requireImage(scan);
        if (request.ct !== undefined) return simulateViews(image, request.ct, request.seed);
        if (request.mri !== undefined) return simulateMri(image, request.mri, request.seed);
        throw new EngineError('internal', 'neither MRI nor CT settings were given');
      } catch (thrown) {
        throw namingFile(thrown, inputName(request.input));
      }
    })();
    context.progress({ fraction: 0.9, stage: 'write' });
    await writeFileAtomic(request.out, writeNpz(done.arrays), { force: request.force, signal: context.signal });
    return {
      file: request.out,
      kind: done.kind,
      arrays: Object.fromEntries([...done.arrays].map(([name, { shape }]) => [name, [...shape]])),
      measured_fraction: done.measuredFraction,
      acceleration: done.acceleration,
      sigma: done.sigma,
      seed: request.seed,
    };
  },
});
