/**
 * Where the time of one DDS run on the CPU goes, from k-space to the explained image, and how close the network comes to
 * the convolution ceiling of its own runtime, measured in the same run, in turns.
 *
 * Shares are of CPU seconds, which other work on the machine does not stretch; wall seconds stand beside them. "Data
 * consistency" is all the sampler does between and after the network's evaluations: CG, update of the image, noise.
 */
import { ndarray } from '../../engine/arrays/ndarray.ts';
import { median } from '../../engine/arrays/statistics.ts';
import { checkpoint, type RunContext } from '../../engine/context.ts';
import { simulateScan } from '../../engine/physics/mri/simulate.ts';
import type { NetworkDescription } from '../../engine/prior/graph.ts';
import type { Prior } from '../../engine/prior/prior.ts';
import { evidenceMap, explainData } from '../../engine/recon/explain.ts';
import { prepareMri } from '../../engine/recon/prepare-mri.ts';
import { runDds } from '../../engine/recon/run-dds.ts';
import { type CeilingOptions, openCeiling } from './cost-ceiling.ts';
import { addTimes, startClock, subtractTime, type Time, timePrior } from './cost-clock.ts';
import { networkFlops } from './cost-flops.ts';

/** Most that everything but the network may take of the whole. */
export const otherBar = 0.15;
/** Columns below which small images leave nothing to estimate coil maps from. */
const leastAcs = 12;

export const costParts = [
  'network',
  'data consistency',
  'calibration',
  'preparation',
  'evidence and report',
  'loading',
] as const;
export type CostPart = (typeof costParts)[number];

export interface CostReport {
  size: number;
  coils: number;
  threads: number;
  runs: number;
  evaluations: number;
  /** Medians over the runs, seconds. */
  parts: Record<CostPart, Time>;
  total: Time;
  /** Of CPU seconds and of wall seconds: everything but the network. */
  other: { cpu: number; wall: number; bar: number; pass: boolean };
  network: Speed | null;
  ceiling: Speed;
  /** Network over ceiling, per CPU second. */
  efficiency: number | null;
}

/** FLOP/s by the wall and per CPU second. */
export interface Speed {
  flops: number;
  wall: number;
  cpu: number;
}

export interface CostOptions {
  size: number;
  coils: number;
  runs: number;
  steps?: number;
  seed: number;
  ceiling: Omit<CeilingOptions, 'threads'>;
  loadPrior(): Promise<Prior>;
  /** For counting operations; absent for imported graphs. */
  network?: NetworkDescription;
}

export async function benchCost(
  { size, coils, runs, steps, seed, ceiling: layers, loadPrior: load, network }: CostOptions,
  context: RunContext,
  note: (text: string) => void = () => {},
): Promise<CostReport> {
  const acs = Math.max(leastAcs, Math.floor(0.08 * size));
  const { kspace, mask } = simulateScan(object(size), { coils, mask: 'uniform1d', acceleration: 4, acs, seed });
  const scan = { kind: 'kspace', format: 'simulated', digest: '', notes: [], kspace, mask } as const;
  const ceiling = await openCeiling({ ...layers, threads: context.threads });
  const found: Record<CostPart, Time[]> = Object.fromEntries(costParts.map((part) => [part, []])) as never;
  const ceilingTimes: Time[] = [];
  let evaluations = 0;
  try {
    for (let run = 0; run < runs; run++) {
      await checkpoint(context);
      ceilingTimes.push(await ceiling.measure(), await ceiling.measure());
      const once = await measureRun(
        { ...scan, notes: [] },
        load,
        { preset: 'quality', seed, ...(steps ? { steps } : {}) },
        context,
      );
      for (const part of costParts) found[part].push(once.times[part]);
      evaluations = once.evaluations;
      ceilingTimes.push(await ceiling.measure(), await ceiling.measure());
      note(`run ${run + 1} of ${runs}: network ${once.times.network.cpu.toFixed(2)} CPU-s`);
    }
  } finally {
    await ceiling.dispose();
  }
  const medians = Object.fromEntries(costParts.map((part) => [part, medianTime(found[part])])) as Record<
    CostPart,
    Time
  >;
  const total = addTimes(...Object.values(medians));
  const share = (kind: keyof Time) => 1 - medians.network[kind] / total[kind];
  const multiple = network?.multiple ?? 1;
  const padded = Math.ceil(size / multiple) * multiple;
  const own = network && speed(evaluations * networkFlops(network, padded, padded), medians.network);
  const peak = speed(ceiling.flops, medianTime(ceilingTimes));
  return {
    ...{ size, coils, threads: context.threads, runs, evaluations },
    parts: medians,
    total,
    other: { cpu: share('cpu'), wall: share('wall'), bar: otherBar, pass: share('cpu') <= otherBar },
    network: own ?? null,
    ceiling: peak,
    efficiency: own ? own.cpu / peak.cpu : null,
  };
}

async function measureRun(
  scan: Parameters<typeof prepareMri>[0],
  load: () => Promise<Prior>,
  input: Parameters<typeof runDds>[2],
  context: RunContext,
): Promise<{ times: Record<CostPart, Time>; evaluations: number }> {
  const loadClock = startClock();
  const plain = await load();
  const loading = loadClock();
  try {
    const calibrationClock = startClock();
    const { slices } = await prepareMri(scan, { noise: 'auto' }, context);
    const calibration = calibrationClock();

    const samplerClock = startClock();
    const { prior, spent } = timePrior(plain, samplerClock);
    const { image, result } = await runDds(slices, prior, input, [0], context);
    const sampler = samplerClock();

    const explainClock = startClock();
    await explainData(slices, image, context);
    await evidenceMap(slices, image, result.priorVariance * result.scale ** 2, context);
    const explaining = explainClock();
    const times: Record<CostPart, Time> = {
      network: spent.network,
      'data consistency': subtractTime(sampler, addTimes(spent.network, spent.beforeFirst)),
      calibration,
      preparation: spent.beforeFirst,
      'evidence and report': explaining,
      loading,
    };
    return { times, evaluations: spent.evaluations };
  } finally {
    await plain.dispose();
  }
}

function medianTime(times: readonly Time[]): Time {
  const of = (kind: keyof Time) => median(Float64Array.from(times, (time) => time[kind]));
  return { wall: of('wall'), cpu: of('cpu') };
}

function speed(flops: number, time: Time): Speed {
  return { flops, wall: flops / time.wall, cpu: flops / time.cpu };
}

/** An ellipse with some texture; what it shows does not change what it costs. */
function object(size: number) {
  const data = Float32Array.from({ length: size * size }, (_, i) => {
    const u = (2 * (i % size)) / size - 1;
    const v = (2 * Math.floor(i / size)) / size - 1;
    return (u / 0.7) ** 2 + (v / 0.85) ** 2 > 1 ? 0 : 0.7 + 0.3 * Math.sin(20 * u) * Math.cos(13 * v);
  });
  return ndarray('float32', [size, size], data);
}
