/**
 * TensorFlow.js on a chosen backend.
 *
 * Memory: WebAssembly and graphics memory is not garbage-collected. Whoever makes a tensor releases it: work inside
 * `tf.tidy`, or call `dispose()`; what outlives a call is returned or kept on purpose. Asynchronous code cannot be inside
 * tidy: bracket it with `tf.engine().startScope()` and `endScope()`, or dispose by hand. Reading (`await x.data()`) copies.
 * Tensors move to another backend by themselves when an operation there needs them; complex ones cannot.
 * Backends stay open for the life of the process; opening one again only makes it current.
 */
import * as tf from '@tensorflow/tfjs-core';
import { EngineError } from '../errors.ts';
import { registerGradients } from './gradients.ts';
import { reasonOf } from './load-package.ts';
import { CUDA_BACKEND, openCuda } from './open-cuda.ts';
import { openWasm } from './open-wasm.ts';
import { openWebgpu } from './open-webgpu.ts';

export type TensorBackend = 'cuda' | 'webgpu' | 'wasm' | 'cpu';

/** A backend that was tried and does not work here. */
export interface FailedAttempt {
  backend: TensorBackend;
  reason: string;
  hint: string | undefined;
}

export interface Tensors {
  tf: typeof tf;
  backend: TensorBackend;
  /** What it runs on, for a person. */
  detail: string;
  /** What `auto` tried before. */
  attempts: readonly FailedAttempt[];
}

export interface TensorOptions {
  /** Whether tf.grad and its relatives will be used (default true). Loading the gradients takes some 0.3 s. */
  gradients?: boolean;
}

const order: readonly TensorBackend[] = ['cuda', 'webgpu', 'wasm', 'cpu'];

/**
 * Opens a backend and makes it current: `cuda`, `webgpu`, `wasm`, `cpu` (plain JavaScript, for comparison), or with
 * `auto` the first of them that works. `auto` passes over emulated graphics adapters.
 * Errors: `unsupported` when it cannot run here, with what to install.
 */
export async function openTensors(backend: TensorBackend | 'auto', options: TensorOptions = {}): Promise<Tensors> {
  if (options.gradients !== false) await registerGradients();
  if (backend !== 'auto') return { tf, backend, detail: await open(backend, false), attempts: [] };
  const attempts: FailedAttempt[] = [];
  for (const candidate of order) {
    try {
      return { tf, backend: candidate, detail: await open(candidate, true), attempts };
    } catch (cause) {
      attempts.push({
        backend: candidate,
        reason: reasonOf(cause),
        hint: cause instanceof EngineError ? cause.hint : undefined,
      });
    }
  }
  throw new EngineError(
    'unsupported',
    `no backend of TensorFlow.js works here: ${attempts.map((a) => `${a.backend}: ${a.reason}`).join('; ')}`,
    { hint: 'npm ci' },
  );
}

async function open(backend: TensorBackend, hardwareOnly: boolean): Promise<string> {
  try {
    const detail = await openers[backend](hardwareOnly);
    const name = backend === 'cuda' ? CUDA_BACKEND : backend;
    if (!(await tf.setBackend(name))) throw new Error(`TensorFlow.js could not start its backend ${name}`);
    await tf.ready();
    // Keeps the plain backend from recommending another package on standard error.
    if (backend === 'cpu') Object.assign(tf.backend(), { firstUse: false });
    return detail;
  } catch (cause) {
    if (cause instanceof EngineError) throw cause;
    throw new EngineError('unsupported', `the ${backend} backend of TensorFlow.js did not start: ${reasonOf(cause)}`, {
      cause,
      hint: 'tangent doctor shows which devices work; npm ci repairs the packages',
    });
  }
}

const openers: Readonly<Record<TensorBackend, (hardwareOnly: boolean) => Promise<string>>> = {
  cuda: async () => {
    await openCuda();
    return 'NVIDIA card through TensorFlow';
  },
  webgpu: (hardwareOnly) => openWebgpu(hardwareOnly),
  wasm: async () => {
    await openWasm();
    return 'WebAssembly with SIMD, one thread';
  },
  cpu: async () => {
    await import('@tensorflow/tfjs-backend-cpu');
    return 'plain JavaScript, for comparison';
  },
};
