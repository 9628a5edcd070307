/** Winograd graphs against the plain graph and against layers written out in float64. */
import { beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../../engine/arrays/random.ts';
import { type FilmResUNetConfig, filmResUNet } from '../../../engine/prior/architectures/film-resunet.ts';
import { guidedDiffusion } from '../../../engine/prior/architectures/guided-diffusion.ts';
import { type NetworkDescription, parameterShapes } from '../../../engine/prior/graph.ts';
import { collect, emitOnnx } from '../../../engine/prior/onnx/emit-onnx.ts';
import { emitWinograd, gainsFromWinograd } from '../../../engine/prior/onnx/emit-winograd.ts';
import {
  inputTransform,
  kernelTransform,
  outputTransform,
  transformKernels,
} from '../../../engine/prior/onnx/winograd.ts';
import { openSession, type SessionEnds } from '../../../engine/prior/session.ts';
import { memoryWeights, type WeightSource } from '../../../engine/prior/weights.ts';
import { plainFilmResUNet } from '../plain-film-resunet.ts';
import type { NamedTensor } from '../reference-network.ts';
import { tinyFilmConfig } from '../tiny-prior.ts';

const ends: SessionEnds = { image: 'x', time: 't', output: 'eps_v', timeType: 'float32' };

function noise(length: number, seed: number): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length }, () => 2 * random.uniform() - 1);
}

/** Uniform weights of variance 1/(2·inputs), so that values stay of order 1. */
function randomTensors(network: NetworkDescription): Map<string, NamedTensor> {
  return new Map(
    [...parameterShapes(network)].map(([name, shape], j) => {
      const length = shape.reduce((n, s) => n * s, 1);
      const fan = shape.slice(1).reduce((n, s) => n * s, 1);
      return [name, { shape, data: noise(length, j).map((v) => v * Math.sqrt(1.5 / fan)) }];
    }),
  );
}

async function evaluate(model: Uint8Array, x: Float32Array, shape: [number, number, number, number], t: number[]) {
  const session = await openSession(model, ends, { device: 'cpu', threads: 1 }, 'test');
  try {
    return await session.run(x, shape, Float32Array.from(t));
  } finally {
    await session.release();
  }
}

/** Largest difference in units of the largest expected value. */
function difference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  let worst = Math.abs(found.length - expected.length);
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    worst = Math.max(worst, Math.abs(found[i] - expected[i]));
    largest = Math.max(largest, Math.abs(expected[i]));
  }
  return worst / largest;
}

describe("Winograd's F(4, 3)", () => {
  it('gives the four correlations of six inputs with three taps', () => {
    const d = [3, -1, 4, 1, -5, 9];
    const g = [2, -6, 5];
    const kernel = kernelTransform.map((row) => row.reduce<number>((sum, v, t) => sum + v * g[t], 0));
    const products = inputTransform.map((row, k) => kernel[k] * row.reduce<number>((sum, v, i) => sum + v * d[i], 0));
    outputTransform.forEach((row, r) => {
      const y = row.reduce<number>((sum, v, k) => sum + v * products[k], 0);
      expect(y).toBeCloseTo(g[0] * d[r] + g[1] * d[r + 1] + g[2] * d[r + 2], 12);
    });
  });

  it('transforms kernels along their rows', () => {
    const kernel = Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect([...transformKernels(kernel, 0)]).toEqual([0.25, 0.5, 0.75]);
    expect([...transformKernels(kernel, 5)]).toEqual([7, 8, 9]);
    const [first] = transformKernels(kernel, 3);
    expect(first).toBeCloseTo(1 / 24 + 4 / 12 + 7 / 6, 6);
  });
});

