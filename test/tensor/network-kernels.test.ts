import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openTensors } from '../../engine/tensor/backend.ts';
import { type Computation, expectSameAsCpu, sample } from './compare-backends.ts';
import { expectNoLeak } from './expect-no-leak.ts';

const gradientsOf =
  (operation: Computation): Computation =>
  (tf, inputs) => {
    const made = tf.grads((...x: Tensor[]) => tf.sum(tf.square(operation(tf, x))))(inputs);
    return tf.concat(made.map((g) => tf.reshape(g, [-1])));
  };

describe('depthwise convolution gradients on WebAssembly', () => {
  it('equal those of the plain backend for any shape, stride and multiplier', async () => {
    const layer = fc.record({
      batch: fc.integer({ min: 1, max: 2 }),
      height: fc.integer({ min: 7, max: 11 }),
      width: fc.integer({ min: 7, max: 13 }),
      channels: fc.integer({ min: 1, max: 5 }),
      multiplier: fc.integer({ min: 1, max: 3 }),
      filter: fc.integer({ min: 1, max: 3 }),
      stride: fc.integer({ min: 1, max: 2 }),
      pad: fc.constantFrom<'same' | 'valid'>('same', 'valid'),
    });
    await fc.assert(
      fc.asyncProperty(layer, async (l) => {
        const samples = [
          sample([l.batch, l.height, l.width, l.channels], l.height),
          sample([l.filter, l.filter, l.channels, l.multiplier], l.width),
        ];
        await expectSameAsCpu(
          'wasm',
          samples,
          gradientsOf((tf, [x, f]) => tf.depthwiseConv2d(x as Tensor4D, f as Tensor4D, l.stride, l.pad)),
        );
      }),
      { numRuns: 30 },
    );
  });
});

const equations: readonly [equation: string, ...shapes: number[][]][] = [
  ['ij,jk->ik', [3, 4], [4, 5]],
  ['ij,jk->ki', [3, 4], [4, 5]],
  ['bij,bkj->bik', [2, 3, 7], [2, 5, 7]],
  ['bhqd,bhkd->bhqk', [2, 3, 4, 5], [2, 3, 6, 5]],
  ['i,i->', [9], [9]],
  ['i,j->ij', [4], [3]],
  ['ij->ji', [3, 5]],
  ['ijk->j', [3, 5, 2]],
];

describe('einsum on WebAssembly', () => {
  it.each(equations)('%s equals the plain backend, with its gradient', async (equation, ...shapes) => {
    const samples = shapes.map((shape, i) => sample(shape, i + 1));
    await expectSameAsCpu('wasm', samples, (tf, inputs) => tf.einsum(equation, ...inputs));
    await expectSameAsCpu(
      'wasm',
      samples,
      gradientsOf((tf, inputs) => tf.einsum(equation, ...inputs)),
    );
  });

  it('sums a label that only one operand has, and repeats the gradient along it', async () => {
    // The plain backend refuses this one: Σ_i A[i, j, k] first, then a product.
    const samples = [sample([2, 3, 4], 1), sample([4, 2], 2)];
    const reference: Computation = (tf, [a, b]) => tf.matMul(tf.sum(a, 0), b);
    const summed: Computation = (tf, inputs) => tf.einsum('ijk,kl->jl', ...inputs);
    await expectSameAsCpu('wasm', samples, summed, { reference });
    await expectSameAsCpu('wasm', samples, gradientsOf(summed), { reference: gradientsOf(reference) });
  });

  it('copies where nothing is summed', async () => {
    // The plain backend returns the operand itself, which doubles the gradient.
    const copy: Computation = (tf, [x]) => tf.einsum('ij->ij', x);
    const reference: Computation = (_, [x]) => x;
    await expectSameAsCpu('wasm', [sample([3, 5], 1)], copy, { reference });
    await expectSameAsCpu('wasm', [sample([3, 5], 1)], gradientsOf(copy), {
      reference: (tf, [x]) => tf.reshape(tf.mul(x, 2), [-1]),
    });
  });

  it('refuses what it cannot read', async () => {
    const { tf } = await openTensors('wasm');
    const a = tf.zeros([2, 2]);
    expect(() => tf.einsum('ij,jk,kl->il', a, a, a)).toThrow(expect.objectContaining({ code: 'unsupported' }));
    expect(() => tf.einsum('ijk->i', a)).toThrow(expect.objectContaining({ code: 'mismatch' }));
    expect(() => tf.einsum('ij->ik', a)).toThrow(expect.objectContaining({ code: 'bad-input' }));
    a.dispose();
  });
});

describe('segment sums on WebAssembly', () => {
  it('equal the plain backend, and give gathering its gradient', async () => {
    const ids = [3, 0, 3, 1, -1, 0, 2];
    await expectSameAsCpu('wasm', [sample([7, 2, 3], 2)], (tf, [x]) =>
      tf.unsortedSegmentSum(x, tf.tensor1d(ids, 'int32'), 5),
    );
    await expectSameAsCpu(
      'wasm',
      [sample([5, 3], 2)],
      gradientsOf((tf, [x]) => tf.gather(x, tf.tensor1d([4, 0, 4, 1], 'int32'))),
    );
  });
});

it('the network kernels release all memory', async () => {
  const tensors = await openTensors('wasm');
  const { tf } = tensors;
  const x = tf.randomNormal([2, 9, 9, 4]) as Tensor4D;
  const f = tf.randomNormal([3, 3, 4, 2]) as Tensor4D;
  const m = tf.randomNormal([9, 4]);
  await expectNoLeak(tensors, () =>
    tf.tidy(() => {
      tf.grads((a, b) => tf.sum(tf.depthwiseConv2d(a as Tensor4D, b as Tensor4D, 1, 'same')))([x, f]);
      tf.einsum('ij->ij', m);
      tf.grad((a) => tf.sum(tf.einsum('ij,kj->ik', a, m)))(m);
      tf.unsortedSegmentSum(m, tf.tensor1d([0, 1, 0, 1, 0, 1, 0, 1, 2], 'int32'), 3);
    }),
  );
  tf.dispose([x, f, m]);
});
