/** PSNR over the number of network evaluations, on the same scenes in one run. */
import { ndarray } from '../../engine/arrays/ndarray.ts';
import { checkpoint, type RunContext } from '../../engine/context.ts';
import type { DdsInput } from '../../engine/dds/parameters.ts';
import type { Prior } from '../../engine/prior/prior.ts';
import { psnr } from '../../engine/recon/metrics.ts';
import { runDds } from '../../engine/recon/run-dds.ts';
import type { Scene } from './quality-scene.ts';
import type { Estimate } from './quality-statistics.ts';
import { estimate } from './quality-statistics.ts';
import { type PathId, paths, referenceInput } from './steps-paths.ts';
import type { SceneGroup } from './steps-scenes.ts';

/** Few steps count as enough when they are at most this far below many, dB. */
export const tolerance = 0.1;

export interface Point {
  label: string;
  /** Network evaluations per slice, all samples together, as counted. */
  evaluations: number;
  /** dB, by scene. */
  bySlice: number[];
  psnr: Estimate;
  cpuSecondsPerSlice: number;
}

export interface ReferencePoint extends Point {
  id: 'sample' | 'mean';
}

export interface PathCurve {
  id: PathId;
  title: string;
  points: Point[];
  /** Fewest evaluations of this path within the tolerance of each reference and of its own most steps; null: none. */
  fewest: { sample: number | null; mean: number | null; own: number | null };
}

export interface StepsCase {
  id: string;
  title: string;
  references: ReferencePoint[];
  curves: PathCurve[];
}

export interface StepsOptions {
  /** Steps of the reference and the last point of each curve. */
  reference: number;
  /** Samples of the reference mean. */
  samples: number;
  counts: readonly number[];
  paths: readonly PathId[];
  seed: number;
}

export interface StepsTools {
  prior: Prior;
  context: RunContext;
  note(text: string): void;
}

export async function runSteps(group: SceneGroup, options: StepsOptions, tools: StepsTools): Promise<StepsCase> {
  const references = await measureReferences(group, options, tools);
  const curves: PathCurve[] = [];
  for (const id of options.paths) {
    const points: Point[] = [];
    for (const steps of new Set([...options.counts, options.reference])) {
      const label = `${id} ${steps}`;
      const [point] = await measure(
        label,
        paths[id].input(steps),
        group.scenes,
        [(images) => images[0]],
        options,
        tools,
      );
      tools.note(`${group.id}: ${label}: ${point.psnr.mean.toFixed(2)} dB`);
      points.push(point);
    }
    curves.push({ id, title: paths[id].title, points, fewest: fewestOf(points, references) });
  }
  return { id: group.id, title: group.title, references, curves };
}

/** One run of several samples gives both: the first sample, and the mean. */
async function measureReferences(
  group: SceneGroup,
  options: StepsOptions,
  tools: StepsTools,
): Promise<ReferencePoint[]> {
  const { reference, samples } = options;
  const input = referenceInput(reference, samples);
  const label = `quality ${reference} x ${samples}`;
  const [mean, single] = await measure(
    label,
    input,
    group.scenes,
    [(images) => images[0], (images) => images[1]],
    options,
    tools,
  );
  tools.note(`${group.id}: ${label}: ${mean.psnr.mean.toFixed(2)} dB, one sample ${single.psnr.mean.toFixed(2)} dB`);
  return [
    {
      ...single,
      ...{ id: 'sample', label: `quality ${reference} x 1`, evaluations: single.evaluations / samples },
      cpuSecondsPerSlice: single.cpuSecondsPerSlice / samples,
    },
    { ...mean, id: 'mean' },
  ];
}

/** `pick` chooses the judged image from [result, first sample, second sample, …]. */
async function measure(
  label: string,
  input: DdsInput,
  scenes: readonly Scene[],
  pick: readonly ((images: readonly Float32Array[]) => Float32Array)[],
  { seed }: StepsOptions,
  { prior, context }: StepsTools,
): Promise<Point[]> {
  const counter = countImages(prior);
  const bySlice = pick.map((): number[] => []);
  const start = process.cpuUsage();
  for (const [z, { slice, reference }] of scenes.entries()) {
    await checkpoint(context);
    const { result } = await runDds([slice], counter.prior, { seed, ...input }, [z], context);
    pick.forEach((choose, k) => {
      const image = choose([result.image, ...result.samples]);
      bySlice[k].push(psnr(ndarray('complex64', reference.shape, image), reference));
    });
  }
  const { user, system } = process.cpuUsage(start);
  return bySlice.map((values) => ({
    label,
    evaluations: counter.images() / scenes.length,
    bySlice: values,
    psnr: estimate(values),
    cpuSecondsPerSlice: (user + system) / 1e6 / scenes.length,
  }));
}

/** The prior, counting the images it is shown. */
function countImages(prior: Prior): { prior: Prior; images(): number } {
  let images = 0;
  return {
    images: () => images,
    prior: {
      ...{ name: prior.name, channels: prior.channels, variance: prior.variance, hash: prior.hash },
      scaleRule: prior.scaleRule,
      predictNoise: (x, shape, level, signal) => {
        images += shape.batch;
        return prior.predictNoise(x, shape, level, signal);
      },
      dispose: () => prior.dispose(),
    },
  };
}

/** Evaluations of the first point whose mean is at least `target` − tolerance. */
function firstWithin(points: readonly Point[], target: number): number | null {
  return points.find(({ psnr: { mean } }) => mean >= target - tolerance)?.evaluations ?? null;
}

export function fewestOf(points: readonly Point[], references: readonly ReferencePoint[]): PathCurve['fewest'] {
  const target = (id: ReferencePoint['id']) => references.find((point) => point.id === id)?.psnr.mean ?? Number.NaN;
  const own = points.at(-1)?.psnr.mean ?? Number.NaN;
  return {
    sample: firstWithin(points, target('sample')),
    mean: firstWithin(points, target('mean')),
    own: firstWithin(points, own),
  };
}

/** All cases as one: each point the mean over every scene of every case. */
export function pooled(cases: readonly StepsCase[]): StepsCase {
  const merge = <P extends Point>(points: readonly P[]): P => {
    const bySlice = points.flatMap((point) => point.bySlice);
    const weighted = (value: (point: P) => number) =>
      points.reduce((sum, point) => sum + value(point) * point.bySlice.length, 0) / bySlice.length;
    return {
      ...points[0],
      ...{ bySlice, psnr: estimate(bySlice), evaluations: weighted((point) => point.evaluations) },
      cpuSecondsPerSlice: weighted((point) => point.cpuSecondsPerSlice),
    };
  };
  const references = cases[0].references.map((_, k) => merge(cases.map((found) => found.references[k])));
  const curves = cases[0].curves.map((curve, c) => {
    const points = curve.points.map((_, k) => merge(cases.map((found) => found.curves[c].points[k])));
    return { ...curve, points, fewest: fewestOf(points, references) };
  });
  return { id: 'all', title: `All ${cases.length} cases together`, references, curves };
}
