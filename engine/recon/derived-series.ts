/** What derived DICOM says of a reconstruction, from the result itself or from the result.json it left behind. */
import { createHash } from 'node:crypto';
import type { NdArray } from '../arrays/ndarray.ts';
import type { DicomSource } from '../io/dicom/source.ts';
import type { DerivedPart, DerivedSeriesOptions } from '../io/dicom/write-series.ts';
import type { SliceGeometry } from '../io/scan.ts';
import { sortedJson } from './provenance.ts';
import type { JsonValue, ReconstructionResult, ResultWarning } from './result.ts';
import type { ResultJson } from './result-json.ts';

export interface DerivedFacts {
  readonly version: string;
  readonly method: string;
  readonly seed: number;
  readonly prior: { readonly name: string; readonly hash: string } | undefined;
  readonly parameters: Readonly<Record<string, JsonValue>>;
  readonly modality: 'MR' | 'CT' | 'OT';
  readonly spacingMm: readonly [number, number, number] | undefined;
  readonly geometry: readonly SliceGeometry[] | undefined;
  readonly measuredFraction: number;
  /** Of CT. */
  readonly views: number | undefined;
  readonly simulated: boolean;
  readonly hounsfield: boolean;
  readonly source: { readonly kind: 'kspace' | 'sinogram' | 'image'; readonly digest: string };
  /** The image is a mean of samples. */
  readonly mean: boolean;
  readonly warnings: readonly ResultWarning[];
  readonly jobHash: string;
}

/** sha256 over everything that determines the pixels. */
export function jobHash(result: ReconstructionResult, version: string): string {
  const { source, method, prior, parameters, seed, device, sliceIndices, beam } = result;
  const facts = {
    ...{ version, method, seed, device, parameters, slices: [...sliceIndices], prior: prior?.hash ?? null },
    ...(beam ? { beam: { ...beam } } : {}),
  };
  const text = JSON.stringify(sortedJson({ ...facts, input: source.digest }));
  return createHash('sha256').update(text).digest('hex');
}

export function factsOfResult(result: ReconstructionResult, version: string): DerivedFacts {
  const { method, seed, prior, parameters, modality, spacingMm, geometry, measuredFraction, beam, simulated } = result;
  return {
    ...{ version, method, seed, prior, parameters, modality, spacingMm, geometry, measuredFraction, simulated },
    views: beam?.views,
    hounsfield: result.unit === 'HU',
    source: result.source,
    mean: result.std !== undefined,
    warnings: result.warnings,
    jobHash: jobHash(result, version),
  };
}

/** Results of versions that did not write their job hash get one of everything else they say. */
function recordHash({ seconds: _seconds, files: _files, command: _command, ...record }: ResultJson): string {
  return createHash('sha256').update(JSON.stringify(record)).digest('hex');
}

export function factsOfRecord(record: ResultJson): DerivedFacts {
  return {
    version: record.tangent,
    method: record.method,
    seed: record.seed,
    prior: record.prior ?? undefined,
    parameters: record.parameters as Readonly<Record<string, JsonValue>>,
    modality: record.modality,
    spacingMm: record.spacing_mm ?? undefined,
    geometry: record.planes?.map(({ position, row_cosines, column_cosines }) => ({
      position,
      rowCosines: row_cosines,
      columnCosines: column_cosines,
    })),
    measuredFraction: record.measured_fraction,
    views: record.geometry?.views,
    simulated: record.simulated,
    hounsfield: record.unit === 'HU',
    source: record.source,
    mean: record.files.includes('std.npy'),
    warnings: record.warnings,
    jobHash: record.job_hash ?? recordHash(record),
  };
}

const studyDateTag = 0x00080020;

/**
 * Date and time of the derived series. Equal inputs must give equal files, so it cannot be the clock: it is the
 * source's study date, or the first day of the calendar the files use; SOURCE_DATE_EPOCH (seconds) overrides it.
 */
function seriesDate(source: DicomSource | undefined): Date {
  const epoch = Number(process.env.SOURCE_DATE_EPOCH);
  if (process.env.SOURCE_DATE_EPOCH !== undefined && Number.isFinite(epoch)) return new Date(1000 * epoch);
  const element = source?.slices[0]?.instance.elements.find(({ tag }) => tag === studyDateTag);
  const digits = element === undefined ? '' : new TextDecoder('latin1').decode(element.value).trim();
  const match = /^(\d{4})(\d\d)(\d\d)$/.exec(digits);
  return match === null ? new Date(2000, 0, 1) : new Date(Number(match[1]), Number(match[2]) - 1, Number(match[3]));
}

/**
 * Options of the series of `volume`, float32 [slices, y, x]. `source`: the series the measurement was simulated from,
 * one entry per slice. `part`: a map or a baseline instead of the reconstruction.
 */
export function derivedSeries(
  facts: DerivedFacts,
  volume: NdArray<'float32'>,
  source: DicomSource | undefined,
  part?: DerivedPart,
): DerivedSeriesOptions {
  const { method, version, seed, prior } = facts;
  const own = part === undefined || part.title !== 'reconstruction';
  const parameter = (name: string) => {
    const value = facts.parameters[name];
    return own && typeof value === 'number' ? value : undefined;
  };
  const combination =
    part === undefined ? (facts.mean ? 'mean' : undefined) : part.title === 'difference' ? part.title : undefined;
  return {
    volume,
    ...(facts.geometry === undefined ? {} : { geometry: facts.geometry }),
    ...(facts.spacingMm === undefined ? {} : { spacingMm: facts.spacingMm }),
    ...(source === undefined ? {} : { source }),
    modality: facts.modality,
    description: {
      // A baseline has the method it is named by, and no prior.
      method: own ? method : part.id,
      version,
      ...(facts.views === undefined ? { acceleration: 1 / facts.measuredFraction } : { views: facts.views }),
      steps: parameter('steps'),
      gamma: parameter('gamma'),
      ...(own ? { seed, modelId: prior?.name, modelHash: prior?.hash } : {}),
    },
    jobHash: facts.jobHash,
    inputDigest: facts.source.digest,
    kspaceOrigin: facts.source.kind !== 'image',
    simulated: facts.simulated,
    modelGenerated: own && prior !== undefined,
    unit: facts.hounsfield && (part === undefined || part.title === 'reconstruction') ? 'HU' : 'arbitrary',
    ...(part === undefined ? {} : { part }),
    warnings: facts.warnings,
    ...(combination === undefined ? {} : { combination }),
    timestamp: seriesDate(source),
  };
}
