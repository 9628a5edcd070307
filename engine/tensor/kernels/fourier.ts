/**
 * FFT and IFFT of TensorFlow.js on the WebAssembly backend, along the last axis of a complex64 tensor:
 *   FFT:  X[k] = Σ_j x[j] exp(−2πi jk/n),   IFFT:  x[j] = (1/n) Σ_k X[k] exp(2πi jk/n).
 * Computed by engine/arrays/fft, whose transforms are centred and orthonormal: rolling by c = floor(n/2) before and
 * after and a factor √n (1/√n) give the conventions above.
 */
import { type FftDirection, fft1 } from '../../arrays/fft.ts';
import { check } from '../../errors.ts';
import { floatsOf, type KernelCall, output } from '../wasm-heap.ts';
import type { Kernel } from './register.ts';

/** Numbers transformed at a time, so that scratch memory does not grow with the batch. */
const PORTION = 1 << 17;

function fourier(name: 'FFT' | 'IFFT', direction: FftDirection): Kernel {
  return {
    name,
    run: ({ inputs: { input }, backend }: KernelCall) => {
      check(input.dtype === 'complex64', () => `${name} takes a complex64 tensor, not ${input.dtype}`);
      check(input.shape.length > 0, () => `${name} takes a tensor with at least one axis`);
      const out = output(backend, input.shape, 'complex64');
      transformRows(floatsOf(backend, input), floatsOf(backend, out), input.shape[input.shape.length - 1], direction);
      return out;
    },
  };
}

/** Uncentred transforms of the contiguous rows of n complex numbers in `from`, scaled as above, into `to`. */
export function transformRows(from: Float32Array, to: Float32Array, n: number, direction: FftDirection): void {
  if (from.length === 0) return;
  const rows = from.length / (2 * n);
  const centre = 2 * Math.floor(n / 2);
  const rest = 2 * n - centre;
  const scale = direction === 'forward' ? Math.sqrt(n) : 1 / Math.sqrt(n);
  const atOnce = Math.max(1, Math.min(rows, Math.floor(PORTION / (2 * n))));
  const portion = new Float32Array(2 * n * atOnce);
  for (let first = 0; first < rows; first += atOnce) {
    const count = Math.min(atOnce, rows - first);
    const part = portion.subarray(0, 2 * n * count);
    for (let row = 0; row < count; row++) {
      const source = 2 * n * (first + row);
      part.set(from.subarray(source, source + rest), 2 * n * row + centre);
      part.set(from.subarray(source + rest, source + 2 * n), 2 * n * row);
    }
    fft1(part, n, count, direction, part);
    for (let row = 0; row < count; row++) {
      const target = 2 * n * (first + row);
      const source = 2 * n * row;
      for (let i = 0; i < rest; i++) to[target + i] = scale * part[source + centre + i];
      for (let i = 0; i < centre; i++) to[target + rest + i] = scale * part[source + i];
    }
  }
}

export const fourierKernels: readonly Kernel[] = [fourier('FFT', 'forward'), fourier('IFFT', 'inverse')];
