/** From `--device` to the backend of TensorFlow.js a job trains on. */
import type { TensorBackend } from '../../engine/tensor/backend.ts';
import type { DeviceName } from './messages.ts';

/** `auto` is left to `openTensors`; the processor means WebAssembly, many times faster than plain JavaScript. */
export function tensorBackend(device: DeviceName): TensorBackend | 'auto' {
  return device === 'cpu' ? 'wasm' : device;
}
