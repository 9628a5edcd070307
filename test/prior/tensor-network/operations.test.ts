/** Values of the operations whose channel order is easy to get wrong, and gradients of all by finite differences. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../../engine/arrays/random.ts';
import type { GraphBuilder } from '../../../engine/prior/graph.ts';
import { tensorBuilder } from '../../../engine/prior/tensor-network/tensor-builder.ts';
import { openTensors, type Tensors } from '../../../engine/tensor/backend.ts';

interface Case {
  name: string;
  /** Shapes of the inputs and of the parameters `p.weight`, `p.bias`, in the library's layout. */
  inputs: number[][];
  weight?: number[];
  bias?: number[];
  apply(g: GraphBuilder<Tensor>, ...x: Tensor[]): Tensor;
}

const conv = (inputs: number, outputs: number, kernel: 1 | 2 | 3, stride: 1 | 2, padding: 0 | 1): Case => ({
  name: `conv2d ${kernel}×${kernel}, stride ${stride}, padding ${padding}`,
  inputs: [[2, 6, 4, inputs]],
  weight: [kernel, kernel, inputs, outputs],
  bias: [outputs],
  apply: (g, x) => g.conv2d(x, { name: 'p', inputs, outputs, kernel, stride, padding }),
});

const cases: Case[] = [
  conv(3, 5, 3, 1, 1),
  conv(3, 5, 3, 1, 0),
  conv(3, 5, 3, 2, 1),
  conv(3, 5, 2, 2, 0),
  conv(3, 5, 1, 1, 0),
  conv(1, 20, 3, 1, 1),
  {
    name: 'conv2d with a flat kernel',
    inputs: [[2, 3, 2, 4]],
    weight: [1, 4, 6],
    bias: [6],
    apply: (g, x) => g.conv2d(x, { name: 'p', inputs: 4, outputs: 6, kernel: 1, flat: true }),
  },
  {
    name: 'linear',
    inputs: [[3, 4]],
    weight: [4, 5],
    bias: [5],
    apply: (g, x) => g.linear(x, { name: 'p', inputs: 4, outputs: 5 }),
  },
  {
    name: 'groupNorm',
    inputs: [[2, 3, 4, 6]],
    weight: [6],
    bias: [6],
    apply: (g, x) => g.groupNorm(x, { name: 'p', channels: 6, groups: 2, eps: 1e-5 }),
  },
  { name: 'silu', inputs: [[2, 3, 4, 2]], apply: (g, x) => g.silu(x) },
  { name: 'relu', inputs: [[2, 3, 4, 2]], apply: (g, x) => g.relu(x) },
  {
    name: 'add',
    inputs: [
      [2, 3, 4, 2],
      [2, 3, 4, 2],
    ],
    apply: (g, a, b) => g.add(a, b),
  },
  {
    name: 'modulate',
    inputs: [
      [2, 3, 4, 3],
      [2, 6],
    ],
    apply: (g, x, s) => g.modulate(x, s, 3),
  },
  {
    name: 'concatChannels',
    inputs: [
      [2, 3, 4, 2],
      [2, 3, 4, 5],
    ],
    apply: (g, a, b) => g.concatChannels(a, b),
  },
  { name: 'avgPool2', inputs: [[2, 4, 6, 3]], apply: (g, x) => g.avgPool2(x) },
  { name: 'upsampleNearest2', inputs: [[2, 3, 2, 3]], apply: (g, x) => g.upsampleNearest2(x) },
  { name: 'depthToSpace2', inputs: [[2, 3, 2, 8]], apply: (g, x) => g.depthToSpace2(x) },
  ...(['legacy', 'new'] as const).map((order) => ({
    name: `attention, ${order} order`,
    inputs: [[2, 2, 3, 24]],
    apply: (g: GraphBuilder<Tensor>, x: Tensor) => g.attention(x, { channels: 8, headWidth: 4, order }),
  })),
  { name: 'embedding', inputs: [[3]], apply: (g, t) => g.embedding(t, { frequencies: [0.5, 1, 3] }) },
];

