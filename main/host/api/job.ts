/** Jobs as the page sees them. */
import { z } from 'zod';
import { handle, itemId } from './item.ts';

const count = z.int().min(0);
const json = z.json();

export const jobId = z.string().regex(/^j[a-z0-9]{8,64}$/);

export const jobStates = ['queued', 'running', 'paused', 'cancelling', 'done', 'failed', 'cancelled'] as const;
export const jobState = z.enum(jobStates);
export type JobState = (typeof jobStates)[number];

/** What `reconstruct` is asked for; names as in the reconstruct job (main/host/jobs/reconstruct.ts). */
export const reconstructRequest = z.strictObject({
  kind: z.literal('reconstruct'),
  item: itemId,
  method: z.string().max(64).default('dds'),
  compare: z.array(z.string().max(64)).max(16).default([]),
  prior: z.string().max(200).optional(),
  seed: count.default(0),
  steps: z.int().min(1).max(1000).optional(),
  eta: z.number().min(0).max(1).optional(),
  cg: z.int().min(0).max(10_000).optional(),
  gamma: z.number().min(0).optional(),
  noise: z.union([z.number().min(0), z.literal('auto')]).optional(),
  samples: z.int().min(1).max(1024).optional(),
  slices: z.strictObject({ from: z.int(), to: z.int() }).optional(),
  estimateMaps: z.boolean().default(false),
  /** An item with an image to compare with. */
  reference: itemId.optional(),
  simulate: z
    .strictObject({ coils: z.int(), mask: z.string().max(64), accel: z.number(), acs: z.number(), noise: z.number() })
    .optional(),
  simulateCt: z
    .strictObject({
      angles: z.int(),
      arc: z.number(),
      geometry: z.enum(['parallel', 'fan', 'cone']),
      curved: z.boolean(),
      noise: z.number(),
      photons: z.number().optional(),
    })
    .optional(),
  modality: z.enum(['CT', 'MR']).optional(),
  ct: z
    .strictObject({
      centre: z.union([z.number(), z.literal('auto')]).optional(),
      imageSize: z.int().optional(),
      pixelMm: z.number().optional(),
      views: z.strictObject({ from: z.int(), to: z.int(), step: z.int() }).optional(),
    })
    .optional(),
  formats: z.array(z.enum(['dicom', 'nifti', 'npy', 'png'])).default(['npy', 'png']),
  parameters: z.record(z.string().max(64), json).default({}),
  device: z.enum(['auto', 'cpu', 'webgpu', 'cuda']).default('auto'),
});
export type ReconstructRequest = z.output<typeof reconstructRequest>;

export const solveRequest = z.strictObject({
  kind: z.literal('solve'),
  solver: z.string().max(64),
  /** Input slot → item and the component or artifact of it. */
  inputs: z.record(z.string().max(64), z.strictObject({ item: itemId, part: z.string().max(200) })),
  /** Input slot → a file that is no item: a table, a graph, a mesh. */
  files: z.record(z.string().max(64), handle).default({}),
  /** Input slot of type model → a prior by name. Absent, `dds` takes the one of the modality. */
  priors: z.record(z.string().max(64), z.string().max(200)).default({}),
  /** The experiment of the paper; takes no inputs and no parameters. */
  demo: z.boolean().default(false),
  parameters: z.record(z.string().max(64), json).default({}),
  seed: count.default(0),
});

export const batchRequest = z.strictObject({
  kind: z.literal('batch'),
  folder: handle,
  /** Absent: the results folder of the library. */
  out: handle.optional(),
  watch: z.boolean().default(false),
  concurrency: z.int().min(1).max(64).default(1),
  /** As a reconstruct request, without its item. */
  settings: reconstructRequest.omit({ kind: true, item: true, reference: true, slices: true }).partial().default({}),
});

export const measurementRow = z.strictObject({
  kind: z.enum(['length', 'angle', 'cobb', 'ellipse', 'rectangle', 'circle', 'freehand', 'probe']),
  label: z.string().max(200),
  slice: count,
  component: z.string(),
  /**
   * Pixel coordinates (column, row), the centre of the first pixel at 0. length: its ends; angle: end, corner, end; cobb:
   * two lines; ellipse, rectangle: opposite corners of the box around it; circle: centre and a point on it; freehand: its
   * corners in order; probe: the place.
   */
  points: z.array(z.tuple([z.number(), z.number()])).max(4096),
  /** Name → value with its unit, as shown. */
  values: z.array(z.strictObject({ name: z.string(), value: z.number(), unit: z.string() })),
});
export type MeasurementRow = z.output<typeof measurementRow>;

