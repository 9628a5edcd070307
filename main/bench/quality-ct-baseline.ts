/**
 * A classical CT method as a row of the table, with the best of its tuning grid on the very volume that is reported;
 * methods that no bar is set against are tuned on slices from its middle.
 */
import { checkpoint, type RunContext } from '../../engine/context.ts';
import type { TuningGrid } from '../../engine/recon/method.ts';
import { ctMethod, parseParameters } from '../../engine/recon/registry.ts';
import type { JsonValue, QualityMetrics } from '../../engine/recon/result.ts';
import type { ParameterSet } from '../../engine/recon/tune-method.ts';
import { reconstructTvVolume, type TvVolumeSettings, type TvVolumeState } from '../../engine/recon/tv-volume.ts';
import { cpuSecondsSince } from './quality-baseline.ts';
import { type ClimbResult, climbGrid, tryAll } from './quality-ct-climb.ts';
import { type CtScene, meanPsnr, middleOf, scoreSlices } from './quality-ct-scene.ts';

export interface CtRow {
  id: string;
  title: string;
  setting: Readonly<Record<string, JsonValue>>;
  /** Trials of the search, and what lay at its edge; absent for methods that are not tuned. */
  tuning?: { trials: number; atEdge: string[] };
  /** Slices the setting was chosen on. */
  tunedOn: number;
  /** Iterations of the image reported and the relative residual they ended at, of solvers that converge. */
  convergence?: { iterations: number; residual: number };
  bySlice: QualityMetrics[];
  /** For the image of this row, and for finding the setting. */
  cpuSeconds: { run: number; tune: number };
}

/** Ends of grids beyond which there is nothing. */
const natural = { cutoff: [1], lambda: [0] };
/** Gains below this do not buy more iterations, dB. */
const margin = 0.02;
const mostPasses = 640;
/** While tuning, total variation goes on from the neighbour's image and needs fewer iterations than alone. */
const probe = { iterations: 150, tolerance: 1e-3 };

/** Slices that methods without a bar are tuned on. */
const probeSlices = 16;

/** `judged`: a bar is set against the method, so that it is tuned on all slices. Throws as the method; `cancelled`. */
export async function runCtBaseline(id: string, scene: CtScene, judged: boolean, context: RunContext): Promise<CtRow> {
  const probes = judged ? scene : middleOf(scene, probeSlices);
  return id === 'tv' || id === 'tv3d'
    ? runTotalVariation(id, scene, probes, context)
    : runByGrid(id, scene, probes, context);
}

/** Where iterations are tuned, one run shows all of them, and the last count is doubled while that still gains. */
async function runByGrid(id: string, scene: CtScene, probes: CtScene, context: RunContext): Promise<CtRow> {
  const method = ctMethod(id);
  const { iterations: listed, ...grid }: TuningGrid = method.tuning ?? {};
  const started = process.cpuUsage();
  const checkpoints = (listed ?? []).map(Number);
  const bestCount = new Map<string, number>();
  let cut = false;
  const score = async (parameters: ParameterSet): Promise<number> => {
    let counts = checkpoints;
    let path = await psnrPath(id, parameters, counts, probes, context);
    while (stillRising(path, counts.at(-1) ?? 0)) {
      const next = 2 * (counts.at(-1) ?? mostPasses);
      cut = next > mostPasses;
      if (cut) break;
      counts = [...counts, next];
      path = await psnrPath(id, parameters, counts, probes, context);
    }
    const top = Math.max(...path.map(([, psnr]) => psnr));
    // the fewest iterations that come as near to the best as more would not be worth
    const chosen = path.find(([, psnr]) => psnr >= top - margin);
    if (chosen) bestCount.set(JSON.stringify(parameters), chosen[0]);
    return top;
  };
  const defaults = parseParameters(method, {}) as ParameterSet;
  const found =
    checkpoints.length === 0 ? await tryAll(grid, score, natural) : await climbGrid(grid, defaults, score, natural);
  const tuned = process.cpuUsage();
  const iterations = bestCount.get(JSON.stringify(found.parameters));
  const setting = { ...found.parameters, ...(checkpoints.length > 0 && iterations ? { iterations } : {}) };
  const image = await method.run(scene.data, parseParameters(method, setting), context);
  return {
    ...{ id, title: method.title, setting },
    tuning: tuningOf(found, cut ? ['iterations'] : []),
    tunedOn: probes.data.slices,
    bySlice: scoreSlices(scene, image.data),
    cpuSeconds: secondsBetween(started, tuned),
  };
}

