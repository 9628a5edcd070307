/** A method of the registry as a row of the table, with its best penalty weight and iteration count on these scenes. */
import { ndarray } from '../../engine/arrays/ndarray.ts';
import type { RunContext } from '../../engine/context.ts';
import type { MriMethod } from '../../engine/recon/method.ts';
import { psnr, qualityMetrics } from '../../engine/recon/metrics.ts';
import { mriMethod, parseParameters } from '../../engine/recon/registry.ts';
import type { JsonValue, QualityMetrics } from '../../engine/recon/result.ts';
import { type Tuned, tuneByClimbing } from './quality-climb.ts';
import { type Scene, spread } from './quality-scene.ts';

export type Parameters = Readonly<Record<string, JsonValue>>;

export interface MethodRow {
  id: string;
  title: string;
  setting: Parameters;
  /** Absent for methods that are not tuned. */
  tuning?: Tuned;
  /** Slices the setting was chosen on. */
  tunedOn?: number;
  bySlice: QualityMetrics[];
  /** CPU seconds for the images of this row, and for finding the setting. */
  cpuSeconds: { run: number; tune: number };
}

export interface SearchSpace {
  /** First weight tried. */
  start: number;
  zero?: boolean;
  checkpoints: readonly number[];
  /** Values of other parameters tried once the first is tuned; the first is the starting point. */
  variants?: readonly Parameters[];
  /** Tunes on so many of the slices; absent = on all. For methods no bar is set against. */
  probes?: number;
}

const fistaCheckpoints = [5, 10, 15, 20, 30, 40, 50, 60, 80];

/** How the methods of the registry are tuned; all of them name their weight `lambda`. */
export const searchSpaces: Readonly<Record<string, SearchSpace>> = {
  'cg-sense': { start: 0.01, zero: true, checkpoints: [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30] },
  'l1-wavelet': { start: 0.003, checkpoints: fistaCheckpoints, variants: [{ levels: 2 }, { levels: 3 }] },
  tv: { start: 0.002, checkpoints: fistaCheckpoints, probes: 3 },
};

export function cpuSecondsSince(start: NodeJS.CpuUsage): number {
  const used = process.cpuUsage(start);
  return (used.user + used.system) / 1e6;
}

/** Runs a registry method with fixed parameters on every scene. */
export async function runFixed(
  id: string,
  parameters: Parameters,
  scenes: readonly Scene[],
  context: RunContext,
): Promise<MethodRow> {
  const method = mriMethod(id);
  const start = process.cpuUsage();
  const bySlice: QualityMetrics[] = [];
  for (const { slice, reference } of scenes)
    bySlice.push(qualityMetrics(await method.run(slice, parseParameters(method, parameters), context), reference));
  const cpuSeconds = { run: cpuSecondsSince(start), tune: 0 };
  return { id, title: method.title, setting: parameters, bySlice, cpuSeconds };
}

/** Tunes on the very scenes reported (or some of them), which favours the baseline, and runs the best setting. */
export async function runTuned(
  id: string,
  scenes: readonly Scene[],
  context: RunContext,
  space: SearchSpace = searchSpaces[id],
): Promise<MethodRow> {
  const method = mriMethod(id);
  const start = process.cpuUsage();
  const probes = space.probes === undefined ? scenes : spread(scenes, space.probes);
  let best: { tuning: Tuned; variant: Parameters } | undefined;
  for (const variant of space.variants ?? [{}]) {
    const psnrAt = (weight: number, checkpoints: readonly number[]) =>
      meanPath(method, { ...variant, lambda: weight }, checkpoints, probes, context);
    if (best) {
      // Another climb only where the variant wins at the weight found so far.
      const here = await psnrAt(best.tuning.weight, space.checkpoints);
      if (Math.max(...here) <= best.tuning.psnr) continue;
    }
    const tuning = await tuneByClimbing({ ...space, start: best?.tuning.weight || space.start, psnr: psnrAt });
    if (best === undefined || tuning.psnr > best.tuning.psnr) best = { tuning, variant };
  }
  const tune = cpuSecondsSince(start);
  if (best === undefined) return runFixed(id, {}, scenes, context);
  const { tuning, variant } = best;
  const row = await runFixed(id, { ...variant, lambda: tuning.weight, iterations: tuning.iterations }, scenes, context);
  return { ...row, tuning, tunedOn: probes.length, cpuSeconds: { ...row.cpuSeconds, tune } };
}

/** Mean over the scenes of the PSNR at each checkpoint; a run that converges earlier keeps its last value. */
async function meanPath(
  method: MriMethod,
  parameters: Parameters,
  checkpoints: readonly number[],
  scenes: readonly Scene[],
  context: RunContext,
): Promise<number[]> {
  const sums = new Array<number>(checkpoints.length).fill(0);
  const parsed = parseParameters(method, { ...parameters, iterations: checkpoints.at(-1) });
  for (const { slice, reference } of scenes) {
    const path: number[] = [];
    const watch = (iteration: number, image: Float32Array) => {
      if (checkpoints[path.length] === iteration)
        path.push(psnr(ndarray('complex64', reference.shape, image), reference));
    };
    const last = psnr(await method.run(slice, parsed, context, watch), reference);
    checkpoints.forEach((_, i) => {
      sums[i] += path[i] ?? last;
    });
  }
  return sums.map((sum) => sum / scenes.length);
}
