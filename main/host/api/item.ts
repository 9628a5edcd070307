/**
 * What can be looked at: image series, measured scans, results of reconstructions and of solvers. The fields named
 * `patient` and `study` hold patient text for the screen only: never logged, stored or put in a file name.
 */
import { z } from 'zod';

export const itemId = z.string().regex(/^[a-z0-9]{8,64}$/);

/** A file, folder or save target the page may name without knowing its path. */
export const handle = z.string().regex(/^h[a-z0-9]{8,64}$/);

const count = z.int().min(0);
const triple = z.tuple([z.number(), z.number(), z.number()]);

export const itemKind = z.enum(['series', 'scan', 'result', 'solution']);

/** series: images read from files; scan: k-space or a sinogram; result: of `reconstruct`; solution: of `solve`. */
export type ItemKind = z.output<typeof itemKind>;

export const componentRole = z.enum([
  'image',
  'phase',
  'uncertainty',
  'evidence',
  'difference',
  'kspace',
  'map',
  'labels',
]);

/** One stack of slices of an item, [slices, rows, columns]. Its pixels are under /data/pixels (data-routes.ts). */
export const component = z.strictObject({
  /** Part of the URL: "image", "phase", "real", "imaginary", "std", "evidence", "reference", "difference", "zero-filled", … */
  name: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/),
  title: z.string(),
  role: componentRole,
  /** float32: values in `unit`; rgba8: four bytes per pixel. */
  format: z.enum(['float32', 'rgba8']),
  /** "HU", "1/mm", "rad", "arbitrary", …; empty for numbers without one. */
  unit: z.string(),
  shape: z.tuple([count, count, count]),
  /** Bounds of the finite values over all slices; exact, or what the stored bits can hold. Equal for rgba8. */
  range: z.tuple([z.number(), z.number()]),
  /** First window to show, in units of the values, LINEAR_EXACT; null: percentiles 1 to 99 of the slice shown. */
  window: z.strictObject({ centre: z.number(), width: z.number().positive() }).nullable(),
  /** MONOCHROME1: low values bright. */
  inverted: z.boolean(),
  /** Every value is a whole number. */
  integer: z.boolean(),
});
export type Component = z.output<typeof component>;

/** Where a slice lies, patient coordinates in mm (LPS). */
export const slicePlane = z.strictObject({ position: triple, rowCosines: triple, columnCosines: triple });

export const badge = z.enum(['derived', 'simulated', 'incomplete', 'research', 'demo']);

export const patientText = z.strictObject({ name: z.string(), id: z.string(), birthDate: z.string(), sex: z.string() });
export const studyText = z.strictObject({ date: z.string(), description: z.string(), institution: z.string() });

export const itemSummary = z.strictObject({
  id: itemId,
  kind: itemKind,
  /** Items of one study or folder stand together under this key; `groupTitle` is its heading. */
  group: z.string(),
  groupTitle: z.string(),
  title: z.string(),
  /** "MR", "CT", "OT", or the DICOM modality. */
  modality: z.string(),
  slices: count,
  rows: count,
  columns: count,
  bytes: count,
  badges: z.array(badge),
  /** Has a picture under /data/thumbnail. */
  thumbnail: z.boolean(),
  patient: patientText.nullable(),
  study: studyText.nullable(),
  seriesNumber: z.number().nullable(),
  /** Method, solver or format: what a list shows beside the title. */
  origin: z.string(),
  /** ISO 8601, of results. */
  created: z.string().nullable(),
  /** A new revision means new pixels; part of every data URL. */
  revision: count,
  /** Set when the item cannot be shown: why, and what to do. */
  problem: z.string().nullable(),
});
export type ItemSummary = z.output<typeof itemSummary>;

/** A file of a solver's result: table (csv), curve (csv), mesh (obj), graph (json), picture (png), array (npy). */
export const artifactFile = z.strictObject({ name: z.string(), type: z.string(), file: z.string() });

export const itemDescription = itemSummary.extend({
  components: z.array(component),
  /** One per slice, or empty when the file does not say. */
  planes: z.array(slicePlane),
  /** [dz, dy, dx] in mm; a member is null when unknown. */
  spacingMm: z.tuple([z.number().nullable(), z.number().nullable(), z.number().nullable()]),
  frameOfReference: z.string().nullable(),
  thicknessMm: z.number().nullable(),
  transferSyntax: z.string().nullable(),
  /** Output of `tangent info` for scans; null otherwise. */
  scan: z.record(z.string(), z.json()).nullable(),
  /** result.json of results and solutions; null otherwise. */
  result: z.record(z.string(), z.json()).nullable(),
  artifacts: z.array(artifactFile),
  /** Names that /data/file serves, for example "report.html". */
  files: z.array(z.string()),
  /** What the reader remarked, without patient text. */
  notes: z.array(z.string()),
});
export type ItemDescription = z.output<typeof itemDescription>;

export interface TagNode {
  /** "(0010,0010)". */
  tag: string;
  vr: string;
  /** Keyword of the dictionary; empty for private and unknown ones. */
  name: string;
  /** Text of the value, cut at 1000 characters; for bytes their number. */
  value: string;
  private: boolean;
  items: TagNode[][];
}

export const tagNode: z.ZodType<TagNode> = z.lazy(() =>
  z.strictObject({
    tag: z.string(),
    vr: z.string(),
    name: z.string(),
    value: z.string(),
    private: z.boolean(),
    items: z.array(z.array(tagNode)),
  }),
);
