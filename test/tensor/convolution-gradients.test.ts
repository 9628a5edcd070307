import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openTensors, type Tensors } from '../../engine/tensor/backend.ts';
import { computeOn, expectSameAsCpu, sample } from './compare-backends.ts';
import { expectNoLeak } from './expect-no-leak.ts';

interface Layer {
  batch: number;
  height: number;
  width: number;
  channels: number;
  outChannels: number;
  filterHeight: number;
  filterWidth: number;
  stride: number;
  pad: 'same' | 'valid' | number;
}

const layers = fc.record({
  batch: fc.integer({ min: 1, max: 3 }),
  height: fc.integer({ min: 5, max: 13 }),
  width: fc.integer({ min: 5, max: 17 }),
  channels: fc.constantFrom(1, 2, 3, 4, 7, 8, 13),
  outChannels: fc.constantFrom(1, 2, 5, 8, 11, 16),
  filterHeight: fc.integer({ min: 1, max: 5 }),
  filterWidth: fc.integer({ min: 1, max: 5 }),
  stride: fc.integer({ min: 1, max: 3 }),
  pad: fc.constantFrom<Layer['pad']>('same', 'valid'),
});

function gradients(layer: Layer) {
  return (tf: Tensors['tf'], [x, filter, weights]: Tensor[]): Tensor => {
    const loss = (a: Tensor, f: Tensor) =>
      tf.sum(tf.mul(tf.conv2d(a as Tensor4D, f as Tensor4D, layer.stride, layer.pad), weights)) as Tensor;
    const [dx, df] = tf.grads(loss)([x, filter]);
    return tf.concat([tf.reshape(dx, [-1]), tf.reshape(df, [-1])]);
  };
}

function samplesOf(layer: Layer, seed: number) {
  const size = (n: number, filter: number): number => {
    if (layer.pad === 'same') return Math.ceil(n / layer.stride);
    const pad = layer.pad === 'valid' ? 0 : layer.pad;
    return Math.floor((n + 2 * pad - filter) / layer.stride) + 1;
  };
  const out = [size(layer.height, layer.filterHeight), size(layer.width, layer.filterWidth)];
  return [
    sample([layer.batch, layer.height, layer.width, layer.channels], seed),
    sample([layer.filterHeight, layer.filterWidth, layer.channels, layer.outChannels], seed + 1),
    sample([layer.batch, ...out, layer.outChannels], seed + 2),
  ];
}

describe('convolution gradients on WebAssembly', () => {
  it('equal those of the plain backend for any shape, stride and padding', async () => {
    await fc.assert(
      fc.asyncProperty(layers, fc.nat(1000), async (layer, seed) => {
        await expectSameAsCpu('wasm', samplesOf(layer, seed), gradients(layer));
      }),
      { numRuns: 60 },
    );
  });

  it.each<[string, Partial<Layer>]>([
    ['more pixels than a band holds, and rows longer than one', { height: 9, width: 300, channels: 3, outChannels: 2 }],
    ['more input channels than a block holds', { height: 5, width: 5, channels: 135, outChannels: 9 }],
    ['numeric padding', { pad: 2 }],
    ['padding beyond the filter', { pad: 3, filterHeight: 2, filterWidth: 2 }],
    ['a pointwise filter', { filterHeight: 1, filterWidth: 1 }],
    ['a pointwise filter with stride', { filterHeight: 1, filterWidth: 1, stride: 2 }],
    ['channels that leave a panel partly filled', { batch: 1, height: 20, width: 20, channels: 65, outChannels: 3 }],
  ])('equal those of the plain backend with %s', async (_, change) => {
    const layer: Layer = {
      batch: 2,
      height: 11,
      width: 7,
      channels: 5,
      outChannels: 6,
      filterHeight: 3,
      filterWidth: 3,
      stride: 1,
      pad: 'same',
      ...change,
    };
    await expectSameAsCpu('wasm', samplesOf(layer, 3), gradients(layer));
  });

  it('equal finite differences of the loss', async () => {
    const layer: Layer = {
      batch: 1,
      height: 6,
      width: 5,
      channels: 2,
      outChannels: 3,
      filterHeight: 3,
      filterWidth: 3,
      stride: 2,
      pad: 'same',
    };
    const samples = samplesOf(layer, 5);
    const gradient = (await computeOn('wasm', samples, gradients(layer))).values;
    const loss: typeof gradients extends (l: Layer) => infer F ? F : never = (tf, [x, filter, weights]) =>
      tf.sum(tf.mul(tf.conv2d(x as Tensor4D, filter as Tensor4D, layer.stride, 'same'), weights));
    // The loss is linear in each input, so central differences are exact but for roundoff: 1e-7 · 10 / 0.5.
    const step = 0.5;
    const inputs = [...samples[0].values.keys()].map((i) => [0, i] as const);
    const taps = [...samples[1].values.keys()].map((i) => [1, i] as const);
    let position = 0;
    for (const [which, i] of [...inputs, ...taps]) {
      const at = async (shift: number): Promise<number> => {
        const moved = samples.map((s) => ({ ...s, values: Float32Array.from(s.values) }));
        moved[which].values[i] += shift;
        return (await computeOn('wasm', moved, loss)).values[0];
      };
      const difference = ((await at(step)) - (await at(-step))) / (2 * step);
      expect(Math.abs(gradient[position++] - difference)).toBeLessThan(2e-5);
    }
  });

  it('release all memory', async () => {
    const tensors = await openTensors('wasm');
    const { tf } = tensors;
    for (const stride of [1, 2]) {
      const x = tf.randomNormal([2, 33, 31, 9]) as Tensor4D;
      const filter = tf.randomNormal([3, 3, 9, 10]) as Tensor4D;
      await expectNoLeak(tensors, () => {
        const made = tf.grads((a: Tensor, f: Tensor) =>
          tf.sum(tf.conv2d(a as Tensor4D, f as Tensor4D, stride, 'same')),
        )([x, filter]);
        tf.dispose(made);
      });
      tf.dispose([x, filter]);
    }
  });

  it('refuse channels-first data', async () => {
    const { tf } = await openTensors('wasm');
    const x = tf.zeros([1, 4, 4, 2]);
    expect(() =>
      tf
        .engine()
        .runKernel(
          'Conv2DBackpropFilter',
          { x, dy: x },
          { strides: [1, 1], pad: 'same', dataFormat: 'NCHW', filterShape: [3, 3, 2, 2] },
        ),
    ).toThrow(expect.objectContaining({ code: 'unsupported' }));
    x.dispose();
  });
});
