/** TensorFlow.js on a chosen backend. */
import * as tf from '@tensorflow/tfjs-core';

export type TensorBackend = 'cuda' | 'webgpu' | 'wasm' | 'cpu';

export interface Tensors {
  tf: typeof tf;
  backend: TensorBackend;
}

/** Opens a backend and makes it current. Throws `unsupported` when it cannot run here. */
export async function openTensors(backend: TensorBackend): Promise<Tensors> {
  if (backend === 'cpu') await import('@tensorflow/tfjs-backend-cpu');
  else await import('@tensorflow/tfjs-backend-wasm');
  await tf.setBackend(backend);
  await tf.ready();
  return { tf, backend };
}
