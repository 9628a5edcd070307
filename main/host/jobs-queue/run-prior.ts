/** Jobs on priors: self-test, import and training. */
import { cp, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { z } from 'zod';
import { EngineError } from '../../../engine/errors.ts';
import { writeFileAtomic } from '../../../engine/io/atomic-file.ts';
import { isFile, userPriorFolder } from '../../../engine/prior/prior-folder.ts';
import { hasCheckpoint } from '../../../engine/prior/training/checkpoint.ts';
import type { priorCheckRequest, priorImportRequest, priorTrainRequest } from '../api/job.ts';
import { removeTemporary } from '../remove-temporary.ts';
import type { RunKind } from './job-run.ts';
import { itemInput } from './run-reconstruct.ts';

const checkedSlices = 4;

export const runPriorCheck: RunKind<z.output<typeof priorCheckRequest>> = async ({ prior, item }, run) => {
  const on = item === undefined ? undefined : itemInput(run.library, item);
  const output = await run.engine('prior-check', { prior, on, slices: checkedSlices, seed: 0 });
  return { output: JSON.parse(JSON.stringify(output)) };
};

export const runPriorImport: RunKind<z.output<typeof priorImportRequest>> = async (request, run) => {
  const { name, licence, source } = request;
  const file = run.files.pathOf(request.file);
  const target = join(userPriorFolder(), name);
  const stated = { ...(licence === '' ? {} : { licence }), ...(source === '' ? {} : { source }) };
  const done = await run.engine(
    'prior-import',
    { file, name, force: false, ...stated },
    { afterKill: removeTemporary(target) },
  );
  return {
    saved: done.name,
    warnings: done.warnings.map((message) => ({ code: 'import', message })),
    output: { name: done.name, hash: done.hash, licence: done.licence, source: done.source, assumed: done.assumed },
  };
};

/** Room for the writing of a checkpoint, ms. */
const trainingGraceMs = 60_000;

/** One step where it is on the same disk. */
async function moveFolder(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  try {
    await rename(from, to);
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EXDEV')) throw thrown;
    await cp(from, to, { recursive: true, errorOnExist: true });
    await rm(from, { recursive: true });
  }
}

/** Trains where a paused job keeps what it needs, so that a cancelled one leaves nothing among the priors. */
export const runPriorTrain: RunKind<z.output<typeof priorTrainRequest>> = async (request, run) => {
  const { name, init } = request;
  const data = run.files.pathOf(request.data);
  const target = join(userPriorFolder(), name);
  if (await isFile(join(target, 'manifest.json')))
    throw new EngineError('bad-usage', 'there is a prior of that name already', {
      path: name,
      hint: 'Choose another.',
    });
  const config = join(run.scratch, 'config.json');
  await writeFileAtomic(config, JSON.stringify({ title: name, ...request.config, id: name }), { force: true });
  const out = join(run.checkpoints, 'prior');
  const resume = await hasCheckpoint(out);
  const done = await run.engine(
    'prior-train',
    { data, config, out, init, resume, device: 'auto' },
    { graceMs: trainingGraceMs },
  );
  await moveFolder(out, target);
  return { saved: done.prior, output: JSON.parse(JSON.stringify({ ...done, folder: done.prior })) };
};
