import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createRandom, fillNormal } from '../../../engine/arrays/random.ts';
import { filmResUNet } from '../../../engine/prior/architectures/film-resunet.ts';
import { guidedDiffusion } from '../../../engine/prior/architectures/guided-diffusion.ts';
import type { Convention } from '../../../engine/prior/preconditioning.ts';
import { alphaBarOf, sigmaOf, vpSchedule } from '../../../engine/prior/schedule.ts';
import { initialWeights } from '../../../engine/prior/training/initialise.ts';
import { defaultNoise, drawLevels } from '../../../engine/prior/training/noise-draw.ts';
import { createTrainer, type Trainer, type TrainerOptions } from '../../../engine/prior/training/trainer.ts';
import { memoryWeights, type NamedTensors } from '../../../engine/prior/weights.ts';
import { openTensors, type Tensors } from '../../../engine/tensor/backend.ts';
import { plainFilmResUNet } from '../plain-film-resunet.ts';
import { tinyConfig, tinyTensors } from '../reference-network.ts';
import { tinyFilmConfig, tinyFilmTensors } from '../tiny-prior.ts';

const edm: Convention = {
  prediction: 'denoiser-edm',
  parametrisation: 'vp',
  timeInput: 'quarter-log-sigma',
  sigmaData: 0.25,
};
const side = 16;
const item = 2 * side * side;
const levelAt = (sigma: number, t = 0) => ({ t, alphaBar: alphaBarOf(sigma) });
const wave = (length: number) => Float32Array.from({ length }, (_, i) => 0.4 * Math.sin(0.13 * i));

function noiseOf(length: number, step: number): Float32Array {
  const out = new Float32Array(length);
  fillNormal(out, { seed: 5, sample: 0, slice: 0, step });
  return out;
}

