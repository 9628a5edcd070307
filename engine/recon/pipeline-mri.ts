/** k-space to a result: prepare, reconstruct, explain, compare. */
import { type NdArray, ndarray, stack } from '../arrays/ndarray.ts';
import { checkpoint, type RunContext, subContext } from '../context.ts';
import { mriDataWarnings } from '../dds/warnings.ts';
import { EngineError } from '../errors.ts';
import type { KspaceScan } from '../io/scan.ts';
import { effectiveAcceleration } from '../physics/mri/masks.ts';
import type { MriSlice } from '../physics/mri/slice.ts';
import { calibrationOf, evidenceMap, explainData } from './explain.ts';
import { comparedWith, ddsOutcome, type MethodOutcome, madeBy, priorVarianceOf, runMethods } from './method-outcome.ts';
import { qualityMetrics } from './metrics.ts';
import { carriedOut, ddsInput, withPrior } from './pipeline-dds.ts';
import { type PreparedMri, prepareMri } from './prepare-mri.ts';
import { mriMethod, parseParameters } from './registry.ts';
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

/** The prior for MRI when the user names none. */
export const defaultMriPrior = 'brain-mri';

export interface MriInput {
  measured: KspaceScan;
  /** Magnitude, float32 [slices, y, x]. */
  reference: NdArray<'float32'> | undefined;
  simulated: boolean;
  /** Of the scan that was opened. */
  source: ReconstructionResult['source'];
  modality: ReconstructionResult['modality'];
}

/** Reconstructs every slice. Throws `mismatch`/`bad-input` for inconsistent data, `cancelled`. */
export async function reconstructMri(
  { measured, reference, simulated, source, modality }: MriInput,
  options: ReconstructOptions,
  context: RunContext,
): Promise<ReconstructionResult> {
  checkReference(measured, reference);
  const started = performance.now();
  const prepared = await prepareMri(
    measured,
    { noise: options.noise ?? 'auto', ...(options.maps ? { maps: options.maps } : {}) },
    subContext(context, 0, 0.1),
  );
  const calibrate = (performance.now() - started) / 1000;
  const { slices } = prepared;
  const indices = slices.map((_, z) => (options.firstSlice ?? 0) + z);

  const { outcome, others } = await runMethods(options, context, (id, chosen, own) =>
    runMethod(id, slices, chosen, indices, own),
  );
  const baselines: BaselineResult[] = [];
  for (const { id, outcome: other } of others) baselines.push(await baseline(id, other, slices, reference, context));

  const consistency = await explainData(slices, outcome.image, context);
  const evidence =
    outcome.nfe > 0
      ? await evidenceMap(slices, outcome.image, priorVarianceOf(outcome), subContext(context, 0.85, 1, 'evidence'))
      : undefined;
  const image = magnitudeOf(outcome.image);
  const { std, prior } = outcome.extras;
  const fit =
    prior && resultFit(prior.name, outcome.extras.fitFile, image, measured.geometry, outcome.extras.noisePower);
  return {
    ...madeBy(outcome, options, context),
    modality,
    ...(fit ? { fit } : {}),
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
    measuredFraction: 1 / effectiveAcceleration(measured.mask),
    seconds: { load: options.loadSeconds ?? 0, calibrate, sample: outcome.seconds },
    warnings: warningsOf(prepared, outcome, consistency, fit),
    baselines,
    simulated,
    ...(measured.spacingMm ? { spacingMm: measured.spacingMm } : {}),
    ...(measured.geometry ? { geometry: measured.geometry } : {}),
    sliceIndices: indices,
    source,
  };
}

function checkReference(scan: KspaceScan, reference: NdArray<'float32'> | undefined): void {
  const [count, , ky, kx] = scan.kspace.shape;
  const expected = [count, ...(scan.imageSize ?? [ky, kx])];
  if (reference && reference.shape.join() !== expected.join())
    throw new EngineError('mismatch', `the reference is [${reference.shape}], the image will be [${expected}]`, {
      path: '--reference',
    });
}

async function runMethod(
  id: string,
  slices: readonly MriSlice[],
  options: ReconstructOptions,
  indices: readonly number[],
  context: RunContext,
): Promise<MethodOutcome<'complex64'>> {
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
): Promise<MethodOutcome<'complex64'>> {
  const [, height, width] = slices[0].maps.shape;
  const shape = [slices.length, height, width];
  const { run, extras } = await withPrior(
    options.prior ?? defaultMriPrior,
    { shape, modality: 'mri' },
    context,
    (prior) => runDds(slices, prior, ddsInput(options), indices, context, carriedOut(options)),
  );
  return ddsOutcome(run, (performance.now() - started) / 1000, extras);
}

async function baseline(
  id: string,
  outcome: MethodOutcome<'complex64'>,
  slices: readonly MriSlice[],
  reference: NdArray<'float32'> | undefined,
  context: RunContext,
): Promise<BaselineResult> {
  const { all } = await explainData(slices, outcome.image, context);
  const image = magnitudeOf(outcome.image);
  return {
    ...comparedWith(id, outcome, all),
    image,
    imageComplex: outcome.image,
    ...(reference ? { metrics: qualityMetrics(image, reference) } : {}),
  };
}

function warningsOf(
  prepared: PreparedMri,
  outcome: MethodOutcome<'complex64'>,
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
