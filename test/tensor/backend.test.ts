import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it } from 'vitest';
import { openTensors } from '../../engine/tensor/backend.ts';
import { CUDA_BACKEND, type CudaLoader, openCuda } from '../../engine/tensor/open-cuda.ts';
import { probeBackends } from '../../engine/tensor/probe-backends.ts';

describe('opening TensorFlow.js', () => {
  it('makes the backend current and says what it runs on', async () => {
    const cpu = await openTensors('cpu');
    expect(cpu.tf.getBackend()).toBe('cpu');
    const wasm = await openTensors('wasm');
    expect(wasm.tf.getBackend()).toBe('wasm');
    expect(wasm).toMatchObject({ backend: 'wasm', detail: expect.stringContaining('SIMD'), attempts: [] });
    expect((await openTensors('cpu')).tf).toBe(wasm.tf);
  });

  it('tries all backends in turn for auto and says why the ones before failed', async () => {
    const { backend, attempts } = await openTensors('auto');
    const order = ['cuda', 'webgpu', 'wasm', 'cpu'];
    expect(attempts.map((attempt) => attempt.backend)).toEqual(order.slice(0, order.indexOf(backend)));
    for (const { reason } of attempts) expect(reason).not.toBe('');
    expect(tf.getBackend()).toBe(backend === 'cuda' ? CUDA_BACKEND : backend);
  });

  it('adds no listeners that end the process on an error elsewhere', async () => {
    await openTensors('wasm');
    for (const event of ['uncaughtException', 'unhandledRejection'] as const)
      for (const listener of process.listeners(event as 'uncaughtException'))
        expect(String(listener)).not.toMatch(/ExitStatus|throw reason/);
  });

  it('has on WebAssembly every kernel of the plain backend but the five named', async () => {
    await openTensors('cpu');
    await openTensors('wasm');
    const names = (backend: string) => tf.getKernelsForBackend(backend).map((kernel) => kernel.kernelName);
    const present = new Set(names('wasm'));
    expect(
      names('cpu')
        .filter((name) => !present.has(name))
        .sort(),
    ).toEqual(['Draw', 'RaggedGather', 'RaggedRange', 'RaggedTensorToTensor', 'StaticRegexReplace']);
  });
});

/** Stands in for the package: what it needs from Node, and the backend it registers. */
class StandIn extends tf.KernelBackend {
  readonly isUsingGpuDevice: boolean;
  constructor(isUsingGpuDevice: boolean) {
    super();
    this.isUsingGpuDevice = isUsingGpuDevice;
  }
  override numDataIds(): number {
    return 0;
  }
  override dispose(): void {}
}

function loader(gpu: boolean, change: Partial<CudaLoader> = {}): CudaLoader {
  return {
    coreVersion: () => tf.version_core,
    load: async () => {
      const util = process.getBuiltinModule('node:util') as { isNullOrUndefined?: (value: unknown) => boolean };
      expect([null, undefined, 0].map((value) => util.isNullOrUndefined?.(value))).toEqual([true, true, false]);
      tf.registerBackend(CUDA_BACKEND, () => new StandIn(gpu));
    },
    ...change,
  };
}

describe('opening CUDA', () => {
  afterEach(async () => {
    await openTensors('wasm');
    if (tf.engine().registryFactory[CUDA_BACKEND] !== undefined) tf.removeBackend(CUDA_BACKEND);
  });

  it('restores what the package needs from Node and makes its backend current', async () => {
    await openCuda(loader(true));
    expect(tf.getBackend()).toBe(CUDA_BACKEND);
  });

  it.each<[string, CudaLoader, RegExp]>([
    ['without the package', loader(true, { coreVersion: () => undefined }), /not installed/],
    ['with another tfjs-core', loader(true, { coreVersion: () => '3.0.0' }), /tfjs-core 3\.0\.0/],
    ['without a card', loader(false), /no CUDA device/],
    [
      'without its libraries',
      loader(true, { load: () => Promise.reject(new Error('libcudart.so.11: not found\nlong advice')) }),
      /libcudart\.so\.11: not found$/,
    ],
  ])('fails %s, with what to install', async (_, given, message) => {
    await expect(openCuda(given)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/npm install|NVIDIA/),
    });
  });
});

describe('looking for backends', () => {
  it('reports all four, with a way to add each that is missing', async () => {
    const reports = await probeBackends();
    expect(reports.map((report) => report.backend)).toEqual(['cuda', 'webgpu', 'wasm', 'cpu']);
    for (const { available, detail, fix } of reports) {
      expect(detail).not.toBe('');
      expect(fix === null).toBe(available);
    }
    expect(reports[2].available).toBe(true);
  });
});
