/**
 * The result folder of contract.md: result.json, arrays, pictures, DICOM, NIfTI and the report. It appears under its
 * name only when complete. Equal results give equal bytes, result.json's timings aside. No name of a file, and nothing
 * in result.json or the report, holds patient text; derived DICOM keeps the patient and study of its source.
 */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkpoint, type RunContext } from '../context.ts';
import { writeFolderAtomic } from '../io/atomic-folder.ts';
import type { DicomSource } from '../io/dicom/source.ts';
import { type DerivedSeriesOptions, writeDerivedSeries } from '../io/dicom/write-series.ts';
import { readFileBytes } from '../io/file-bytes.ts';
import { writeNifti } from '../io/nifti.ts';
import { writeNpy } from '../io/npy.ts';
import { contactSheet } from './preview-contact-sheet.ts';
import { encodePng } from './preview-png.ts';
import { type CommandRecord, sortedJson } from './provenance.ts';
import { renderReport } from './report.ts';
import type { ReconstructionResult } from './result.ts';
import { makeResultJson, type ResultJson, readResultJson } from './result-json.ts';
import { checkTarget } from './result-target.ts';

export const resultFormats = ['dicom', 'nifti', 'npy', 'png'] as const;
export type ResultFormat = (typeof resultFormats)[number];

export interface WriteOptions {
  version: string;
  command: CommandRecord;
  formats: readonly ResultFormat[];
  force: boolean;
  /** performance.now() when the job began, for seconds.total. */
  began?: number;
  /** The series the measurement was simulated from, one entry per slice of the result. */
  source?: DicomSource;
}

/** sha256 over everything that determines the pixels. */
function jobHash(result: ReconstructionResult, version: string): string {
  const { source, method, prior, parameters, seed, device, sliceIndices, beam } = result;
  const facts = {
    ...{ version, method, seed, device, parameters, slices: [...sliceIndices], prior: prior?.hash ?? null },
    ...(beam ? { beam: { ...beam } } : {}),
  };
  const text = JSON.stringify(sortedJson({ ...facts, input: source.digest }));
  return createHash('sha256').update(text).digest('hex');
}

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

const studyDateTag = 0x00080020;

function derivedSeries(result: ReconstructionResult, options: WriteOptions): DerivedSeriesOptions {
  const number = (name: string) => {
    const value = result.parameters[name];
    return typeof value === 'number' ? value : undefined;
  };
  return {
    volume: result.image,
    geometry: result.geometry,
    spacingMm: result.spacingMm,
    source: options.source,
    modality: result.modality,
    description: {
      method: result.method,
      version: options.version,
      ...(result.beam ? { views: result.beam.views } : { acceleration: 1 / result.measuredFraction }),
      steps: number('steps'),
      gamma: number('gamma'),
      seed: result.seed,
      modelId: result.prior?.name,
      modelHash: result.prior?.hash,
    },
    jobHash: jobHash(result, options.version),
    inputDigest: result.source.digest,
    kspaceOrigin: result.source.kind !== 'image',
    simulated: result.simulated,
    modelGenerated: result.prior !== undefined,
    unit: result.unit === 'HU' ? 'HU' : 'arbitrary',
    ...(result.std === undefined ? {} : { combination: 'mean' as const }),
    timestamp: seriesDate(options.source),
  };
}

type Content = Uint8Array | string;

async function* arrays(result: ReconstructionResult): AsyncGenerator<[string, Content]> {
  yield ['image.npy', writeNpy(result.image)];
  if (result.imageComplex !== undefined) yield ['image_complex.npy', writeNpy(result.imageComplex)];
  if (result.std !== undefined) yield ['std.npy', writeNpy(result.std)];
  if (result.evidence !== undefined) yield ['evidence.npy', writeNpy(result.evidence)];
  if (result.maps !== undefined) yield ['maps.npy', writeNpy(result.maps)];
}

async function writeFiles(
  folder: string,
  result: ReconstructionResult,
  context: Pick<RunContext, 'signal'>,
  options: WriteOptions,
): Promise<ResultJson> {
  const start = performance.now();
  const files: string[] = [];
  const put = async (name: string, content: Content) => {
    await checkpoint(context);
    await writeFile(join(folder, name), content);
    files.push(name);
  };
  for await (const [name, content] of arrays(result)) await put(name, content);
  if (options.formats.includes('png')) await put('preview.png', encodePng(contactSheet(result.image)));
  if (options.formats.includes('nifti')) {
    const { image, spacingMm, geometry } = result;
    const place = {
      ...(spacingMm === undefined ? {} : { spacingMm: [...spacingMm] as [number, number, number] }),
      ...(geometry === undefined ? {} : { geometry: [...geometry] }),
    };
    await put('volume.nii.gz', writeNifti({ volume: image, ...place }, { gzip: true }));
  }
  if (options.formats.includes('dicom')) {
    await mkdir(join(folder, 'dicom'));
    for (const { name, bytes } of writeDerivedSeries(derivedSeries(result, options))) await put(`dicom/${name}`, bytes);
  }
  await put('report.html', renderReport(result, options));
  files.push('result.json');
  const record = makeResultJson(result, {
    version: options.version,
    command: options.command,
    files: files.sort(),
    writeSeconds: (performance.now() - start) / 1000,
    ...(options.began === undefined ? {} : { totalSeconds: (performance.now() - options.began) / 1000 }),
  });
  await writeFile(join(folder, 'result.json'), `${JSON.stringify(record, null, 2)}\n`);
  return record;
}

/** Writes the folder and returns what stands in its result.json. */
export async function writeResultFolder(
  target: string,
  result: ReconstructionResult,
  context: Pick<RunContext, 'signal' | 'progress'>,
  options: WriteOptions,
): Promise<ResultJson> {
  await checkTarget(target, options.force);
  context.progress({ fraction: 0.99, stage: 'write' });
  // What is there now is an empty folder or a result that may be replaced.
  const atomic = { force: true, signal: context.signal };
  return writeFolderAtomic(target, atomic, (folder) => writeFiles(folder, result, context, options));
}

/** result.json of a result folder. Throws `not-found` or `bad-input`. */
export async function readResult(folder: string): Promise<ResultJson> {
  const path = join(folder, 'result.json');
  return readResultJson(new TextDecoder().decode(await readFileBytes(path, 2 ** 26)), path);
}
