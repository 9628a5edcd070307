/**
 * `tangent bench volume`: a CT volume of few views, coupled along z by total variation, as one run of the sampler: where the
 * time goes, what the run was planned to hold in memory, and the most this process ever held (peak resident set).
 *
 * The clock stops around the network, the projector and the vector operations of conjugate gradients; the rest is the
 * coupling along z, re-noising, random numbers and residual sums. Benchmarks run in a process of their own, so its
 * peak is the run's, with the program and the network's runtime.
 */
import { z } from 'zod';
import { quietContext } from '../../engine/context.ts';
import { resolveParameters } from '../../engine/dds/parameters.ts';
import type { DdsProblem } from '../../engine/dds/problem.ts';
import { sample } from '../../engine/dds/sampler.ts';
import type { LinearOperator } from '../../engine/linear/operator.ts';
import type { TypedSpace } from '../../engine/linear/typed-space.ts';
import { uniformAngles } from '../../engine/physics/ct/geometry.ts';
import { parallelBeam } from '../../engine/physics/ct/parallel-beam.ts';
import { gaussianPrior } from '../../engine/prior/gaussian.ts';
import { loadPrior } from '../../engine/prior/load-prior.ts';
import type { Prior } from '../../engine/prior/prior.ts';
import type { BenchContext } from '../cli/bench-context.ts';
import { table } from '../cli/table.ts';
import { resolveDevice } from '../host/resolve-device.ts';
import { parseOptions } from './parse-options.ts';

export const summary = 'A CT volume coupled along z: time split, planned and peak memory.';

const count = (most: number) => z.coerce.number().int().min(1).max(most);
const schema = z.object({
  size: count(1024).default(256),
  slices: count(2048).default(128),
  views: count(720).default(16),
  steps: count(200).default(3),
  cg: count(100).default(5),
  /** A prior by name, or the analytic one. */
  prior: z.string().default('gaussian'),
  'max-mib': count(2 ** 20).optional(),
});

export interface VolumeBench {
  shape: [slices: number, y: number, x: number];
  views: number;
  steps: number;
  prior: string;
  threads: number;
  seconds: { total: number; network: number; projector: number; vectors: number; other: number };
  /** Bytes. */
  memory: {
    planned: number;
    allocations: { name: string; bytes: number }[];
    /** Resident before the run, and at most. */
    before: number;
    peak: number;
    slabSlices: number;
    batch: number;
  };
  /** ‖x̂ − x‖²/‖x‖². */
  nmse: number;
}

type Part = 'network' | 'projector' | 'vectors';

class Stopwatch {
  readonly ms: Record<Part, number> = { network: 0, projector: 0, vectors: 0 };

  time<T>(part: Part, work: () => T): T {
    const start = performance.now();
    const result = work();
    this.ms[part] += performance.now() - start;
    return result;
  }
}

/** Options: --size --slices --views --steps --cg --prior NAME|gaussian --max-mib N. */
export async function run(args: readonly string[], context: BenchContext): Promise<VolumeBench> {
  const options = parseOptions(schema, args);
  const { size, slices, views, steps } = options;
  const watch = new Stopwatch();
  const loaded =
    options.prior === 'gaussian'
      ? gaussianPrior({ channels: 1, mean: 0.3, spectrum: 0.1 })
      : await loadPrior(options.prior, { device: await resolveDevice(context.device), threads: context.threads });
  try {
    const prior = timedPrior(loaded, watch);
    const truth = ellipsoids(slices, size);
    const problem = volumeProblem(truth, { size, slices, views }, watch);
    watch.ms.projector = 0;
    const before = process.memoryUsage.rss();
    const start = performance.now();
    const result = await sample(
      problem,
      prior,
      // In values like the shipped presets': a start image, a noise weight, and the coupling on.
      resolveParameters({ steps, cgIters: options.cg, tv: true, rho: 10, lambda: 0.04, scale: 'none', eta: 0.5 }),
      quietContext({
        signal: context.signal,
        threads: context.threads,
        progress: ({ step }) => step && context.note(`step ${step.index} of ${step.count}`),
        log: (level, message) => {
          if (level !== 'debug') context.note(message);
        },
      }),
      { keepInit: false, ...(options['max-mib'] ? { maxMemory: options['max-mib'] * 2 ** 20 } : {}) },
    );
    const total = performance.now() - start;
    const { network, projector, vectors } = watch.ms;
    const seconds = (ms: number) => Math.round(ms) / 1000;
    const found: VolumeBench = {
      shape: [slices, size, size],
      views,
      steps: result.nfe,
      prior: prior.name,
      threads: context.threads,
      seconds: {
        total: seconds(total),
        network: seconds(network),
        projector: seconds(projector),
        vectors: seconds(vectors),
        other: seconds(total - network - projector - vectors),
      },
      memory: {
        planned: result.memory.total,
        allocations: [...result.memory.allocations],
        before,
        peak: process.resourceUsage().maxRSS * 1024,
        slabSlices: result.memory.slabSlices,
        batch: result.memory.batch,
      },
      nmse: nmse(result.image, truth),
    };
    context.print(format(found));
    return found;
  } finally {
    await loaded.dispose();
  }
}

