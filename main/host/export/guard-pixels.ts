/** Refuses to let pixels out that may have a name drawn into them, whatever the format. */
import { EngineError } from '../../../engine/errors.ts';
import { looksLikeDicom, parseDataset } from '../../../engine/io/dicom/dataset.ts';
import { carriedElements } from '../../../engine/io/dicom/elements.ts';
import { findDicomFiles } from '../../../engine/io/dicom/find-files.ts';
import { type PixelReview, reviewPixels } from '../../../engine/io/dicom/review-pixels.ts';
import { readFileBytes } from '../../../engine/io/file-bytes.ts';
import type { ExportJob } from './export-job.ts';
import type { ExportWarning } from './export-labels.ts';
import { pathsOf } from './find-source.ts';

async function seriesReview(paths: readonly string[]): Promise<PixelReview | undefined> {
  const files = await findDicomFiles(paths).catch(() => undefined);
  // Files of one series are of one kind; the first of them speaks for all.
  if (files === undefined || files.files.length === 0) return undefined;
  const bytes = await readFileBytes(files.files[0]);
  return looksLikeDicom(bytes) ? reviewPixels(carriedElements(parseDataset(bytes))) : undefined;
}

const SOURCE_UNKNOWN =
  'the series this result was made from is not open, so nobody can tell whether text is drawn into its pictures';

async function reviewOf(job: ExportJob): Promise<PixelReview | undefined> {
  const { library, item, record } = job;
  if (item.kind === 'series') return seriesReview(pathsOf(library.source(item.id)));
  if (record === undefined) return undefined;
  const source = await job.source();
  if (source !== undefined) return reviewPixels(source.dicom.slices[0].instance.elements);
  const unknown = record.source.kind === 'image' && record.source.format === 'dicom';
  return unknown ? { burnedIn: SOURCE_UNKNOWN, head: undefined } : undefined;
}

/** Throws `untrusted` until `pixelsReviewed`; returns what to know of faces. */
export async function guardPixels(job: ExportJob): Promise<ExportWarning[]> {
  const review = await reviewOf(job);
  if (review?.burnedIn !== undefined && !job.request.pixelsReviewed)
    throw new EngineError('untrusted', `${review.burnedIn}; it would leave with them`, {
      path: 'Pixel Data (7fe0,0010)',
      hint: 'Look at the pictures; if none shows a name, a date or a number of the patient, say so in the export panel.',
    });
  if (review?.head !== true) return [];
  const message = 'These are slices of a head: a face can be computed from them and recognised.';
  return [{ code: 'face-recognisable', message }];
}
