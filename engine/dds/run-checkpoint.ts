/**
 * Where a run stands, so that it goes on to the same bits after a kill at any moment. Saved between two steps: the state x_t
 * (planes), the last estimate x̂0′ (for momentum, second order, and images that stopped early), the ADMM sum D x + u, the
 * residual curves, and the images of finished groups. Random numbers are keyed by (seed, sample, slice, step) and need
 * nothing. A checkpoint of another job, that is other data, operators, prior or settings, is refused by the name of what
 * differs. Grouping changes no image unless slabs overlap, so a resumed run takes its grouping from the checkpoint.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { check, EngineError } from '../errors.ts';
import type { Plan } from './plan.ts';
import type { DdsProblem } from './problem.ts';
import { ResidualCurve } from './residual.ts';

export type SavedArray = Float32Array | Float64Array;

/** A place that holds one checkpoint: the old one or the new one, never a mixture. engine/io/checkpoint-folder.ts. */
export interface CheckpointStore {
  /** For messages. */
  readonly path: string;
  /** The JSON of the newest complete checkpoint; undefined where there is none. */
  read(): Promise<unknown>;
  /** Fills `target` with a saved array of its type and length. */
  load(name: string, target: SavedArray): Promise<void>;
  /** Replaces the checkpoint by `state` and `arrays`; of the arrays already saved those in `kept` stay. */
  write(state: unknown, arrays: ReadonlyMap<string, SavedArray>, kept: readonly string[]): Promise<void>;
}

export interface CheckpointOptions {
  store: CheckpointStore;
  /** Save after every so many steps; each group's end is saved too. */
  every: number;
}

/** Where the running group stands: before its step number `step`, from 0. */
const groupProgress = z.strictObject({
  step: z.int().min(1),
  active: z.array(z.int().min(0)),
  stepsRun: z.array(z.int().min(0)),
  calm: z.array(z.int().min(0)),
});
export type GroupProgress = z.infer<typeof groupProgress>;

const runState = z.strictObject({
  version: z.literal(1),
  job: z.record(z.string(), z.json()),
  batch: z.int().min(1),
  slabSlices: z.int().min(1),
  /** Groups done. */
  finished: z.int().min(0),
  nfe: z.int().min(0),
  current: groupProgress.nullable(),
});
type RunState = z.infer<typeof runState>;
type Json = z.infer<ReturnType<typeof z.json>>;

const groupName = (g: number) => `group-${g}`;

export class RunCheckpoint {
  readonly #options: CheckpointOptions;
  readonly #job: Record<string, Json>;
  readonly #curves: readonly ResidualCurve[];
  readonly #sums: Float64Array;
  #state: RunState | undefined;

  private constructor(
    options: CheckpointOptions,
    job: Record<string, Json>,
    curves: readonly ResidualCurve[],
    state: RunState | undefined,
  ) {
    this.#options = options;
    this.#job = job;
    this.#curves = curves;
    this.#sums = new Float64Array(curves.length * ResidualCurve.savedLength(curves[0]));
    this.#state = state;
  }

  /** Reads what is there. Throws `mismatch` for the checkpoint of another job, `bad-input` for one that is damaged. */
  static async open(options: CheckpointOptions, plan: Plan, device: string): Promise<RunCheckpoint> {
    const { store, every } = options;
    check(Number.isInteger(every) && every >= 1, () => `checkpoints every ${every} steps, expected 1 or more`, {
      code: 'bad-usage',
      path: 'checkpoint',
    });
    const job = describeJob(plan, device);
    const found = await store.read();
    const state = found === undefined ? undefined : parseState(found, store.path);
    if (state) {
      const difference = firstDifference(state.job, job, '');
      check(
        difference === undefined,
        () =>
          `the checkpoint is of another run: ${difference?.[0]} was ${difference?.[1]} and is ${difference?.[2]} now`,
        {
          code: 'mismatch',
          path: store.path,
          hint: 'Name another checkpoint folder, or remove this one to start anew.',
        },
      );
    }
    const checkpoint = new RunCheckpoint(options, job, plan.curves, state);
    if (state) await checkpoint.#loadCurves();
    return checkpoint;
  }

  /** The saved grouping; undefined for a run that begins. */
  get layout(): { batch: number; slabSlices: number } | undefined {
    return this.#state && { batch: this.#state.batch, slabSlices: this.#state.slabSlices };
  }

  get finishedGroups(): number {
    return this.#state?.finished ?? 0;
  }

  get nfe(): number {
    return this.#state?.nfe ?? 0;
  }

  /** Where the group after the finished ones stands; undefined at its start. */
  get current(): GroupProgress | undefined {
    return this.#state?.current ?? undefined;
  }

