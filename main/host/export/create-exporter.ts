/** Exports of the workstation: every format with its labels and warnings, and no patient text in a file name. */
import { mkdir } from 'node:fs/promises';
import { EngineError } from '../../../engine/errors.ts';
import { programVersion } from '../../program-version.ts';
import type { Exporter, Library } from '../services.ts';
import { exportNifti, exportNpy } from './export-arrays.ts';
import { exportDeidentified } from './export-deidentified.ts';
import { exportDicom } from './export-dicom.ts';
import { type Exported, type ExportJob, type ExportRequest, recordOf } from './export-job.ts';
import { exportMeasurements } from './export-measurements.ts';
import { exportPicture } from './export-picture.ts';
import { exportReport } from './export-report.ts';
import { findSource } from './find-source.ts';
import { packed } from './packed.ts';

export interface ExporterOptions {
  library: Library;
  /** Written into the files; default this program's. */
  version?: string;
}

const WRITERS: Readonly<Record<ExportRequest['format'], (job: ExportJob) => Promise<Exported>>> = {
  dicom: exportDicom,
  'dicom-deidentified': exportDeidentified,
  'dicom-sr': exportMeasurements,
  nifti: exportNifti,
  npy: exportNpy,
  png: exportPicture,
  report: exportReport,
};

/** More files than this are packed into one archive where they would be fetched one by one. */
const MOST_DOWNLOADS = 3;

/**
 * Writes into `folder` under names that are free. Warnings of the result come first, then those of the export. Without
 * `request.to` (downloads) many files become one zip. Throws EngineErrors: `unsupported` (this item in this format),
 * `not-found`, `untrusted` (pixels nobody has looked at), `cancelled`.
 */
export function createExporter({ library, version = programVersion() }: ExporterOptions): Exporter {
  return {
    run: async (request, folder, signal, progress) => {
      progress(0, 'looking at the item');
      const item = await library.describe(request.item);
      if (item.problem !== null)
        throw new EngineError('bad-input', `the item cannot be read: ${item.problem}`, { hint: 'Open it again.' });
      await mkdir(folder, { recursive: true });
      const record = recordOf(item);
      let found: ReturnType<ExportJob['source']> | undefined;
      const source = () => {
        found ??= record === undefined ? Promise.resolve(undefined) : findSource(library, record, signal);
        return found;
      };
      const job: ExportJob = { library, request, item, record, folder, version, signal, progress, source };
      const exported = await WRITERS[request.format](job);
      const warnings = [
        ...(record?.warnings ?? []).map(({ code, message }) => ({ code, message })),
        ...exported.warnings,
      ];
      const many = request.to === undefined && exported.files.length > MOST_DOWNLOADS;
      const files = many
        ? [await packed(folder, exported.files, `${request.format}-${request.component}`, signal)]
        : exported.files;
      progress(1, 'done');
      return { files, warnings };
    },
  };
}
