/** A solver on parts of items: arrays as .npy, files of results as they are, measured scans as opened. */
import { join } from 'node:path';
import type { z } from 'zod';
import { EngineError } from '../../../engine/errors.ts';
import type { solveRequest } from '../api/job.ts';
import { removeLeftovers, removeTemporary } from '../remove-temporary.ts';
import { settingTexts } from './command-record.ts';
import { writeItemArray } from './item-array.ts';
import type { JobRun, RunKind } from './job-run.ts';
import { resultName } from './result-name.ts';
import { itemInput } from './run-reconstruct.ts';

type SolveRequest = z.output<typeof solveRequest>;

/** Where the solver reads one input. */
async function inputFile(slot: string, { item, part }: { item: string; part: string }, run: JobRun): Promise<string> {
  const { kind, files, artifacts, components } = await run.library.describe(item);
  const file = artifacts.find(({ name }) => name === part)?.file ?? files.find((name) => name === part);
  if ((kind === 'result' || kind === 'solution') && file !== undefined) return join(run.library.folderOf(item), file);
  const measured = kind === 'scan' && (part === '' || components.find(({ name }) => name === part)?.role === 'kspace');
  if (measured) {
    const input = itemInput(run.library, item);
    if (typeof input === 'string') return input;
    throw new EngineError('unsupported', 'a solver reads one file of a scan', { path: slot });
  }
  return writeItemArray(run.library, item, part, join(run.scratch, `${slot}.npy`));
}

/** DDS needs a prior; where none is given, that of what is measured. */
export function defaultPrior({ solver, inputs, files, priors, demo }: SolveRequest): Record<string, string> {
  const given = Object.keys({ ...inputs, ...files, ...priors });
  if (solver !== 'dds' || demo || given.some((slot) => slot === 'model' || slot.startsWith('prior_'))) return {};
  return { model: given.includes('sinogram') ? 'ct' : 'brain-mri' };
}

export const runSolve: RunKind<SolveRequest> = async (request, run) => {
  const inputs: Record<string, string> = { ...defaultPrior(request), ...request.priors };
  for (const [slot, handle] of Object.entries(request.files)) inputs[slot] = run.files.pathOf(handle);
  for (const [slot, from] of Object.entries(request.inputs)) {
    if (!/^[a-z0-9_-]+$/i.test(slot)) throw new EngineError('bad-usage', 'an input has no such name', { path: slot });
    inputs[slot] = await inputFile(slot, from, run);
  }
  const out = join(run.resultsFolder, resultName(run, request.solver, request));
  const settings = settingTexts(request.parameters);
  await removeLeftovers(out);
  const done = await run.engine(
    'solve',
    { id: request.solver, out, force: false, inputs, settings, seed: request.seed, demo: request.demo },
    { afterKill: removeTemporary(out) },
  );
  return {
    result: await run.library.addResult(done.folder),
    resultFolder: done.folder,
    warnings: done.result.warnings.map(({ code, message }) => ({ code, message })),
  };
};
