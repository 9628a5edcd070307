/**
 * Memory of the PFFFT module (WebAssembly SIMD build of J. Pommier's PFFFT, after FFTPACK by P. N. Swarztrauber).
 * It grows on demand and never shrinks. Growth detaches earlier views, so callers ask for `floats()` and `doubles()`
 * after their last allocation and keep no view between calls.
 */
import createPffft from '@echogarden/pffft-wasm/simd';
import { EngineError } from '../../errors.ts';

const module = await createPffft();

export const pffft = module;

/** The heap as float32; index = pointer / 4. */
export function floats(): Float32Array {
  return module.HEAPF32;
}

/** The heap as float64, used to move one complex float32 number at a time; index = pointer / 8. */
export function doubles(): Float64Array {
  return module.HEAPF64;
}

/** Allocates 64-byte aligned memory for good (plans). Throws `resource` when the heap cannot grow. */
export function allocate(bytes: number): number {
  let pointer = 0;
  try {
    pointer = module._pffft_aligned_malloc(bytes);
  } catch (cause) {
    throw outOfMemory(bytes, cause);
  }
  if (pointer === 0) throw outOfMemory(bytes);
  return pointer;
}

function outOfMemory(bytes: number, cause?: unknown): EngineError {
  return new EngineError('resource', `the Fourier transform needs ${bytes} bytes more than its 2 GiB heap has free`, {
    cause,
    hint: 'transform fewer or smaller slices at a time',
  });
}

const areas = { data: { pointer: 0, bytes: 0 }, tile: { pointer: 0, bytes: 0 }, work: { pointer: 0, bytes: 0 } };

/**
 * A reusable scratch area of at least this many bytes: `data` holds what is being transformed, `tile` transposed
 * columns, `work` what a plan needs besides. Contents do not survive the next call that asks for more.
 */
export function scratch(area: keyof typeof areas, bytes: number): number {
  const held = areas[area];
  if (held.bytes < bytes) {
    if (held.pointer !== 0) module._pffft_aligned_free(held.pointer);
    held.pointer = 0;
    held.bytes = 0;
    held.pointer = allocate(bytes);
    held.bytes = bytes;
  }
  return held.pointer;
}
