/**
 * Starts TensorFlow.js's WebAssembly backend from the files of the installed package, with the kernels of this folder.
 * SIMD, one thread: the multi-threaded binary of 4.22 is linked against a thread pool that always holds one thread
 * (its `get_threads_count` answers 1 whatever was asked; tensorflow/tfjs issue 8513), so starting it gains nothing.
 */
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import { readComplex } from './kernels/complex.ts';
import { registerKernels } from './kernels/register.ts';
import { wasmKernels } from './kernels/wasm-kernels.ts';
import { asWasmBackend } from './wasm-heap.ts';

const require = createRequire(import.meta.url);

let opening: Promise<void> | undefined;

/** Makes backend `wasm` ready to be set. Calling again does nothing. Throws what the package throws. */
export function openWasm(): Promise<void> {
  opening ??= load().catch((cause: unknown) => {
    opening = undefined;
    throw cause;
  });
  return opening;
}

async function load(): Promise<void> {
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  // By path, so that nothing is ever fetched.
  const entry = require.resolve('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(entry.slice(0, entry.lastIndexOf(entry.includes('\\') ? '\\' : '/') + 1));
  registerKernels(wasmKernels);
  const before = listeners();
  await tf.setBackend('wasm');
  await tf.ready();
  readComplex(asWasmBackend(tf.backend()));
  removeListenersSince(before);
}

/** Events to which the compiled module adds listeners that throw again whatever happened, ending the process. */
const events = ['uncaughtException', 'unhandledRejection'] as const;

function listeners(): Set<unknown> {
  return new Set(events.flatMap((event) => process.listeners(event as 'uncaughtException')));
}

function removeListenersSince(before: ReadonlySet<unknown>): void {
  for (const event of events as readonly 'uncaughtException'[])
    for (const listener of process.listeners(event)) if (!before.has(listener)) process.removeListener(event, listener);
}
