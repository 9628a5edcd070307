/**
 * The memory of TensorFlow.js's WebAssembly backend, as the kernels registered here use it. Every tensor is one block of
 * that memory; complex tensors are interleaved (re, im) float32. Growth detaches earlier views: take `floats()` again
 * after every allocation.
 */
import type { DataType, KernelBackend, TensorInfo } from '@tensorflow/tfjs-core';
import { check, EngineError } from '../errors.ts';

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

/** What is used of the backend and of its compiled module. */
export interface WasmBackend {
  readonly wasm: {
    readonly HEAPF32: Float32Array;
    readonly HEAP32: Int32Array;
    readonly asm: { readonly memory: WasmMemory };
    _malloc(bytes: number): number;
    _free(address: number): void;
  };
  readonly dataIdMap: { get(id: object): { memoryOffset: number; dtype: DataType; shape: number[] } };
  makeOutput(shape: number[], dtype: DataType): TensorInfo;
  disposeData(id: object, force?: boolean): boolean;
}

/** The arguments TensorFlow.js hands a kernel, named. Inputs that an operation leaves out are absent. */
export interface KernelCall {
  readonly inputs: Readonly<Record<string, TensorInfo>>;
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly backend: WasmBackend;
}

/** The backend as the kernels need it. Errors: `unsupported` when a version of the package changed what is relied on. */
export function asWasmBackend(backend: KernelBackend | unknown): WasmBackend {
  const candidate = backend as Partial<WasmBackend>;
  const memory = candidate?.wasm?.asm?.memory;
  if (typeof candidate?.makeOutput === 'function' && memory?.buffer !== undefined) return candidate as WasmBackend;
  throw new EngineError('unsupported', 'the WebAssembly backend of TensorFlow.js does not show its memory', {
    hint: 'install the @tensorflow/tfjs-backend-wasm version named in package.json: npm ci',
  });
}

/** Address of a tensor's first byte. */
export function addressOf(backend: WasmBackend, tensor: TensorInfo): number {
  return backend.dataIdMap.get(tensor.dataId).memoryOffset >>> 0;
}

/** The numbers of a float32 tensor in place (two per value for complex64). Valid until the next allocation. */
export function floatsOf(backend: WasmBackend, tensor: TensorInfo): Float32Array {
  const numbers = sizeOf(tensor.shape) * (tensor.dtype === 'complex64' ? 2 : 1);
  const start = addressOf(backend, tensor) / 4;
  return backend.wasm.HEAPF32.subarray(start, start + numbers);
}

/** The numbers of an int32 tensor in place. Valid until the next allocation. */
export function integersOf(backend: WasmBackend, tensor: TensorInfo): Int32Array {
  const start = addressOf(backend, tensor) / 4;
  return backend.wasm.HEAP32.subarray(start, start + sizeOf(tensor.shape));
}

/** Number of elements; 1 for a scalar. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

/** Scratch memory of this many bytes for the time of the call; released however `use` ends. Errors: `resource`. */
export function withScratch<T>(backend: WasmBackend, bytes: number, use: (address: number) => T): T {
  const address = backend.wasm._malloc(Math.max(16, bytes)) >>> 0;
  if (address === 0)
    throw new EngineError('resource', `no ${bytes} bytes of WebAssembly memory are left for scratch space`, {
      hint: 'use a smaller batch or image size; WebAssembly has at most 4 GiB',
    });
  try {
    return use(address);
  } finally {
    backend.wasm._free(address);
  }
}

/** A new output tensor. Errors: `resource` when it does not fit WebAssembly's 4 GiB. */
export function output(backend: WasmBackend, shape: readonly number[], dtype: DataType = 'float32'): TensorInfo {
  const bytes = sizeOf(shape) * (dtype === 'complex64' ? 8 : 4);
  check(bytes < 2 ** 32, () => `a tensor [${shape}] of ${bytes} bytes does not fit WebAssembly's 4 GiB`, {
    code: 'resource',
    hint: 'use a smaller batch or image size, or a device with more memory',
  });
  if (dtype !== 'complex64') return backend.makeOutput([...shape], dtype);
  // Made as pairs: the compiled kernels take the number of float32 from the moment a tensor is made.
  const { dataId } = backend.makeOutput([...shape, 2], 'float32');
  Object.assign(backend.dataIdMap.get(dataId), { shape: [...shape], dtype });
  return { dataId, shape: [...shape], dtype };
}
