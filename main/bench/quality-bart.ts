/**
 * `bart pics` as rows of the table: the same k-space and maps, -S (image in the units of the data), l1-wavelet
 * -R W:3:0:λ and Tikhonov -l2 -r λ. A run cannot be watched, so weight and iterations are tuned one after the other, on
 * a few of the slices reported.
 */
import { ndarray } from '../../engine/arrays/ndarray.ts';
import { checkpoint, type RunContext } from '../../engine/context.ts';
import { psnr, qualityMetrics } from '../../engine/recon/metrics.ts';
import type { QualityMetrics } from '../../engine/recon/result.ts';
import type { Bart } from './bart.ts';
import type { MethodRow } from './quality-baseline.ts';
import { type Tuned, tuneByClimbing } from './quality-climb.ts';
import { type Scene, spread } from './quality-scene.ts';

export type BartMethodId = 'bart-l2' | 'bart-wavelet';

const titles: Record<BartMethodId, string> = {
  'bart-l2': 'bart pics -l2',
  'bart-wavelet': 'bart pics -R W',
};
const penalties: Record<BartMethodId, (weight: number) => string[]> = {
  'bart-l2': (weight) => ['-l2', '-r', String(weight)],
  'bart-wavelet': (weight) => ['-R', `W:3:0:${weight}`],
};
const searches: Record<BartMethodId, { start: number; first: number; counts: readonly number[] }> = {
  'bart-l2': { start: 0.005, first: 20, counts: [10, 20, 40] },
  'bart-wavelet': { start: 0.002, first: 60, counts: [60, 120] },
};
const mostProbes = 3;
const mostIterations = 320;
/** Gains below this do not buy more iterations, dB. */
const margin = 0.02;

export function isBartMethod(id: string): id is BartMethodId {
  return Object.hasOwn(titles, id);
}

export async function runBart(
  id: BartMethodId,
  scenes: readonly Scene[],
  bart: Bart,
  context: RunContext,
): Promise<MethodRow> {
  for (const [i, { slice }] of scenes.entries()) {
    await bart.write(`k${i}`, slice.kspace);
    await bart.write(`s${i}`, slice.maps);
  }
  let spentMs = 0;
  const reconstruct = async (i: number, weight: number, iterations: number) => {
    await checkpoint(context);
    const args = ['pics', '-S', '-i', String(iterations), ...penalties[id](weight), `k${i}`, `s${i}`, `x${i}`];
    // One thread each: BART's threads wait for each other busily, which doubles the CPU time.
    spentMs += (await bart.run(args, 1)).cpuMs;
    return ndarray('complex64', scenes[i].reference.shape, await bart.read(`x${i}`));
  };
  const indices = [...scenes.keys()];
  const probes = spread(indices, mostProbes);
  const probe = async (weight: number, iterations: number) => {
    const found = await inParallel(probes, context.threads, async (i) =>
      psnr(await reconstruct(i, weight, iterations), scenes[i].reference),
    );
    return found.reduce((sum, value) => sum + value, 0) / found.length;
  };
  const { start, first, counts } = searches[id];
  const tuning = await tuneInTurns(start, first, counts, probe);
  const tune = spentMs / 1000;

  const bySlice: QualityMetrics[] = await inParallel(indices, context.threads, async (i) =>
    qualityMetrics(await reconstruct(i, tuning.weight, tuning.iterations), scenes[i].reference),
  );
  const setting = { lambda: tuning.weight, iterations: tuning.iterations };
  return {
    id,
    title: titles[id],
    setting,
    tuning,
    tunedOn: probes.length,
    bySlice,
    cpuSeconds: { run: spentMs / 1000 - tune, tune },
  };
}

/** The results in the order of the items, at most `workers` at a time. */
async function inParallel<T, R>(items: readonly T[], workers: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const worker = async () => {
    for (const [i, item] of queue) results[i] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(workers, items.length) }, worker));
  return results;
}

/** The weight at `first` iterations, then the iterations at that weight, then the weight again if they changed. */
async function tuneInTurns(
  start: number,
  first: number,
  counts: readonly number[],
  probe: (weight: number, iterations: number) => Promise<number>,
): Promise<Tuned> {
  const known = new Map<string, Promise<number>>();
  const at = (weight: number, iterations: number) => {
    const key = `${weight} ${iterations}`;
    const value = known.get(key) ?? probe(weight, iterations);
    known.set(key, value);
    return value;
  };
  const weights = async (from: number, iterations: number) =>
    tuneByClimbing({
      start: from,
      checkpoints: [iterations],
      psnr: async (weight) => [await at(weight, iterations)],
    });
  const byWeight = await weights(start, first);
  const trials = [...byWeight.trials];
  let best = byWeight.trials.reduce((a, b) => (b.psnr > a.psnr ? b : a));
  const tried = [...counts];
  for (const iterations of tried) {
    const trial = { weight: byWeight.weight, iterations, psnr: await at(byWeight.weight, iterations) };
    if (iterations !== first) trials.push(trial);
    if (trial.psnr > best.psnr + margin) best = trial;
    const last = tried.at(-1) ?? 0;
    if (iterations === last && best === trial && last < mostIterations) tried.push(2 * last);
  }
  let { atEdge } = byWeight;
  if (best.iterations !== first) {
    const again = await weights(best.weight, best.iterations);
    trials.push(...again.trials);
    atEdge = again.atEdge;
    best = again;
  }
  if (best.iterations === tried.at(-1)) atEdge = [...atEdge, 'iterations'];
  return { weight: best.weight, iterations: best.iterations, psnr: best.psnr, trials, atEdge };
}
