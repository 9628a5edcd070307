/** A reconstruct request on an item: the engine job the command line runs, into the folder of results. */
import { join } from 'node:path';
import { readResult } from '../../../engine/recon/result-folder.ts';
import type { ResultJson } from '../../../engine/recon/result-json.ts';
import type { ReconstructRequest } from '../api/job.ts';
import { removeLeftovers, removeTemporary } from '../remove-temporary.ts';
import type { Library } from '../services.ts';
import { commandRecord, engineSettings } from './command-record.ts';
import { writeItemArray } from './item-array.ts';
import type { RunKind } from './job-run.ts';
import { resultName } from './result-name.ts';

/** Steps between two checkpoints, and between two pictures of the running estimate. */
const checkpointEvery = 5;
const watchEvery = 1;

/** Paths an engine job reads for an item. */
export function itemInput(library: Library, item: string): string | string[] {
  const source = library.source(item);
  return 'path' in source ? source.path : [...source.files];
}

const shown = ({ warnings }: ResultJson) => warnings.map(({ code, message }) => ({ code, message }));

export const runReconstruct: RunKind<ReconstructRequest> = async (request, run) => {
  const input = itemInput(run.library, request.item);
  const reference =
    request.reference === undefined
      ? undefined
      : await writeItemArray(run.library, request.reference, 'image', join(run.scratch, 'reference.npy'));
  const out = join(run.resultsFolder, resultName(run, request.method, request));
  // The host may have ended after the result was written and before that was noted.
  const written = await readResult(out).catch(() => undefined);
  if (written !== undefined)
    return { result: await run.library.addResult(out), resultFolder: out, warnings: shown(written) };
  await removeLeftovers(out);
  const done = await run.engine(
    'reconstruct',
    {
      ...engineSettings(request),
      ...{ input, out, force: false, reference, watchEvery },
      ...(request.method === 'dds' ? { checkpoint: { folder: run.checkpoints, every: checkpointEvery } } : {}),
      command: commandRecord(request),
    },
    { device: request.device, afterKill: removeTemporary(out) },
  );
  return {
    result: await run.library.addResult(done.folder),
    resultFolder: done.folder,
    warnings: shown(done.result),
  };
};
