/** The running estimate of a cancelled job, kept because the user asked for it. */
import { join } from 'node:path';
import { ndarray } from '../../../engine/arrays/ndarray.ts';
import { writeFileAtomic } from '../../../engine/io/atomic-file.ts';
import { writeNpy } from '../../../engine/io/npy.ts';
import type { JobEntry } from './job-entry.ts';
import type { JobSurroundings } from './job-run.ts';
import { resultName } from './result-name.ts';

/** Name of the file below the results, float32 magnitude [slices, rows, columns]; null when there was no estimate yet. */
export async function keepPartial(
  entry: JobEntry,
  { resultsFolder, library }: JobSurroundings,
): Promise<string | null> {
  if (entry.preview?.volume === undefined) return null;
  const { data, shape } = entry.preview.volume;
  const name = `${resultName(entry.record, entry.request.kind === 'reconstruct' ? entry.request.method : 'estimate', entry.request)}-unfinished.npy`;
  const file = join(resultsFolder, name);
  await writeFileAtomic(file, writeNpy(ndarray('float32', [...shape], data)), { force: true });
  library.open([file]);
  return name;
}
