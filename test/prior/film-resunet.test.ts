import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { filmResUNet } from '../../engine/prior/architectures/film-resunet.ts';
import { collect, emitOnnx } from '../../engine/prior/onnx/emit-onnx.ts';
import type { Prior } from '../../engine/prior/prior.ts';
import { loadPrior } from '../../engine/prior/registry.ts';
import { alphaBarOf } from '../../engine/prior/schedule.ts';
import { openSession } from '../../engine/prior/session.ts';
import { memoryWeights } from '../../engine/prior/weights.ts';
import { plainFilmResUNet } from './plain-film-resunet.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { tinyFilmConfig, tinyFilmTensors, writeTinyPrior } from './tiny-prior.ts';

const folder = temporaryFolder();
const config = tinyFilmConfig;
const sigmaData = 0.25;
const tensors = tinyFilmTensors();
const image = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(0.37 * i) + 0.3 * Math.cos(1.1 * i));

/** ε̂ in float64 by Karras et al.'s formulas, image zero-padded to a multiple of 4. */
function plainNoise(x: Float32Array, height: number, width: number, alphaBar: number): Float64Array {
  const sigma = Math.sqrt((1 - alphaBar) / alphaBar);
  const total = sigma ** 2 + sigmaData ** 2;
  const h = Math.ceil(height / 4) * 4;
  const w = Math.ceil(width / 4) * 4;
  const ve = (c: number, y: number, xx: number) => x[(c * height + y) * width + xx] / Math.sqrt(alphaBar);
  const data = new Float64Array(2 * h * w);
  for (let c = 0; c < 2; c++)
    for (let y = 0; y < height; y++)
      for (let xx = 0; xx < width; xx++) data[(c * h + y) * w + xx] = ve(c, y, xx) / Math.sqrt(total);
  const f = plainFilmResUNet(config, tensors, { c: 2, h, w, data }, Math.log(sigma) / 4).data;
  const out = new Float64Array(x.length);
  for (let c = 0; c < 2; c++)
    for (let y = 0; y < height; y++)
      for (let xx = 0; xx < width; xx++) {
        const noisy = ve(c, y, xx);
        const clean =
          (sigmaData ** 2 / total) * noisy + ((sigma * sigmaData) / Math.sqrt(total)) * f[(c * h + y) * w + xx];
        out[(c * height + y) * width + xx] = (noisy - clean) / sigma;
      }
  return out;
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let worst = Math.abs(a.length - b.length);
  for (let i = 0; i < a.length; i++) worst = Math.max(worst, Math.abs(a[i] - b[i]));
  return worst;
}

describe('film-resunet', () => {
  let prior: Prior;
  const home = join(folder, 'tiny');

  beforeAll(async () => {
    await writeTinyPrior(home);
    prior = await loadPrior(home, { cache: join(folder, 'cache') });
    return () => prior.dispose();
  });

  it('computes in ONNX Runtime what the layers say', async () => {
    const bytes = await collect(emitOnnx(filmResUNet(config), memoryWeights(tensors)).model);
    const ends = { image: 'x', time: 't', output: 'eps_v', timeType: 'float32' } as const;
    const session = await openSession(bytes, ends, { device: 'cpu', threads: 1 }, 'test');
    const x = image(2 * 16 * 20);
    for (const t of [-1.4, 0, 1.25]) {
      const { data, shape } = await session.run(x, [1, 2, 16, 20], Float32Array.of(t));
      const plain = plainFilmResUNet(config, tensors, { c: 2, h: 16, w: 20, data: Float64Array.from(x) }, t);
      expect(shape).toEqual([1, 2, 16, 20]);
      expect(largestDifference(data, plain.data)).toBeLessThan(1e-5);
    }
    await session.release();
  });

  it('computes the same with weights in a second file, and nearly the same with float16 weights', async () => {
    const network = filmResUNet(config);
    const weights = memoryWeights(tensors);
    const { model, external } = emitOnnx(network, weights, { externalName: 'model.weights' });
    const path = join(folder, 'model.onnx');
    writeFileSync(path, await collect(model));
    writeFileSync(join(folder, 'model.weights'), await collect(external ?? { length: 0, chunks: [] }));
    const ends = { image: 'x', time: 't', output: 'eps_v', timeType: 'float32' } as const;
    const x = image(2 * 8 * 8);
    const run = async (from: string | Uint8Array) => {
      const session = await openSession(from, ends, { device: 'cpu', threads: 1 }, 'test');
      const { data } = await session.run(x, [1, 2, 8, 8], Float32Array.of(0.3));
      await session.release();
      return data;
    };
    const whole = await run(await collect(emitOnnx(network, weights).model));
    expect(largestDifference(await run(path), whole)).toBe(0);
    const half = emitOnnx(network, weights, { weights: 'float16' }).model;
    expect(half.length).toBeLessThan(0.75 * emitOnnx(network, weights).model.length);
    const difference = largestDifference(await run(await collect(half)), whole);
    expect(difference).toBeGreaterThan(0);
    // float16 keeps 11 bits: each of about ten layers adds 2^-12 of values of order one.
    expect(difference).toBeLessThan(10 * 2 ** -12 * Math.max(...whole.map(Math.abs)));
  });

  it.each([
    [16, 16],
    [13, 18],
    [1, 5],
  ])('predicts the preconditioned noise on %i×%i images', async (height, width) => {
    for (const sigma of [0.01, 0.25, 1, 80]) {
      const alphaBar = alphaBarOf(sigma);
      const x = image(2 * height * width).map((v) => v * Math.sqrt(alphaBar * (1 + sigma ** 2)));
      const { noise, variance } = await prior.predictNoise(x, { batch: 1, height, width }, { t: 0, alphaBar });
      expect(variance).toBeUndefined();
      // ε̂ divides the float32 network's error by σ only through factors of at most 1, so the bound is its own roundoff.
      expect(largestDifference(noise, plainNoise(x, height, width, alphaBar))).toBeLessThan(2e-5);
    }
  });

  it('gives each image of a batch what it gets alone', async () => {
    const size = { height: 13, width: 18 };
    const item = 2 * size.height * size.width;
    const x = image(4 * item);
    const level = { t: 0, alphaBar: 0.5 };
    const together = await prior.predictNoise(x, { batch: 4, ...size }, level);
    for (let b = 0; b < 4; b++) {
      const alone = await prior.predictNoise(x.slice(b * item, (b + 1) * item), { batch: 1, ...size }, level);
      expect(largestDifference(together.noise.subarray(b * item, (b + 1) * item), alone.noise)).toBeLessThan(1e-6);
    }
  });

  it('leaves its input alone and refuses wrong sizes, clean levels and cancelled runs', async () => {
    const x = image(2 * 64);
    const shape = { batch: 1, height: 8, width: 8 };
    const level = { t: 0, alphaBar: 0.5 };
    await prior.predictNoise(x, shape, level);
    expect(x).toEqual(image(2 * 64));
    await expect(prior.predictNoise(x, { ...shape, batch: 2 }, level)).rejects.toMatchObject({ code: 'mismatch' });
    await expect(prior.predictNoise(x, { ...shape, height: -8, width: -8 }, level)).rejects.toMatchObject({
      code: 'mismatch',
    });
    await expect(prior.predictNoise(x, shape, { t: -1, alphaBar: 1 })).rejects.toMatchObject({ code: 'bad-usage' });
    await expect(prior.predictNoise(x, shape, level, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
  });
});
