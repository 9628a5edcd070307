/** What a scan is, from its content. No patient text. */
import { z } from 'zod';
import { EngineError } from '../../../engine/errors.ts';
import type { KspaceScan, Scan, SliceGeometry } from '../../../engine/io/scan.ts';
import { job } from '../job.ts';
import { inputName, inputPaths, openInput } from '../open-input.ts';

const output = z.object({
  format: z.string(),
  kind: z.enum(['kspace', 'sinogram', 'image']),
  modality: z.string(),
  /** [y, x] of the image; null when the file does not say. */
  matrix: z.array(z.number()).nullable(),
  /** Null where a cone beam's file leaves them open. */
  slices: z.number().nullable(),
  coils: z.number().nullable(),
  /** Stored array, as it lies in memory. */
  shape: z.array(z.number()),
  dtype: z.string(),
  spacing_mm: z.array(z.number()).nullable(),
  /** Axial, coronal, sagittal or oblique; null when the file does not say. */
  orientation: z.string().nullable(),
  mask: z
    .object({
      kind: z.enum(['full', 'columns', 'rows', 'points']),
      measured_fraction: z.number(),
      /** Fully sampled columns (or rows) around the centre; null for point masks. */
      acs_lines: z.number().nullable(),
    })
    .nullable(),
  /** 1 / measured fraction; null for images and empty masks. */
  acceleration: z.number().nullable(),
  maps: z.boolean(),
  calibration: z.boolean(),
  noise_scan: z.boolean(),
  reference: z.boolean(),
  angles: z.object({ count: z.number(), first_deg: z.number(), last_deg: z.number() }).nullable(),
  /** Where X-rays run; null for anything but sinograms, and inside where the file does not say. */
  beam: z
    .object({
      kind: z.enum(['parallel', 'fan', 'cone']),
      curved: z.boolean(),
      detectors: z.number(),
      rows: z.number().nullable(),
      detector_centre: z.number().nullable(),
      water_per_mm: z.number().nullable(),
    })
    .nullable(),
  outer_axes: z.array(z.object({ name: z.string(), size: z.number() })),
  digest: z.string(),
  notes: z.array(z.string()),
});
export type ScanInfo = z.output<typeof output>;

/** Plane whose normal is within 20° of a patient axis. */
function orientation(geometry: SliceGeometry | undefined): string | null {
  if (geometry === undefined) return null;
  const [a, b] = [geometry.rowCosines, geometry.columnCosines];
  const normal = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]].map(Math.abs);
  const largest = Math.max(...normal);
  if (largest < Math.cos((20 * Math.PI) / 180)) return 'oblique';
  return ['sagittal', 'coronal', 'axial'][normal.indexOf(largest)];
}

/** Length of the run of ones that contains the centre. */
function centralRun(sampled: readonly boolean[]): number {
  const centre = Math.floor(sampled.length / 2);
  if (!sampled[centre]) return 0;
  let from = centre;
  let to = centre;
  while (from > 0 && sampled[from - 1]) from--;
  while (to < sampled.length - 1 && sampled[to + 1]) to++;
  return to - from + 1;
}

function maskInfo(mask: KspaceScan['mask']): NonNullable<ScanInfo['mask']> {
  const [height, width] = mask.shape.slice(-2);
  const plane = mask.data.subarray(0, height * width);
  let sampled = 0;
  for (const value of mask.data) sampled += value === 0 ? 0 : 1;
  const fraction = mask.data.length === 0 ? 0 : sampled / mask.data.length;
  const columns = Array.from({ length: width }, (_, x) => plane[x] !== 0);
  const rows = Array.from({ length: height }, (_, y) => plane[y * width] !== 0);
  const matches = (at: (y: number, x: number) => boolean) =>
    plane.every((value, i) => (value !== 0) === at(Math.floor(i / width), i % width));
  const base = { measured_fraction: fraction };
  if (fraction === 1) return { kind: 'full', ...base, acs_lines: width };
  if (matches((_, x) => columns[x])) return { kind: 'columns', ...base, acs_lines: centralRun(columns) };
  if (matches((y) => rows[y])) return { kind: 'rows', ...base, acs_lines: centralRun(rows) };
  return { kind: 'points', ...base, acs_lines: null };
}

export function describeScan(scan: Scan): ScanInfo {
  const common = {
    format: scan.format,
    kind: scan.kind,
    spacing_mm: scan.spacingMm ?? null,
    orientation: orientation(scan.geometry?.[0]),
    digest: scan.digest,
    notes: scan.notes,
  };
  const none = {
    coils: null,
    mask: null,
    acceleration: null,
    maps: false,
    calibration: false,
    noise_scan: false,
    reference: false,
    angles: null,
    beam: null,
    outer_axes: [],
  };
  if (scan.kind === 'kspace') {
    const [slices, coils, height, width] = scan.kspace.shape;
    const mask = maskInfo(scan.mask);
    return {
      ...common,
      ...none,
      modality: 'MR',
      matrix: scan.imageSize ?? [height, width],
      slices,
      coils,
      shape: [...scan.kspace.shape],
      dtype: scan.kspace.dtype,
      mask,
      acceleration: mask.measured_fraction === 0 ? null : 1 / mask.measured_fraction,
      maps: scan.maps !== undefined,
      calibration: scan.calibration !== undefined,
      noise_scan: scan.noiseCovariance !== undefined,
      reference: scan.reference !== undefined,
      outer_axes: scan.outerAxes ?? [],
    };
  }
  if (scan.kind === 'sinogram') {
    const { anglesDeg: angles, cone, fan } = scan;
    return {
      ...common,
      ...none,
      modality: 'CT',
      matrix: scan.imageSize === undefined ? null : [scan.imageSize, scan.imageSize],
      slices: cone ? (cone.slices ?? null) : scan.sinogram.shape[0],
      shape: [...scan.sinogram.shape],
      dtype: scan.sinogram.dtype,
      angles: { count: angles.length, first_deg: angles[0], last_deg: angles[angles.length - 1] },
      reference: scan.reference !== undefined,
      beam: {
        kind: cone ? 'cone' : fan ? 'fan' : 'parallel',
        curved: fan?.curved ?? false,
        detectors: scan.sinogram.shape[2],
        rows: cone ? scan.sinogram.shape[1] : null,
        detector_centre: scan.detectorCentre ?? null,
        water_per_mm: scan.waterPerMm ?? null,
      },
    };
  }
  const [slices, height, width] = scan.volume.shape;
  return {
    ...common,
    ...none,
    modality: scan.modality,
    matrix: [height, width],
    slices,
    shape: [...scan.volume.shape],
    dtype: scan.volume.dtype,
  };
}

export const info = job({
  input: z.object({ input: inputPaths }),
  output,
  run: async ({ input }, context) => {
    const { scan } = await openInput(input, context);
    const described = describeScan(scan);
    if (described.slices === 0)
      throw new EngineError('bad-input', 'the scan has no slices', { path: inputName(input) });
    return described;
  },
});
