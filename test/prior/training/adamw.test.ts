import { beforeAll, describe, expect, it } from 'vitest';
import { adamWStep, zeroMoments } from '../../../engine/prior/training/adamw.ts';
import { copyParameters, emaFactor, emaStep } from '../../../engine/prior/training/ema.ts';
import { learningRateAt } from '../../../engine/prior/training/learning-rate.ts';
import { openTensors, type Tensors } from '../../../engine/tensor/backend.ts';

const options = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1 };

describe('AdamW', () => {
  let tensors: Tensors;
  beforeAll(async () => {
    tensors = await openTensors('wasm');
  });

  it('makes the steps worked out by hand', () => {
    const { tf } = tensors;
    const parameters = new Map([['p', tf.variable(tf.tensor1d([1, -2, 0.5]))]]);
    const moments = zeroMoments(tensors, parameters);
    const step = (g: number[], scale: number, n: number) =>
      tf.tidy(() => adamWStep(tensors, parameters, moments, new Map([['p', tf.tensor1d(g)]]), scale, 0.01, n, options));
    const value = () => [...(parameters.get('p')?.dataSync() ?? [])];
    // After one step m/(1 − β₁) = g and v/(1 − β₂) = g², so θ = 0.999 θ₀ − 0.01 sign(g), whatever the size of g.
    step([3, -0.25, 1e-3], 1, 1);
    [0.999 - 0.01, -1.998 + 0.01, 0.4995 - 0.01].forEach((v, i) => {
      expect(value()[i]).toBeCloseTo(v, 6);
    });
    // Second step, gradients halved by the scale: g = 3, then 1. m̂ = (0.9·0.3 + 0.1·1)/0.19, v̂ = (0.99·0.09 + 0.01·1)/0.0199.
    step([2, -0.5, 0], 0.5, 2);
    const first = 0.989 * 0.999 - (0.01 * ((0.9 * 0.3 + 0.1) / 0.19)) / Math.sqrt((0.99 * 0.09 + 0.01) / 0.0199);
    const third = 0.4895 * 0.999 - (0.01 * ((0.9 * 1e-4) / 0.19)) / Math.sqrt((0.99 * 1e-8) / 0.0199);
    expect(value()[0]).toBeCloseTo(first, 6);
    // g = −0.25 twice is the first step again: θ falls by the decay and by η.
    expect(value()[1]).toBeCloseTo(-1.988 * 0.999 + 0.01, 6);
    expect(value()[2]).toBeCloseTo(third, 6);
    expect(moments.first.get('p')?.dataSync()[0]).toBeCloseTo(0.37, 6);
    expect(moments.second.get('p')?.dataSync()[0]).toBeCloseTo(0.0991, 6);
  });

  it('leaves weights without gradient to the decay alone', () => {
    const { tf } = tensors;
    const parameters = new Map([['p', tf.variable(tf.tensor1d([2]))]]);
    const moments = zeroMoments(tensors, parameters);
    const gradients = new Map([['p', tf.tensor1d([0])]]);
    for (let n = 1; n <= 3; n++) adamWStep(tensors, parameters, moments, gradients, 1, 0.01, n, options);
    expect(parameters.get('p')?.dataSync()[0]).toBeCloseTo(2 * 0.999 ** 3, 6);
  });
});

describe('averaged weights', () => {
  it('move by 1 − min(limit, (n + 1)/(n + 10)) of the way', async () => {
    const tensors = await openTensors('wasm');
    const { tf } = tensors;
    const parameters = new Map([['p', tf.variable(tf.tensor1d([4]))]]);
    const average = copyParameters(tensors, parameters);
    parameters.get('p')?.assign(tf.tensor1d([15]));
    expect(emaFactor(1, 0.9995)).toBe(2 / 11);
    expect(emaFactor(100_000, 0.9995)).toBe(0.9995);
    emaStep(tensors, average, parameters, emaFactor(1, 0.9995));
    expect(average.get('p')?.dataSync()[0]).toBeCloseTo(4 + (9 / 11) * 11, 5);
  });
});

describe('learning rate', () => {
  const rate = { learningRate: 1, warmup: 200, steps: 1000, decay: 0.3 };
  it('rises, stays, and falls along half a cosine', () => {
    expect(learningRateAt(0, rate)).toBe(1 / 200);
    expect(learningRateAt(199, rate)).toBe(1);
    expect(learningRateAt(700, rate)).toBe(1);
    expect(learningRateAt(850, rate)).toBeCloseTo(0.5, 12);
    expect(learningRateAt(1000, rate)).toBeCloseTo(0, 12);
    expect(learningRateAt(2000, rate)).toBeCloseTo(0, 12);
  });
  it('never falls without an end', () => {
    expect(learningRateAt(1e6, { ...rate, steps: Infinity })).toBe(1);
    expect(learningRateAt(0, { ...rate, warmup: 0, decay: 0 })).toBe(1);
  });
});
