/** What a caller tells about a derived series, and what follows from it for the whole series. */
import type { NdArray } from '../../arrays/ndarray.ts';
import { check } from '../../errors.ts';
import type { SliceGeometry } from '../scan.ts';
import type { DicomSource } from './source.ts';

export interface DerivedDescription {
  /** Method id, for example "dds" or "cg-sense". */
  method: string;
  /** Program version. */
  version: string;
  acceleration?: number;
  /** Views of a CT measurement. */
  views?: number;
  steps?: number;
  gamma?: number;
  seed?: number;
  modelId?: string;
  modelHash?: string;
}

export interface DerivedPart {
  /** Enters the UIDs: "std", "evidence", "zero-filled", … */
  readonly id: string;
  readonly title: 'reconstruction' | 'spread' | 'prior share' | 'difference';
  /** Added to the series number of the reconstruction. */
  readonly seriesOffset: number;
}

export interface DerivedSeriesOptions {
  /** float32 [slices, y, x], rows top to bottom; HU where `unit` says so. */
  volume: NdArray<'float32'>;
  /** Per slice, LPS mm; taken from the source's own text where the grid is unchanged. */
  geometry?: readonly SliceGeometry[];
  /** [dz, dy, dx] mm. */
  spacingMm?: readonly [number, number, number];
  source?: DicomSource;
  modality: 'MR' | 'CT' | 'OT';
  description: DerivedDescription;
  /** Hash over everything that determines the pixels (inputs, parameters, model, version). */
  jobHash: string;
  /** Digest of the measured data: gives results of one scan without DICOM source a common study. */
  inputDigest?: string;
  /** True when reconstructed from measured data, so that no source image exists. */
  kspaceOrigin: boolean;
  /** True when the measurement was computed from images. */
  simulated: boolean;
  /** True when a generative model supplied part of the image. */
  modelGenerated: boolean;
  /** Set when the volume is not a reconstruction itself but made of several. */
  combination?: 'difference' | 'mean';
  /** Which picture of the job this is; absent: the reconstruction itself. Each is a series of its own. */
  part?: DerivedPart;
  /** What the reconstruction warned of; written into the image comments. No patient text. */
  warnings?: readonly { readonly code: string; readonly message: string }[];
  /** Default: HU for CT with a DICOM source, else arbitrary. */
  unit?: 'HU' | 'arbitrary';
  /** Date and time of creation, injected by the caller; written as local time, or in the source's stated offset. */
  timestamp: Date;
}

export type DerivedClass = 'mr' | 'ct' | 'secondary';

export const SOP_CLASS: Record<DerivedClass, string> = {
  mr: '1.2.840.10008.5.1.4.1.1.4',
  ct: '1.2.840.10008.5.1.4.1.1.2',
  secondary: '1.2.840.10008.5.1.4.1.1.7',
};

export function isHounsfield(options: Pick<DerivedSeriesOptions, 'unit' | 'modality' | 'source'>): boolean {
  return (options.unit ?? (options.modality === 'CT' && options.source ? 'HU' : 'arbitrary')) === 'HU';
}

/** [dy, dx] mm of the derived grid, as given, or the source's where only its slice spacing is unknown. */
export function pixelSpacingOf(
  options: Pick<DerivedSeriesOptions, 'volume' | 'spacingMm' | 'source'>,
): readonly [number, number] | undefined {
  if (options.spacingMm) return [options.spacingMm[1], options.spacingMm[2]];
  const [, rows, columns] = options.volume.shape;
  const grid = options.source?.grid;
  return grid?.[0] === rows && grid[1] === columns ? options.source?.pixelSpacing : undefined;
}

/** MR and CT classes require a plane for every slice; anything without one becomes Secondary Capture. */
export function derivedClass(
  options: Pick<DerivedSeriesOptions, 'volume' | 'geometry' | 'spacingMm' | 'source' | 'modality'>,
): DerivedClass {
  if (!options.geometry || !pixelSpacingOf(options) || options.modality === 'OT') return 'secondary';
  return options.modality === 'CT' ? 'ct' : 'mr';
}

/** Throws `mismatch` and `bad-usage` when the options contradict each other. */
export function checkDerivedOptions(options: DerivedSeriesOptions): void {
  const { volume, geometry, spacingMm } = options;
  check(
    volume.shape.length === 3 && volume.shape.every((n) => n > 0),
    () => `volume [${volume.shape}] is not [slices, y, x]`,
    {
      code: 'mismatch',
    },
  );
  const [slices, rows, columns] = volume.shape;
  check(rows < 65536 && columns < 65536, () => `slices of ${rows}×${columns} exceed 65535 pixels a side`, {
    code: 'unsupported',
  });
  check(!geometry || geometry.length === slices, () => `${geometry?.length} slice positions for ${slices} slices`, {
    code: 'mismatch',
    path: 'geometry',
  });
  check(
    !spacingMm || spacingMm.every((mm) => Number.isFinite(mm) && mm > 0),
    () => `spacing [${spacingMm}] is not positive`,
    {
      code: 'mismatch',
      path: 'spacingMm',
    },
  );
  check(!Number.isNaN(options.timestamp.getTime()), () => 'timestamp is not a date', { code: 'bad-usage' });
  check(options.jobHash !== '', () => 'job hash is empty', { code: 'bad-usage', path: 'jobHash' });
}

/**
 * Index of the source slice each derived slice lies on, by position; one to one where nothing has a position and the
 * counts agree; undefined where there is none.
 */
export function matchSlices(
  options: DerivedSeriesOptions,
  positions: readonly (readonly number[] | undefined)[],
): (number | undefined)[] {
  const slices = options.volume.shape[0];
  const byPosition = Array.from({ length: slices }, (_, i) => {
    const wanted = options.geometry?.[i].position;
    if (!wanted) return undefined;
    const found = positions.findIndex((at) => at && Math.hypot(...at.map((mm, k) => mm - wanted[k])) < 1e-3);
    return found < 0 ? undefined : found;
  });
  const unknown = byPosition.every((found) => found === undefined);
  return unknown && positions.length === slices ? byPosition.map((_, i) => i) : byPosition;
}
