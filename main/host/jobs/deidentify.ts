/** DICOM files without identity. */
import { z } from 'zod';
import { deIdentifyFolder } from '../../../engine/io/dicom/de-identify-folder.ts';
import { programVersion } from '../../program-version.ts';
import { job } from '../job.ts';

const input = z.object({
  inputs: z.array(z.string()).min(1),
  out: z.string(),
  force: z.boolean(),
  shiftDates: z.boolean(),
  pixelsReviewed: z.boolean(),
});

const output = z.object({
  folder: z.string(),
  /** Images written. */
  files: z.int(),
  /** DICOM objects that are no images, and files that are not DICOM. */
  left_out: z.int(),
  warnings: z.array(z.object({ code: z.string(), message: z.string() })),
});

export const deidentify = job({
  input,
  output,
  run: async ({ inputs, out, force, shiftDates, pixelsReviewed }, { signal, progress }) => {
    const done = await deIdentifyFolder(inputs, out, {
      version: programVersion(),
      force,
      shiftDates,
      pixelsReviewed,
      signal,
      progress: (fraction) => progress({ fraction, stage: 'de-identify' }),
    });
    return { folder: out, files: done.files, left_out: done.skipped + done.notDicom, warnings: done.warnings };
  },
});
