/** The report of a result: one page that opens in any browser, with its warnings. */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../../../engine/errors.ts';
import { type Exported, type ExportJob, requireResult } from './export-job.ts';
import { freeName } from './free-name.ts';

export async function exportReport(job: ExportJob): Promise<Exported> {
  requireResult(job, 'Reconstruct the scan first.');
  const name = await freeName(job.folder, 'report', '.html');
  try {
    await copyFile(join(job.library.folderOf(job.item.id), 'report.html'), join(job.folder, name));
  } catch (cause) {
    throw new EngineError('not-found', 'the result has no report', { hint: 'Run the reconstruction again.', cause });
  }
  return { files: [name], warnings: [] };
}
