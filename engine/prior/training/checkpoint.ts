/**
 * Where a training stands, so that it goes on to the same bits: OUT/checkpoint/state.json (small things, and the name of
 * the tensor file) and OUT/checkpoint/step-N.safetensors (network, moving average, optimiser, best average). The tensor
 * file is written first and the JSON replaced last: a kill at any moment leaves the old pair or the new one.
 */
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { check, EngineError } from '../../errors.ts';
import { writeFileAtomic } from '../../io/atomic-file.ts';
import { fileSha256 } from '../digest.ts';
import { openSafetensors, writeSafetensors } from '../safetensors.ts';
import { memoryWeights, type NamedTensor, type NamedTensors } from '../weights.ts';
import { logRowSchema } from './log.ts';
import type { TrainerState } from './trainer.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const maxStateBytes = 1 << 26;
const bestPrefix = 'best.';

const stateSchema = z.strictObject({
  version: z.literal(1),
  /** Steps done. */
  step: z.int().min(0),
  /** Steps the run is to take. */
  steps: z.int().min(1),
  tensors: z.strictObject({ file: z.string().regex(/^step-\d+\.safetensors$/), sha256 }),
  /** Everything that decides the numbers, besides the images: compared field by field on resuming. */
  settings: z.record(z.string(), z.json()),
  /** Of names, slice counts and held-out images of the data. */
  data: sha256,
  /** Running mean of the loss; null before the first step. */
  running: z.number().nullable(),
  /** Since the start, interruptions not counted. */
  seconds: z.number().min(0),
  best: z.strictObject({ step: z.int().min(0), loss: z.number(), since: z.int().min(0) }).nullable(),
  stopped: z.boolean(),
  rows: z.array(logRowSchema),
});
export type CheckpointState = z.infer<typeof stateSchema>;

export interface Checkpoint {
  state: CheckpointState;
  trainer: TrainerState;
  /** Averaged weights of the best validation. */
  best?: NamedTensors;
}

const folderOf = (out: string) => join(out, 'checkpoint');
const stateFile = (out: string) => join(folderOf(out), 'state.json');

/** Whether a folder holds a checkpoint. */
export function hasCheckpoint(out: string): Promise<boolean> {
  return stat(stateFile(out)).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** Replaces the checkpoint of `out`. Not interrupted by cancelling: it is what cancelling leaves behind. */
export async function writeCheckpoint(
  out: string,
  state: Omit<CheckpointState, 'version' | 'tensors'>,
  trainer: TrainerState,
  best?: NamedTensors,
): Promise<void> {
  const folder = folderOf(out);
  await mkdir(folder, { recursive: true });
  const tensors = new Map<string, NamedTensor>(trainer.tensors);
  for (const [name, tensor] of best ?? []) tensors.set(`${bestPrefix}${name}`, tensor);
  const file = `step-${trainer.step}.safetensors`;
  await writeSafetensors(join(folder, file), memoryWeights(tensors, 'checkpoint'));
  const whole: CheckpointState = {
    version: 1,
    ...state,
    tensors: { file, sha256: await fileSha256(join(folder, file)) },
  };
  await writeFileAtomic(stateFile(out), `${JSON.stringify(whole, null, 2)}\n`, { force: true });
  for (const name of await readdir(folder))
    if (name !== file && name !== 'state.json') await rm(join(folder, name), { force: true });
}

async function readState(path: string): Promise<CheckpointState> {
  const { size } = await stat(path).catch((cause: unknown) => {
    throw new EngineError('not-found', 'there is no checkpoint to go on from', {
      path,
      hint: 'Start without --resume.',
      cause,
    });
  });
  check(size <= maxStateBytes, () => `the checkpoint's state has ${size} bytes, more than ${maxStateBytes}`, { path });
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new EngineError('bad-input', "the checkpoint's state is not valid JSON", { path, cause });
  }
  const parsed = stateSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new EngineError('bad-input', `checkpoint field ${issue.path.join('.') || '(root)'}: ${issue.message}`, {
    path,
  });
}

/** Throws `not-found`, `bad-input`, or `mismatch` when the tensors are not the ones the state names. */
export async function readCheckpoint(out: string): Promise<Checkpoint> {
  const state = await readState(stateFile(out));
  const path = join(folderOf(out), state.tensors.file);
  const found = await fileSha256(path).catch((cause: unknown) => {
    throw new EngineError('not-found', "the checkpoint's tensors cannot be read", { path, cause });
  });
  check(
    found === state.tensors.sha256,
    () => `the checkpoint's tensors have SHA-256 ${found}, its state says ${state.tensors.sha256}`,
    {
      code: 'mismatch',
      path,
      hint: 'The file was changed or damaged; start again without --resume.',
    },
  );
  const source = await openSafetensors(path);
  try {
    const tensors = new Map<string, NamedTensor>();
    const best = new Map<string, NamedTensor>();
    for (const [name, { shape }] of source.tensors) {
      const tensor = { shape, data: await source.read(name) };
      if (name.startsWith(bestPrefix)) best.set(name.slice(bestPrefix.length), tensor);
      else tensors.set(name, tensor);
    }
    return { state, trainer: { step: state.step, tensors }, ...(best.size > 0 ? { best } : {}) };
  } finally {
    await source.close();
  }
}

type Json = z.infer<ReturnType<typeof z.json>>;

/** Path of the first field in which two JSON values differ, with both values; undefined when they are equal. */
function firstDifference(a: Json | undefined, b: Json | undefined, path: string): [string, string, string] | undefined {
  const plain = (v: Json | undefined): v is Record<string, Json> =>
    typeof v === 'object' && v !== null && !Array.isArray(v);
  if (plain(a) && plain(b)) {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      const found = firstDifference(a[key], b[key], path === '' ? key : `${path}.${key}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  const [left, right] = [JSON.stringify(a) ?? 'nothing', JSON.stringify(b) ?? 'nothing'];
  return left === right ? undefined : [path, left, right];
}

/** Refuses, by the name of the field, to go on with other settings or other images than the checkpoint's. */
export function checkResumable(
  saved: CheckpointState,
  settings: Record<string, Json>,
  data: string,
  out: string,
): void {
  const found = firstDifference(saved.settings, settings, '');
  check(found === undefined, () => `${found?.[0]} was ${found?.[1]} when training began and is ${found?.[2]} now`, {
    code: 'mismatch',
    path: stateFile(out),
    hint: 'Go on with the same configuration, or start another run with --init.',
  });
  check(saved.data === data, () => 'the data folder lists other images than when training began', {
    code: 'mismatch',
    path: stateFile(out),
    hint: 'Go on with the same data, or start another run with --init.',
  });
}
