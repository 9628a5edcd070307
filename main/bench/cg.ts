/**
 * `tangent bench cg`: time per conjugate-gradient iteration of multi-coil SENSE, (AᴴA + λI) x = Aᴴy from x = 0, beside
 * `bart pics -l2` on the same k-space and maps, and the error to the exact solution after the same iterations.
 *
 * Per iteration = (time of 2n iterations − time of n)/n, so that start-up, files and set-up of either side drop out; the
 * median of several runs, the two sides taking turns. CPU seconds are given beside wall time, because other work on the
 * machine stretches the wall only. λ = 0.001.
 */
import { parseArgs } from 'node:util';
import { type NdArray, ndarray } from '../../engine/arrays/ndarray.ts';
import { norm } from '../../engine/arrays/statistics.ts';
import { EngineError } from '../../engine/errors.ts';
import { cg, cgWorkspace } from '../../engine/linear/cg.ts';
import { type MaskType, makeMask } from '../../engine/physics/mri/masks.ts';
import { createSense, type SenseOperator } from '../../engine/physics/mri/sense.ts';
import { simulateScan } from '../../engine/physics/mri/simulate.ts';
import type { BenchContext } from '../cli/bench-context.ts';
import { type Bart, openBart } from './bart.ts';

const LAMBDA = 0.001;
/** Iterations that bring float32 CG to its floor at this λ: the exact solution for the error columns. */
const EXACT_ITERATIONS = 400;

export interface CgBenchOptions {
  sizes: readonly number[];
  coils: number;
  iterations: number;
  runs: number;
  threads: readonly number[];
  masks: readonly MaskType[];
  seed: number;
  signal: AbortSignal;
  note(text: string): void;
}

interface Time {
  wallMs: number;
  cpuMs: number;
}

export interface CgBenchRow {
  size: number;
  coils: number;
  mask: MaskType;
  acceleration: number;
  threads: number;
  /** Per iteration. */
  tangent: Time;
  bart?: Time;
  /** BART over Tangent: above 1, Tangent is faster. */
  ratio?: { wall: number; cpu: number };
  /** The floor: 5 n log₂ n operations for each of the 2C transforms of n points (rows alone under a column mask). */
  fftGflop: number;
  gflopPerCpuSecond: number;
  /** ‖x − x*‖/‖x*‖. */
  errors: { iteration: number; tangent: number; bart?: number }[];
}

export interface CgBench {
  bart: string | { skipped: string };
  rows: CgBenchRow[];
}

interface Problem {
  size: number;
  coils: number;
  mask: NdArray<'uint8'>;
  maps: NdArray<'complex64'>;
  kspace: NdArray<'complex64'>;
  acceleration: number;
}

/** An ellipse with structure down to the pixel, 0 outside. */
function object(size: number): NdArray<'float32'> {
  const data = new Float32Array(size * size);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const u = (2 * x) / size - 1;
      const v = (2 * y) / size - 1;
      if ((u / 0.7) ** 2 + (v / 0.85) ** 2 > 1) continue;
      const blob = Math.exp(-20 * ((u - 0.2) ** 2 + (v + 0.3) ** 2));
      data[y * size + x] =
        0.6 + 0.4 * blob + 0.1 * Math.sin(40 * u) * Math.cos(25 * v) + ((x >> 3) & (y >> 3) & 1 ? 0.1 : 0);
    }
  }
  return ndarray('float32', [size, size], data);
}

function problem(size: number, coils: number, type: MaskType, seed: number): Problem {
  const image = object(size);
  const acceleration = type === 'poisson' ? 5 : 4;
  const { mask, effectiveAcceleration } = makeMask({
    type,
    height: size,
    width: size,
    acceleration,
    acs: 1 / 12,
    seed,
  });
  const scan = simulateScan(image, { coils, mask, noise: 0.005, seed });
  const kspace = ndarray('complex64', [coils, size, size], scan.kspace.data);
  return { size, coils, mask, maps: scan.maps, kspace, acceleration: effectiveAcceleration };
}

