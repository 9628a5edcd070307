/** A sinogram to a result: prepare, reconstruct, explain, compare, and turn attenuation into the unit of the result. */
import { type NdArray, ndarray } from '../arrays/ndarray.ts';
import { checkpoint, type RunContext, subContext } from '../context.ts';
import { EngineError } from '../errors.ts';
import type { SinogramScan } from '../io/scan.ts';
import { ctPriorWarnings } from './ct-prior-warnings.ts';
import { calibrationOf } from './explain.ts';
import { type CtConsistency, ctEvidence, explainCt } from './explain-ct.ts';
import { attenuationOf, hounsfieldOf } from './hounsfield.ts';
import { comparedWith, ddsOutcome, type MethodOutcome, madeBy, priorVarianceOf, runMethods } from './method-outcome.ts';
import { qualityMetrics } from './metrics.ts';
import { carriedOut, ddsInput, withPrior } from './pipeline-dds.ts';
import { type PreparedCt, prepareCt } from './prepare-ct.ts';
import { ctMethod, parseParameters } from './registry.ts';
import type {
  BaselineResult,
  JsonValue,
  ReconstructionResult,
  ReconstructOptions,
  ResultFit,
  ResultWarning,
} from './result.ts';
import { fitWarnings, resultFit } from './result-fit.ts';
import { runDdsCt } from './run-dds-ct.ts';
import { cropToFrame, fractionOfViews, type SquareFrame } from './simulate-ct.ts';

/** The prior for CT when the user names none. */
export const defaultCtPrior = 'ct';

export interface CtInput {
  measured: SinogramScan;
  /** float32 [slices, y, x], 1/mm (1/pixel without spacing), or HU where values below −200 say so. */
  reference: NdArray<'float32'> | undefined;
  /** Where the image of a padded simulation lies. */
  frame?: SquareFrame;
  simulated: boolean;
  /** Of the scan that was opened. */
  source: ReconstructionResult['source'];
}

/** Throws `mismatch`/`bad-input` for inconsistent data, `cancelled`. */
export async function reconstructCt(
  { measured, reference: given, frame, simulated, source }: CtInput,
  options: ReconstructOptions,
  context: RunContext,
): Promise<ReconstructionResult> {
  const started = performance.now();
  const prepared = prepareCt(measured, options.ct ?? {}, options.noise ?? 'auto');
  for (const note of prepared.notes) context.log('info', note);
  const { data } = prepared;
  const shape = [data.slices, data.geometry.size, data.geometry.size];
  const reference = given && referenceAttenuation(given, prepared, shape);
  const calibrate = (performance.now() - started) / 1000;
  const indices = Array.from({ length: data.slices }, (_, z) => (options.firstSlice ?? 0) + z);

  const { outcome, others } = await runMethods(options, context, (id, chosen, own) =>
    runMethod(id, prepared, chosen, indices, own),
  );
  const shown = showing(prepared, frame);
  const baselines: BaselineResult[] = [];
  for (const { id, outcome: other } of others) {
    const { all } = await explainCt(data, other.image, context);
    baselines.push({
      ...comparedWith(id, other, all),
      image: shown(other.image),
      ...(reference ? { metrics: qualityMetrics(attenuation(other.image, prepared), reference) } : {}),
    });
  }

  const consistency = await explainCt(data, outcome.image, context);
  const evidence =
    outcome.nfe > 0
      ? await ctEvidence(data, outcome.image, priorVarianceOf(outcome), subContext(context, 0.85, 1, 'evidence'))
      : undefined;
  const { std, prior } = outcome.extras;
  const fit =
    prior && resultFit(prior.name, outcome.extras.fitFile, outcome.image, measured.geometry, outcome.extras.noisePower);
  const geometry = measured.geometry?.slice(0, data.slices);
  return {
    ...madeBy(outcome, options, context),
    modality: 'CT',
    ...(fit ? { fit } : {}),
    image: shown(outcome.image),
    unit: prepared.unit,
    beam: prepared.beam,
    ...(std ? { std: cropped(deviation(std, prepared), frame) } : {}),
    ...(evidence ? { evidence: cropped(evidence, frame) } : {}),
    ...(reference
      ? {
          reference: cropped(inUnit(reference, prepared), frame),
          metrics: qualityMetrics(attenuation(outcome.image, prepared), reference),
        }
      : {}),
    ...(std && reference ? { calibration: spreadCalibration(outcome.image, std, reference, prepared) } : {}),
    residual: { relative: consistency.all.residual, expected: consistency.all.expected },
    consistency: [consistency.all, ...consistency.viewGroups].map(({ part, residual, expected }) => ({
      part,
      residual,
      expected,
    })),
    measuredFraction: fractionOfViews(data.geometry.anglesDeg.length, data.geometry.size, data.geometry.kind),
    seconds: { load: options.loadSeconds ?? 0, calibrate, sample: outcome.seconds },
    warnings: warningsOf(prepared, outcome, consistency, fit),
    baselines,
    simulated,
    ...(prepared.spacingMm ? { spacingMm: prepared.spacingMm } : {}),
    ...(geometry ? { geometry } : {}),
    sliceIndices: indices,
    source,
  };
}

