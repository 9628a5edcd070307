/**
 * Threads that share a projector's passes (slice-pass.ts): made once, asleep between products, ended by dispose(). Each pass
 * writes slices of its own and runs alike on any thread, so the bits do not depend on who takes what.
 */
import { Worker } from 'node:worker_threads';
import type { WasmMemory, WasmModule } from '../../arrays/wasm/web-assembly.ts';
import type { RayKernel } from './ray-kernel.ts';
import { type LaneTable, type PassOperation, type PassTables, runPass } from './slice-pass.ts';

export interface SharedEngine {
  module: WasmModule;
  memory: WasmMemory;
  tables: PassTables;
  bases: readonly number[];
}

export interface SharedPass {
  engine: number;
  lanes: LaneTable;
}

/** Words of the control block. The counter holds generation · 2¹⁶ + next pass, so that a late thread cannot take one. */
const CONTROL = { generation: 0, quit: 1, next: 2, done: 3, operation: 4, words: 16 } as const;
/** As many passes as the counter has room for. */
export const mostPasses = 0xffff;

interface ThreadStart {
  engines: SharedEngine[];
  passes: SharedPass[];
  control: SharedArrayBuffer;
  factor: SharedArrayBuffer;
  input: SharedArrayBuffer;
  output: SharedArrayBuffer;
  thread: number;
}

/** Runs passes of the generation until none is left. Source text of the threads too: its arguments and globals only. */
function takePasses(
  run: typeof runPass,
  kernels: RayKernel[],
  floats: Float32Array[],
  start: Omit<ThreadStart, 'control' | 'factor' | 'input' | 'output'>,
  [control, factor, input, output]: readonly [Int32Array, Float64Array, Float32Array, Float32Array],
  generation: number,
): void {
  const [NEXT, DONE, OPERATION] = [2, 3, 4];
  const tag = generation << 16;
  const count = start.passes.length;
  for (;;) {
    const ticket = Atomics.load(control, NEXT);
    const index = ticket - tag;
    if (index < 0 || index >= count) return;
    if (Atomics.compareExchange(control, NEXT, ticket, ticket + 1) !== ticket) continue;
    const { engine, lanes } = start.passes[index];
    const { tables, bases } = start.engines[engine];
    const operation = Atomics.load(control, OPERATION) as PassOperation;
    run(kernels[engine], floats[engine], tables, lanes, bases[start.thread], operation, input, output, factor[0]);
    if (Atomics.add(control, DONE, 1) + 1 === count) Atomics.notify(control, DONE);
  }
}

/** Body of a thread; as source text, so that bundlers need not know of a second entry file. */
const threadSource = `
  const start = require('node:worker_threads').workerData;
  const runPass = ${runPass.toString()};
  const takePasses = ${takePasses.toString()};
  const kernels = start.engines.map(({ module, memory }) => new WebAssembly.Instance(module, { env: { memory } }).exports);
  const floats = start.engines.map(({ memory }) => new Float32Array(memory.buffer));
  const control = new Int32Array(start.control);
  const arrays = [control, new Float64Array(start.factor), new Float32Array(start.input), new Float32Array(start.output)];
  let seen = 0;
  for (;;) {
    Atomics.wait(control, ${CONTROL.generation}, seen);
    if (Atomics.load(control, ${CONTROL.quit}) === 1) break;
    const generation = Atomics.load(control, ${CONTROL.generation});
    if (generation === seen) continue;
    seen = generation;
    takePasses(runPass, kernels, floats, start, arrays, generation);
  }
`;

export interface SliceWorkers {
  run(operation: PassOperation, input: Float32Array, output: Float32Array, factor: number): void;
  dispose(): void;
}

/** Starts threads − 1 threads; one that is not up yet, or starved, only means that the caller does more itself. */
export function startSliceWorkers(
  engines: readonly (SharedEngine & { kernel: RayKernel; floats: Float32Array })[],
  passes: readonly SharedPass[],
  threads: number,
  largestVector: number,
): SliceWorkers {
  const shared = {
    engines: engines.map(({ module, memory, tables, bases }) => ({ module, memory, tables, bases })),
    passes: [...passes],
  };
  const buffers = {
    control: new SharedArrayBuffer(4 * CONTROL.words),
    factor: new SharedArrayBuffer(8),
    input: new SharedArrayBuffer(4 * largestVector),
    output: new SharedArrayBuffer(4 * largestVector),
  };
  const control = new Int32Array(buffers.control);
  const factors = new Float64Array(buffers.factor);
  const from = new Float32Array(buffers.input);
  const to = new Float32Array(buffers.output);
  const kernels = engines.map(({ kernel }) => kernel);
  const floats = engines.map((engine) => engine.floats);
  const workers = Array.from({ length: threads - 1 }, (_, i) => {
    const workerData: ThreadStart = { ...shared, ...buffers, thread: i + 1 };
    const worker = new Worker(threadSource, { eval: true, workerData });
    worker.unref();
    return worker;
  });
  let generation = 0;
  return {
    run(operation, input, output, factor) {
      from.set(input);
      factors[0] = factor;
      // 15 bits; 0 is the state before the first product.
      generation = (generation % 0x7fff) + 1;
      Atomics.store(control, CONTROL.operation, operation);
      Atomics.store(control, CONTROL.done, 0);
      Atomics.store(control, CONTROL.next, generation << 16);
      Atomics.store(control, CONTROL.generation, generation);
      Atomics.notify(control, CONTROL.generation);
      takePasses(runPass, kernels, floats, { ...shared, thread: 0 }, [control, factors, from, to], generation);
      for (;;) {
        const done = Atomics.load(control, CONTROL.done);
        if (done >= passes.length) break;
        Atomics.wait(control, CONTROL.done, done, 1);
      }
      output.set(output.length === to.length ? to : to.subarray(0, output.length));
    },
    dispose() {
      Atomics.store(control, CONTROL.quit, 1);
      Atomics.store(control, CONTROL.generation, -1);
      Atomics.notify(control, CONTROL.generation);
      for (const worker of workers) void worker.terminate();
    },
  };
}
