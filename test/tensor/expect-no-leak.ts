/** Fails when repeated calls leave tensors, data or WebAssembly memory behind. */
import { expect } from 'vitest';
import type { Tensors } from '../../engine/tensor/backend.ts';

interface Counts {
  tensors: number;
  dataIds: number;
  heapBytes: number;
}

function counts({ tf }: Tensors): Counts {
  const backend = tf.backend() as ReturnType<Tensors['tf']['backend']> & { wasm?: { HEAPU8: Uint8Array } };
  return {
    tensors: tf.memory().numTensors,
    dataIds: backend.numDataIds(),
    heapBytes: backend.wasm?.HEAPU8.length ?? 0,
  };
}

/** `run` must release what it returns. The first call may allocate tables and scratch for good, the rest may not. */
export async function expectNoLeak(tensors: Tensors, run: () => void | Promise<void>, repeats = 40): Promise<void> {
  await run();
  const before = counts(tensors);
  for (let i = 0; i < repeats; i++) await run();
  expect(counts(tensors)).toEqual(before);
}
