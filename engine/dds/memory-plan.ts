/**
 * What a run will hold in memory, before it starts: every large array by name. From it follow how many images go through
 * the network together and, where a coupled volume does not fit, how thick its slabs are. Bytes; all arrays are float32.
 */
import { EngineError } from '../errors.ts';

/** What the sizes follow from. */
export interface MemoryFacts {
  slices: number;
  samples: number;
  /** Numbers per image, both parts of a complex one counted. */
  imageValues: number;
  /** Numbers of the measurement, all slices. */
  measurementValues: number;
  /** Slices solved as one volume. */
  coupled: boolean;
  /** ε̂ is needed after data consistency, or may be written over by it. */
  keepsNoise: boolean;
  /** The estimate before the last is needed (momentum, second order, early stop). */
  keepsPrevious: boolean;
  /** x̂0 is needed through several ADMM iterations. */
  keepsAnchor: boolean;
  /** r² per value. */
  keepsVariance: boolean;
  /** x_T is part of the result. */
  keepsInit: boolean;
  /** Bytes a network evaluation of so many images needs, its weights included; 0 for an analytic prior. */
  networkBytes(images: number): number;
  /** Operator caches and maps, as far as known. */
  operatorBytes: number;
  /** Other arrays of the caller that are alive during the run, for example a starting image. */
  callerBytes: number;
}

export interface Allocation {
  name: string;
  bytes: number;
}

export interface MemoryPlan {
  allocations: readonly Allocation[];
  total: number;
  /** Images per network evaluation. */
  batch: number;
  /** Slices held at once; all of them unless the volume is tiled. */
  slabSlices: number;
}

const bytesPerNumber = 4;

/** The plan for given slab thickness and batch. */
export function memoryPlan(facts: MemoryFacts, slabSlices: number, batch: number): MemoryPlan {
  const image = facts.imageValues * bytesPerNumber;
  const volume = facts.slices * image;
  const together = facts.coupled ? Math.min(slabSlices, facts.slices) : batch;
  const stack = together * image;
  const results = facts.samples + (facts.samples > 1 ? 2 : 0);
  const list: Allocation[] = [
    { name: 'measurement', bytes: facts.measurementValues * bytesPerNumber },
    { name: 'result', bytes: results * volume },
    { name: 'start noise', bytes: facts.keepsInit ? facts.samples * volume : 0 },
    { name: 'state x_t', bytes: stack },
    { name: 'estimate', bytes: stack },
    { name: 'back-projection A*y', bytes: stack },
    { name: 'predicted noise', bytes: facts.keepsNoise || !facts.coupled ? stack : 0 },
    { name: 'previous estimate', bytes: facts.keepsPrevious ? stack : 0 },
    { name: 'predicted variance', bytes: facts.keepsVariance ? stack : 0 },
    { name: 'conjugate gradients r, p, q', bytes: (facts.coupled ? 3 * together : 4) * image },
    { name: 'total variation D x + u', bytes: facts.coupled ? stack : 0 },
    { name: 'denoised anchor', bytes: facts.coupled && facts.keepsAnchor ? stack : 0 },
    { name: 'one-image scratch', bytes: 6 * image },
    { name: 'operator', bytes: facts.operatorBytes },
    { name: `network, ${batch} image${batch === 1 ? '' : 's'}`, bytes: facts.networkBytes(batch) + 4 * batch * image },
    { name: 'held by the caller', bytes: facts.callerBytes },
  ];
  const allocations = list.filter(({ bytes }) => bytes > 0);
  const total = allocations.reduce((sum, { bytes }) => sum + bytes, 0);
  return { allocations, total, batch, slabSlices: facts.coupled ? together : facts.slices };
}

export interface MemoryWishes {
  /** Most bytes; undefined = no limit. */
  limit: number | undefined;
  /** Refuse what does not fit, instead of taking the smallest plan. */
  binding: boolean;
  /** Images per network evaluation: the most that is tried, and whether fewer may be taken. */
  batch: number;
  batchFixed: boolean;
  /** Slab thickness asked for; undefined = as thick as fits. */
  slabSlices: number | undefined;
  overlap: number;
}

/**
 * The largest plan within the limit: first fewer images per evaluation, then thinner slabs of a coupled volume. Throws
 * `resource` naming the least that is needed when not even that helps and nothing was fixed by the caller.
 */
export function planWithin(facts: MemoryFacts, wishes: MemoryWishes): MemoryPlan {
  const { limit, batchFixed, overlap } = wishes;
  const whole = wishes.slabSlices ?? facts.slices;
  const most = Math.max(1, Math.min(wishes.batch, facts.coupled ? whole : facts.slices * facts.samples));
  const first = memoryPlan(facts, whole, most);
  if (limit === undefined || first.total <= limit) return first;
  let plan = first;
  for (let batch = most; !batchFixed && batch > 1; ) {
    batch = Math.ceil(batch / 2);
    plan = memoryPlan(facts, whole, batch);
    if (plan.total <= limit) return plan;
  }
  const least = 2 * overlap;
  if (facts.coupled && wishes.slabSlices === undefined && facts.slices > least) {
    const thinnest = memoryPlan(facts, least, plan.batch);
    const perSlice = memoryPlan(facts, least + 1, plan.batch).total - thinnest.total;
    const thickness = least + Math.floor((limit - thinnest.total) / perSlice);
    if (thickness >= least) return memoryPlan(facts, thickness, plan.batch);
    plan = thinnest;
  }
  if (!wishes.binding || batchFixed || wishes.slabSlices !== undefined) return plan;
  throw new EngineError(
    'resource',
    `the reconstruction needs ${formatBytes(plan.total)} of memory, ${formatBytes(limit)} are allowed`,
    { path: 'maxMemory', hint: 'Reconstruct fewer slices or samples at a time, or allow more memory.' },
  );
}

/** "1.23 GiB". */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value >= 100 || unit === 0 ? value.toFixed(0) : value.toPrecision(3)} ${units[unit]}`;
}

/** One line per allocation, largest first. */
export function describePlan({ allocations, total }: MemoryPlan): string {
  const sorted = allocations.toSorted((a, b) => b.bytes - a.bytes);
  return [`memory: ${formatBytes(total)}`, ...sorted.map(({ name, bytes }) => `  ${name} ${formatBytes(bytes)}`)].join(
    '\n',
  );
}