describe.each(['wasm', 'cpu'] as const)('operations on the %s backend', (backend) => {
  let tensors: Tensors;
  beforeAll(async () => {
    tensors = await openTensors(backend);
  });

  /**
   * f(x) = Σ r·op(x) along random directions d: central difference (f(x + h d) − f(x − h d))/2h against ⟨∇f, d⟩. h = 2^-6
   * leaves an error of about h² from curvature; float32 adds about 2^-24·√n/h.
   */
  it.each(cases)('differentiates $name', ({ inputs, weight, bias, apply }) => {
    const { tf } = tensors;
    const random = createRandom(3);
    // Away from zero, where relu has no derivative.
    const draw = (shape: number[]) =>
      Float32Array.from({ length: shape.reduce((n, s) => n * s, 1) }, () => {
        const v = random.normal();
        return v + 0.1 * Math.sign(v);
      });
    const shapes = [...inputs, ...(weight ? [weight] : []), ...(bias ? [bias] : [])];
    const values = shapes.map(draw);
    const h = 2 ** -6;
    const build = (given: Tensor[]) => {
      const [w, b] = given.slice(inputs.length);
      const parameters = new Map(Object.entries(w === undefined ? {} : { 'p.weight': w, 'p.bias': b }));
      return apply(tensorBuilder(tensors, parameters), ...given.slice(0, inputs.length));
    };
    const tensorsOf = (arrays: Float32Array[]) => arrays.map((a, i) => tf.tensor(a, shapes[i]));
    const outputs = (arrays: Float32Array[]) => tf.tidy(() => build(tensorsOf(arrays)).dataSync<'float32'>().slice());
    const r = draw([outputs(values).length]);
    const f = (arrays: Float32Array[]) => outputs(arrays).reduce((sum, v, i) => sum + v * r[i], 0);
    const before = tf.memory().numTensors;
    const gradients = tf.tidy(() =>
      tf
        .grads((...given: Tensor[]) => {
          const y = build(given);
          return tf.sum(tf.mul(y, tf.tensor(r, y.shape)));
        })(tensorsOf(values))
        .map((g) => g.dataSync<'float32'>().slice()),
    );
    expect(tf.memory().numTensors).toBe(before);
    for (let which = 0; which < shapes.length; which++)
      for (let trial = 0; trial < 3; trial++) {
        const d = draw(shapes[which]);
        const moved = (s: number) => values.map((v, i) => (i === which ? v.map((x, k) => x + s * h * d[k]) : v));
        const numeric = (f(moved(1)) - f(moved(-1))) / (2 * h);
        const analytic = gradients[which].reduce((sum, g, i) => sum + g * d[i], 0);
        const size = Math.hypot(...gradients[which]) * Math.hypot(...d);
        expect(Math.abs(numeric - analytic) / size).toBeLessThan(1e-3);
      }
  });

  it('has the channel order of PyTorch’s pixel_shuffle', () => {
    const { tf } = tensors;
    const g = tensorBuilder(tensors, new Map());
    // One pixel, channels 0 … 7: channel 4c + 2i + j goes to row i, column j of channel c.
    const out = tf.tidy(() => g.depthToSpace2(tf.tensor([0, 1, 2, 3, 4, 5, 6, 7], [1, 1, 1, 8])).arraySync());
    expect(out).toEqual([
      [
        [
          [0, 4],
          [1, 5],
        ],
        [
          [2, 6],
          [3, 7],
        ],
      ],
    ]);
  });

  it('puts cosines before sines and averages, repeats and modulates per channel', () => {
    const { tf } = tensors;
    const g = tensorBuilder(tensors, new Map());
    tf.tidy(() => {
      const embedding = g.embedding(tf.tensor1d([0.7]), { frequencies: [1, 2] }).dataSync();
      [Math.cos(0.7), Math.cos(1.4), Math.sin(0.7), Math.sin(1.4)].forEach((v, i) => {
        expect(embedding[i]).toBeCloseTo(v, 6);
      });
      const x = tf.tensor([1, 10, 2, 20, 3, 30, 6, 60], [1, 2, 2, 2]);
      expect([...g.avgPool2(x).dataSync()]).toEqual([3, 30]);
      expect([...g.upsampleNearest2(tf.tensor([1, 2], [1, 1, 2, 1])).dataSync()]).toEqual([1, 1, 2, 2, 1, 1, 2, 2]);
      const modulated = g.modulate(x, tf.tensor([1, 2, 0.5, -0.5], [1, 4]), 2);
      expect([...modulated.dataSync()]).toEqual([2.5, 29.5, 4.5, 59.5, 6.5, 89.5, 12.5, 179.5]);
    });
  });
});
