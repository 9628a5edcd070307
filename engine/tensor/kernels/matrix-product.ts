/**
 * BatchMatMul on the WebAssembly backend: C[b] = op(A[b]) op(B[b]), op the identity or the transpose, batches broadcast.
 * The shipped kernel keeps the case it is fast at, one untransposed product through XNNPACK.
 */
import * as tf from '@tensorflow/tfjs-core';
import { check } from '../../errors.ts';
import { addressOf, type KernelCall, output, sizeOf } from '../wasm-heap.ts';
import { multiplyMatrices } from './product.ts';
import { type Kernel, shippedKernel } from './register.ts';

const shipped = shippedKernel('BatchMatMul');

export const batchMatMul: Kernel = {
  name: 'BatchMatMul',
  run: (call: KernelCall) => {
    const { a, b } = call.inputs;
    const transposeA = call.attrs.transposeA === true;
    const transposeB = call.attrs.transposeB === true;
    const batchA = a.shape.slice(0, -2);
    const batchB = b.shape.slice(0, -2);
    const single = sizeOf(batchA) === 1 && sizeOf(batchB) === 1;
    if (a.dtype !== 'float32' || b.dtype !== 'float32' || (single && !transposeA && !transposeB)) return shipped(call);

    const [a0, a1] = a.shape.slice(-2);
    const [b0, b1] = b.shape.slice(-2);
    const [rows, depth] = transposeA ? [a1, a0] : [a0, a1];
    const [depthB, columns] = transposeB ? [b1, b0] : [b0, b1];
    check(depth === depthB, () => `matrix product of [${a.shape}] and [${b.shape}]: ${depth} columns, ${depthB} rows`, {
      code: 'mismatch',
    });
    const batch = tf.broadcast_util.assertAndGetBroadcastShape(batchA, batchB);
    const out = output(call.backend, [...batch, rows, columns]);
    if (sizeOf(out.shape) === 0) return out;
    const from = (base: number, index: number, size: number) => base + 4 * size * index;
    for (let i = 0; i < sizeOf(batch); i++) {
      const ia = broadcastIndex(i, batch, batchA);
      const ib = broadcastIndex(i, batch, batchB);
      multiplyMatrices(
        call.backend,
        { address: from(addressOf(call.backend, a), ia, a0 * a1), stride: 4 * a1, summedContiguous: !transposeA },
        { address: from(addressOf(call.backend, b), ib, b0 * b1), stride: 4 * b1, summedContiguous: transposeB },
        from(addressOf(call.backend, out), i, rows * columns),
        rows,
        depth,
        columns,
      );
    }
    return out;
  },
};

/** Flat index into `shape` of the element that flat index `i` of the broadcast `full` shape reads. */
function broadcastIndex(i: number, full: readonly number[], shape: readonly number[]): number {
  let rest = i;
  let index = 0;
  let stride = 1;
  for (let axis = full.length - 1; axis >= 0; axis--) {
    const coordinate = rest % full[axis];
    rest = Math.floor(rest / full[axis]);
    const n = shape[axis - full.length + shape.length] ?? 1;
    if (n > 1) index += stride * coordinate;
    stride *= n;
  }
  return index;
}
