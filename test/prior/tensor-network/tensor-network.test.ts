import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeNetwork } from '../../../engine/prior/architectures/architecture.ts';
import { filmResUNet } from '../../../engine/prior/architectures/film-resunet.ts';
import { type GuidedDiffusionConfig, guidedDiffusion } from '../../../engine/prior/architectures/guided-diffusion.ts';
import { type NetworkDescription, parameterShapes } from '../../../engine/prior/graph.ts';
import { collect, emitOnnx } from '../../../engine/prior/onnx/emit-onnx.ts';
import { loadManifest } from '../../../engine/prior/prior-folder.ts';
import { openSafetensors } from '../../../engine/prior/safetensors.ts';
import { openSession } from '../../../engine/prior/session.ts';
import type { ImageShape } from '../../../engine/prior/tensor-network/channels-last.ts';
import { fromLibrary, libraryShape, toLibrary } from '../../../engine/prior/tensor-network/parameter-layout.ts';
import { tensorNetwork } from '../../../engine/prior/tensor-network/tensor-network.ts';
import { memoryWeights, type NamedTensor, type WeightSource } from '../../../engine/prior/weights.ts';
import { openTensors, type Tensors } from '../../../engine/tensor/backend.ts';
import { tinyConfig, tinyExpected, tinyImage, tinyTensors } from '../reference-network.ts';
import { tinyFilmConfig, tinyFilmTensors } from '../tiny-prior.ts';

const image = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(0.37 * i) + 0.3 * Math.cos(1.1 * i));

/** Weights of order 1/√fan-in, so that outputs are of order one; normalisations near the identity. */
function plausibleWeights(network: NetworkDescription): WeightSource {
  const tensors = new Map<string, NamedTensor>();
  for (const [j, [name, shape]] of [...parameterShapes(network)].entries()) {
    const [, ...inputs] = shape;
    const bound = inputs.length === 0 ? 0.1 : 1.5 / Math.sqrt(inputs.reduce((n, s) => n * s, 1));
    const base = inputs.length === 0 && name.endsWith('weight') ? 1 : 0;
    const data = Float32Array.from(
      { length: shape.reduce((n, s) => n * s, 1) },
      (_, i) => base + bound * Math.sin(0.7 * (i + 1) ** 2 + 1.7 * (j + 1)),
    );
    tensors.set(name, { shape, data });
  }
  return memoryWeights(tensors);
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let worst = Math.abs(a.length - b.length);
  for (let i = 0; i < a.length; i++) worst = Math.max(worst, Math.abs(a[i] - b[i]));
  return worst;
}

describe('parameter layout', () => {
  it('moves [out, in, kh, kw] to [kh, kw, in, out] and back', () => {
    const shape = [2, 3, 2, 2];
    const data = Float32Array.from({ length: 24 }, (_, i) => i);
    expect(libraryShape(shape)).toEqual([2, 2, 3, 2]);
    const inside = toLibrary(data, shape);
    // Tap (1, 0), input 2, output 1: file index ((1·3 + 2)·2 + 1)·2 + 0.
    expect(inside[((1 * 2 + 0) * 3 + 2) * 2 + 1]).toBe(22);
    expect(fromLibrary(inside, shape)).toEqual(data);
    expect(toLibrary(data, [24])).toEqual(data);
    expect([...toLibrary(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3])]).toEqual([1, 4, 2, 5, 3, 6]);
  });
});

