/** From a scan to a result: simulate where asked, prepare, reconstruct, explain, compare. */
import { type NdArray, ndarray, stack } from '../arrays/ndarray.ts';
import { checkpoint, type RunContext, subContext } from '../context.ts';
import type { DdsInput } from '../dds/parameters.ts';
import { mriDataWarnings, noisePower, priorWarnings } from '../dds/warnings.ts';
import { EngineError } from '../errors.ts';
import type { KspaceScan, Scan } from '../io/scan.ts';
import { effectiveAcceleration } from '../physics/mri/masks.ts';
import type { MriSlice } from '../physics/mri/slice.ts';
import { type FitFile, readFitFile } from '../prior/fit/fit-file.ts';
import { loadManifest, loadPrior } from '../prior/registry.ts';
import { calibrationOf, evidenceMap, explainData } from './explain.ts';
import { qualityMetrics } from './metrics.ts';
import { type PreparedMri, prepareMri } from './prepare-mri.ts';
import { mriMethod, mriMethods, parseParameters } from './registry.ts';
import type {
  BaselineResult,
  JsonValue,
  ReconstructionResult,
  ReconstructOptions,
  ResultFit,
  ResultWarning,
} from './result.ts';
import { fitWarnings, resultFit } from './result-fit.ts';
import { runDds } from './run-dds.ts';
import { simulateKspace } from './simulate-scan.ts';

/** The prior for a modality when the user names none. */
export const defaultMriPrior = 'brain-mri';

/** What one method made of the prepared slices. */
interface MethodOutcome {
  title: string;
  image: NdArray<'complex64'>;
  parameters: Readonly<Record<string, JsonValue>>;
  seconds: number;
  nfe: number;
  extras: Partial<
    Pick<ReconstructionResult, 'prior' | 'std' | 'curve' | 'scale' | 'evidence'> & {
      warnings: ResultWarning[];
      fitFile: FitFile;
      noisePower: number;
    }
  >;
}

/** Ids `reconstruct` accepts for measured k-space. */
export function methodIds(): string[] {
  return ['dds', ...mriMethods.keys()];
}

/**
 * Reconstructs every slice of the scan. Throws `bad-usage` for options that do not fit the input (simulation options
 * for measured data, none for images), `mismatch`/`bad-input` for inconsistent data, `cancelled`.
 */
