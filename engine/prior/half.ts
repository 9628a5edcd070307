/** Widening of 16-bit and 64-bit floats to float32. */
import { EngineError } from '../errors.ts';
import type { TensorDtype } from './weights.ts';

export const bytesPerElement: Record<TensorDtype, number> = { F32: 4, F16: 2, BF16: 2, F64: 8, I64: 8 };

/** Little-endian raw bytes of `dtype` as float32. Integers are refused: no weight of a network is one. */
export function toFloat32(bytes: Uint8Array, dtype: TensorDtype, name: string): Float32Array {
  const n = bytes.length / bytesPerElement[dtype];
  // Typed arrays need aligned memory; file buffers rarely are.
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  const { buffer, byteOffset } = aligned;
  switch (dtype) {
    case 'F32':
      return new Float32Array(buffer, byteOffset, n);
    case 'F16':
      return Float32Array.from(new Float16Array(buffer, byteOffset, n));
    case 'F64':
      return Float32Array.from(new Float64Array(buffer, byteOffset, n));
    case 'BF16': {
      const half = new Uint16Array(buffer, byteOffset, n);
      const out = new Uint32Array(n);
      for (let i = 0; i < n; i++) out[i] = half[i] << 16;
      return new Float32Array(out.buffer);
    }
    case 'I64':
      throw new EngineError('bad-input', `tensor ${name} holds integers, expected floating-point weights`, {
        path: name,
      });
  }
}
