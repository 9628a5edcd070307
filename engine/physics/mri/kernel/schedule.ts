/**
 * The order of work of one AᴴA, shared by the caller and its threads.
 *
 * Work is cut into chunks taken from a counter in shared memory; a phase starts when all chunks of the one before are
 * done. The sum over coils always runs in coil order inside one chunk, so the bits do not depend on who takes what.
 *
 * `runThreaded` is also the source of the worker threads (sense-workers.ts): it may use its arguments and globals only.
 */
import type { KernelPath } from './layout.ts';

/** Exports of the program. Arguments are byte addresses and ranges. */
export interface KernelExports {
  split(scratch: number, from: number, to: number): void;
  pack(from: number, to: number): void;
  unpack(from: number, to: number): void;
  toWork(maps: number, work: number, scratch: number, from: number, to: number): void;
  across(work: number, scratch: number, from: number, to: number): void;
  fromWork(maps: number, work: number, scratch: number, from: number, to: number): void;
}

/** Plain numbers, so that it can be posted to a thread. */
export interface Schedule {
  path: KernelPath;
  coils: number;
  blocks: number;
  groups: number;
  maps: number;
  mapsStride: number;
  work: number;
  workStride: number;
  scratch: number;
  scratchStride: number;
}

/** Everything on the calling thread; one coil at a time keeps its work array in the second-level cache. */
export function runSerial(kernel: KernelExports, s: Schedule): void {
  if (s.path !== 'grid') {
    kernel.split(s.scratch, 0, s.blocks);
    return;
  }
  kernel.pack(0, s.blocks);
  for (let c = 0; c < s.coils; c++) {
    const maps = s.maps + c * s.mapsStride;
    kernel.toWork(maps, s.work, s.scratch, 0, s.blocks);
    kernel.across(s.work, s.scratch, 0, s.groups);
    kernel.fromWork(maps, s.work, s.scratch, 0, s.blocks);
  }
  kernel.unpack(0, s.blocks);
}

/** Words of the control block. Chunk counters hold generation · 2¹⁶ + next chunk, so that a late thread cannot take one. */
export const CONTROL = { generation: 0, quit: 1, next: 2, done: 6 } as const;

/**
 * Takes part in generation `generation` as thread `thread` until no chunk is left; the caller's thread (`wait`) returns
 * when all are done.
 */
export function runThreaded(
  kernel: KernelExports,
  s: Schedule,
  control: Int32Array,
  thread: number,
  generation: number,
  wait: boolean,
): void {
  const [GENERATION, NEXT, DONE] = [0, 2, 6];
  const scratch = s.scratch + thread * s.scratchStride;
  const perChunk = 4;
  const blockChunks = Math.ceil(s.blocks / perChunk);
  const groupChunks = Math.ceil(s.groups / perChunk);
  const counts = s.path === 'grid' ? [blockChunks, groupChunks * s.coils, blockChunks] : [blockChunks];
  const tag = (generation & 0x7fff) << 16;
  for (let phase = 0; phase < counts.length; phase++) {
    for (;;) {
      const ticket = Atomics.load(control, NEXT + phase);
      const chunk = ticket - tag;
      if (chunk < 0 || chunk >= counts[phase]) break;
      if (Atomics.compareExchange(control, NEXT + phase, ticket, ticket + 1) !== ticket) continue;
      const from = (s.path === 'grid' && phase === 1 ? chunk % groupChunks : chunk) * perChunk;
      if (s.path !== 'grid') {
        kernel.split(scratch, from, Math.min(s.blocks, from + perChunk));
      } else if (phase === 1) {
        const coil = Math.floor(chunk / groupChunks);
        kernel.across(s.work + coil * s.workStride, scratch, from, Math.min(s.groups, from + perChunk));
      } else {
        const to = Math.min(s.blocks, from + perChunk);
        if (phase === 0) kernel.pack(from, to);
        for (let c = 0; c < s.coils; c++) {
          const maps = s.maps + c * s.mapsStride;
          const work = s.work + c * s.workStride;
          if (phase === 0) kernel.toWork(maps, work, scratch, from, to);
          else kernel.fromWork(maps, work, scratch, from, to);
        }
        if (phase === 2) kernel.unpack(from, to);
      }
      if (Atomics.add(control, DONE + phase, 1) + 1 === counts[phase]) Atomics.notify(control, DONE + phase);
    }
    if (phase === counts.length - 1 && !wait) return;
    for (let spins = 0; ; spins++) {
      const done = Atomics.load(control, DONE + phase);
      if (done >= counts[phase]) break;
      if (Atomics.load(control, GENERATION) !== generation) return;
      if (spins > 2000) Atomics.wait(control, DONE + phase, done, 1);
    }
  }
}
