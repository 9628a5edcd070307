/** A result as a derived DICOM series in the study of its source. */
import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../../../engine/errors.ts';
import { derivedFiles } from './derived-files.ts';
import { type Exported, type ExportJob, requireResult, stopIfAborted } from './export-job.ts';
import { freeName } from './free-name.ts';

/** The series written with the result (`--format dicom`), when there is one: it knows patient and study. */
async function writtenSeries({ library, item, request }: ExportJob): Promise<string[]> {
  if (request.component !== 'image') return [];
  const folder = join(library.folderOf(item.id), 'dicom');
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => /^image-\d+\.dcm$/.test(name)).sort();
}

async function copySeries(job: ExportJob, names: readonly string[], target: string): Promise<void> {
  const from = join(job.library.folderOf(job.item.id), 'dicom');
  for (const [index, name] of names.entries()) {
    stopIfAborted(job.signal);
    await copyFile(join(from, name), join(job.folder, target, name));
    job.progress((index + 1) / names.length, 'copying the series');
  }
}

/**
 * Writes "dicom-COMPONENT/image-0001.dcm", … Throws `unsupported` for items that are no results, and `not-found` when
 * patient and study cannot be had.
 */
export async function exportDicom(job: ExportJob): Promise<Exported> {
  const record = requireResult(
    job,
    job.item.transferSyntax === null
      ? 'Reconstruct the scan first, or export NIfTI.'
      : 'This series is DICOM already: use its own files, or export it de-identified.',
  );
  const target = await freeName(job.folder, `dicom-${job.request.component}`);
  const written = await writtenSeries(job);
  try {
    const { files, warnings } = await derivedFiles(job, record, true);
    await mkdir(join(job.folder, target));
    for (const [index, { name, bytes }] of files.entries()) {
      stopIfAborted(job.signal);
      await writeFile(join(job.folder, target, name), bytes);
      job.progress(0.6 + (0.4 * (index + 1)) / files.length, 'writing files');
    }
    return { files: files.map(({ name }) => `${target}/${name}`), warnings };
  } catch (thrown) {
    const missing = thrown instanceof EngineError && thrown.code === 'not-found' && written.length > 0;
    if (!missing) throw thrown;
    await mkdir(join(job.folder, target));
    await copySeries(job, written, target);
    return { files: written.map((name) => `${target}/${name}`), warnings: [] };
  }
}
