import type { Tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { openTensors, type Tensors } from '../../engine/tensor/backend.ts';
import { expectSameAsCpu, sample } from './compare-backends.ts';
import { expectNoLeak } from './expect-no-leak.ts';

describe('matrix products on WebAssembly', () => {
  it('equal those of the plain backend for any size, transposition and broadcast batch', async () => {
    const size = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constantFrom(31, 64, 131, 257));
    const batches = fc.constantFrom<[number[], number[]]>(
      [[], []],
      [[3], [3]],
      [[1], [4]],
      [
        [2, 1],
        [2, 3],
      ],
      [[2], [1]],
    );
    await fc.assert(
      fc.asyncProperty(
        size,
        size,
        size,
        batches,
        fc.boolean(),
        fc.boolean(),
        async (m, k, n, [left, right], tA, tB) => {
          const a = sample([...left, ...(tA ? [k, m] : [m, k])], m + k);
          const b = sample([...right, ...(tB ? [n, k] : [k, n])], n);
          // The plain backend repeats batches in the wrong order where both broadcast: repeat them for it.
          const full = (tf: Tensors['tf'], t: Tensor, other: readonly number[]) => {
            const own = t.shape.slice(0, -2);
            const batch = tf.broadcast_util.assertAndGetBroadcastShape(own, [...other]);
            return tf.broadcastTo(t, [...batch, ...t.shape.slice(-2)]);
          };
          await expectSameAsCpu('wasm', [a, b], (tf, [x, y]) => tf.matMul(x, y, tA, tB), {
            reference: (tf, [x, y]) => tf.matMul(full(tf, x, right), full(tf, y, left), tA, tB),
          });
        },
      ),
      { numRuns: 80 },
    );
  });

  it('have the gradients of the plain backend', async () => {
    await expectSameAsCpu(
      'wasm',
      [sample([2, 5, 7], 1), sample([2, 7, 3], 2), sample([2, 5, 3], 3)],
      (tf, [a, b, w]) => {
        const made = tf.grads((x, y) => tf.sum(tf.mul(tf.matMul(x, y), w)))([a, b]);
        return tf.concat(made.map((g) => tf.reshape(g, [-1])));
      },
    );
  });

  it('release all memory', async () => {
    const tensors = await openTensors('wasm');
    const { tf } = tensors;
    const a = tf.randomNormal([3, 70, 41]);
    await expectNoLeak(tensors, () => tf.matMul(a, a, true, false).dispose());
    a.dispose();
  });
});
