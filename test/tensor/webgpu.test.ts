import { existsSync } from 'node:fs';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { openTensors } from '../../engine/tensor/backend.ts';
import { transformRows } from '../../engine/tensor/kernels/fourier.ts';
import { computeOn, expectSameAsCpu, relativeError, sample } from './compare-backends.ts';
import { expectNoLeak } from './expect-no-leak.ts';

/** Where Debian's chromium keeps a Vulkan driver that runs on the processor. */
const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json';

async function whyNot(): Promise<string | undefined> {
  if (process.env.VK_DRIVER_FILES === undefined && existsSync(SWIFTSHADER)) process.env.VK_DRIVER_FILES = SWIFTSHADER;
  try {
    await openTensors('webgpu');
    return undefined;
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}

const reason = await whyNot();
if (reason !== undefined) console.log(`WebGPU is not tested: ${reason} (needs libvulkan1 and a Vulkan driver)`);

describe.skipIf(reason !== undefined)('TensorFlow.js on WebGPU', () => {
  // Powers, smooth lengths, the largest radix, primes and twice a prime beyond it.
  it.each([1, 2, 3, 8, 20, 61, 64, 67, 134])('transforms rows of %i points and back', async (n) => {
    const samples = [sample([2, n], n), sample([2, n], n + 1)];
    const data = new Float32Array(4 * n);
    samples[0].values.forEach((value, i) => {
      data[2 * i] = value;
      data[2 * i + 1] = samples[1].values[i];
    });
    const expected = new Float32Array(4 * n);
    transformRows(data, expected, n, 'forward');
    const forward = await computeOn('webgpu', samples, (tf, [re, im]) => tf.fft(tf.complex(re, im)));
    expect(relativeError(forward.values, expected)).toBeLessThan(1e-6);
    const back = await computeOn('webgpu', samples, (tf, [re, im]) => tf.ifft(tf.fft(tf.complex(re, im))));
    expect(relativeError(back.values, data)).toBeLessThan(1e-6);
  });

  it('transforms real signals', async () => {
    await expectSameAsCpu('webgpu', [sample([3, 12], 1)], (tf, [x]) => tf.spectral.rfft(x));
  });

  it('has the gradients of a convolution', async () => {
    const samples = [sample([1, 5, 6, 2], 1), sample([3, 3, 2, 3], 2)];
    await expectSameAsCpu('webgpu', samples, (tf, inputs) => {
      const loss = (x: Tensor, f: Tensor) =>
        tf.sum(tf.square(tf.conv2d(x as Tensor4D, f as Tensor4D, 1, 'same'))) as Tensor;
      return tf.concat(
        tf
          .grads(loss)(inputs)
          .map((g) => tf.reshape(g, [-1])),
      );
    });
  });

  it('may use buffers as large as the adapter allows', async () => {
    const { tf } = await openTensors('webgpu');
    const { device } = tf.backend() as ReturnType<typeof tf.backend> & {
      device: { limits: { maxBufferSize: number; maxStorageBufferBindingSize: number } };
    };
    // 256 MiB and 128 MiB are what a device gets that does not ask.
    expect(device.limits.maxBufferSize).toBeGreaterThan(2 ** 28);
    expect(device.limits.maxStorageBufferBindingSize).toBeGreaterThan(2 ** 27);
  });

  it('releases all memory of transforms', async () => {
    const tensors = await openTensors('webgpu');
    const { tf } = tensors;
    for (const n of [12, 67]) {
      const x = tf.ones([2, n]);
      await expectNoLeak(tensors, () => tf.tidy(() => void tf.ifft(tf.fft(tf.complex(x, x)))), 5);
      x.dispose();
    }
  });

  it('refuses real tensors', async () => {
    const { tf } = await openTensors('webgpu');
    const x = tf.ones([4]);
    expect(() => tf.engine().runKernel('FFT', { input: x })).toThrow(expect.objectContaining({ code: 'bad-input' }));
    x.dispose();
  });
});
