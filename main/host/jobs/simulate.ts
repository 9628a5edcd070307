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
import { job } from '../job.ts';
import { namingFile, openInput } from '../open-input.ts';
import { checkOutputFile } from '../output-file.ts';
import { simulateCt } from '../simulate-ct.ts';

const mri = z.object({
  coils: z.int(),
  mask: z.enum(maskTypes),
  accel: z.number(),
  acs: z.number(),
  noise: z.number(),
});
const ct = z.object({ angles: z.int(), arc: z.number(), noise: z.number() });

const input = z.object({
  input: z.string(),
  out: z.string(),
  force: z.boolean(),
  seed: z.int(),
  slices: z.object({ from: z.int(), to: z.int() }).optional(),
  mri: mri.optional(),
  ct: ct.optional(),
});

const output = z.object({
  file: z.string(),
  kind: z.enum(['kspace', 'sinogram']),
  /** Shape of each array in the file. */
  arrays: z.record(z.string(), z.array(z.number())),
  measured_fraction: z.number(),
  acceleration: z.number().nullable(),
  /** Noise per real component that was added, in units of the data; null for CT. */
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

function simulateViews(scan: ImageScan, settings: z.output<typeof ct>, seed: number): Simulated {
  const { sinogram, anglesDeg, reference } = simulateCt(scan, { ...settings, seed });
  const scalar = (value: number) => ndarray('float64', [], Float64Array.of(value));
  const arrays = new Map<string, NdArray>([
    ['sinogram', sinogram],
    ['angles_deg', ndarray('float64', [anglesDeg.length], anglesDeg)],
    ['image_size', ndarray('int32', [], Int32Array.of(reference.shape[1]))],
    ['reference', reference],
  ]);
  const pixel = scan.spacingMm?.[2];
  if (pixel !== undefined) arrays.set('pixel_spacing_mm', scalar(pixel)).set('detector_spacing_mm', scalar(pixel));
  return {
    kind: 'sinogram',
    arrays,
    // A full scan samples the half circle as densely as the edge of the image asks: π/2 · n views.
    measuredFraction: Math.min(1, settings.angles / Math.ceil((Math.PI / 2) * reference.shape[1])),
    acceleration: null,
    sigma: null,
  };
}

export const simulate = job({
  input,
  output,
  run: async (request, context) => {
    await checkOutputFile(request.out, request.force);
    const { scan } = await openInput(request.input, context, request.slices);
    context.progress({ fraction: 0.2, stage: 'simulate' });
    const done = (() => {
      try {
        const image = requireImage(scan);
        if (request.ct !== undefined) return simulateViews(image, request.ct, request.seed);
        if (request.mri !== undefined) return simulateMri(image, request.mri, request.seed);
        throw new EngineError('internal', 'neither MRI nor CT settings were given');
      } catch (thrown) {
        throw namingFile(thrown, request.input);
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
