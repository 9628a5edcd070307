/** AᴴA of SENSE in generated WebAssembly SIMD: chooses the path, fills the kernel's memory, runs it. */

import { hasFusedMultiplyAdd } from '../../../arrays/wasm/fused-multiply-add.ts';
import { type WasmMemory, type WasmModule, webAssembly } from '../../../arrays/wasm/web-assembly.ts';
import { type SenseWorkers, startSenseWorkers } from '../sense-workers.ts';
import { type FftPlan, fftPlan } from './fft-plan.ts';
import { centredIndex, type KernelPath, type KernelSizes, type Layout } from './layout.ts';
import { buildProgram, type Program } from './program.ts';
import { type KernelExports, runSerial, type Schedule } from './schedule.ts';

/** WebAssembly's 4 GiB, less a margin: a larger problem takes the plain path. */
const LARGEST_PAGES = 60_000;

export interface SenseKernelOptions {
  coils: number;
  image: readonly [number, number];
  grid: readonly [number, number];
  /** Interleaved [coils, y, x]. */
  maps: Float32Array;
  /** m per location of the centred grid [ky, kx]. */
  weights: Float32Array;
  threads: number;
}

export interface SenseKernel {
  readonly path: KernelPath;
  /** out ← AᴴA x, interleaved [y, x]; nothing is allocated. */
  normal(x: Float32Array, out: Float32Array): void;
  dispose(): void;
}

/** The cheapest path the weights allow: one transform when they are constant along an axis, else two. */
export function kernelPath(weights: Float32Array, [height, width]: readonly [number, number]): KernelPath {
  let columns = true;
  let rows = true;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      columns &&= weights[i] === weights[x];
      rows &&= weights[i] === weights[y * width];
    }
  }
  return columns ? 'columns' : rows ? 'rows' : 'grid';
}

interface Compiled {
  program: Program;
  module: WasmModule;
  plan: FftPlan;
  across: FftPlan | undefined;
}

/** Programs depend on sizes alone, and the engine's optimised code lives as long as its module: slices share them. */
const programs = new Map<string, Compiled>();
const MOST_PROGRAMS = 8;

function compile(sizes: KernelSizes): Compiled | undefined {
  const key = Object.values(sizes).join(' ');
  const known = programs.get(key);
  if (known) return known;
  const plan = fftPlan(sizes.path === 'rows' ? sizes.gridHeight : sizes.gridWidth);
  const across = sizes.path === 'grid' ? fftPlan(sizes.gridHeight) : undefined;
  if (plan === undefined || (sizes.path === 'grid' && across === undefined)) return undefined;
  const program = buildProgram(sizes, plan, across, hasFusedMultiplyAdd());
  if (program.layout.pages > LARGEST_PAGES) return undefined;
  const module = new (webAssembly().Module)(program.bytes);
  const compiled = { program, module, plan, across };
  for (const oldest of programs.keys()) if (programs.size >= MOST_PROGRAMS) programs.delete(oldest);
  programs.set(key, compiled);
  return compiled;
}

/** Undefined when the machine has no room; the plain path needs less. */
function reserve(pages: number, shared: boolean): WasmMemory | undefined {
  try {
    return new (webAssembly().Memory)({ initial: pages, maximum: pages, shared });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Undefined when a size has a prime factor above 61 or does not fit in WebAssembly memory. */
export function createSenseKernel(options: SenseKernelOptions): SenseKernel | undefined {
  const { coils, image, grid, weights, threads } = options;
  const path = kernelPath(weights, grid);
  const compiled = compile({
    path,
    coils,
    height: image[0],
    width: image[1],
    gridHeight: grid[0],
    gridWidth: grid[1],
    threads,
  });
  if (compiled === undefined) return undefined;
  const { program, module, plan, across } = compiled;
  const { layout } = program;
  const shared = threads > 1;
  const memory = reserve(layout.pages, shared);
  if (memory === undefined) return undefined;
  const exports: unknown = new (webAssembly().Instance)(module, { env: { memory } }).exports;
  const kernel = exports as KernelExports;
  const floats = new Float32Array(memory.buffer);
  fillTables(floats, program);
  fillMaps(floats, layout, path, options);
  fillMask(floats, layout, path, options, plan, across);

  const schedule: Schedule = {
    path,
    coils,
    blocks: layout.blocks,
    groups: layout.groups,
    maps: layout.addresses.maps,
    mapsStride: layout.blocks * layout.blockStride,
    work: layout.addresses.work,
    workStride: layout.workCoilStride,
    scratch: layout.addresses.scratch,
    scratchStride: layout.scratchStride,
  };
  const workers: SenseWorkers | undefined = shared
    ? startSenseWorkers(module, memory, kernel, schedule, threads)
    : undefined;
  const [height, width] = image;
  const stride = layout.imageStride / 4;
  const input = layout.addresses.input / 4;
  const output = layout.addresses.output / 4;
  // Rows as views made once: a product allocates nothing.
  const whole = stride === 2 * width;
  const rowsOf = (start: number) =>
    Array.from({ length: whole ? 1 : height }, (_, y) => {
      const from = start + y * stride;
      return floats.subarray(from, from + (whole ? height : 1) * 2 * width);
    });
  const inputRows = rowsOf(input);
  const outputRows = rowsOf(output);

  return {
    path,
    normal: (x, out) => {
      if (whole) inputRows[0].set(x);
      else copyIn(x, inputRows, 2 * width);
      if (workers) workers.run();
      else runSerial(kernel, schedule);
      for (let y = 0; y < outputRows.length; y++) out.set(outputRows[y], y * 2 * width);
    },
    dispose: () => workers?.dispose(),
  };
}

function copyIn(x: Float32Array, rows: readonly Float32Array[], width: number): void {
  for (let y = 0; y < rows.length; y++) {
    const row = rows[y];
    for (let i = 0, at = y * width; i < width; i++, at++) row[i] = x[at];
  }
}

function fillTables(floats: Float32Array, program: Program): void {
  for (const { address, data } of program.tables) floats.set(data, address / 4);
}

function fillMaps(floats: Float32Array, layout: Layout, path: KernelPath, options: SenseKernelOptions): void {
  const { coils, image, maps } = options;
  const [height, width] = image;
  const transposed = path === 'rows';
  for (let c = 0; c < coils; c++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const [line, position] = transposed ? [x, y] : [y, x];
        const block = c * layout.blocks + (line >> 2);
        const at = (layout.addresses.maps + block * layout.blockStride) / 4 + 8 * position + (line & 3);
        const from = 2 * ((c * height + y) * width + x);
        floats[at] = maps[from];
        floats[at + 4] = maps[from + 1];
      }
    }
  }
}

function fillMask(
  floats: Float32Array,
  layout: Layout,
  path: KernelPath,
  { grid, weights }: SenseKernelOptions,
  plan: FftPlan,
  across: FftPlan | undefined,
): void {
  const [height, width] = grid;
  const start = layout.addresses.mask / 4;
  if (across === undefined) {
    for (let i = 0; i < plan.n; i++) {
      const k = centredIndex(plan, i);
      floats[start + i] = weights[path === 'columns' ? k : k * width] ** 2 / plan.n;
    }
    return;
  }
  for (let group = 0; group < layout.groups; group++) {
    for (let i = 0; i < height; i++) {
      for (let lane = 0; lane < 4 && 4 * group + lane < width; lane++) {
        const k = centredIndex(across, i) * width + centredIndex(plan, 4 * group + lane);
        floats[start + (group * height + i) * 4 + lane] = weights[k] ** 2 / (height * width);
      }
    }
  }
}
