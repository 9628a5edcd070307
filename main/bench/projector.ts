/**
 * `tangent bench projector`: the parallel-beam projector and its adjoint beside a CPU projector of Python, the ASTRA toolbox or
 * scikit-image, in one run on the same image: rays per second, the error to the closed-form line integrals, and the ratio.
 *
 * The two sides take turns; the median of several runs counts. CPU seconds are given beside wall time, because other work on
 * the machine stretches the wall only, and the ratio is that of CPU seconds. Several slices are one product of Tangent's; the
 * peers know one slice at a time, whose time is multiplied. The floor is the time this machine takes to copy the bytes that any projector must at
 * least touch: image and sinogram once.
 */
import { z } from 'zod';
import { norm } from '../../engine/arrays/statistics.ts';
import { EngineError } from '../../engine/errors.ts';
import { diagonal, parallelBeamGeometry, uniformAngles } from '../../engine/physics/ct/geometry.ts';
import { createProjector } from '../../engine/physics/ct/projector.ts';
import type { BenchContext } from '../cli/bench-context.ts';
import { startClock, type Time } from './cost-clock.ts';
import { parseOptions } from './parse-options.ts';
import { type Direction, openProjectorPeer, type ProjectorPeer } from './projector-peer.ts';
import { ellipseImage, ellipseSinogram } from './projector-scene.ts';

/** Operations of one sample of one slice: three interpolations and a sum, or their transpose. */
const SAMPLE_FLOPS = 10;

export interface ProjectorBenchRow {
  views: number;
  slices: number;
  direction: Direction;
  /** Tangent's seconds for all slices. */
  tangent: Time;
  raysPerSecond: number;
  gflopPerCpuSecond: number;
  /** CPU seconds over those of copying image and sinogram once. */
  overFloor: number;
  peers: { way: string; time: Time; raysPerSecond: number; ratio: { cpu: number; wall: number } }[];
}

export interface ProjectorBench {
  size: number;
  peer: string;
  /** ‖A x − exact‖/‖exact‖ per number of views; the projectors' own discretisation of the same ellipses. */
  errors: { views: number; tangent: number; peers: Record<string, number> }[];
  rows: ProjectorBenchRow[];
}

const list = (least: number, most: number, initial: string) =>
  z
    .string()
    .default(initial)
    .transform((text) => text.split(',').map(Number))
    .pipe(z.array(z.int().min(least).max(most)));

const options = z.object({
  python: z.string().min(1).default('python3'),
  size: z.coerce.number().int().min(16).max(2048).default(256),
  views: list(1, 2000, '16,60,180'),
  slices: list(1, 1024, '1,16'),
  runs: z.coerce.number().int().min(1).max(100).default(5),
});

export const summary = 'Rays per second and error of the CT projector, beside ASTRA or scikit-image on the CPU.';

/** Options: --python=PATH of an interpreter that has the peer, --size=256, --views=16,60,180, --slices=1,16, --runs=5. */
export async function run(args: readonly string[], context: BenchContext): Promise<ProjectorBench> {
  const settings = parseOptions(options, args);
  const { size } = settings;
  const detectors = diagonal(size);
  const opened = await openProjectorPeer({
    python: settings.python,
    size,
    detectors,
    image: ellipseImage(size, (size - 1) / 2),
  });
  const peer = 'missing' in opened ? undefined : opened;
  if ('missing' in opened)
    context.note(`${opened.missing}. Name an interpreter that has astra-toolbox or scikit-image by --python.`);
  const bench: ProjectorBench = {
    size,
    peer: peer?.name ?? 'no peer installed',
    errors: [],
    rows: [],
  };
  const copySpeed = bytesPerSecond();
  try {
    for (const views of settings.views) {
      bench.errors.push(await compareErrors(size, views, detectors, peer));
      for (const slices of settings.slices) {
        if (context.signal.aborted) throw new EngineError('cancelled', 'cancelled');
        context.note(`${size}², ${views} views, ${slices === 1 ? 'one slice' : `${slices} slices`}`);
        bench.rows.push(...(await measure({ size, detectors, views, slices, runs: settings.runs, copySpeed }, peer)));
      }
    }
  } finally {
    await peer?.close();
  }
  context.print(formatProjectorBench(bench));
  return bench;
}

/** What a plain copy of memory far larger than the caches reaches: bytes read plus bytes written. */
function bytesPerSecond(): number {
  const from = new Float32Array(2 ** 24).fill(1);
  const to = new Float32Array(2 ** 24);
  to.set(from);
  const clock = startClock();
  for (let i = 0; i < 4; i++) to.set(from);
  return (4 * (from.byteLength + to.byteLength)) / clock().cpu;
}

async function compareErrors(
  size: number,
  views: number,
  detectors: number,
  peer: ProjectorPeer | undefined,
): Promise<ProjectorBench['errors'][number]> {
  const exact = ellipseSinogram(size, views, detectors);
  const error = (got: Float32Array) => norm(got.map((value, i) => value - exact[i])) / norm(exact);
  const a = createProjector(parallelBeamGeometry({ size, anglesDeg: uniformAngles(views) }));
  const own = a.apply(ellipseImage(size, Math.floor(size / 2))).map((value) => value / a.scaling);
  const peers: Record<string, number> = {};
  for (const way of peer?.ways ?? []) peers[way] = error(await peerSinogram(peer, way, views, exact.length));
  return { views, tangent: error(own), peers };
}

