/**
 * Starts TensorFlow's CUDA backend through @tensorflow/tfjs-node-gpu, which registers itself as backend `tensorflow`.
 * The package (4.22) calls util.isNullOrUndefined, which Node 23 removed: it is restored before the package loads.
 * It brings its own copy of tfjs-core; engine, kernels and gradients are global to the process and shared as long as
 * both copies have the same version, which is checked first.
 */
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import { EngineError } from '../errors.ts';
import { loadPackage, packageFound } from './load-package.ts';

export const CUDA_PACKAGE = '@tensorflow/tfjs-node-gpu';
/** The name the package gives its backend. */
export const CUDA_BACKEND = 'tensorflow';

const require = createRequire(import.meta.url);

const help =
  'npm install @tensorflow/tfjs-node-gpu, with an NVIDIA driver, CUDA 11 and cuDNN 8 (Linux, Windows; x86-64)';

/** How the package is found and loaded; tests put a stand-in here. */
export interface CudaLoader {
  /** Version of the tfjs-core the package uses; undefined when the package is not installed. */
  coreVersion(): string | undefined;
  load(): Promise<unknown>;
}

const installed: CudaLoader = {
  coreVersion: () => {
    if (!packageFound(CUDA_PACKAGE)) return undefined;
    const manifest: unknown = createRequire(require.resolve(CUDA_PACKAGE))('@tensorflow/tfjs-core/package.json');
    return typeof manifest === 'object' && manifest !== null && 'version' in manifest
      ? String(manifest.version)
      : 'unknown';
  },
  load: () => loadPackage(CUDA_PACKAGE),
};

/** Makes backend `tensorflow` ready to be set. Errors: `unsupported` when package, library or card is missing. */
export async function openCuda(loader: CudaLoader = installed): Promise<void> {
  const version = loader.coreVersion();
  if (version === undefined)
    throw new EngineError('unsupported', `the package ${CUDA_PACKAGE} is not installed`, { hint: help });
  if (version !== tf.version_core)
    throw new EngineError('unsupported', `${CUDA_PACKAGE} uses tfjs-core ${version}, this program ${tf.version_core}`, {
      hint: `npm install ${CUDA_PACKAGE}@${tf.version_core}`,
    });
  restoreIsNullOrUndefined();
  try {
    await loader.load();
  } catch (cause) {
    // The package's message ends in a page of advice; its first line says what is missing.
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new EngineError('unsupported', `${CUDA_PACKAGE} did not load: ${reason}`, { cause, hint: help });
  }
  await tf.setBackend(CUDA_BACKEND);
  const backend = tf.backend() as tf.KernelBackend & { isUsingGpuDevice?: boolean };
  if (backend.isUsingGpuDevice !== true)
    throw new EngineError('unsupported', 'TensorFlow found no CUDA device', { hint: help });
}

function restoreIsNullOrUndefined(): void {
  const util: { isNullOrUndefined?: (value: unknown) => boolean } = require('node:util');
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;
}