async function runMethod(
  id: string,
  prepared: PreparedCt,
  options: ReconstructOptions,
  indices: readonly number[],
  context: RunContext,
): Promise<MethodOutcome<'float32'>> {
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  await checkpoint(context);
  const { data, waterPerPixel } = prepared;
  if (id === 'dds') {
    const shape = [data.slices, data.geometry.size, data.geometry.size];
    const water = waterPerPixel === undefined ? {} : { waterPerPixel };
    const { run, extras, manifest } = await withPrior(
      options.prior ?? defaultCtPrior,
      { shape, modality: 'ct' },
      context,
      (prior) => runDdsCt(data, prior, ddsInput(options), { ...water, indices }, context, carriedOut(options)),
    );
    const facts = { pixelMm: prepared.beam.pixelMm ?? undefined, waterKnown: waterPerPixel !== undefined };
    const warnings = [...(extras.warnings ?? []), ...ctPriorWarnings(manifest, facts)];
    return ddsOutcome(run, seconds(), { ...extras, warnings });
  }
  const method = ctMethod(id);
  const named = options.cg !== undefined && id === 'cg' ? { iterations: options.cg } : {};
  const parameters = parseParameters(method, { ...named, ...options.parameters });
  const image = await method.run(data, parameters, context);
  const recorded = parameters as Readonly<Record<string, JsonValue>>;
  return { title: method.title, image, parameters: recorded, seconds: seconds(), nfe: 0, extras: {} };
}

/** Internal values → attenuation in 1/mm or 1/pixel. */
function attenuation(image: NdArray<'float32'>, { pixel }: PreparedCt): NdArray<'float32'> {
  return pixel === 1
    ? image
    : ndarray(
        'float32',
        image.shape,
        image.data.map((value) => value / pixel),
      );
}

/** Attenuation in 1/mm or 1/pixel → the unit of the result. */
function inUnit(image: NdArray<'float32'>, { waterPerPixel, pixel }: PreparedCt): NdArray<'float32'> {
  if (waterPerPixel === undefined) return image;
  return ndarray('float32', image.shape, hounsfieldOf(image.data, waterPerPixel / pixel));
}

/** As of magnitudes (explain.ts), whose spread counts two components: a real image has one. */
function spreadCalibration(
  image: NdArray<'float32'>,
  std: NdArray<'float32'>,
  reference: NdArray<'float32'>,
  prepared: PreparedCt,
) {
  const both = ndarray(
    'float32',
    std.shape,
    std.data.map((value) => (Math.SQRT2 * value) / prepared.pixel),
  );
  return calibrationOf(attenuation(image, prepared), both, reference);
}

/** A standard deviation of internal values in the unit of the result. */
function deviation(std: NdArray<'float32'>, { waterPerPixel, pixel }: PreparedCt): NdArray<'float32'> {
  const factor = waterPerPixel === undefined ? 1 / pixel : 1000 / waterPerPixel;
  return ndarray(
    'float32',
    std.shape,
    std.data.map((value) => value * factor),
  );
}

function cropped(image: NdArray<'float32'>, frame: SquareFrame | undefined): NdArray<'float32'> {
  return frame ? cropToFrame(image, frame) : image;
}

function showing(prepared: PreparedCt, frame: SquareFrame | undefined) {
  return (image: NdArray<'float32'>) => cropped(inUnit(attenuation(image, prepared), prepared), frame);
}

/** Values below it are Hounsfield units: attenuation has none. */
const hounsfieldBelow = -200;

/** The reference as attenuation in 1/mm or 1/pixel. */
function referenceAttenuation(
  reference: NdArray<'float32'>,
  { waterPerPixel, pixel }: PreparedCt,
  shape: readonly number[],
): NdArray<'float32'> {
  if (reference.shape.join() !== shape.join())
    throw new EngineError('mismatch', `the reference is [${reference.shape}], the image will be [${shape}]`, {
      path: '--reference',
    });
  if (!reference.data.some((value) => value < hounsfieldBelow)) return reference;
  if (waterPerPixel === undefined)
    throw new EngineError('mismatch', 'the reference is in HU, but the scan does not state the attenuation of water', {
      path: '--reference',
      hint: 'Give the reference as attenuation in the unit of the image.',
    });
  return ndarray('float32', shape, attenuationOf(reference.data, waterPerPixel / pixel));
}

function warningsOf(
  prepared: PreparedCt,
  outcome: MethodOutcome<'float32'>,
  consistency: CtConsistency,
  fit: ResultFit | undefined,
): ResultWarning[] {
  const warnings = [...prepared.warnings, ...(outcome.extras.warnings ?? []), ...(fit ? fitWarnings(fit) : [])];
  const { verdict, message } = consistency;
  if (verdict === 'contradicts' || verdict === 'overfits')
    warnings.push({ code: `data-${verdict}`, message: `${message[0].toUpperCase()}${message.slice(1)}.` });
  return warnings;
}
