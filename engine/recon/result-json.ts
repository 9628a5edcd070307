/** result.json: its schema, and how it is made from a result. Checked when written and when read. No patient text, no paths. */
import { z } from 'zod';
import { EngineError } from '../errors.ts';
import { fitVerdicts, turnNames } from '../prior/fit/assess-fit.ts';
import { type CommandRecord, sortedJson } from './provenance.ts';
import { beamKinds, imageUnits, type ReconstructionResult } from './result.ts';

export const resultSchemaVersion = 1;

const count = z.int().min(0);
const json = z.json();
const triple = z.tuple([z.number(), z.number(), z.number()]);

/** Where the rays of a CT scan ran; lengths in mm, null where unknown. */
const geometry = z.strictObject({
  kind: z.enum(beamKinds),
  views: count,
  measured_views: count,
  arc_deg: z.number(),
  centre: z.number(),
  centre_from: z.enum(['option', 'file', 'data', 'middle']),
  detectors: count,
  pixel_mm: z.number().nullable(),
  source_origin_mm: z.number().nullable(),
  source_detector_mm: z.number().nullable(),
  curved: z.boolean(),
  photons: z.number().nullable(),
  water_per_mm: z.number().nullable(),
});

const residual = z.strictObject({ relative: z.number().min(0), expected: z.number().min(0).nullable() });
const metrics = z.strictObject({ psnr: z.number().nullable(), ssim: z.number(), nmse: z.number() });

const real = z.number().nullable();
const turn = z.enum(turnNames).nullable();
const fit = z.strictObject({
  prior: z.string(),
  message: z.string(),
  score: real,
  percentile: real,
  verdict: z.enum(fitVerdicts),
  slices: count,
  orientation: z.strictObject({ best: turn, probability: real, expected: turn, score: real, percentile: real }),
  parts: z.strictObject({ layout: real, whole: real, noisePower: real, surprise: real }),
});

export const resultJson = z.strictObject({
  schema: z.literal(resultSchemaVersion),
  tangent: z.string(),
  command: z.strictObject({ name: z.string(), options: z.record(z.string(), json) }),
  method: z.string(),
  prior: z.strictObject({ name: z.string(), hash: z.string() }).nullable(),
  device: z.string(),
  threads: count,
  machine: z.strictObject({ platform: z.string(), node: z.string() }),
  modality: z.enum(['MR', 'CT', 'OT']),
  parameters: z.record(z.string(), json),
  seed: count,
  shape: z.array(count),
  slices: z.array(count),
  /** Of image.npy; results of earlier versions have none. */
  unit: z.enum(imageUnits).optional(),
  /** Only of CT. */
  geometry: geometry.optional(),
  spacing_mm: z.tuple([z.number(), z.number(), z.number()]).nullable(),
  /** Hash of the source's frame of reference: equal where positions may be compared. */
  frame_of_reference: z.string().optional(),
  /** Where each slice lies, patient coordinates in mm (LPS); absent when unknown. */
  planes: z.array(z.strictObject({ position: triple, row_cosines: triple, column_cosines: triple })).optional(),
  scale: z.number().nullable(),
  nfe: count,
  seconds: z.strictObject({
    load: z.number(),
    calibrate: z.number(),
    sample: z.number(),
    write: z.number(),
    total: z.number(),
    /** Of each method that was run for comparison. */
    baselines: z.record(z.string(), z.number()).optional(),
  }),
  residual,
  measured_fraction: z.number().min(0).max(1),
  simulated: z.boolean(),
  /** Null for methods without a prior; results of earlier versions have none. */
  fit: fit.nullable().optional(),
  metrics: metrics.optional(),
  calibration: z.array(z.strictObject({ nominal: z.number(), observed: z.number() })).optional(),
  consistency: z.array(z.strictObject({ part: z.string(), residual: z.number(), expected: z.number().nullable() })),
  curve: z.array(
    z.strictObject({
      slice: count,
      step: count,
      t: z.number().nullable(),
      alpha_bar: z.number().nullable(),
      before: z.number().nullable(),
      after: z.number(),
      cg_iterations: z.number().nullable(),
      cg_residual: z.number().nullable(),
    }),
  ),
  baselines: z.record(
    z.string(),
    z.strictObject({
      metrics: metrics.optional(),
      residual: residual.nullable(),
      nfe: count,
      parameters: z.record(z.string(), json),
    }),
  ),
  warnings: z.array(
    z.strictObject({ code: z.string(), message: z.string(), value: z.union([z.number(), z.string()]).nullable() }),
  ),
  files: z.array(z.string()),
  /** sha256 over everything that determines the pixels; results of earlier versions have none. */
  job_hash: z.string().optional(),
  source: z.strictObject({ format: z.string(), kind: z.enum(['kspace', 'sinogram', 'image']), digest: z.string() }),
  notice: z.string(),
});
export type ResultJson = z.output<typeof resultJson>;

export const researchNotice = 'Research use only – not for diagnostic use';

/** A perfect image has an infinite PSNR, which JSON cannot say: null. */
function finiteMetrics(value: NonNullable<ReconstructionResult['metrics']>): ResultJson['metrics'] {
  return { psnr: Number.isFinite(value.psnr) ? value.psnr : null, ssim: value.ssim, nmse: value.nmse };
}

