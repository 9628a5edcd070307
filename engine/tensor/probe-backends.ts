/** Which TensorFlow.js backends this machine offers, and what to install for the rest. */
import { EngineError } from '../errors.ts';
import type { TensorBackend } from './backend.ts';
import { packageFound, reasonOf } from './load-package.ts';
import { openCuda } from './open-cuda.ts';
import { adapterName, isEmulated, openAdapter } from './webgpu/adapter.ts';

export interface BackendReport {
  backend: TensorBackend;
  available: boolean;
  detail: string;
  /** How to add it; null when nothing is missing. */
  fix: string | null;
}

/** CUDA is opened only where its package is installed; WebGPU is asked for an adapter; wasm and cpu only looked for. */
export async function probeBackends(): Promise<BackendReport[]> {
  return [
    await probe('cuda', async () => {
      await openCuda();
      return 'NVIDIA card through TensorFlow';
    }),
    await probe('webgpu', async () => {
      if (!packageFound('@tensorflow/tfjs-backend-webgpu'))
        throw new EngineError('unsupported', 'the package @tensorflow/tfjs-backend-webgpu is not installed', {
          hint: 'npm install @tensorflow/tfjs-backend-webgpu',
        });
      const adapter = await openAdapter();
      return isEmulated(adapter)
        ? `${adapterName(adapter)}: an emulation on the processor, used only when asked for`
        : adapterName(adapter);
    }),
    await probe('wasm', async () => installed('@tensorflow/tfjs-backend-wasm', 'WebAssembly with SIMD, one thread')),
    await probe('cpu', async () => installed('@tensorflow/tfjs-backend-cpu', 'plain JavaScript, for comparison')),
  ];
}

function installed(name: string, detail: string): string {
  if (packageFound(name)) return detail;
  throw new EngineError('unsupported', `the package ${name} is not installed`, { hint: 'npm ci' });
}

async function probe(backend: TensorBackend, look: () => Promise<string>): Promise<BackendReport> {
  try {
    return { backend, available: true, detail: await look(), fix: null };
  } catch (cause) {
    const hint = cause instanceof EngineError ? cause.hint : undefined;
    return { backend, available: false, detail: reasonOf(cause), fix: hint ?? 'npm ci' };
  }
}
