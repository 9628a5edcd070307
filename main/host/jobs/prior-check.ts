/** Whether a prior does on a scan what its model card promises: the denoising self-test, and how its images fit. */
import { z } from 'zod';
import { magnitude } from '../../../engine/arrays/complex.ts';
import { type NdArray, ndarray } from '../../../engine/arrays/ndarray.ts';
import { createRandom } from '../../../engine/arrays/random.ts';
import { quantile } from '../../../engine/arrays/statistics.ts';
import { type RunContext, subContext } from '../../../engine/context.ts';
import { EngineError } from '../../../engine/errors.ts';
import type { KspaceScan, Scan } from '../../../engine/io/scan.ts';
import { sliceCount } from '../../../engine/io/take-slices.ts';
import { objectPhase } from '../../../engine/physics/mri/object-phase.ts';
import { spreadIndices } from '../../../engine/prior/fit/assess-fit.ts';
import { readFitFile } from '../../../engine/prior/fit/fit-file.ts';
import { type CleanImage, referencePsnr, selfTest, selfTestVerdict } from '../../../engine/prior/fit/self-test.ts';
import { denoisingErrors, surpriseColumns, surpriseOf } from '../../../engine/prior/fit/surprise.ts';
import { imageChannels, type Manifest } from '../../../engine/prior/manifest.ts';
import type { Prior } from '../../../engine/prior/prior.ts';
import { loadManifest, loadPrior } from '../../../engine/prior/registry.ts';
import { vpSchedule } from '../../../engine/prior/schedule.ts';
import { prepareMri } from '../../../engine/recon/prepare-mri.ts';
import { mriMethod, parseParameters } from '../../../engine/recon/registry.ts';
import { resultFit } from '../../../engine/recon/result-fit.ts';
import { bundledSeries } from '../bundled-series.ts';
import { job } from '../job.ts';
import { inputName, inputPaths, namingFile, openInput } from '../open-input.ts';

const number = z.number();
const output = z.object({
  prior: z.string(),
  hash: z.string(),
  /** What the images are: no paths. */
  images: z.object({ source: z.string(), slices: z.array(z.int()), shape: z.array(z.int()), reference: z.string() }),
  levels: z.array(
    z.object({
      sigma: number,
      t: number,
      error: number,
      psnr: number,
      reference: number.nullable(),
      predicted: number,
      ratio: number,
      learnedRatio: number.nullable(),
      noisePower: number,
      balance: number,
      residual: z.object({ mean: number, variance: number, neighbour: number }),
    }),
  ),
  verdict: z.array(z.string()),
  fit: z.looseObject({ message: z.string(), verdict: z.string(), percentile: number.nullable() }),
});

export const priorCheck = job({
  input: z.object({ prior: z.string(), on: inputPaths.optional(), slices: z.int().min(1), seed: z.int().min(0) }),
  output,
  run: async ({ prior: name, on, slices, seed }, context) => {
    const { manifest, folder } = await loadManifest(name);
    const fitFile = await readFitFile(manifest, folder);
    const path = on ?? defaultScan(manifest);
    const { scan } = await openInput(path, context);
    const prior = await loadPrior(name, {
      threads: context.threads,
      device: context.device,
      warn: (message) => context.log('warn', message),
    });
    try {
      const chosen = chooseSlices(scan, slices);
      const reference = await referenceImages(scan, chosen, subContext(context, 0, 0.1)).catch((thrown) => {
        throw namingFile(thrown, inputName(path));
      });
      const images = cleanImages(reference, manifest, seed);
      const schedule = vpSchedule(manifest.schedule);
      const levels = await selfTest(prior, images, { seed, schedule }, subContext(context, 0.1, 0.95));
      const references = levels.map(({ sigma }) => referencePsnr(manifest.quality, sigma));
      const shown = shownMagnitudes(reference, manifest);
      const fit = resultFit(manifest.id, fitFile, shown, scan.geometry);
      fit.parts.surprise = await surprise(prior, fitFile, shown, seed, context);
      return {
        prior: prior.name,
        hash: prior.hash,
        images: {
          source: on === undefined ? 'the bundled series' : scan.format,
          slices: chosen,
          shape: [...reference.shape],
          reference: scan.kind === 'kspace' ? 'CG-SENSE image of the data' : 'the images as stored',
        },
        levels: levels.map((row, l) => ({ ...row, reference: references[l] })),
        verdict: selfTestVerdict(levels, references),
        fit: { ...fit },
      };
    } finally {
      await prior.dispose();
    }
  },
});

function defaultScan({ id, modality }: Manifest): string {
  if (modality !== 'ct') return bundledSeries('--on');
  throw new EngineError('bad-usage', `prior ${id} is for CT, and no CT series is bundled`, {
    path: '--on',
    hint: 'Give a CT series with --on.',
  });
}

/** Slices from the middle four fifths, spread: the ends of a series are often empty. */
function chooseSlices(scan: Scan, count: number): number[] {
  const total = sliceCount(scan);
  const edge = Math.floor(total / 10);
  return spreadIndices(total - 2 * edge, count).map((k) => k + edge);
}

