/**
 * Frames of one series → one stack of slices: the largest group of equal grids, of those the largest volume, sorted by
 * the position projected on the slice normal, with what was left out, missing or irregular put into words.
 */
import type { SliceGeometry } from '../scan.ts';
import type { FrameHeader } from './frame-header.ts';

/** A frame as far as sorting needs it. */
export interface SortableFrame {
  readonly rows: number;
  readonly columns: number;
  readonly sopInstanceUid: string;
  readonly frame: number;
  readonly instanceNumber?: number;
  readonly header: FrameHeader;
}

export interface Stack<F> {
  /** Slice order. */
  readonly frames: F[];
  /** mm between neighbouring slice centres along the normal; undefined when nothing states it. */
  readonly sliceSpacing: number | undefined;
  readonly notes: string[];
}

/** Directions printed with six digits differ by less; two planes of a localiser differ by far more. */
const COSINE_TOLERANCE = 1e-3;
const SPACING_TOLERANCE_MM = 1e-3;
/** Positions closer than this are one place. */
const SAME_PLACE_MM = 1e-3;

function normalOf({ rowCosines: r, columnCosines: c }: SliceGeometry): [number, number, number] {
  return [r[1] * c[2] - r[2] * c[1], r[2] * c[0] - r[0] * c[2], r[0] * c[1] - r[1] * c[0]];
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function near(a: readonly number[] | undefined, b: readonly number[] | undefined, tolerance: number): boolean {
  if (!a || !b) return a === b;
  return a.every((value, i) => Math.abs(value - b[i]) <= tolerance);
}

function sameGrid(a: SortableFrame, b: SortableFrame): boolean {
  const ga = a.header.geometry;
  const gb = b.header.geometry;
  return (
    a.rows === b.rows &&
    a.columns === b.columns &&
    near(ga?.rowCosines, gb?.rowCosines, COSINE_TOLERANCE) &&
    near(ga?.columnCosines, gb?.columnCosines, COSINE_TOLERANCE) &&
    near(a.header.pixelSpacing, b.header.pixelSpacing, SPACING_TOLERANCE_MM)
  );
}

/** Largest group first; the earlier one on a tie. */
function largest<F>(groups: F[][]): F[] {
  return groups.reduce((best, group) => (group.length > best.length ? group : best));
}

function groupBy<F>(frames: readonly F[], same: (a: F, b: F) => boolean): F[][] {
  const groups: F[][] = [];
  for (const frame of frames) {
    const group = groups.find((candidate) => same(candidate[0], frame));
    if (group) group.push(frame);
    else groups.push([frame]);
  }
  return groups;
}

function byNumber(a: SortableFrame, b: SortableFrame): number {
  return (a.instanceNumber ?? 0) - (b.instanceNumber ?? 0) || a.frame - b.frame;
}

function count(n: number, one: string): string {
  return `${n} ${one}${n === 1 ? '' : 's'}`;
}

function withoutCopies<F extends SortableFrame>(frames: readonly F[], notes: string[]): F[] {
  const seen = new Set<string>();
  const kept = frames.filter((frame) => {
    const key = `${frame.sopInstanceUid}/${frame.frame}`;
    if (frame.sopInstanceUid !== '' && seen.has(key)) return false;
    seen.add(key);
    return true;
  });
  if (kept.length < frames.length) notes.push(`${count(frames.length - kept.length, 'duplicate image')} left out`);
  return kept;
}

/** Keeps one volume where several lie at the same places (echoes, time points). Frames must be sorted by depth. */
function oneVolume<F extends SortableFrame>(frames: F[], depth: (frame: F) => number, notes: string[]): F[] {
  const doubled = (list: readonly F[]): boolean =>
    list.some((frame, i) => i > 0 && depth(frame) - depth(list[i - 1]) < SAME_PLACE_MM);
  if (!doubled(frames)) return frames;
  const byKey = new Map<string, F[]>();
  for (const frame of frames) {
    const group = byKey.get(frame.header.volumeKey);
    if (group) group.push(frame);
    else byKey.set(frame.header.volumeKey, [frame]);
  }
  const volumes = [...byKey.values()];
  const first = (group: readonly F[]): number => Math.min(...group.map((frame) => frame.instanceNumber ?? 0));
  const chosen = largest(volumes.sort((a, b) => first(a) - first(b)));
  if (volumes.length > 1)
    notes.push(`series holds ${volumes.length} volumes (echoes, time points or image types); one was read`);
  if (!doubled(chosen)) return chosen;
  const kept = chosen.filter((frame, i) => i === 0 || depth(frame) - depth(chosen[i - 1]) >= SAME_PLACE_MM);
  notes.push(`${count(chosen.length - kept.length, 'further image')} at the same position left out`);
  return kept;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function spacingFrom(depths: readonly number[], notes: string[]): number {
  const steps = depths.slice(1).map((depth, i) => depth - depths[i]);
  const typical = median(steps);
  const missing = steps.reduce((sum, step) => sum + (step > 1.5 * typical ? Math.round(step / typical) - 1 : 0), 0);
  if (missing > 0) notes.push(`${count(missing, 'slice')} missing inside the series`);
  const uneven = steps.filter(
    (step) => step <= 1.5 * typical && Math.abs(step - typical) > Math.max(0.01, 0.01 * typical),
  );
  if (uneven.length > 0)
    notes.push(
      `slice positions are uneven: steps ${Math.min(...steps).toFixed(3)} to ${Math.max(...steps).toFixed(3)} mm`,
    );
  return typical;
}

/** Neighbouring positions that also move within the plane: a tilted gantry shears the volume. */
function noteShear(frames: readonly SortableFrame[], normal: readonly number[], notes: string[]): void {
  const first = frames[0].header.geometry?.position;
  const last = frames[frames.length - 1].header.geometry?.position;
  if (!first || !last) return;
  const step = last.map((value, i) => value - first[i]);
  const length = Math.hypot(...step);
  if (length === 0) return;
  const angle = (Math.acos(Math.min(1, Math.abs(dot(step, normal)) / length)) * 180) / Math.PI;
  if (angle > 0.5) notes.push(`slices are stacked ${angle.toFixed(1)}° off their normal (tilted gantry)`);
}

/** `frames` must not be empty. Everything in `notes` is numbers and fixed words. */
export function stackSlices<F extends SortableFrame>(frames: readonly F[]): Stack<F> {
  const notes: string[] = [];
  const unique = withoutCopies(frames, notes);
  const groups = groupBy(unique, sameGrid);
  const stack = [...largest(groups)].sort(byNumber);
  if (groups.length > 1)
    notes.push(`${count(unique.length - stack.length, 'image')} of another size, spacing or orientation left out`);
  const stated = stack[0].header.spacingBetweenSlices ?? stack[0].header.sliceThickness;
  const geometry = stack[0].header.geometry;
  if (!geometry) {
    notes.push('slice positions are not given; slices follow their instance numbers');
    return { frames: stack, sliceSpacing: stated, notes };
  }
  const normal = normalOf(geometry);
  const depth = (frame: F): number => dot(frame.header.geometry?.position ?? [0, 0, 0], normal);
  const sorted = oneVolume(
    stack.sort((a, b) => depth(a) - depth(b) || byNumber(a, b)),
    depth,
    notes,
  );
  if (sorted.length === 1) return { frames: sorted, sliceSpacing: stated, notes };
  const sliceSpacing = spacingFrom(sorted.map(depth), notes);
  noteShear(sorted, normal, notes);
  return { frames: sorted, sliceSpacing, notes };
}

/**
 * All stacks of a series, the largest first, the others by their lowest instance number: images of another grid, and
 * further volumes at the same places. Notes of a stack are about itself. At most `limit`; the rest is dropped and noted
 * on the first.
 */
export function splitStacks<F extends SortableFrame>(frames: readonly F[], limit = 64): Stack<F>[] {
  const doubles: string[] = [];
  let rest: readonly F[] = withoutCopies(frames, doubles);
  const stacks: Stack<F>[] = [];
  while (rest.length > 0 && stacks.length < limit) {
    const stack = stackSlices(rest);
    const used = new Set<F>(stack.frames);
    // What this stack leaves out becomes a stack of its own.
    stacks.push({ ...stack, notes: stack.notes.filter((note) => !/left out|one was read/.test(note)) });
    rest = rest.filter((frame) => !used.has(frame));
  }
  const lowest = ({ frames: list }: Stack<F>): number => Math.min(...list.map((frame) => frame.instanceNumber ?? 0));
  const [first, ...others] = stacks;
  if (first === undefined) return [];
  first.notes.push(...doubles);
  if (rest.length > 0) first.notes.push(`${count(rest.length, 'image')} of further stacks are not listed`);
  return [first, ...others.sort((a, b) => lowest(a) - lowest(b))];
}
