/** Threads that share the SENSE kernel's memory: made once per problem, asleep between products, ended by dispose(). */
import { Worker } from 'node:worker_threads';
import type { WasmMemory, WasmModule } from '../../arrays/wasm/web-assembly.ts';
import { CONTROL, type KernelExports, runThreaded, type Schedule } from './kernel/schedule.ts';

export interface SenseWorkers {
  /** One AᴴA from `input` to `output`; returns when it is complete. */
  run(): void;
  dispose(): void;
}

interface ThreadStart {
  module: WasmModule;
  memory: WasmMemory;
  schedule: Schedule;
  thread: number;
}

/** Body of a thread; as source text, so that bundlers need not know of a second entry file. */
const threadSource = `
  const { module, memory, schedule, thread } = require('node:worker_threads').workerData;
  const runThreaded = ${runThreaded.toString()};
  const kernel = new WebAssembly.Instance(module, { env: { memory } }).exports;
  const control = new Int32Array(memory.buffer, 0, 16);
  let seen = 0;
  for (;;) {
    Atomics.wait(control, ${CONTROL.generation}, seen);
    if (Atomics.load(control, ${CONTROL.quit}) === 1) break;
    const generation = Atomics.load(control, ${CONTROL.generation});
    if (generation === seen) continue;
    seen = generation;
    runThreaded(kernel, schedule, control, thread, generation, false);
  }
`;

/** Starts threads − 1 threads. A thread that is not up yet, or starved, only means that the caller does more itself. */
export function startSenseWorkers(
  module: WasmModule,
  memory: WasmMemory,
  kernel: KernelExports,
  schedule: Schedule,
  threads: number,
): SenseWorkers {
  const control = new Int32Array(memory.buffer, 0, 16);
  const workers = Array.from({ length: threads - 1 }, (_, i) => {
    const workerData: ThreadStart = { module, memory, schedule, thread: i + 1 };
    const worker = new Worker(threadSource, { eval: true, workerData });
    worker.unref();
    return worker;
  });
  let generation = 0;
  return {
    run: () => {
      // 15 bits, as many as the chunk counters have room for; 0 is the state before the first product.
      generation = (generation % 0x7fff) + 1;
      for (let phase = 0; phase < 4; phase++) {
        Atomics.store(control, CONTROL.next + phase, generation << 16);
        Atomics.store(control, CONTROL.done + phase, 0);
      }
      Atomics.store(control, CONTROL.generation, generation);
      Atomics.notify(control, CONTROL.generation);
      runThreaded(kernel, schedule, control, 0, generation, true);
    },
    dispose: () => {
      Atomics.store(control, CONTROL.quit, 1);
      Atomics.store(control, CONTROL.generation, -1);
      Atomics.notify(control, CONTROL.generation);
      for (const worker of workers) void worker.terminate();
    },
  };
}
