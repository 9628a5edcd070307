/** How a run is divided: images per network evaluation, slabs of a volume, groups; and what that takes in memory. */
import type { RunContext } from '../context.ts';
import type { Group } from './groups.ts';
import { planSlabs, separateGroups, slabGroups } from './groups.ts';
import type { MemoryFacts, MemoryPlan } from './memory-plan.ts';
import { describePlan, formatBytes, memoryPlan, planWithin } from './memory-plan.ts';
import type { Plan } from './plan.ts';
import { imageLength } from './problem.ts';

export interface RunLayout {
  readonly batch: number;
  readonly slabSlices: number;
  readonly groups: readonly Group[];
  readonly memory: MemoryPlan;
}

export interface LayoutOptions {
  /** Bytes to stay below; undefined = any. */
  limit: number | undefined;
  /** Whether a run that does not fit is refused. */
  binding: boolean;
  keepsInit: boolean;
  /** From a checkpoint. */
  saved?: { batch: number; slabSlices: number };
}

/** Values one evaluation may hold when `batch` is automatic: about 4 images of 320² with two channels. */
const automaticBatchValues = 4 * 2 * 320 * 320;
const automaticBatchLimit = 16;

/** Throws `resource` when the run does not fit even in its smallest form, `bad-usage` for slabs that cannot be. */
export function layOut(plan: Plan, options: LayoutOptions): RunLayout {
  const { parameters, problem, method } = plan;
  const { samples, batch, tileSlices, tileOverlap } = parameters;
  const count = problem.slices.length;
  const facts = memoryFacts(plan, options.keepsInit);
  const memory = options.saved
    ? memoryPlan(facts, options.saved.slabSlices, options.saved.batch)
    : planWithin(facts, {
        limit: options.limit,
        binding: options.binding,
        batch: batch === 'auto' ? automaticBatch(facts.imageValues) : batch,
        batchFixed: batch !== 'auto',
        // A volume measured as a whole cannot be divided.
        slabSlices: problem.volumeMeasurement ? count : tileSlices === 'auto' ? undefined : tileSlices,
        overlap: tileOverlap,
      });
  const groups = method.coupled
    ? slabGroups(samples, count, planSlabs(count, memory.slabSlices, tileOverlap), tileOverlap)
    : separateGroups(samples, count, memory.batch);
  return { batch: memory.batch, slabSlices: memory.slabSlices, groups, memory };
}

/** Says before the start what the run will hold, and whether a volume is tiled. */
export function announce({ memory, groups }: RunLayout, plan: Plan, limit: number | undefined, context: RunContext) {
  context.log('info', describePlan(memory));
  const { slices } = plan.problem;
  const tiled = plan.method.coupled && memory.slabSlices < slices.length;
  const slabs = groups.length / plan.parameters.samples;
  if (tiled)
    context.log(
      'warn',
      `the volume is tiled along z: ${slabs} slabs of up to ${memory.slabSlices} of ${slices.length} slices, overlapping by ${plan.parameters.tileOverlap}`,
    );
  if (limit !== undefined && memory.total > limit)
    context.log(
      'warn',
      `the run needs ${formatBytes(memory.total)} of memory, ${formatBytes(limit)} are free or allowed`,
    );
  context.progress({
    stage: 'sample',
    fraction: 0,
    note: `memory ${formatBytes(memory.total)}, ${memory.batch} image${memory.batch === 1 ? '' : 's'} per evaluation${tiled ? `, ${slabs} slabs` : ''}`,
  });
}

function memoryFacts(plan: Plan, keepsInit: boolean): MemoryFacts {
  const { problem, prior, parameters, method, needs } = plan;
  const { slices, height, width } = problem;
  const sum = (length: (slice: (typeof slices)[number]) => number) => slices.reduce((total, s) => total + length(s), 0);
  const startsFromImage = parameters.tStart < plan.schedule.steps - 1;
  const caller =
    sum(({ scaleReference }) => scaleReference?.length ?? 0) +
    (problem.warmStart?.length ?? 0) +
    (problem.init?.length ?? 0) +
    (startsFromImage && !problem.warmStart && !problem.init ? slices.length * imageLength(problem) : 0);
  return {
    slices: slices.length,
    samples: parameters.samples,
    imageValues: imageLength(problem),
    measurementValues: problem.volumeMeasurement?.length ?? sum(({ measurement }) => measurement.length),
    coupled: method.coupled,
    keepsNoise: needs.noise,
    keepsPrevious: needs.previous,
    keepsAnchor: parameters.admmIters > 1 && (method.dc === 'posterior' || method.dc === 'proximal'),
    keepsVariance: needs.variance,
    keepsInit,
    networkBytes: (images) => prior.memoryBytes?.({ batch: images, height, width }) ?? 0,
    operatorBytes: problem.operatorBytes ?? 0,
    callerBytes: 4 * caller,
  };
}

function automaticBatch(values: number): number {
  return Math.max(1, Math.min(automaticBatchLimit, Math.floor(automaticBatchValues / values)));
}