describe('the trainer on wasm', () => {
  let tensors: Tensors;
  const open: Trainer[] = [];
  beforeAll(async () => {
    tensors = await openTensors('wasm');
  });
  afterEach(() => {
    for (const trainer of open.splice(0)) trainer.dispose();
  });

  async function trainerOf(options: Partial<TrainerOptions> = {}): Promise<Trainer> {
    const trainer = await createTrainer({
      tensors,
      network: filmResUNet(tinyFilmConfig),
      convention: edm,
      weights: memoryWeights(tinyFilmTensors()),
      ...options,
    });
    open.push(trainer);
    return trainer;
  }

  it('follows PyTorch: loss, gradient norm and weights of the recipe in models/training', async () => {
    // Printed by train.py's own step on net.py in float64 with these weights, images and noise, learning rate 4e-3,
    // weight decay 0.1, warm-up 3 and decay over the last half of 6 steps.
    const losses = [3.8701096, 3.3965664, 2.6033799, 1.885868, 1.5856158, 1.430148];
    const norms = [22.249722, 18.842631, 12.707359, 7.331836, 4.621414, 3.809642];
    const trainer = await trainerOf({
      optimiser: { learningRate: 4e-3, weightDecay: 0.1, warmup: 3, steps: 6, decay: 0.5 },
    });
    for (let step = 0; step < 6; step++) {
      const found = await trainer.step(wave(2 * item), [levelAt(0.05), levelAt(1.5)], noiseOf(2 * item, step));
      expect(Math.abs(found.loss / losses[step] - 1)).toBeLessThan(2e-5);
      expect(Math.abs(found.gradNorm / norms[step] - 1)).toBeLessThan(2e-5);
    }
    const { tensors: state, step } = await trainer.exportState();
    expect(step).toBe(6);
    const close = (name: string, from: number, values: number[]) =>
      values.forEach((v, i) => {
        expect(Math.abs((state.get(name)?.data[from + i] ?? Number.NaN) - v)).toBeLessThan(2e-6);
      });
    close('model.head.weight', 0, [0.0223071166, 0.0125362015, 0.1797767517, -0.1730881107]);
    close('ema.head.weight', 0, [0.0234102568, 0.0135794733, 0.1804893297, -0.1743347826]);
    close('model.ups.0.weight', 5, [0.2189755324, 0.1879157662, 0.1461805119]);
    close('ema.middle.film.weight', 0, [-0.1887542814, -0.037474699, -0.0916292883]);
  });

  const conventions: [Convention, TrainerOptions['weighting'], number | undefined][] = [
    [edm, 'edm', undefined],
    [edm, 'eps', undefined],
    [{ prediction: 'eps', parametrisation: 'vp', timeInput: 'index' }, 'eps', undefined],
    [{ prediction: 'eps', parametrisation: 've', timeInput: 'sigma' }, 'edm', 0.5],
    [{ prediction: 'x0', parametrisation: 'vp', timeInput: 'log-sigma' }, 'edm', 0.5],
    [{ prediction: 'v', parametrisation: 'vp', timeInput: 'quarter-log-sigma' }, 'eps', undefined],
    [{ prediction: 'score', parametrisation: 've', timeInput: 'log-sigma' }, 'eps', undefined],
    [{ prediction: 'score', parametrisation: 'vp', timeInput: 'index' }, 'edm', 0.5],
  ];

  it.each(conventions)('has the loss of a direct computation: %o, %s', async (convention, weighting, sigmaData) => {
    const levels = [levelAt(0.2, 1), levelAt(2, 3)];
    const images = wave(2 * item);
    const noise = noiseOf(2 * item, 0);
    let expected = 0;
    for (const [b, level] of levels.entries()) {
      // In float64 and in terms of the denoised image of VE scaling, x_σ = x + σ ε.
      const sigma = sigmaOf(level.alphaBar);
      const s = convention.sigmaData ?? sigmaData ?? 1;
      const total = sigma ** 2 + s ** 2;
      const image = images.subarray(b * item, (b + 1) * item);
      const noisy = Float64Array.from(image, (v, i) => v + sigma * noise[b * item + i]);
      const vp = Math.sqrt(level.alphaBar);
      const scaling =
        convention.prediction === 'denoiser-edm' ? 1 / Math.sqrt(total) : convention.parametrisation === 've' ? 1 : vp;
      const time = { index: level.t, sigma, 'log-sigma': Math.log(sigma), 'quarter-log-sigma': Math.log(sigma) / 4 };
      const input = { c: 2, h: side, w: side, data: noisy.map((v) => v * scaling) };
      const out = plainFilmResUNet(tinyFilmConfig, tinyFilmTensors(), input, time[convention.timeInput]).data;
      const root = Math.sqrt(1 - level.alphaBar);
      const denoised = noisy.map((v, i) => {
        switch (convention.prediction) {
          case 'eps':
            return v - sigma * out[i];
          case 'x0':
            return out[i];
          case 'v':
            return vp * vp * v - root * out[i];
          case 'score':
            return convention.parametrisation === 've' ? v + sigma ** 2 * out[i] : v + sigma * root * out[i];
          case 'denoiser-edm':
            return (s ** 2 / total) * v + ((sigma * s) / Math.sqrt(total)) * out[i];
          default:
            return Number.NaN;
        }
      });
      const weight = weighting === 'edm' ? total / (sigma * s) ** 2 : 1 / sigma ** 2;
      expected += denoised.reduce((sum, v, i) => sum + weight * (v - image[i]) ** 2, 0) / (2 * item);
    }
    const trainer = await trainerOf({ convention, weighting, sigmaData });
    const { loss } = await trainer.step(images, levels, noise);
    expect(Math.abs(loss / expected - 1)).toBeLessThan(1e-5);
  });

  it('trains a network that also learns the variance on its prediction alone', async () => {
    const convention: Convention = { prediction: 'eps', parametrisation: 'vp', timeInput: 'index' };
    const network = guidedDiffusion(tinyConfig);
    const start = tinyTensors();
    const trainer = await trainerOf({
      network,
      convention,
      weighting: 'eps',
      weights: memoryWeights(start),
      optimiser: { warmup: 0, weightDecay: 0 },
    });
    await trainer.step(wave(2 * 64), [levelAt(0.3, 100), levelAt(1, 300)], noiseOf(2 * 64, 0));
    const { tensors: state } = await trainer.exportState();
    const after = state.get('model.out.2.weight')?.data ?? new Float32Array(0);
    const before = start.get('out.2.weight')?.data ?? new Float32Array(0);
    const half = before.length / 2;
    expect(after.subarray(half)).toEqual(before.subarray(half));
    expect(after.subarray(0, half).every((v, i) => v !== before[i])).toBe(true);
  });

  /** Two bright discs on black, of different phase. */
  function discs(): Float32Array {
    const out = new Float32Array(2 * item);
    for (let b = 0; b < 2; b++)
      for (let y = 0; y < side; y++)
        for (let x = 0; x < side; x++) {
          const inside = (y - 7 - b) ** 2 + (x - 6 - 2 * b) ** 2 < 20;
          out[b * item + y * side + x] = inside ? 0.6 : 0;
          out[b * item + side * side + y * side + x] = inside ? 0.4 - 0.8 * b : 0;
        }
    return out;
  }

  function batch(step: number) {
    const levels = drawLevels(
      { ...defaultNoise, high: 1 } as typeof defaultNoise,
      vpSchedule(),
      createRandom(7, step),
      2,
    );
    return { levels, noise: noiseOf(2 * item, step) };
  }

  it('learns two images by heart', async () => {
    const config = { ...tinyFilmConfig, width: 8 };
    const trainer = await trainerOf({
      network: filmResUNet(config),
      weights: initialWeights(config, 1),
      optimiser: { learningRate: 4e-3, warmup: 20, emaDecay: 0.98 },
    });
    const images = discs();
    const levels = [levelAt(0.1), levelAt(0.5)];
    const held = [images.subarray(0, item), images.subarray(item)];
    const first = await trainer.validate(held, levels, 1);
    for (let step = 0; step < 400; step++) {
      const { levels: drawn, noise } = batch(step);
      await trainer.step(images, drawn, noise);
    }
    const last = await trainer.validate(held, levels, 1);
    // Three seeds reached a sixth to a ninth of the first loss.
    for (const [j, { loss, mse, sigma }] of last.entries()) {
      expect(loss).toBeLessThan(first[j].loss / 4);
      expect(mse).toBeLessThan(sigma ** 2 / 4);
    }
  });

  const same = (a: NamedTensors, b: NamedTensors) => {
    expect([...a.keys()]).toEqual([...b.keys()]);
    for (const [name, { data }] of a) expect(b.get(name)?.data).toEqual(data);
  };

  it('goes on from a saved state to the same bits, and keeps no tensors', async () => {
    const images = discs();
    const { tf } = tensors;
    const run = async (trainer: Trainer, from: number, to: number) => {
      const losses: number[] = [];
      for (let step = from; step < to; step++) {
        const { levels, noise } = batch(step);
        losses.push((await trainer.step(images, levels, noise)).loss);
      }
      return losses;
    };
    const before = tf.memory().numTensors;
    const whole = await trainerOf();
    const held = tf.memory().numTensors;
    const losses = await run(whole, 0, 6);
    await whole.validate([images.subarray(0, item)], [levelAt(0.3)], 0);
    expect(tf.memory().numTensors).toBe(held);
    const parts = await trainerOf();
    await run(parts, 0, 3);
    const state = await parts.exportState();
    // Whatever the first trainer goes on to do, its exported state stays.
    await run(parts, 3, 4);
    const resumed = await trainerOf();
    resumed.importState(state);
    expect(resumed.stepsDone).toBe(3);
    expect(await run(resumed, 3, 6)).toEqual(losses.slice(3));
    same((await whole.exportState()).tensors, (await resumed.exportState()).tensors);
    same(await whole.emaWeights(), await resumed.emaWeights());
    for (const trainer of open.splice(0)) trainer.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('validates with the averaged weights: with a zero output the best linear estimate of N(0, s²) pixels', async () => {
    const trainer = await trainerOf({ weights: initialWeights(tinyFilmConfig, 0) });
    const levels = [levelAt(0.1), levelAt(1)];
    const images = [discs().subarray(0, item), wave(item)];
    const found = await trainer.validate(images, levels, 9);
    for (const [j, { sigma, mse, loss }] of found.entries()) {
      // F = 0: x̂₀ = s²/(s² + σ²)·(x + σ ε).
      const keep = 0.0625 / (0.0625 + sigma ** 2);
      let sum = 0;
      for (const [i, image] of images.entries()) {
        const noise = new Float32Array(item);
        fillNormal(noise, { seed: 9, sample: i, slice: j, step: 0 });
        for (let k = 0; k < item; k++) sum += (keep * (image[k] + sigma * noise[k]) - image[k]) ** 2;
      }
      const expected = sum / (2 * item);
      expect(Math.abs(mse / expected - 1)).toBeLessThan(1e-6);
      expect(Math.abs(loss / ((expected * (sigma ** 2 + 0.0625)) / (sigma ** 2 * 0.0625)) - 1)).toBeLessThan(1e-6);
    }
    // The images need not come together.
    const [alone] = await trainer.validate(images.slice(0, 1), levels.slice(0, 1), 9);
    const [, second] = await trainer.validate(images.slice(0, 1), levels, 9);
    expect(alone.mse).toBeGreaterThan(0);
    expect(second.level).toEqual(levels[1]);
  });

  it('stops before a step that is not finite and leaves the weights', async () => {
    const trainer = await trainerOf();
    const before = await trainer.exportState();
    const images = wave(item);
    images[5] = Number.NaN;
    await expect(trainer.step(images, [levelAt(0.2)], noiseOf(item, 0))).rejects.toMatchObject({ code: 'numerical' });
    expect(trainer.stepsDone).toBe(0);
    same((await trainer.exportState()).tensors, before.tensors);
  });

  it('refuses batches, states and options that do not fit', async () => {
    const trainer = await trainerOf();
    const noise = noiseOf(item, 0);
    const fails = (images: Float32Array, n: Float32Array) =>
      expect(trainer.step(images, [levelAt(0.2)], n)).rejects.toMatchObject({ code: 'mismatch' });
    await fails(wave(item - 2), noiseOf(item - 2, 0));
    await fails(wave(2 * 36), noiseOf(2 * 36, 0));
    await fails(wave(item), noise.subarray(2));
    const state = await trainer.exportState();
    const lacking = new Map(state.tensors);
    lacking.delete('adam.v.head.bias');
    expect(() => trainer.importState({ step: 1, tensors: lacking })).toThrowError(/lacks adam\.v\.head\.bias/);
    const odd = new Map(state.tensors).set('ema.tail.bias', { shape: [3], data: new Float32Array(3) });
    expect(() => trainer.importState({ step: 1, tensors: odd })).toThrowError(/ema\.tail\.bias has shape \[3\]/);
    const more = new Map(state.tensors).set('x', { shape: [1], data: new Float32Array(1) });
    expect(() => trainer.importState({ step: 1, tensors: more })).toThrowError(/holds/);
    expect(trainer.stepsDone).toBe(0);
    await expect(trainerOf({ optimiser: { beta2: 1 } })).rejects.toMatchObject({ path: 'beta2' });
    await expect(trainerOf({ optimiser: { learningRate: Number.NaN } })).rejects.toMatchObject({ code: 'bad-usage' });
    await expect(
      trainerOf({ convention: { prediction: 'eps', parametrisation: 'vp', timeInput: 'index' }, weighting: 'edm' }),
    ).rejects.toMatchObject({ path: 'sigmaData' });
    await expect(trainerOf({ weights: memoryWeights(tinyTensors()) })).rejects.toMatchObject({ code: 'mismatch' });
  });
});