describe('the graph of a film-resunet', () => {
  const config: FilmResUNetConfig = {
    kind: 'film-resunet',
    channels: 2,
    width: 16,
    mult: [1, 2, 4],
    blocks: [1, 2, 1],
    embedding: 16,
  };
  const network = filmResUNet(config);
  const tensors = randomTensors(network);
  const weights: WeightSource = memoryWeights(tensors);
  let plain: Uint8Array;

  beforeAll(async () => {
    plain = await collect(emitOnnx(network, weights).model);
  });

  // Heights whose stages all divide by 4, only the upper ones, only the first, and none; odd widths at the bottom.
  it.each([
    [32, 24, 16],
    [16, 20, 16],
    [24, 12, 16],
    [8, 4, 16],
    [4, 12, 16],
    [20, 16, 16],
    [32, 20, 32],
  ])('equals the plain one on %i×%i images, from %i channels', async (height, width, leastChannels) => {
    const shape: [number, number, number, number] = [2, 2, height, width];
    const x = noise(2 * 2 * height * width, 99).map((v) => 2 * v);
    const times = [-0.7, 0.4];
    const expected = await evaluate(plain, x, shape, times);
    const model = await emitWinograd(network, weights, { height, width, leastChannels });
    const found = await evaluate(model, x, shape, times);
    expect(found.shape).toEqual(shape);
    expect(Math.max(...expected.data)).toBeGreaterThan(0.1);
    expect(difference(found.data, expected.data)).toBeLessThan(1e-5);
  });

  it('equals the layers written out in float64', async () => {
    const [height, width, t] = [32, 16, 0.3];
    const x = noise(2 * height * width, 5);
    const model = await emitWinograd(network, weights, { height, width, leastChannels: 16 });
    const { data } = await evaluate(model, x, [1, 2, height, width], [t]);
    const expected = plainFilmResUNet(config, tensors, { c: 2, h: height, w: width, data: Float64Array.from(x) }, t);
    expect(difference(data, expected.data)).toBeLessThan(1e-5);
  });

  it.each([1, 3, 4, 5])('equals the plain one with %i image channels', async (channels) => {
    const other = filmResUNet({ ...config, channels });
    const otherWeights = memoryWeights(randomTensors(other));
    const [height, width] = [16, 16];
    const x = noise(channels * height * width, 7);
    const expected = await evaluate(
      await collect(emitOnnx(other, otherWeights).model),
      x,
      [1, channels, height, width],
      [0.1],
    );
    const model = await emitWinograd(other, otherWeights, { height, width, leastChannels: 16 });
    const found = await evaluate(model, x, [1, channels, height, width], [0.1]);
    expect(difference(found.data, expected.data)).toBeLessThan(1e-5);
  });

  it('refuses weights of another network', async () => {
    const other = filmResUNet({ ...config, blocks: [2, 2, 1] });
    await expect(emitWinograd(other, weights, { height: 16, width: 16 })).rejects.toMatchObject({ code: 'mismatch' });
  });

  it('is worth making only for networks with enough channels', () => {
    expect(gainsFromWinograd(network)).toBe(true);
    expect(gainsFromWinograd(filmResUNet(tinyFilmConfig))).toBe(false);
  });
});

describe('the graph of a guided-diffusion network', () => {
  it('equals the plain one', async () => {
    const network = guidedDiffusion({
      ...{ kind: 'guided-diffusion', imageSize: 16, inChannels: 1, outChannels: 2, width: 32, mult: [1, 2] },
      ...{ resBlocks: 1, attentionFactors: [2], headWidth: 16, attentionOrder: 'legacy' },
    });
    const weights = memoryWeights(randomTensors(network));
    const [height, width] = [16, 24];
    const x = noise(height * width, 3);
    const expected = await evaluate(await collect(emitOnnx(network, weights).model), x, [1, 1, height, width], [500]);
    const found = await evaluate(
      await emitWinograd(network, weights, { height, width }),
      x,
      [1, 1, height, width],
      [500],
    );
    expect(Math.max(...expected.data)).toBeGreaterThan(0.1);
    expect(difference(found.data, expected.data)).toBeLessThan(2e-5);
  });
});
