/** How a kernel of this folder becomes a kernel of TensorFlow.js's WebAssembly backend. */
import * as tf from '@tensorflow/tfjs-core';
import { EngineError } from '../../errors.ts';
import { asWasmBackend, type KernelCall } from '../wasm-heap.ts';

export interface Kernel {
  /** TensorFlow.js's name of the kernel. */
  readonly name: string;
  run(call: KernelCall): tf.TensorInfo;
}

type RawCall = Parameters<tf.KernelFunc>[0];

/** Kernels of the package that one of ours replaced, kept for the cases it still does best. */
const replaced = new Map<string, tf.KernelFunc>();

/** Calls the kernel that TensorFlow.js ships under this name, whether or not one of ours stands before it now. */
export function shippedKernel(name: string): (call: KernelCall) => tf.TensorInfo {
  return (call) => {
    const kernel = replaced.get(name) ?? tf.getKernel(name, 'wasm')?.kernelFunc;
    if (kernel === undefined)
      throw new EngineError('unsupported', `the WebAssembly backend of TensorFlow.js has no kernel ${name}`);
    const made = kernel(call as unknown as RawCall);
    return Array.isArray(made) ? made[0] : made;
  };
}

/** Registers the kernels for backend `wasm`; a shipped kernel of the same name stays reachable by `shippedKernel`. */
export function registerKernels(kernels: readonly Kernel[]): void {
  for (const { name, run } of kernels) {
    const shipped = tf.getKernel(name, 'wasm');
    if (shipped !== undefined && shipped !== null) {
      // Ours may register again after the backend was removed and opened anew: never keep our own as the shipped one.
      if (!replaced.has(name)) replaced.set(name, shipped.kernelFunc);
      tf.unregisterKernel(name, 'wasm');
    }
    tf.registerKernel({
      kernelName: name,
      backendName: 'wasm',
      // The shipped kernel finds its compiled function when a backend starts.
      setupFunc: shipped?.setupFunc,
      kernelFunc: ({ inputs, attrs, backend }) =>
        run({
          inputs: inputs as KernelCall['inputs'],
          attrs: (attrs ?? {}) as KernelCall['attrs'],
          backend: asWasmBackend(backend),
        }),
    });
  }
}
