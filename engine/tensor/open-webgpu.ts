/** Starts TensorFlow.js's WebGPU backend on Dawn, with the Fourier kernels of this folder. */
import * as tf from '@tensorflow/tfjs-core';
import { EngineError } from '../errors.ts';
import { loadPackage, reasonOf } from './load-package.ts';
import { type Adapter, adapterName, isEmulated, openAdapter } from './webgpu/adapter.ts';
import { registerWebgpuFourier } from './webgpu/fourier.ts';

/** Limits that default to small values unless a device asks for more: large images need the adapter's own. */
const limits = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
];

let opened: string | undefined;

/**
 * Makes backend `webgpu` ready to be set; returns the adapter's name. `hardwareOnly` refuses emulated adapters.
 * Errors: `unsupported` when a package, a driver or a feature is missing.
 */
export async function openWebgpu(hardwareOnly: boolean): Promise<string> {
  if (opened !== undefined && !hardwareOnly) return opened;
  const adapter = await openAdapter();
  const name = adapterName(adapter);
  if (hardwareOnly && isEmulated(adapter))
    throw new EngineError('unsupported', `the only graphics adapter is an emulation on the processor: ${name}`, {
      hint: 'the processor itself is faster; --device webgpu uses the emulation all the same',
    });
  opened ??= await start(adapter, name);
  return opened;
}

async function start(adapter: Adapter, name: string): Promise<string> {
  const { WebGPUBackend } = await loadPackage('@tensorflow/tfjs-backend-webgpu');
  if (typeof WebGPUBackend !== 'function')
    throw new EngineError('unsupported', '@tensorflow/tfjs-backend-webgpu does not offer WebGPUBackend', {
      hint: 'install the version named in package.json: npm ci',
    });
  const create = WebGPUBackend as new (device: object, info: Adapter['info']) => tf.KernelBackend;
  try {
    const device = await adapter.requestDevice({
      requiredFeatures: adapter.features.has('timestamp-query') ? ['timestamp-query'] : [],
      requiredLimits: Object.fromEntries(limits.map((limit) => [limit, adapter.limits[limit]])),
    });
    // The package registers a backend with default limits where it sees a browser's navigator.gpu.
    if (tf.engine().registryFactory.webgpu !== undefined) tf.removeBackend('webgpu');
    const backend = new create(device, adapter.info);
    tf.registerBackend('webgpu', () => backend);
    registerWebgpuFourier();
    return name;
  } catch (cause) {
    throw new EngineError('unsupported', `the graphics adapter ${name} did not start: ${reasonOf(cause)}`, { cause });
  }
}