  /** Before the first group. */
  begin({ batch, slabSlices }: { batch: number; slabSlices: number }): void {
    this.#state ??= { version: 1, job: this.#job, batch, slabSlices, finished: 0, nfe: 0, current: null };
  }

  /** Fills the arrays of the running group. */
  async restore(arrays: ReadonlyMap<string, SavedArray>): Promise<void> {
    for (const [name, target] of arrays) await this.#options.store.load(name, target);
  }

  /** Images of a finished group. */
  async restoreGroup(g: number, estimates: Float32Array): Promise<void> {
    await this.#options.store.load(groupName(g), estimates);
  }

  /** Whether a checkpoint is due before step number `step`. */
  due(step: number): boolean {
    return step % this.#options.every === 0;
  }

  async saveStep(progress: GroupProgress, arrays: ReadonlyMap<string, SavedArray>): Promise<void> {
    const state = this.#begun();
    await this.#write({ ...state, current: progress }, arrays);
  }

  async saveGroup(estimates: Float32Array, nfe: number): Promise<void> {
    const state = this.#begun();
    const next: RunState = { ...state, finished: state.finished + 1, nfe, current: null };
    await this.#write(next, new Map([[groupName(state.finished), estimates]]));
  }

  async #write(state: RunState, arrays: ReadonlyMap<string, SavedArray>): Promise<void> {
    const length = this.#sums.length / this.#curves.length;
    this.#curves.forEach((curve, z) => {
      curve.save(this.#sums.subarray(z * length, (z + 1) * length));
    });
    const done = Array.from({ length: this.#begun().finished }, (_, g) => groupName(g));
    await this.#options.store.write(state, new Map<string, SavedArray>([['curves', this.#sums], ...arrays]), done);
    this.#state = state;
  }

  async #loadCurves(): Promise<void> {
    await this.#options.store.load('curves', this.#sums);
    const length = this.#sums.length / this.#curves.length;
    this.#curves.forEach((curve, z) => {
      curve.restore(this.#sums.subarray(z * length, (z + 1) * length));
    });
  }

  #begun(): RunState {
    if (this.#state === undefined) throw new EngineError('internal', 'a checkpoint was saved before the run began');
    return this.#state;
  }
}

/** Everything that decides the numbers. Settings that only group or show images are left out. */
function describeJob(plan: Plan, device: string): Record<string, Json> {
  const { batch: _b, previewEvery: _p, kspaceFill: _k, ...rest } = plan.parameters;
  const { explicit: _e, fromPreset: _f, preset: _n, ...settings } = rest;
  return {
    settings: { ...settings },
    method: { ...plan.method },
    scale: plan.scale,
    sigmaY: plan.sigmaY,
    priorVariance: plan.priorVariance,
    prior: plan.prior.hash,
    device,
    data: dataDigest(plan.problem),
  };
}

/**
 * SHA-256 over sizes, measurements and, for what the operators do, A*y of every slice: other coil maps, angles or masks give
 * another back-projection.
 */
function dataDigest(problem: DdsProblem): string {
  const { slices, height, width, complex, sigmaY, warmStart, init, volumeMeasurement, volumeOperator } = problem;
  const hash = createHash('sha256');
  const add = (values: Float32Array | undefined) => {
    hash.update(`${values?.length ?? 'none'};`);
    if (values) hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  };
  hash.update(JSON.stringify([slices.length, height, width, complex, sigmaY ?? null]));
  add(warmStart);
  add(init);
  add(volumeMeasurement);
  if (volumeMeasurement) add(volumeOperator?.adjoint(volumeMeasurement));
  slices.forEach((slice, z) => {
    hash.update(JSON.stringify([slice.index ?? z, slice.measured ?? null, slice.closedForm !== undefined]));
    add(slice.measurement);
    add(slice.scaleReference);
    add(slice.operator.adjoint(slice.measurement));
  });
  return hash.digest('hex');
}

function parseState(found: unknown, path: string): RunState {
  const parsed = runState.safeParse(found);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new EngineError('bad-input', `checkpoint field ${issue.path.join('.') || '(root)'}: ${issue.message}`, {
    path,
    hint: 'Remove the folder to start anew.',
  });
}

/** Path and both values of the first difference of two JSON values. */
function firstDifference(a: Json | undefined, b: Json | undefined, path: string): [string, string, string] | undefined {
  const plain = (v: Json | undefined): v is Record<string, Json> =>
    typeof v === 'object' && v !== null && !Array.isArray(v);
  if (plain(a) && plain(b)) {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      const found = firstDifference(a[key], b[key], path === '' ? key : `${path}.${key}`);
      if (found) return found;
    }
    return undefined;
  }
  const [left, right] = [JSON.stringify(a) ?? 'nothing', JSON.stringify(b) ?? 'nothing'];
  return left === right ? undefined : [path, left, right];
}