export async function reconstruct(
  scan: Scan,
  options: ReconstructOptions,
  context: RunContext,
): Promise<ReconstructionResult> {
  if (!methodIds().includes(options.method))
    throw new EngineError('bad-usage', `method ${JSON.stringify(options.method)} is unknown`, {
      path: '--method',
      hint: `Choose one of ${methodIds().join(', ')}.`,
    });
  const { measured, reference, simulated } = acquire(scan, options);
  const started = performance.now();
  const prepared = await prepareMri(
    measured,
    { noise: options.noise ?? 'auto', ...(options.maps ? { maps: options.maps } : {}) },
    subContext(context, 0, 0.1),
  );
  const calibrate = (performance.now() - started) / 1000;
  const { slices } = prepared;
  const indices = slices.map((_, z) => (options.firstSlice ?? 0) + z);

  const ids = [...new Set(options.baselines ?? [])].filter((id) => id !== options.method);
  const share = 0.75 / (ids.length + 1);
  const outcome = await runMethod(options.method, slices, options, indices, subContext(context, 0.1, 0.1 + share));
  const baselines: BaselineResult[] = [];
  for (const [k, id] of ids.entries()) {
    const from = 0.1 + (k + 1) * share;
    const other = await runMethod(
      id,
      slices,
      { ...options, parameters: {} },
      indices,
      subContext(context, from, from + share),
    );
    baselines.push(await baseline(id, other, slices, reference, context));
  }

  const consistency = await explainData(slices, outcome.image, context);
  const evidence =
    outcome.nfe > 0
      ? await evidenceMap(slices, outcome.image, priorVarianceOf(outcome), subContext(context, 0.85, 1, 'evidence'))
      : undefined;
  const image = magnitudeOf(outcome.image);
  const { std, curve = [], scale, prior } = outcome.extras;
  const fit =
    prior && resultFit(prior.name, outcome.extras.fitFile, image, measured.geometry, outcome.extras.noisePower);
  return {
    modality: scan.kind === 'image' ? scan.modality : 'MR',
    method: options.method,
    methodTitle: outcome.title,
    ...(prior ? { prior } : {}),
    ...(fit ? { fit } : {}),
    device: context.device,
    threads: context.threads,
    seed: options.seed,
    parameters: outcome.parameters,
    image,
    imageComplex: outcome.image,
    ...(std ? { std } : {}),
    ...(evidence ? { evidence } : {}),
    ...(prepared.estimatedMaps ? { maps: prepared.estimatedMaps } : {}),
    mask: measured.mask,
    ...(reference ? { reference, metrics: qualityMetrics(image, reference) } : {}),
    ...(std && reference ? { calibration: calibrationOf(image, std, reference) } : {}),
    residual: { relative: consistency.all.residual, expected: consistency.all.expected },
    consistency: [consistency.all, ...consistency.parts].map(({ part, residual, expected }) => ({
      part,
      residual,
      expected,
    })),
    curve,
    measuredFraction: 1 / effectiveAcceleration(measured.mask),
    nfe: outcome.nfe,
    seconds: { load: options.loadSeconds ?? 0, calibrate, sample: outcome.seconds },
    warnings: warningsOf(prepared, outcome, consistency, fit),
    baselines,
    simulated,
    ...(measured.spacingMm ? { spacingMm: measured.spacingMm } : {}),
    ...(measured.geometry ? { geometry: measured.geometry } : {}),
    sliceIndices: indices,
    source: { format: scan.format, kind: scan.kind, digest: scan.digest },
    ...(scale === undefined ? {} : { scale }),
  };
}

interface Acquisition {
  measured: KspaceScan;
  /** float32 [slices, y, x]. */
  reference: NdArray<'float32'> | undefined;
  simulated: boolean;
}

function acquire(scan: Scan, options: ReconstructOptions): Acquisition {
  if (scan.kind === 'sinogram')
    throw new EngineError('unsupported', 'reconstruct does not take sinograms yet', {
      hint: 'Use: tangent solve dds --input sinogram=FILE.',
    });
  if (scan.kind === 'image') {
    if (!options.simulate)
      throw new EngineError('bad-usage', 'the input is an image series, which is already reconstructed', {
        hint: 'Add --simulate options, for example --coils 8 --mask uniform1d --accel 4, to simulate its acquisition.',
      });
    const { measured, reference } = simulateKspace(scan, options.simulate, options.seed);
    return { measured, reference: options.reference ?? reference, simulated: true };
  }
  if (options.simulate)
    throw new EngineError('bad-usage', 'the input is measured k-space, which needs no simulation', {
      hint: 'Leave the simulation options out.',
    });
  const reference = options.reference ?? scan.reference;
  const [count, , ky, kx] = scan.kspace.shape;
  const expected = [count, ...(scan.imageSize ?? [ky, kx])];
  if (reference && reference.shape.join() !== expected.join())
    throw new EngineError('mismatch', `the reference is [${reference.shape}], the image will be [${expected}]`, {
      path: '--reference',
    });
  return { measured: scan, reference, simulated: false };
}

async function runMethod(
  id: string,
  slices: readonly MriSlice[],
  options: ReconstructOptions,
  indices: readonly number[],
  context: RunContext,
): Promise<MethodOutcome> {
  const started = performance.now();
  if (id === 'dds') return dds(slices, options, indices, context, started);
  const method = mriMethod(id);
  const parameters = parseParameters(method, {
    ...(options.cg !== undefined && id === 'cg-sense' ? { iterations: options.cg } : {}),
    ...(id === 'l1-wavelet' ? { seed: options.seed } : {}),
    ...options.parameters,
  });
  const images: NdArray<'complex64'>[] = [];
  for (const [z, slice] of slices.entries()) {
    await checkpoint(context);
    images.push(await method.run(slice, parameters, subContext(context, z / slices.length, (z + 1) / slices.length)));
  }
  return {
    title: method.title,
    image: stack(images),
    parameters: parameters as Readonly<Record<string, JsonValue>>,
    seconds: (performance.now() - started) / 1000,
    nfe: 0,
    extras: {},
  };
}