async function peerSinogram(peer: ProjectorPeer | undefined, way: string, views: number, length: number) {
  const sinogram = (await peer?.sinogram(way, views)) ?? new Float32Array(0);
  if (sinogram.length !== length)
    throw new EngineError('mismatch', `${peer?.name} made ${sinogram.length} line integrals, expected ${length}`);
  return sinogram;
}

interface Task {
  size: number;
  detectors: number;
  views: number;
  slices: number;
  runs: number;
  copySpeed: number;
}

async function measure(task: Task, peer: ProjectorPeer | undefined): Promise<ProjectorBenchRow[]> {
  const { size, detectors, views, slices, runs } = task;
  const a = createProjector(parallelBeamGeometry({ size, anglesDeg: uniformAngles(views) }), slices);
  const slice = ellipseImage(size, Math.floor(size / 2));
  const x = a.domain.zeros();
  for (let z = 0; z < slices; z++) x.set(slice, z * slice.length);
  const y = a.apply(x);
  const back = a.domain.zeros();
  const product = { forward: () => a.apply(x, y), back: () => a.adjoint(y, back) };
  const rows: ProjectorBenchRow[] = [];
  for (const direction of ['forward', 'back'] as const) {
    const times = new Map<string, Time[]>();
    const record = (key: string, time: Time) => times.set(key, [...(times.get(key) ?? []), time]);
    // Lets the compiler reach its last tier.
    for (let i = 0; i < 5; i++) product[direction]();
    // Some short products are timed together: a clock tick of the processor's time must not show.
    const repeats = Math.max(1, Math.round(1e7 / (views * size * size * slices)));
    for (let i = 0; i < runs; i++) {
      const clock = startClock();
      for (let r = 0; r < repeats; r++) product[direction]();
      const { wall, cpu } = clock();
      record('', { wall: wall / repeats, cpu: cpu / repeats });
      for (const way of peer?.ways ?? []) {
        const one = (await peer?.time(way, views, direction, Math.max(1, Math.round(40 / views)))) ?? { wall, cpu };
        record(way, { wall: one.wall * slices, cpu: one.cpu * slices });
      }
    }
    const typical = (key: string): Time => {
      const found = times.get(key) ?? [];
      return { wall: median(found.map((t) => t.wall)), cpu: median(found.map((t) => t.cpu)) };
    };
    const tangent = typical('');
    const rays = views * detectors * slices;
    const floor = (4 * slices * (size * size + views * detectors)) / task.copySpeed;
    rows.push({
      views,
      slices,
      direction,
      tangent,
      raysPerSecond: rays / tangent.cpu,
      gflopPerCpuSecond: (SAMPLE_FLOPS * views * size * size * slices) / tangent.cpu / 1e9,
      overFloor: tangent.cpu / floor,
      peers: (peer?.ways ?? []).map((way) => {
        const time = typical(way);
        const ratio = { cpu: time.cpu / tangent.cpu, wall: time.wall / tangent.wall };
        return { way, time, raysPerSecond: rays / time.cpu, ratio };
      }),
    });
  }
  a.dispose();
  return rows;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

/** The table for a person. */
export function formatProjectorBench({ size, peer, errors, rows }: ProjectorBench): string {
  const million = (rays: number) => `${(rays / 1e6).toFixed(2)} M`;
  const ways = Object.keys(errors[0]?.peers ?? {});
  const lines = [
    `Parallel beam ${size}², one thread, per CPU second; peer: ${peer}. Ratio: peer's time over Tangent's, CPU (wall)`,
    [
      'views',
      'slices',
      'way    ',
      'ms     ',
      'rays/s   ',
      'GFLOP/s',
      'floor ×',
      ...ways.map((way) => way.padEnd(24)),
    ].join('  '),
  ];
  for (const row of rows)
    lines.push(
      [
        String(row.views).padEnd(5),
        String(row.slices).padEnd(6),
        row.direction.padEnd(7),
        (row.tangent.cpu * 1000).toFixed(2).padEnd(7),
        million(row.raysPerSecond).padEnd(9),
        row.gflopPerCpuSecond.toFixed(1).padEnd(7),
        row.overFloor.toFixed(1).padEnd(7),
        ...row.peers.map(({ raysPerSecond, ratio }) =>
          `${million(raysPerSecond)}, ${ratio.cpu.toFixed(1)}× (${ratio.wall.toFixed(1)}×)`.padEnd(24),
        ),
      ].join('  '),
    );
  lines.push('', 'Error to the closed-form line integrals of ellipses, relative L2:');
  for (const { views, tangent, peers } of errors)
    lines.push(
      `  ${String(views).padEnd(5)} tangent ${tangent.toFixed(5)}${ways.map((way) => `  ${way} ${peers[way].toFixed(5)}`).join('')}`,
    );
  return lines.join('\n');
}
