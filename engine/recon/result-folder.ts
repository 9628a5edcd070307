/**
 * The result folder of contract.md: result.json, arrays, pictures, DICOM, NIfTI and the report. It appears under its
 * name only when complete. Equal results give equal bytes, result.json's timings aside. No name of a file, and nothing
 * in result.json or the report, holds patient text; derived DICOM keeps the patient and study of its source.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkpoint, type RunContext } from '../context.ts';
import { writeFolderAtomic } from '../io/atomic-folder.ts';
import { frameHash } from '../io/dicom/frame-hash.ts';
import type { DicomSource } from '../io/dicom/source.ts';
import { writeDerivedSeries } from '../io/dicom/write-series.ts';
import { readFileBytes } from '../io/file-bytes.ts';
import { writeNifti } from '../io/nifti.ts';
import { writeNpy } from '../io/npy.ts';
import { deidentifiedSeries } from './deidentified-series.ts';
import { derivedSeries, factsOfResult } from './derived-series.ts';
import { contactSheet } from './preview-contact-sheet.ts';
import { encodePng } from './preview-png.ts';
import type { CommandRecord } from './provenance.ts';
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
  /** Derived DICOM without identity; its bytes differ from run to run, since substitutes are random. */
  deidentify?: boolean;
}

type Content = Uint8Array | string;

async function* arrays(result: ReconstructionResult): AsyncGenerator<[string, Content]> {
  yield ['image.npy', writeNpy(result.image)];
  if (result.imageComplex !== undefined) yield ['image_complex.npy', writeNpy(result.imageComplex)];
  if (result.std !== undefined) yield ['std.npy', writeNpy(result.std)];
  if (result.evidence !== undefined) yield ['evidence.npy', writeNpy(result.evidence)];
  if (result.maps !== undefined) yield ['maps.npy', writeNpy(result.maps)];
  if (result.reference !== undefined) yield ['reference.npy', writeNpy(result.reference)];
  for (const { id, image } of result.baselines) yield [`compare/${id}.npy`, writeNpy(image)];
}

async function writeFiles(
  folder: string,
  result: ReconstructionResult,
  context: Pick<RunContext, 'signal'>,
  options: WriteOptions,
): Promise<ResultJson> {
  const start = performance.now();
  const files: string[] = [];
  const facts = factsOfResult(result, options.version);
  const put = async (name: string, content: Content) => {
    await checkpoint(context);
    await writeFile(join(folder, name), content);
    files.push(name);
  };
  if (result.baselines.length > 0) await mkdir(join(folder, 'compare'));
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
    const series = derivedSeries(facts, result.image, options.source);
    const written = options.deidentify
      ? await deidentifiedSeries(series, options.version, context.signal)
      : writeDerivedSeries(series);
    for (const { name, bytes } of written) await put(`dicom/${name}`, bytes);
  }
  await put('report.html', renderReport(result, options));
  files.push('result.json');
  const record = makeResultJson(result, {
    version: options.version,
    command: options.command,
    files: files.sort(),
    jobHash: facts.jobHash,
    writeSeconds: (performance.now() - start) / 1000,
    ...(options.source?.frameOfReferenceUid ? { frameOfReference: frameHash(options.source.frameOfReferenceUid) } : {}),
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
