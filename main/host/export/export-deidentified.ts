/** A series or a result as DICOM without identity. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EngineError } from '../../../engine/errors.ts';
import { type DeIdentifyOptions, deIdentify } from '../../../engine/io/dicom/de-identify.ts';
import { deIdentifyFolder } from '../../../engine/io/dicom/de-identify-folder.ts';
import { findDicomFiles } from '../../../engine/io/dicom/find-files.ts';
import { derivedFiles } from './derived-files.ts';
import { type Exported, type ExportJob, requireResult } from './export-job.ts';
import { pathsOf } from './find-source.ts';
import { freeName } from './free-name.ts';
import { guardPixels } from './guard-pixels.ts';

function optionsOf(job: ExportJob, from: number, to: number): DeIdentifyOptions {
  const { shiftDates, pixelsReviewed } = job.request;
  return {
    version: job.version,
    shiftDates,
    pixelsReviewed,
    signal: job.signal,
    progress: (fraction) => job.progress(from + (to - from) * fraction, 'de-identifying'),
  };
}

async function ofSeries(job: ExportJob, target: string): Promise<Exported> {
  const paths = pathsOf(job.library.source(job.item.id));
  await findDicomFiles(paths).catch((cause) => {
    throw new EngineError('unsupported', 'this series is not DICOM, so it has no identity to remove', {
      hint: 'Export NIfTI or NumPy.',
      cause,
    });
  });
  const { names, warnings } = await deIdentifyFolder(paths, join(job.folder, target), optionsOf(job, 0, 1));
  return { files: names.map((name) => `${target}/${name}`), warnings };
}

async function ofResult(job: ExportJob, target: string): Promise<Exported> {
  const record = requireResult(job, 'Choose an image series or a result.');
  // What was drawn into the source can be drawn in what was made from it.
  await guardPixels(job);
  const derived = await derivedFiles(job, record, false);
  // Derived files were written here and carry no drawn text of their own.
  const options = { ...optionsOf(job, 0.5, 1), pixelsReviewed: true };
  const inputs = derived.files.map(
    ({ bytes }) =>
      async () =>
        bytes,
  );
  const files: string[] = [];
  const { warnings } = await deIdentify(inputs, options, async ({ name, bytes }) => {
    const file = `${target}/${name}`;
    await mkdir(dirname(join(job.folder, file)), { recursive: true });
    await writeFile(join(job.folder, file), bytes);
    files.push(file);
  });
  const own = warnings.filter(({ code }) => code !== 'pixels-reviewed-by-user' || job.request.pixelsReviewed);
  return { files, warnings: [...derived.warnings.filter(({ code }) => code !== 'source-not-open'), ...own] };
}

/** Writes "deidentified-COMPONENT/image-0001.dcm", … Throws `untrusted` until pictures with drawn text were looked at. */
export async function exportDeidentified(job: ExportJob): Promise<Exported> {
  const { item, folder, request } = job;
  const series = item.kind === 'series';
  const target = await freeName(folder, series ? 'deidentified' : `deidentified-${request.component}`);
  return series ? ofSeries(job, target) : ofResult(job, target);
}