function timedPrior(prior: Prior, watch: Stopwatch): Prior {
  return {
    ...prior,
    async predictNoise(...given) {
      const start = performance.now();
      const prediction = await prior.predictNoise(...given);
      watch.ms.network += performance.now() - start;
      return prediction;
    },
  };
}

type Operator = LinearOperator<Float32Array, Float32Array>;

function timedOperator(operator: Operator & { domain: TypedSpace }, watch: Stopwatch): Operator {
  const { domain } = operator;
  const normal = operator.normal?.bind(operator);
  return {
    ...operator,
    domain: {
      ...domain,
      assign: (x, y) => watch.time('vectors', () => domain.assign(x, y)),
      axpy: (a, x, y) => watch.time('vectors', () => domain.axpy(a, x, y)),
      axpby: (a, x, b, y) => watch.time('vectors', () => domain.axpby(a, x, b, y)),
      dot: (x, y) => watch.time('vectors', () => domain.dot(x, y)),
    },
    apply: (x, out) => watch.time('projector', () => operator.apply(x, out)),
    adjoint: (y, out) => watch.time('projector', () => operator.adjoint(y, out)),
    ...(normal
      ? { normal: (x: Float32Array, out?: Float32Array) => watch.time('projector', () => normal(x, out)) }
      : {}),
  };
}

function volumeProblem(
  truth: Float32Array,
  { size, slices, views }: { size: number; slices: number; views: number },
  watch: Stopwatch,
): DdsProblem {
  const geometry = { size, anglesDeg: uniformAngles(views) };
  const single = timedOperator(parallelBeam(geometry), watch);
  const whole = timedOperator(parallelBeam({ ...geometry, slices }), watch);
  const data = whole.apply(truth);
  const perSlice = data.length / slices;
  return {
    slices: Array.from({ length: slices }, (_, z) => ({
      operator: single,
      measurement: data.subarray(z * perSlice, (z + 1) * perSlice),
    })),
    height: size,
    width: size,
    complex: false,
    volumeOperator: whole,
    slabOperator: (_first, thickness) => timedOperator(parallelBeam({ ...geometry, slices: thickness }), watch),
  };
}

/** An ellipsoid of 0.5 with a rod, a ball and a slab of other values in it: smooth along z but for the ball. */
function ellipsoids(slices: number, size: number): Float32Array {
  const volume = new Float32Array(slices * size * size);
  const middle = (size - 1) / 2;
  for (let z = 0; z < slices; z++)
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++) {
        const [u, v, w] = [(x - middle) / size, (y - middle) / size, (z + 0.5) / slices - 0.5];
        if ((u / 0.44) ** 2 + (v / 0.38) ** 2 + (w / 0.9) ** 2 >= 1) continue;
        const rod = Math.hypot(u + 0.2, v) < 0.06 ? 0.4 : 0;
        const ball = Math.hypot(u - 0.15, v - 0.1, 0.7 * w) < 0.12 ? -0.3 : 0;
        const slab = Math.abs(v + 0.25) < 0.02 ? 0.2 : 0;
        volume[(z * size + y) * size + x] = 0.5 + rod + ball + slab;
      }
  return volume;
}

function nmse(image: Float32Array, truth: Float32Array): number {
  let error = 0;
  let energy = 0;
  for (let i = 0; i < truth.length; i++) {
    error += (image[i] - truth[i]) ** 2;
    energy += truth[i] ** 2;
  }
  return error / energy;
}

function format({ shape, views, steps, prior, threads, seconds, memory, nmse: error }: VolumeBench): string {
  const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
  const share = (value: number) => `${((100 * value) / seconds.total).toFixed(1)} %`;
  const parts = (['network', 'projector', 'vectors', 'other'] as const).map((name) => [
    name,
    `${seconds[name].toFixed(2)} s`,
    share(seconds[name]),
  ]);
  return [
    `Volume [${shape}], ${views} views, ${steps} steps, prior ${prior}, ${threads} thread${threads === 1 ? '' : 's'}`,
    table(['part', 'time', 'share'], [...parts, ['total', `${seconds.total.toFixed(2)} s`, '']]),
    '',
    table(
      ['memory', 'size'],
      [
        ...memory.allocations.map(({ name, bytes }) => [name, mib(bytes)]),
        ['planned', mib(memory.planned)],
        ['resident before the run', mib(memory.before)],
        ['most resident', mib(memory.peak)],
      ],
    ),
    memory.slabSlices < shape[0] ? `tiled in slabs of ${memory.slabSlices} slices` : 'solved as a whole',
    `NMSE ${error.toPrecision(3)}`,
  ].join('\n');
}