/** Runs CG from zero: the image (valid until the next run) and the cost of the whole run. */
function solver(a: SenseOperator, rhs: Float32Array) {
  const workspace = cgWorkspace(a.domain);
  const zero = a.domain.zeros();
  const operator = (x: Float32Array, out?: Float32Array) => a.domain.axpy(LAMBDA, x, a.normal(x, out));
  return async (iterations: number): Promise<{ x: Float32Array; time: Time }> => {
    const cpu = process.cpuUsage();
    const start = performance.now();
    const { x } = await cg(operator, rhs, zero, a.domain, { iterations, workspace });
    const wallMs = performance.now() - start;
    const used = process.cpuUsage(cpu);
    return { x, time: { wallMs, cpuMs: (used.user + used.system) / 1000 } };
  };
}

function bartSolver(bart: Bart, threads: number) {
  return async (iterations: number): Promise<Time> =>
    bart.run(['pics', '-S', '-w', '1', '-i', String(iterations), '-l2', '-r', String(LAMBDA), 'k', 's', 'x'], threads);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

/** Median over runs of the slope between n and 2n iterations. */
async function slopes(
  solvers: ((iterations: number) => Promise<Time>)[],
  iterations: number,
  runs: number,
): Promise<Time[]> {
  const found: Time[][] = solvers.map(() => []);
  for (let run = 0; run < runs; run++) {
    for (const [i, solve] of solvers.entries()) {
      const once = await solve(iterations);
      const twice = await solve(2 * iterations);
      found[i].push({
        wallMs: (twice.wallMs - once.wallMs) / iterations,
        cpuMs: (twice.cpuMs - once.cpuMs) / iterations,
      });
    }
  }
  return found.map((times) => ({
    wallMs: median(times.map((t) => t.wallMs)),
    cpuMs: median(times.map((t) => t.cpuMs)),
  }));
}

function relativeError(x: Float32Array, exact: Float32Array): number {
  return norm(x.map((v, i) => v - exact[i])) / norm(exact);
}

/** Everything the benchmark measures; BART's columns are absent when it is not installed. */
export async function benchCg(options: CgBenchOptions): Promise<CgBench> {
  const { coils, iterations, runs, seed, note } = options;
  const bart = await openBart();
  if (bart === undefined) note('bart is not on PATH: its columns are left out. Install BART to compare.');
  const rows: CgBenchRow[] = [];
  try {
    for (const size of options.sizes) {
      for (const type of options.masks) {
        note(`${size}×${size}, ${coils} coils, ${type}`);
        const p = problem(size, coils, type, seed);
        if (bart) {
          await bart.write('k', p.kspace);
          await bart.write('s', p.maps);
        }
        const errors = await compareErrors(p, bart, iterations);
        for (const threads of options.threads) {
          if (options.signal.aborted) throw new EngineError('cancelled', 'cancelled');
          rows.push(await measure(p, type, threads, bart, { iterations, runs }, errors));
        }
      }
    }
  } finally {
    await bart?.close();
  }
  return { bart: bart?.version ?? { skipped: 'bart is not on PATH' }, rows };
}

async function compareErrors(p: Problem, bart: Bart | undefined, iterations: number): Promise<CgBenchRow['errors']> {
  const a = createSense({ maps: p.maps, mask: p.mask });
  const solve = solver(a, a.adjoint(p.kspace.data));
  const exact = (await solve(EXACT_ITERATIONS)).x.slice();
  const errors: CgBenchRow['errors'] = [];
  for (const iteration of [1, 2, 5, 10, 20, 30].filter((i) => i <= iterations)) {
    const row: CgBenchRow['errors'][number] = { iteration, tangent: relativeError((await solve(iteration)).x, exact) };
    if (bart) {
      await bartSolver(bart, 1)(iteration);
      row.bart = relativeError(await bart.read('x'), exact);
    }
    errors.push(row);
  }
  a.dispose();
  return errors;
}

async function measure(
  p: Problem,
  mask: MaskType,
  threads: number,
  bart: Bart | undefined,
  { iterations, runs }: { iterations: number; runs: number },
  errors: CgBenchRow['errors'],
): Promise<CgBenchRow> {
  const a = createSense({ maps: p.maps, mask: p.mask, threads });
  try {
    const solve = solver(a, a.adjoint(p.kspace.data));
    // Lets the compiler reach its last tier and the threads come up.
    await solve(40);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await solve(40);
    const own = async (n: number) => (await solve(n)).time;
    const [tangent, peer] = await slopes(bart ? [own, bartSolver(bart, threads)] : [own], iterations, runs);
    const axes = a.path === 'columns' || a.path === 'rows' ? 1 : 2;
    const fftGflop = (2 * p.coils * 5 * p.size ** 2 * axes * Math.log2(p.size)) / 1e9;
    return {
      size: p.size,
      coils: p.coils,
      mask,
      acceleration: p.acceleration,
      threads,
      tangent,
      ...(peer && { bart: peer, ratio: { wall: peer.wallMs / tangent.wallMs, cpu: peer.cpuMs / tangent.cpuMs } }),
      fftGflop,
      gflopPerCpuSecond: fftGflop / (tangent.cpuMs / 1000),
      errors,
    };
  } finally {
    a.dispose();
  }
}

export const summary = 'Time and error per CG-SENSE iteration, beside bart pics.';

/** Options: --size=256,320 --coils=8 --iterations=30 --runs=5 --mask=poisson,uniform1d. */
export async function run(args: readonly string[], context: BenchContext): Promise<CgBench> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      size: { type: 'string', default: '256,320' },
      coils: { type: 'string', default: '8' },
      iterations: { type: 'string', default: '30' },
      runs: { type: 'string', default: '5' },
      mask: { type: 'string', default: 'poisson,uniform1d' },
    },
  });
  const result = await benchCg({
    sizes: values.size.split(',').map((v) => count('size', v, 32)),
    coils: count('coils', values.coils, 1),
    iterations: count('iterations', values.iterations, 1),
    runs: count('runs', values.runs, 1),
    masks: values.mask.split(',').map(maskType),
    threads: context.threads > 1 ? [1, 2] : [1],
    seed: context.seed,
    signal: context.signal,
    note: context.note,
  });
  context.print(formatCgBench(result));
  return result;
}