export const exportFormats = ['dicom', 'dicom-deidentified', 'dicom-sr', 'nifti', 'npy', 'png', 'report'] as const;

export const exportRequest = z.strictObject({
  kind: z.literal('export'),
  item: itemId,
  format: z.enum(exportFormats),
  component: z.string().max(64).default('image'),
  /** png: slice and window drawn. Absent: a contact sheet. */
  picture: z.strictObject({ slice: count, centre: z.number(), width: z.number().positive() }).optional(),
  measurements: z.array(measurementRow).max(10_000).default([]),
  /** De-identification: keep dates shifted by one offset per patient instead of removing them. */
  shiftDates: z.boolean().default(false),
  /** The user has looked at the pixels of a series that may have text burned in, and says there is none. */
  pixelsReviewed: z.boolean().default(false),
  /** Where to save; absent in a browser: offered as downloads. */
  to: handle.optional(),
});

export const priorCheckRequest = z.strictObject({
  kind: z.literal('prior-check'),
  prior: z.string().max(200),
  item: itemId.optional(),
});

export const priorImportRequest = z.strictObject({
  kind: z.literal('prior-import'),
  file: handle,
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/),
  licence: z.string().max(200).default(''),
  source: z.string().max(500).default(''),
});

export const priorTrainRequest = z.strictObject({
  kind: z.literal('prior-train'),
  data: handle,
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/),
  init: z.string().max(64).optional(),
  /** Training configuration; absent members take the defaults of `tangent priors train`. */
  config: z.record(z.string(), json).default({}),
});

export const jobRequest = z.discriminatedUnion('kind', [
  reconstructRequest,
  solveRequest,
  batchRequest,
  exportRequest,
  priorCheckRequest,
  priorImportRequest,
  priorTrainRequest,
]);
export type JobRequest = z.output<typeof jobRequest>;

export const warning = z.strictObject({ code: z.string(), message: z.string() });

export const failure = z.strictObject({
  code: z.string(),
  message: z.string(),
  hint: z.string().nullable(),
  path: z.string().nullable(),
});

/** One scan of a batch. */
export const batchRow = z.strictObject({
  name: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'failed', 'skipped']),
  fraction: z.number(),
  seconds: z.number().nullable(),
  psnr: z.number().nullable(),
  residual: z.number().nullable(),
  warnings: count,
  error: z.string().nullable(),
  result: itemId.nullable(),
});

export const jobRecord = z.strictObject({
  id: jobId,
  kind: z.enum(['reconstruct', 'solve', 'batch', 'export', 'prior-check', 'prior-import', 'prior-train']),
  title: z.string(),
  state: jobState,
  /** ISO 8601. */
  created: z.string(),
  ended: z.string().nullable(),
  fraction: z.number().min(0).max(1),
  stage: z.string(),
  step: z.strictObject({ index: z.number(), count: z.number() }).nullable(),
  elapsedSeconds: z.number(),
  /** Known after three steps. */
  remainingSeconds: z.number().nullable(),
  /** Resident memory of the engine process, bytes. */
  memoryBytes: z.number().nullable(),
  note: z.string().nullable(),
  /** Running estimate under /data/preview/ID/REVISION, float32 [rows, columns]; planes of volumes beside it. */
  preview: z
    .strictObject({
      revision: count,
      rows: count,
      columns: count,
      planes: z.array(z.strictObject({ axis: z.enum(['z', 'y', 'x']), index: count, rows: count, columns: count })),
    })
    .nullable(),
  curves: z.record(z.string(), z.array(z.tuple([z.number(), z.number()]))),
  warnings: z.array(warning),
  /** What came out. */
  result: itemId.nullable(),
  /** Files to fetch from /data/download/KEY. */
  downloads: z.array(z.strictObject({ key: z.string(), name: z.string(), bytes: count })),
  /** Name, without its path, of the folder or file saved. */
  saved: z.string().nullable(),
  error: failure.nullable(),
  rows: z.array(batchRow),
  /** Can go on where it stood. */
  resumable: z.boolean(),
  /** Plain result of prior checks. */
  output: z.json().nullable(),
});
export type JobRecord = z.output<typeof jobRecord>;

export const estimate = z.strictObject({
  seconds: z.number(),
  bytes: z.number(),
  availableBytes: z.number(),
  networkCalls: z.number().nullable(),
  /** How it was found, and refusals with numbers. */
  text: z.string(),
  fits: z.boolean(),
});