async function dds(
  slices: readonly MriSlice[],
  options: ReconstructOptions,
  indices: readonly number[],
  context: RunContext,
  started: number,
): Promise<MethodOutcome> {
  const name = options.prior ?? defaultMriPrior;
  const { manifest, folder } = await loadManifest(name);
  // Read before the sampling, so that a damaged file does not cost a finished run.
  const fitFile = await readFitFile(manifest, folder);
  const prior = await loadPrior(name, { threads: context.threads, device: context.device });
  try {
    const run = await runDds(slices, prior, ddsInput(options), indices, context);
    const { explicit: _, fromPreset: __, ...parameters } = run.parameters;
    return {
      title: 'Decomposed Diffusion Sampler (DDS)',
      image: run.image,
      parameters: { ...parameters, priorVar: run.result.priorVariance, sigmaY: run.result.sigmaY },
      seconds: (performance.now() - started) / 1000,
      nfe: run.result.nfe,
      extras: {
        prior: { name: prior.name, hash: prior.hash },
        ...(run.std ? { std: run.std } : {}),
        curve: run.curve,
        scale: run.result.scale,
        warnings: [...run.warnings, ...priorWarnings(manifest, run.image.shape, 'mri')],
        ...(fitFile ? { fitFile } : {}),
        ...(run.parameters.noiseRule === 'none' ? {} : { noisePower: noisePower(run.result.residual) }),
      },
    };
  } finally {
    await prior.dispose();
  }
}

/** The named options as sampler parameters; `parameters` wins. */
function ddsInput({
  steps,
  eta,
  cg,
  gamma,
  samples,
  batch,
  seed,
  previewEvery,
  parameters,
}: ReconstructOptions): DdsInput {
  const named = { steps, eta, cgIters: cg, gamma, samples, batch, previewEvery };
  const given = Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
  return { ...given, seed, ...parameters } as DdsInput;
}

async function baseline(
  id: string,
  outcome: MethodOutcome,
  slices: readonly MriSlice[],
  reference: NdArray<'float32'> | undefined,
  context: RunContext,
): Promise<BaselineResult> {
  const { all } = await explainData(slices, outcome.image, context);
  const image = magnitudeOf(outcome.image);
  return {
    id,
    title: outcome.title,
    image,
    imageComplex: outcome.image,
    ...(reference ? { metrics: qualityMetrics(image, reference) } : {}),
    residual: { relative: all.residual, expected: all.expected },
    nfe: outcome.nfe,
    seconds: outcome.seconds,
    parameters: outcome.parameters,
  };
}

/** The prior's variance in the units of the data. */
function priorVarianceOf({ parameters, extras }: MethodOutcome): number {
  return Number(parameters.priorVar) * (extras.scale ?? 1) ** 2;
}

function warningsOf(
  prepared: PreparedMri,
  outcome: MethodOutcome,
  consistency: { verdict: string; message: string },
  fit: ResultFit | undefined,
): ResultWarning[] {
  const unique = new Map<string, ResultWarning>();
  const add = (warning: ResultWarning) => unique.set(`${warning.code} ${warning.message}`, warning);
  for (const warning of prepared.warnings) add(warning);
  for (const slice of prepared.slices) for (const warning of mriDataWarnings(slice)) add(warning);
  for (const warning of outcome.extras.warnings ?? []) add(warning);
  for (const warning of fit ? fitWarnings(fit) : []) add(warning);
  if (consistency.verdict === 'contradicts' || consistency.verdict === 'overfits')
    add({ code: `data-${consistency.verdict}`, message: `${consistency.message}.` });
  return [...unique.values()];
}

function magnitudeOf(image: NdArray<'complex64'>): NdArray<'float32'> {
  const out = new Float32Array(image.data.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = Math.hypot(image.data[2 * i], image.data[2 * i + 1]);
  return ndarray('float32', image.shape, out);
}
