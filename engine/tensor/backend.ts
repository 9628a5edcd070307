/** TensorFlow.js on a chosen backend. */
import * as tf from '@tensorflow/tfjs-core';
import { registerGradients } from './gradients.ts';
import { openWasm } from './open-wasm.ts';

export type TensorBackend = 'cuda' | 'webgpu' | 'wasm' | 'cpu';

export interface Tensors {
  tf: typeof tf;
  backend: TensorBackend;
}

/** Opens a backend and makes it current. Throws `unsupported` when it cannot run here. */
export async function openTensors(backend: TensorBackend): Promise<Tensors> {
  await registerGradients();
  if (backend === 'cpu') await import('@tensorflow/tfjs-backend-cpu');
  else await openWasm();
  await tf.setBackend(backend === 'cpu' ? 'cpu' : 'wasm');
  await tf.ready();
  // Keeps the plain backend from recommending another package on standard error.
  if (backend === 'cpu') Object.assign(tf.backend(), { firstUse: false });
  return { tf, backend };
}