function count(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= 4096) return value;
  throw new EngineError('bad-usage', `--${name} is "${text}", expected a whole number from ${least} to 4096`, {
    path: name,
  });
}

function maskType(text: string): MaskType {
  const found = benchMasks.find((mask) => mask === text);
  if (found) return found;
  throw new EngineError('bad-usage', `--mask is "${text}", expected some of ${benchMasks.join(', ')}`, {
    path: 'mask',
  });
}

const benchMasks: readonly MaskType[] = ['poisson', 'uniform1d', 'gaussian1d', 'gaussian2d', 'uniformrandom2d'];

/** The table for a person. */
export function formatCgBench({ bart, rows }: CgBench): string {
  const lines = [
    `CG-SENSE, time per iteration in ms; peer: ${typeof bart === 'string' ? `bart ${bart}` : bart.skipped}`,
    'size  mask        R     threads  tangent wall (CPU)   bart wall (CPU)      ratio wall (CPU)  GFLOP per CPU-s',
  ];
  const time = (t: Time | undefined) => (t ? `${t.wallMs.toFixed(2)} (${t.cpuMs.toFixed(2)})` : '–');
  for (const row of rows) {
    const ratio = row.ratio ? `${row.ratio.wall.toFixed(1)}× (${row.ratio.cpu.toFixed(1)}×)` : '–';
    lines.push(
      [
        String(row.size).padEnd(5),
        row.mask.padEnd(11),
        row.acceleration.toFixed(1).padEnd(5),
        String(row.threads).padEnd(8),
        time(row.tangent).padEnd(20),
        time(row.bart).padEnd(20),
        ratio.padEnd(17),
        row.gflopPerCpuSecond.toFixed(1),
      ].join(' '),
    );
  }
  const shown = new Set<string>();
  for (const row of rows) {
    const key = `${row.size} ${row.mask}`;
    if (shown.has(key)) continue;
    shown.add(key);
    lines.push('', `${key}: ‖x − x*‖/‖x*‖ after k iterations`);
    for (const e of row.errors) {
      lines.push(
        `  k = ${String(e.iteration).padEnd(3)} tangent ${e.tangent.toExponential(3)}  bart ${e.bart?.toExponential(3) ?? '–'}`,
      );
    }
  }
  return lines.join('\n');
}
