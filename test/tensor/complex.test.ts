import type { Tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fft2 } from '../../engine/arrays/fft.ts';
import { openTensors, type Tensors } from '../../engine/tensor/backend.ts';
import { type Computation, computeOn, expectSameAsCpu, relativeError, sample } from './compare-backends.ts';
import { expectNoLeak } from './expect-no-leak.ts';

type Tf = Tensors['tf'];
const pairOf = (shape: number[], seed: number) => [sample(shape, seed), sample(shape, seed + 1)];
const onComplex =
  (operation: (tf: Tf, z: Tensor) => Tensor): Computation =>
  (tf, [re, im]) =>
    operation(tf, tf.complex(re, im));

describe('complex tensors on WebAssembly', () => {
  it.each<[string, (tf: Tf, z: Tensor) => Tensor]>([
    ['keep their numbers', (_, z) => z],
    ['give their real part', (tf, z) => tf.real(z)],
    ['give their imaginary part', (tf, z) => tf.imag(z)],
    ['give their magnitude', (tf, z) => tf.abs(z)],
    ['add', (tf, z) => tf.add(z, z)],
    ['subtract', (tf, z) => tf.sub(z, tf.complex(tf.real(z), tf.zerosLike(tf.real(z))))],
    ['multiply', (tf, z) => tf.mul(z, z)],
    ['multiply with a real tensor', (tf, z) => tf.mul(z, tf.real(z))],
    ['reshape', (tf, z) => tf.reshape(z, [5, 12])],
    ['transpose', (tf, z) => tf.transpose(z, [2, 0, 1])],
    ['concatenate', (tf, z) => tf.concat([z, z], -1)],
    ['cast to real', (tf, z) => tf.cast(z, 'float32')],
    ['clone', (tf, z) => tf.clone(z)],
  ])('%s', async (_, operation) => {
    await expectSameAsCpu('wasm', pairOf([3, 4, 5], 1), onComplex(operation));
  });

  it.each<[string, (tf: Tf, z: Tensor) => Tensor]>([
    ['slice', (tf, z) => tf.slice(z, [1, 0, 2], [2, 4, 1])],
    ['reverse', (tf, z) => tf.reverse(z, [-1, 0])],
    ['reverse one axis', (tf, z) => tf.reverse(z, -1)],
    [
      'pad',
      (tf, z) =>
        tf.pad(z, [
          [1, 0],
          [0, 2],
          [1, 1],
        ]),
    ],
    ['tile', (tf, z) => tf.tile(z, [2, 1, 3])],
    ['gather', (tf, z) => tf.gather(z, tf.tensor1d([2, 0], 'int32'), -1)],
    ['negate', (tf, z) => tf.neg(z)],
    ['become zero', (tf, z) => tf.zerosLike(z)],
  ])('%s as their parts do', async (_, operation) => {
    const samples = pairOf([3, 4, 5], 7);
    const whole = await computeOn('wasm', samples, onComplex(operation));
    for (const part of [0, 1]) {
      const expected = await computeOn('cpu', samples, (tf, parts) => operation(tf, parts[part]));
      expect(whole.shape).toEqual(expected.shape);
      expect(whole.values.filter((_, i) => i % 2 === part)).toEqual(expected.values);
    }
  });

  it('multiply with broadcast shapes by the rule of complex numbers', async () => {
    const result = await computeOn('wasm', [...pairOf([3, 1, 4], 3), ...pairOf([2, 1], 9)], (tf, [a, b, c, d]) =>
      tf.mul(tf.complex(a, b), tf.complex(c, d)),
    );
    const parts = await computeOn('cpu', [...pairOf([3, 1, 4], 3), ...pairOf([2, 1], 9)], (tf, [a, b, c, d]) =>
      tf.stack([tf.sub(tf.mul(a, c), tf.mul(b, d)), tf.add(tf.mul(a, d), tf.mul(b, c))], -1),
    );
    expect(result.shape).toEqual([3, 2, 4]);
    expect(relativeError(result.values, parts.values)).toBeLessThan(1e-6);
  });

  it('release all memory', async () => {
    const tensors = await openTensors('wasm');
    const { tf } = tensors;
    const re = tf.randomNormal([16, 37]);
    await expectNoLeak(tensors, () =>
      tf.tidy(() => {
        const z = tf.complex(re, re);
        tf.abs(tf.fft(tf.mul(z, tf.transpose(tf.transpose(z)))));
      }),
    );
    re.dispose();
  });
});