describe.each(['wasm', 'cpu'] as const)('the network on the %s backend', (backend) => {
  let tensors: Tensors;
  beforeAll(async () => {
    tensors = await openTensors(backend);
  });
  afterAll(() => tensors.tf.disposeVariables());

  async function bothWays(network: NetworkDescription, weights: WeightSource, shape: ImageShape, t: Float32Array) {
    const session = await openSession(
      await collect(emitOnnx(network, weights).model),
      { image: 'x', time: 't', output: 'eps_v', timeType: 'float32' },
      { device: 'cpu', threads: 1 },
      'test',
    );
    const x = image(shape.reduce((n, s) => n * s, 1));
    const expected = await session.run(x, shape, t);
    await session.release();
    const net = await tensorNetwork(network, weights, tensors);
    const found = await net.predict(x, shape, t);
    net.dispose();
    return { found, expected: expected.data };
  }

  it('gives what ONNX Runtime gives for film-resunet', async () => {
    const t = Float32Array.of(-1.4, 0.3, 1.2);
    const { found, expected } = await bothWays(
      filmResUNet(tinyFilmConfig),
      memoryWeights(tinyFilmTensors()),
      [3, 2, 16, 20],
      t,
    );
    expect(largestDifference(found, expected)).toBeLessThan(1e-5);
  });

  it.each([
    'legacy',
    'new',
  ] as const)('gives what ONNX Runtime gives for guided-diffusion, %s attention', async (order) => {
    const config: GuidedDiffusionConfig = { ...tinyConfig, mult: [1, 2, 2], inChannels: 2, attentionOrder: order };
    const network = guidedDiffusion(config);
    const t = Float32Array.of(0, 731);
    const { found, expected } = await bothWays(network, plausibleWeights(network), [2, 2, 8, 12], t);
    expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(0.3);
    expect(largestDifference(found, expected)).toBeLessThan(1e-4);
  });

  it('reproduces the importers’ reference values', async () => {
    const net = await tensorNetwork(guidedDiffusion(tinyConfig), memoryWeights(tinyTensors()), tensors);
    for (const t of [500, 0] as const) {
      const out = await net.predict(tinyImage(), [1, 1, 8, 8], Float32Array.of(t));
      const { first, last, norm } = tinyExpected[t];
      expect(largestDifference(out.subarray(0, 4), first)).toBeLessThan(1e-4);
      if (last !== undefined) expect(largestDifference(out.subarray(64 + 60, 64 + 64), last)).toBeLessThan(1e-4);
      expect(Math.abs(Math.hypot(...out) - norm)).toBeLessThan(1e-4);
    }
    net.dispose();
  });

  it('keeps no tensor but its weights', async () => {
    const { tf } = tensors;
    const before = tf.memory().numTensors;
    const net = await tensorNetwork(guidedDiffusion(tinyConfig), memoryWeights(tinyTensors()), tensors);
    expect(tf.memory().numTensors - before).toBe(144);
    for (let i = 0; i < 3; i++) await net.predict(tinyImage(), [1, 1, 8, 8], Float32Array.of(500));
    expect(tf.memory().numTensors - before).toBe(144);
    net.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses weights of another network and images that do not fit', async () => {
    await expect(
      tensorNetwork(filmResUNet(tinyFilmConfig), memoryWeights(tinyTensors()), tensors),
    ).rejects.toMatchObject({ code: 'mismatch' });
    const net = await tensorNetwork(filmResUNet(tinyFilmConfig), memoryWeights(tinyFilmTensors()), tensors);
    const t = Float32Array.of(0);
    await expect(net.predict(image(2 * 36), [1, 2, 6, 6], t)).rejects.toThrowError(/multiples of 4, found 6×6/);
    await expect(net.predict(image(64), [1, 1, 8, 8], t)).rejects.toMatchObject({ code: 'mismatch' });
    net.dispose();
  });
});

describe('the shipped brain-mri prior in TensorFlow.js', () => {
  it('equals ONNX Runtime at 64×64', async () => {
    const { manifest, folder } = await loadManifest('brain-mri');
    if (manifest.architecture.kind === 'onnx') throw new Error('unexpected architecture');
    const network = describeNetwork(manifest.architecture);
    const source = await openSafetensors(`${folder}/${manifest.weights.file}`);
    const tensors = await openTensors('wasm');
    const session = await openSession(
      await collect(emitOnnx(network, source).model),
      { image: 'x', time: 't', output: 'eps_v', timeType: 'float32' },
      { device: 'cpu', threads: 1 },
      'test',
    );
    const net = await tensorNetwork(network, source, tensors);
    await source.close();
    const x = image(2 * 2 * 64 * 64);
    const t = Float32Array.of(-0.9, 0.4);
    const expected = await session.run(x, [2, 2, 64, 64], t);
    const found = await net.predict(x, [2, 2, 64, 64], t);
    expect(largestDifference(found, expected.data)).toBeLessThan(1e-4);
    await session.release();
    net.dispose();
  });
});