type Images = NdArray<'float32'> | NdArray<'complex64'>;

/** Chosen slices [slices, y, x] of images, or of what CG-SENSE makes of raw data. */
async function referenceImages(scan: Scan, chosen: readonly number[], context: RunContext): Promise<Images> {
  if (scan.kind === 'sinogram')
    throw new EngineError('unsupported', 'the self-test does not take sinograms', {
      hint: 'Give images: DICOM, NIfTI or .npy.',
    });
  const stored = scan.kind === 'image' ? scan.volume : await senseImages(scan, chosen, context);
  const from = scan.kind === 'image' ? chosen : chosen.map((_, i) => i);
  const stride = stored.data.length / stored.shape[0];
  const data = new Float32Array(stride * chosen.length);
  from.forEach((z, i) => {
    data.set(stored.data.subarray(z * stride, (z + 1) * stride), i * stride);
  });
  return ndarray(stored.dtype, [chosen.length, ...stored.shape.slice(1)], data);
}

async function senseImages(scan: KspaceScan, chosen: readonly number[], context: RunContext): Promise<Images> {
  const { slices } = await prepareMri(scan, { noise: 'auto' }, context);
  const method = mriMethod('cg-sense');
  const parameters = parseParameters(method, {});
  const parts: Float32Array[] = [];
  for (const z of chosen) parts.push((await method.run(slices[z], parameters, context)).data);
  const data = new Float32Array(parts.length * parts[0].length);
  parts.forEach((part, i) => {
    data.set(part, i * part.length);
  });
  return ndarray('complex64', [chosen.length, ...slices[0].maps.shape.slice(1)], data);
}

/** In the prior's units and channels: windowed CT, or complex MRI, which gets a smooth phase where it has none. */
function cleanImages(images: Images, manifest: Manifest, seed: number): CleanImage[] {
  const [count, height, width] = images.shape;
  const pixels = height * width;
  const complex = images.dtype === 'complex64';
  return Array.from({ length: count }, (_, z) => {
    const slice = images.data.subarray((z * images.data.length) / count, ((z + 1) * images.data.length) / count);
    const data = new Float32Array(imageChannels(manifest) * pixels);
    if (imageChannels(manifest) === 1) {
      const values = complex ? magnitude(slice) : slice;
      data.set(windowed(values, manifest));
      return { data, height, width };
    }
    const phase = complex ? undefined : objectPhase([height, width], createRandom(seed, z));
    const divisor = scaleOf(complex ? magnitude(slice) : slice, manifest);
    for (let i = 0; i < pixels; i++) {
      data[i] = (complex ? slice[2 * i] : slice[i] * Math.cos(phase?.[i] ?? 0)) / divisor;
      data[pixels + i] = (complex ? slice[2 * i + 1] : slice[i] * Math.sin(phase?.[i] ?? 0)) / divisor;
    }
    return { data, height, width };
  });
}

/** A slice that is zero almost everywhere has no quantile to speak of; its maximum still says its size. */
function scaleOf(values: Float32Array, { scale }: Manifest): number {
  const largest = values.reduce((most, value) => Math.max(most, value), 0);
  if (scale.rule === 'none') return 1;
  const chosen = scale.rule === 'max' ? largest : quantile(values, scale.quantile);
  return chosen > 0 ? chosen : largest > 0 ? largest : 1;
}

function windowed(values: Float32Array, manifest: Manifest): Float32Array {
  const { window } = manifest.scale;
  if (window === undefined) {
    const divisor = scaleOf(values, manifest);
    return values.map((value) => value / divisor);
  }
  const [low, high] = window;
  return values.map((value) => Math.min(1.2, Math.max(0, (value - low) / (high - low))));
}

/** Magnitudes, or windowed values, that the layout is judged on: never negative. */
function shownMagnitudes(images: Images, manifest: Manifest): NdArray<'float32'> {
  const values = images.dtype === 'complex64' ? magnitude(images.data) : images.data;
  const shown = manifest.scale.window === undefined ? values : windowed(values, manifest);
  return ndarray(
    'float32',
    images.shape,
    shown.map((value) => Math.max(0, value)),
  );
}

/** Largest excess of the network's error over what training-like images give; null without the numbers for it. */
async function surprise(
  prior: Prior,
  file: Awaited<ReturnType<typeof readFitFile>>,
  images: NdArray<'float32'>,
  seed: number,
  context: RunContext,
): Promise<number | null> {
  const model = file?.surprise;
  // The numbers of another network mean nothing.
  if (model === undefined || model.network !== prior.hash) return null;
  const levels = Array.from({ length: model.rows.length / surpriseColumns }, (_, l) => model.rows[l * surpriseColumns]);
  const [count, height, width] = images.shape;
  const found: number[] = [];
  for (let z = 0; z < count; z++) {
    const data = images.data.subarray(z * height * width, (z + 1) * height * width);
    const errors = await denoisingErrors(prior, { data, height, width }, levels, seed, vpSchedule(), context.signal);
    found.push(surpriseOf(model, errors));
  }
  return found.sort((a, b) => a - b)[Math.floor(count / 2)];
}