/** [iterations, mean PSNR]; a method without iterations, or that converges early, ends with its result. */
async function psnrPath(
  id: string,
  parameters: ParameterSet,
  checkpoints: readonly number[],
  scene: CtScene,
  context: RunContext,
): Promise<[number, number][]> {
  await checkpoint(context);
  const method = ctMethod(id);
  const last = checkpoints.at(-1);
  const path: [number, number][] = [];
  let seen = 0;
  const watch = (iteration: number, image: Float32Array) => {
    seen = iteration;
    if (iteration !== last && checkpoints.includes(iteration)) path.push([iteration, meanPsnr(scene, image)]);
  };
  const given = { ...parameters, ...(last === undefined ? {} : { iterations: last }) };
  const image = await method.run(scene.data, parseParameters(method, given), context, watch);
  path.push([seen, meanPsnr(scene, image.data)]);
  return path;
}

/** Whether more iterations than `asked` may gain; not where the method stopped by itself. */
function stillRising(path: readonly [number, number][], asked: number): boolean {
  if (path.length < 2 || path[path.length - 1][0] < asked) return false;
  const earlier = path.slice(0, -1).map(([, psnr]) => psnr);
  return path[path.length - 1][1] > Math.max(...earlier) + margin;
}

async function runTotalVariation(
  id: 'tv' | 'tv3d',
  scene: CtScene,
  probes: CtScene,
  context: RunContext,
): Promise<CtRow> {
  const method = ctMethod(id);
  const started = process.cpuUsage();
  const defaults = parseParameters(method, {}) as TvVolumeSettings;
  const settingsOf = (parameters: ParameterSet): TvVolumeSettings => ({
    ...(parseParameters(method, parameters) as TvVolumeSettings),
    ...(id === 'tv' ? { zWeight: 0 } : {}),
  });
  const state: TvVolumeState = { duals: [] };
  const score = async (parameters: ParameterSet) => {
    const settings = { ...settingsOf(parameters), ...probe };
    return meanPsnr(probes, (await reconstructTvVolume(probes.data, settings, context, undefined, state)).data);
  };
  const found = await climbGrid(method.tuning ?? {}, defaults as unknown as ParameterSet, score, natural);
  const tuned = process.cpuUsage();
  const last: TvVolumeState = probes === scene ? state : { duals: [] };
  const image = await reconstructTvVolume(scene.data, settingsOf(found.parameters), context, undefined, last);
  return {
    ...{ id, title: method.title, setting: found.parameters },
    tuning: tuningOf(found, []),
    convergence: { iterations: last.iterations ?? 0, residual: last.residual ?? Number.NaN },
    tunedOn: probes.data.slices,
    bySlice: scoreSlices(scene, image.data),
    cpuSeconds: secondsBetween(started, tuned),
  };
}

function tuningOf({ trials, atEdge }: ClimbResult, more: readonly string[]): CtRow['tuning'] {
  return { trials: trials.length, atEdge: [...atEdge, ...more] };
}

function secondsBetween(started: NodeJS.CpuUsage, tuned: NodeJS.CpuUsage): CtRow['cpuSeconds'] {
  const run = cpuSecondsSince(tuned);
  return { run, tune: cpuSecondsSince(started) - run };
}
