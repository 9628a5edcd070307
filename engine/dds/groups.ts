/**
 * Which images run together. Images without coupling run in groups of `batch`, whole volumes in one group per sample, and
 * volumes beyond the memory limit in slabs along z that overlap:
 *   slab i holds the slices [i·t, i·t + t + o), o = overlap, t chosen so that all slabs are about equally thick
 *   result = Σ_i w_i · slab_i,  w_i(z) ∝ min(z − first + 1, last + 1 − z, o + 1), normalised over the slabs at z
 * so the weights are a partition of unity that ramps down toward a slab's inner ends, where its total variation misses a
 * neighbour; the ends of the volume do not ramp. Random numbers are keyed by slice, so the slabs draw the same noise.
 */
import { check } from '../errors.ts';

/** One image to draw: which sample of which slice. */
export interface Job {
  sample: number;
  /** Position among the problem's slices. */
  slice: number;
}

export interface Group {
  readonly jobs: readonly Job[];
  /** Share of each job's image in the result: 1, or less where slabs overlap. */
  readonly weights: readonly number[];
  /** Whether a job's figures enter the residual curve: one job per image does. */
  readonly reports: readonly boolean[];
}

/** Half-open range of slices. */
export interface Slab {
  readonly from: number;
  readonly to: number;
}

export const leastOverlap = 4;

/** Slabs of at most `thickness` slices. Throws `bad-usage` unless 2·overlap ≤ thickness and overlap ≥ 4. */
export function planSlabs(slices: number, thickness: number, overlap: number): Slab[] {
  if (thickness >= slices) return [{ from: 0, to: slices }];
  check(
    Number.isInteger(overlap) && overlap >= leastOverlap,
    () => `slabs must overlap by at least ${leastOverlap} slices, found ${overlap}`,
    { code: 'bad-usage', path: 'tileOverlap' },
  );
  check(
    Number.isInteger(thickness) && thickness >= 2 * overlap,
    () => `a slab of ${thickness} slices cannot overlap its neighbours by ${overlap} on either side`,
    { code: 'bad-usage', path: 'tileSlices', hint: `tileSlices must be at least ${2 * overlap}` },
  );
  const count = Math.ceil((slices - overlap) / (thickness - overlap));
  const stride = Math.ceil((slices - overlap) / count);
  const slabs: Slab[] = [];
  for (let from = 0; from < slices - overlap; from += stride)
    slabs.push({ from, to: Math.min(slices, from + stride + overlap) });
  return slabs;
}

/** Weight of every slice of every slab; those of one slice add up to 1. */
export function slabWeights(slices: number, slabs: readonly Slab[], overlap: number): number[][] {
  const tents = slabs.map(({ from, to }) =>
    Array.from({ length: to - from }, (_, i) =>
      Math.min(from === 0 ? overlap + 1 : i + 1, to === slices ? overlap + 1 : to - from - i, overlap + 1),
    ),
  );
  const totals = new Float64Array(slices);
  slabs.forEach(({ from }, s) => {
    tents[s].forEach((tent, i) => {
      totals[from + i] += tent;
    });
  });
  return slabs.map(({ from }, s) => tents[s].map((tent, i) => tent / totals[from + i]));
}

/** One group per sample and slab. */
export function slabGroups(samples: number, slices: number, slabs: readonly Slab[], overlap: number): Group[] {
  const weights = slabWeights(slices, slabs, overlap);
  const owners = new Int32Array(slices).fill(-1);
  slabs.forEach(({ from }, s) => {
    weights[s].forEach((weight, i) => {
      const owner = owners[from + i];
      if (owner < 0 || weight > weights[owner][from + i - slabs[owner].from]) owners[from + i] = s;
    });
  });
  return Array.from({ length: samples }, (_, sample) =>
    slabs.map(({ from }, s) => ({
      jobs: weights[s].map((_weight, i) => ({ sample, slice: from + i })),
      weights: weights[s],
      reports: weights[s].map((_weight, i) => owners[from + i] === s),
    })),
  ).flat();
}

/** Groups of `batch` images, samples of one slice next to each other. */
export function separateGroups(samples: number, slices: number, batch: number): Group[] {
  const jobs = Array.from({ length: slices * samples }, (_, i) => ({
    sample: i % samples,
    slice: Math.floor(i / samples),
  }));
  return Array.from({ length: Math.ceil(jobs.length / batch) }, (_, g) => {
    const own = jobs.slice(g * batch, (g + 1) * batch);
    return { jobs: own, weights: own.map(() => 1), reports: own.map(() => true) };
  });
}