function beamRecord(beam: NonNullable<ReconstructionResult['beam']>): NonNullable<ResultJson['geometry']> {
  const { kind, views, centre, detectors, curved, photons } = beam;
  return {
    kind,
    views,
    measured_views: beam.measuredViews,
    arc_deg: beam.arcDeg,
    centre,
    centre_from: beam.centreFrom,
    detectors,
    pixel_mm: beam.pixelMm,
    source_origin_mm: beam.sourceOriginMm,
    source_detector_mm: beam.sourceDetectorMm,
    curved,
    photons,
    water_per_mm: beam.waterPerMm,
  };
}

function planeRecords(geometry: NonNullable<ReconstructionResult['geometry']>): ResultJson['planes'] {
  return geometry.map(({ position, rowCosines, columnCosines }) => ({
    position: [...position],
    row_cosines: [...rowCosines],
    column_cosines: [...columnCosines],
  }));
}

function check(record: unknown, path: string): ResultJson {
  const parsed = resultJson.safeParse(record);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new EngineError('bad-input', `${issue.path.join('.') || 'the record'}: ${issue.message}`, {
    path,
    hint: 'This is not a result.json that this version can read.',
  });
}

/** Throws `bad-input` naming the field when a number is not finite or a value is out of its range. */
export function makeResultJson(
  result: ReconstructionResult,
  extra: {
    version: string;
    command: CommandRecord;
    files: readonly string[];
    jobHash?: string;
    writeSeconds: number;
    /** Wall clock of the whole job; absent = the sum of its parts. */
    totalSeconds?: number;
    /** Hash of the source's frame of reference. */
    frameOfReference?: string;
  },
): ResultJson {
  const { load, calibrate, sample } = result.seconds;
  const baselineSeconds = Object.fromEntries(result.baselines.map(({ id, seconds }) => [id, seconds]));
  const baselineTotal = result.baselines.reduce((sum, { seconds }) => sum + seconds, 0);
  const record: ResultJson = {
    schema: resultSchemaVersion,
    tangent: extra.version,
    command: { name: extra.command.name, options: sortedJson(extra.command.options) as ResultJson['parameters'] },
    method: result.method,
    prior: result.prior === undefined ? null : { name: result.prior.name, hash: result.prior.hash },
    device: result.device,
    threads: result.threads,
    machine: { platform: `${process.platform} ${process.arch}`, node: process.version },
    modality: result.modality,
    parameters: sortedJson(result.parameters) as ResultJson['parameters'],
    seed: result.seed,
    shape: [...result.image.shape],
    slices: [...result.sliceIndices],
    unit: result.unit ?? 'arbitrary',
    ...(result.beam === undefined ? {} : { geometry: beamRecord(result.beam) }),
    spacing_mm: result.spacingMm === undefined ? null : [...result.spacingMm],
    ...(result.geometry === undefined ? {} : { planes: planeRecords(result.geometry) }),
    ...(extra.frameOfReference === undefined ? {} : { frame_of_reference: extra.frameOfReference }),
    scale: result.scale ?? null,
    nfe: result.nfe,
    seconds: {
      load,
      calibrate,
      sample,
      write: extra.writeSeconds,
      total: extra.totalSeconds ?? load + calibrate + sample + baselineTotal + extra.writeSeconds,
      ...(result.baselines.length === 0 ? {} : { baselines: baselineSeconds }),
    },
    residual: { ...result.residual },
    measured_fraction: result.measuredFraction,
    simulated: result.simulated,
    fit: result.fit === undefined ? null : structuredClone(result.fit),
    ...(result.metrics === undefined ? {} : { metrics: finiteMetrics(result.metrics) }),
    ...(result.calibration === undefined ? {} : { calibration: result.calibration.map((row) => ({ ...row })) }),
    consistency: result.consistency.map((row) => ({ ...row })),
    curve: result.curve.map((row) => ({
      slice: row.slice,
      step: row.step,
      t: row.t,
      alpha_bar: row.alphaBar,
      before: row.before,
      after: row.after,
      cg_iterations: row.cgIterations,
      cg_residual: row.cgResidual,
    })),
    baselines: Object.fromEntries(
      result.baselines.map((baseline) => [
        baseline.id,
        {
          ...(baseline.metrics === undefined ? {} : { metrics: finiteMetrics(baseline.metrics) }),
          residual: baseline.residual ?? null,
          nfe: baseline.nfe,
          parameters: sortedJson(baseline.parameters) as ResultJson['parameters'],
        },
      ]),
    ),
    warnings: result.warnings.map(({ code, message, value }) => ({ code, message, value: value ?? null })),
    files: [...extra.files],
    ...(extra.jobHash === undefined ? {} : { job_hash: extra.jobHash }),
    source: { ...result.source },
    notice: researchNotice,
  };
  return check(record, 'result.json');
}

/** Parses the text of a result.json. Throws `bad-input` naming the field. */
export function readResultJson(text: string, path: string): ResultJson {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new EngineError('bad-input', 'the file is not JSON', { path, cause });
  }
  return check(value, path);
}
