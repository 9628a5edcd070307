/** Volume → derived DICOM series, one single-frame file per slice, read back and compared before it is handed out. */
import { EngineError } from '../../errors.ts';
import type { SliceGeometry } from '../scan.ts';
import { carriedOver } from './carried-over.ts';
import type { SeriesFacts } from './derived-attributes.ts';
import { derivedAttributes } from './derived-attributes.ts';
import type { DerivedClass, DerivedSeriesOptions } from './derived-options.ts';
import { checkDerivedOptions, derivedClass, isHounsfield, matchSlices } from './derived-options.ts';
import { derivedUid } from './derived-uid.ts';
import { encodeDicomFile } from './encode-file.ts';
import type { IntegerScale } from './integer-scale.ts';
import { finiteRange, HOUNSFIELD_SCALE, quantise, robustRange, unsignedScale } from './integer-scale.ts';
import type { DicomElement, DicomSource } from './source.ts';
import { verifySeries } from './verify-series.ts';

export type { DerivedDescription, DerivedPart, DerivedSeriesOptions } from './derived-options.ts';

export interface DerivedFile {
  /** "image-0001.dcm": carries nothing of the patient. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Far enough from the scanner's own numbers, which rarely pass a few hundred. */
const SERIES_NUMBER_STEP = 1000;
const SAME_PLACE_MM = 1e-3;
/** Cosines are normalised on reading; the source's digits differ by less. */
const SAME_DIRECTION = 1e-5;
/** HU. */
const CT_WINDOW_FLOOR = -1024;

/** Digits and separators of an attribute every character set writes alike; undefined when it is absent. */
function asciiOf(elements: readonly DicomElement[] | undefined, tag: number): string | undefined {
  const element = elements?.find((candidate) => candidate.tag === tag);
  return element && String.fromCharCode(...element.value.subarray(0, 128)).replace(/[\0 ]+$/, '');
}

interface Plane {
  position: number[];
  cosines: number[];
}

/** The plane a classic source file states, as numbers. */
function planeOf(source: DicomSource, index: number): Plane | undefined {
  if (source.multiFrame) return undefined;
  const numbers = (tag: number, count: number): number[] | undefined => {
    const parts = asciiOf(source.slices[index].instance.elements, tag)?.split('\\').map(Number);
    return parts?.length === count && parts.every(Number.isFinite) ? parts : undefined;
  };
  const position = numbers(0x00200032, 3);
  const cosines = numbers(0x00200037, 6);
  return position && cosines ? { position, cosines } : undefined;
}

/** Whether a derived slice lies exactly where its source slice does, so that the source's own text can stay. */
function samePlane(own: Plane | undefined, wanted: SliceGeometry | undefined): boolean {
  if (!own || !wanted) return own !== undefined;
  const cosines = [...wanted.rowCosines, ...wanted.columnCosines];
  const moved = Math.hypot(...own.position.map((mm, k) => mm - wanted.position[k]));
  return moved < SAME_PLACE_MM && cosines.every((value, k) => Math.abs(value - own.cosines[k]) < SAME_DIRECTION);
}

function sameGrid({ source, volume, spacingMm }: DerivedSeriesOptions): boolean {
  const [, rows, columns] = volume.shape;
  if (source?.grid[0] !== rows || source.grid[1] !== columns) return false;
  const own = source.pixelSpacing;
  return !spacingMm || !own || own.every((mm, k) => Math.abs(mm - spacingMm[k + 1]) < 1e-6 * mm);
}

/** Local time, or the offset the source states for its own times (0008,0201), so that one file has one clock. */
function dateAndTime(timestamp: Date, source: DicomSource | undefined): { date: string; time: string } {
  const stated = asciiOf(source?.slices[0].instance.elements, 0x00080201)?.match(/^([+-])(\d\d)(\d\d)$/);
  const minutes = stated
    ? (stated[1] === '-' ? -1 : 1) * (Number(stated[2]) * 60 + Number(stated[3]))
    : -timestamp.getTimezoneOffset();
  const shifted = new Date(timestamp.getTime() + minutes * 60_000).toISOString();
  return { date: shifted.slice(0, 10).replaceAll('-', ''), time: shifted.slice(11, 19).replaceAll(':', '') };
}

/** Robust range of the series as a LINEAR window (PS3.3 C.11.2.1.2): centre + ½ and width + 1 in displayed units. */
function linearWindow(options: DerivedSeriesOptions, scale: IntegerScale, kind: DerivedClass): SeriesFacts['window'] {
  const { low, high } = robustRange(options.volume.data);
  // MR viewers show stored values; elsewhere the rescale applies. Outside the field of view CT goes below any tissue.
  const show = (value: number): number => (kind === 'mr' ? (value - scale.intercept) / scale.slope : value);
  const bottom = isHounsfield(options) ? Math.min(Math.max(low, CT_WINDOW_FLOOR), high) : low;
  const width = Math.max(show(high) - show(bottom), kind === 'mr' ? 1 : scale.slope);
  return { center: (show(high) + show(bottom)) / 2 + 0.5, width: width + 1 };
}

/** Combined images and maps are series of their own beside the one they come from. */
function seriesOffset({ part, combination }: DerivedSeriesOptions): number {
  return part?.seriesOffset ?? (combination ? 1 : 0);
}

function seriesFacts(options: DerivedSeriesOptions): SeriesFacts {
  const { source, jobHash, volume } = options;
  const kind = derivedClass(options);
  finiteRange(volume.data);
  const scale = isHounsfield(options)
    ? HOUNSFIELD_SCALE
    : unsignedScale(volume.data, kind === 'mr' ? source?.rescale : undefined);
  const origin = source?.seriesUid || options.inputDigest || jobHash;
  const number = Number.parseInt(asciiOf(source?.slices[0].instance.elements, 0x00200011) ?? '0', 10);
  return {
    options,
    kind,
    scale,
    window: linearWindow(options, scale, kind),
    studyUid: source?.studyUid || derivedUid('study', origin),
    seriesUid: derivedUid('series', origin, jobHash, ...(options.part === undefined ? [] : [options.part.id])),
    frameOfReferenceUid:
      kind === 'secondary' ? undefined : source?.frameOfReferenceUid || derivedUid('frame of reference', origin),
    seriesNumber: (Number.isFinite(number) ? number : 0) + SERIES_NUMBER_STEP + seriesOffset(options),
    ...dateAndTime(options.timestamp, source),
  };
}

/** Instance numbers of the matched source slices when all of them have one of their own, else counted from 1. */
function instanceNumbers(
  source: DicomSource | undefined,
  matched: readonly (number | undefined)[],
): (index: number) => number {
  const numbers = matched.map((k) => (k === undefined ? undefined : source?.slices[k].instance.instanceNumber));
  const distinct = new Set(numbers).size === numbers.length && !source?.multiFrame;
  return (index) => (distinct && !numbers.includes(undefined) ? numbers[index] : undefined) ?? index + 1;
}

/**
 * Derived series of a volume: MR or CT Image Storage where every slice has a plane, else Secondary Capture. Patient,
 * study and acquisition attributes of the source are kept as their bytes; series, instance UIDs and dates are new; the
 * images are labelled as research results. UIDs depend on (source series, job hash, slice) only. The files are read
 * back and compared with `verifySeries`.
 * Throws `mismatch` (options contradict each other), `numerical` (a pixel is not finite), `internal` (verification).
 */
export function writeDerivedSeries(options: DerivedSeriesOptions): DerivedFile[] {
  checkDerivedOptions(options);
  const facts = seriesFacts(options);
  const { source, volume, geometry, jobHash } = options;
  const planes = source ? source.slices.map((_, i) => planeOf(source, i)) : [];
  const matched = source
    ? matchSlices(
        options,
        planes.map((plane) => plane?.position),
      )
    : [];
  const numberOf = instanceNumbers(source, matched);
  const grid = sameGrid(options);
  const [slices, rows, columns] = volume.shape;
  const pixels = rows * columns;
  const digits = Math.max(4, String(slices).length);
  const files = Array.from({ length: slices }, (_, index): DerivedFile => {
    const from = matched[index];
    const place = geometry?.[index];
    const keepPlane = grid && from !== undefined && facts.kind !== 'secondary' && samePlane(planes[from], place);
    const bytes = encodeDicomFile(
      derivedAttributes(facts, {
        sopInstanceUid: derivedUid('instance', facts.seriesUid, jobHash, index),
        instanceNumber: numberOf(index),
        stored: quantise(volume.data.subarray(index * pixels, (index + 1) * pixels), facts.scale),
        geometry: place,
        keepPlane,
        carried: source && carriedOver(source, from ?? 0, keepPlane),
      }),
    );
    return { name: `image-${String(index + 1).padStart(digits, '0')}.dcm`, bytes };
  });
  assertFaithful(files, facts);
  return files;
}

function assertFaithful(files: readonly DerivedFile[], { options, scale }: SeriesFacts): void {
  const { maxPixelError, maxGeometryErrorMm } = verifySeries(files, options);
  // Half a step of the scale, and the rounding of float32 at the top of its range.
  const top = Math.abs(scale.slope * 65535) + Math.abs(scale.intercept);
  const allowed = 0.5 * scale.slope + 1e-6 * top;
  if (maxPixelError <= allowed && maxGeometryErrorMm <= 1e-3) return;
  throw new EngineError(
    'internal',
    `written DICOM differs from the volume by ${maxPixelError} (allowed ${allowed}) and ${maxGeometryErrorMm} mm`,
  );
}