describe('Fourier transforms on WebAssembly', () => {
  it('equal the defining sum for any length and batch', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 130 }), fc.integer({ min: 1, max: 5 }), async (n, batch) => {
        const [re, im] = pairOf([batch, n], n);
        const expected = new Float32Array(2 * batch * n);
        for (let b = 0; b < batch; b++)
          for (let k = 0; k < n; k++)
            for (let j = 0; j < n; j++) {
              const angle = (-2 * Math.PI * ((j * k) % n)) / n;
              const [x, y] = [re.values[b * n + j], im.values[b * n + j]];
              expected[2 * (b * n + k)] += x * Math.cos(angle) - y * Math.sin(angle);
              expected[2 * (b * n + k) + 1] += x * Math.sin(angle) + y * Math.cos(angle);
            }
        const forward = await computeOn(
          'wasm',
          [re, im],
          onComplex((tf, z) => tf.fft(z)),
        );
        expect(relativeError(forward.values, expected)).toBeLessThan(2e-6);
        const back = await computeOn(
          'wasm',
          [re, im],
          onComplex((tf, z) => tf.ifft(tf.fft(z))),
        );
        const original = await computeOn(
          'wasm',
          [re, im],
          onComplex((_, z) => z),
        );
        expect(relativeError(back.values, original.values)).toBeLessThan(1e-6);
      }),
      { numRuns: 40 },
    );
  });

  it('of real signals, and back, equal the plain backend', async () => {
    for (const n of [8, 12, 14]) {
      await expectSameAsCpu('wasm', [sample([3, n], n)], (tf, [x]) => tf.spectral.rfft(x));
      await expectSameAsCpu('wasm', [sample([3, n], n)], (tf, [x]) => tf.spectral.rfft(x, n - 3));
      await expectSameAsCpu(
        'wasm',
        pairOf([3, n / 2 + 1], n),
        onComplex((tf, z) => tf.spectral.irfft(z)),
      );
    }
    const signal = sample([2, 16], 4);
    const back = await computeOn('wasm', [signal], (tf, [x]) => tf.spectral.irfft(tf.spectral.rfft(x)));
    expect(relativeError(back.values, signal.values)).toBeLessThan(1e-6);
  });

  it('along both axes equal the centred transform after shifts', async () => {
    const [h, w] = [6, 10];
    const samples = pairOf([h, w], 5);
    const roll = (tf: Tf, z: Tensor, by: number[]) =>
      by.reduce((rolled, count, axis) => {
        const n = z.shape[axis];
        const [head, tail] = tf.split(rolled, [n - count, count], axis);
        return tf.concat([tail, head], axis);
      }, z);
    const shifted = await computeOn('wasm', samples, (tf, [re, im]) => {
      const centred = tf.complex(roll(tf, re, [h / 2, w / 2]), roll(tf, im, [h / 2, w / 2]));
      const rows = tf.fft(centred);
      const both = tf.transpose(tf.fft(tf.transpose(rows)));
      return tf.stack([roll(tf, tf.real(both), [h / 2, w / 2]), roll(tf, tf.imag(both), [h / 2, w / 2])], -1);
    });
    const data = new Float32Array(2 * h * w);
    samples[0].values.forEach((value, i) => {
      data[2 * i] = value;
      data[2 * i + 1] = samples[1].values[i];
    });
    const expected = fft2(data, [1, h, w], 'forward').map((value) => value * Math.sqrt(h * w));
    expect(relativeError(shifted.values, expected)).toBeLessThan(1e-6);
  });
});
