/**
 * UnsortedSegmentSum on the WebAssembly backend: out[s, …] = Σ_{i: segment i = s} x[i, …], the gradient of gathering.
 * Segments outside 0 … numSegments − 1 are dropped, as TensorFlow does with negative ones.
 */
import { check } from '../../errors.ts';
import { floatsOf, integersOf, type KernelCall, output, sizeOf } from '../wasm-heap.ts';
import type { Kernel } from './register.ts';

export const unsortedSegmentSum: Kernel = {
  name: 'UnsortedSegmentSum',
  run: ({ inputs: { x, segmentIds }, attrs, backend }: KernelCall) => {
    const numSegments = Number(attrs.numSegments);
    check(
      Number.isSafeInteger(numSegments) && numSegments >= 0,
      () => `the number of segments is ${String(attrs.numSegments)}`,
    );
    const items = sizeOf(segmentIds.shape);
    check(
      x.shape.slice(0, segmentIds.shape.length).join() === segmentIds.shape.join(),
      () => `data [${x.shape}] does not begin with the segments' shape [${segmentIds.shape}]`,
      { code: 'mismatch' },
    );
    check(x.dtype === 'float32' || x.dtype === 'int32', () => `segments of ${x.dtype} numbers cannot be summed`);
    const rest = x.shape.slice(segmentIds.shape.length);
    const width = sizeOf(rest);
    const out = output(backend, [numSegments, ...rest], x.dtype);
    const view = x.dtype === 'int32' ? integersOf : floatsOf;
    const to = view(backend, out).fill(0);
    const from = view(backend, x);
    const ids = integersOf(backend, segmentIds);
    for (let i = 0; i < items; i++) {
      const target = ids[i] * width;
      if (ids[i] < 0 || ids[i] >= numSegments) continue;
      for (let k = 0; k < width; k++) to[target + k] += from[i * width + k];
    }
    return out;
  },
};
