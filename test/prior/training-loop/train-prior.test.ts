import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Progress, quietContext } from '../../../engine/context.ts';
import { EngineError } from '../../../engine/errors.ts';
import { exportPrior } from '../../../engine/prior/export-prior.ts';
import { loadPrior } from '../../../engine/prior/load-prior.ts';
import { parseManifest } from '../../../engine/prior/manifest.ts';
import { openSafetensors } from '../../../engine/prior/safetensors.ts';
import { type TrainPriorOptions, trainPrior } from '../../../engine/prior/training/train-prior.ts';
import { type InitialPrior, openInitialPrior, takeOver } from '../../../engine/prior/training/train-prior-settings.ts';
import type { TrainingConfig } from '../../../engine/prior/training/training-config.ts';
import type { TrainingImages } from '../../../engine/prior/training/training-images.ts';
import { encodePng } from '../../../engine/recon/preview-png.ts';
import { openTensors, type Tensors } from '../../../engine/tensor/backend.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { toyConfig, toyImages } from './toy-images.ts';

const folder = temporaryFolder();
let tensors: Tensors;
let whole: string;
const progress: Progress[] = [];

function options(out: string, change: Partial<TrainPriorOptions> = {}): TrainPriorOptions {
  return { config: toyConfig(), images: toyImages(), tensors, out, resume: false, encodePng, ...change };
}

/** Stops by the signal after step k, as Ctrl-C would. */
async function interrupted(out: string, k: number, change: Partial<TrainPriorOptions> = {}): Promise<unknown> {
  const abort = new AbortController();
  const context = quietContext({
    signal: abort.signal,
    progress: ({ step }) => {
      if (step?.index === k) abort.abort();
    },
  });
  return trainPrior(options(out, change), context).catch((thrown: unknown) => thrown);
}

const bytesOf = (out: string, file: string) => readFileSync(join(out, file));

beforeAll(async () => {
  tensors = await openTensors('wasm');
  whole = join(folder, 'whole');
  await trainPrior(options(whole), quietContext({ progress: (event) => progress.push(event) }));
});

describe('a finished training', () => {
  test('leaves a prior folder with everything in it and nothing else', () => {
    expect(readdirSync(whole).sort()).toEqual([
      'checkpoint',
      'curve.svg',
      'log.csv',
      'manifest.json',
      'samples.png',
      'weights.safetensors',
    ]);
    expect(readdirSync(join(whole, 'checkpoint')).sort()).toEqual(['state.json', 'step-12.safetensors']);
    expect([...bytesOf(whole, 'samples.png').subarray(1, 4)]).toEqual([...Buffer.from('PNG')]);
    const lines = readFileSync(join(whole, 'log.csv'), 'utf8').trimEnd().split('\r\n');
    expect(lines[0]).toBe('step,seconds,loss,lr,psnr_0.05,psnr_0.5');
    expect(lines.slice(1).map((line) => Number(line.split(',')[0]))).toEqual([0, 4, 8, 12]);
  });

  test('says in its card what it was trained on', () => {
    const card = parseManifest(readFileSync(join(whole, 'manifest.json'), 'utf8'), whole);
    expect(card).toMatchObject({
      channels: 2,
      size: [16, 16],
      prediction: 'denoiser-edm',
      sigmaData: 0.25,
      scale: { rule: 'quantile', quantile: 0.99 },
      training: { steps: 12, seed: 0, data: [{ licence: 'CC0-1.0', source: 'generated' }] },
    });
    // A disc of magnitude 0.8 and random phase: each channel has half of 0.64 times the covered share.
    expect(card.priorVar).toBeGreaterThan(0.03);
    expect(card.priorVar).toBeLessThan(0.32);
    expect(card.quality).toHaveLength(2);
  });

  test('opens as a prior, whose weights have moved', async () => {
    const prior = await loadPrior(whole, { cache: join(folder, 'cache') });
    const x = Float32Array.from({ length: 512 }, (_, i) => Math.sin(i));
    const { noise } = await prior.predictNoise(x, { batch: 1, height: 16, width: 16 }, { t: 500, alphaBar: 0.078 });
    expect(noise.every(Number.isFinite)).toBe(true);
    await prior.dispose();
    const source = await openSafetensors(join(whole, 'weights.safetensors'));
    // It starts at zero.
    expect((await source.read('tail.weight')).some((value) => value !== 0)).toBe(true);
    await source.close();
  });

  test('reports a fraction that never falls, figures and curve points', () => {
    const fractions = progress.map(({ fraction }) => fraction);
    expect([...fractions].sort((a, b) => a - b)).toEqual(fractions);
    expect(fractions.at(-1)).toBe(1);
    const points = progress.flatMap(({ points = [] }) => points);
    expect(points.filter(({ curve }) => curve === 'validation').map(({ x }) => x)).toEqual([0, 4, 8, 12]);
    expect(progress.some(({ note }) => /^loss [\d.]+, validation [\d.]+$/.test(note ?? ''))).toBe(true);
  });

  test('is a function of the seed alone', async () => {
    const again = join(folder, 'again');
    await trainPrior(options(again), quietContext());
    expect(bytesOf(again, 'weights.safetensors').equals(bytesOf(whole, 'weights.safetensors'))).toBe(true);
    const other = join(folder, 'other');
    await trainPrior(options(other, { config: { ...toyConfig(), seed: 1 } }), quietContext());
    expect(bytesOf(other, 'weights.safetensors').equals(bytesOf(whole, 'weights.safetensors'))).toBe(false);
  });
});

describe('what the configuration says', () => {
  const short = { steps: 2, warmup: 0 };

  test('CT: one channel, its window in the card, weights stored as float16', async () => {
    const config = toyConfig({
      ...short,
      modality: 'ct',
      weights: 'float16',
      image: { rule: 'window', window: [-1000, 1000] },
    });
    const out = join(folder, 'ct');
    const { manifest } = await trainPrior(options(out, { config, images: toyImages(1) }), quietContext());
    expect(manifest).toMatchObject({ modality: 'ct', channels: 1, scale: { rule: 'none', window: [-1000, 1000] } });
    const source = await openSafetensors(join(out, 'weights.safetensors'));
    expect(new Set([...source.tensors.values()].map(({ dtype }) => dtype))).toEqual(new Set(['F16']));
    await source.close();
  });

  test('guided-diffusion: told the time index, predicts the noise', async () => {
    const architecture = { kind: 'guided-diffusion', width: 32, mult: [1, 2], attentionFactors: [2] };
    const config = toyConfig({ ...short, architecture });
    const { manifest } = await trainPrior(options(join(folder, 'guided'), { config }), quietContext());
    expect(manifest).toMatchObject({ prediction: 'eps', parametrisation: 'vp', timeInput: 'index' });
    expect(manifest.sigmaData).toBeUndefined();
  });
});

describe('an interrupted training', () => {
  // Between checkpoints, at one, before the first step, and after the last validation.
  test.each([0, 3, 4, 11])('after step %i goes on to the same bits', async (k) => {
    const out = join(folder, `cut-${k}`);
    const error = await interrupted(out, k);
    expect(error).toMatchObject({ code: 'cancelled', hint: 'Go on with --resume.' });
    expect(readdirSync(join(out, 'checkpoint')).sort()).toEqual(['state.json', `step-${k}.safetensors`]);
    expect(readdirSync(out)).not.toContain('manifest.json');
    await trainPrior(options(out, { resume: true }), quietContext());
    for (const file of ['weights.safetensors', 'checkpoint/step-12.safetensors', 'curve.svg', 'samples.png'])
      expect({ file, same: bytesOf(out, file).equals(bytesOf(whole, file)) }).toEqual({ file, same: true });
  });

  const changes: [string, (o: TrainPriorOptions) => Partial<TrainPriorOptions>, RegExp][] = [
    ['learning rate', ({ config }) => ({ config: { ...config, lr: 1e-3 } }), /^lr was 0.0004 when .* is 0.001 now$/],
    ['seed', ({ config }) => ({ config: { ...config, seed: 7 } }), /^seed was 0 when .* is 7 now$/],
    [
      'architecture',
      () => ({
        config: toyConfig({
          architecture: { kind: 'film-resunet', width: 8, mult: [1, 2], blocks: [1, 1], embedding: 8 },
        }),
      }),
      /^architecture\.width was 4 when .* is 8 now$/,
    ],
    [
      'data',
      ({ images }) => ({ images: { ...images, sources: [{ name: 'c.npy', slices: 40 }] } }),
      /lists other images/,
    ],
    [
      'held-out pixels',
      ({ images }) => ({ images: { ...images, validation: images.validation.map((v) => v.map((x) => x + 1)) } }),
      /lists other images/,
    ],
    [
      'length below what is done',
      ({ config }) => ({ config: { ...config, steps: 2 } }),
      /2 steps are asked for, 12 are/,
    ],
  ];
  test.each(changes)('with another %s is refused by name', async (_, change, message) => {
    const before = bytesOf(whole, 'weights.safetensors');
    const given = options(whole, { resume: true });
    await expect(trainPrior({ ...given, ...change(given) }, quietContext())).rejects.toThrow(message);
    expect(bytesOf(whole, 'weights.safetensors').equals(before)).toBe(true);
  });

  test('whose tensors were damaged is refused', async () => {
    const out = join(folder, 'damaged');
    await interrupted(out, 3);
    const path = join(out, 'checkpoint', 'step-3.safetensors');
    const bytes = readFileSync(path);
    bytes[bytes.length - 1] ^= 1;
    writeFileSync(path, bytes);
    await expect(trainPrior(options(out, { resume: true }), quietContext())).rejects.toThrow(/SHA-256/);
  });

  test('may be made longer, which is said', async () => {
    const out = join(folder, 'longer');
    await interrupted(out, 3);
    const said: string[] = [];
    const context = quietContext({ log: (level, message) => level === 'warn' && said.push(message) });
    const done = await trainPrior(options(out, { resume: true, config: toyConfig({ steps: 14 }) }), context);
    expect(done.steps).toBe(14);
    expect(said).toEqual([expect.stringContaining('was to take 12 steps and now takes 14')]);
  });
});

describe('early stop', () => {
  test('keeps the best averaged weights', async () => {
    // A learning rate that ruins the network after the warm-up, so that an early average is the best.
    const config = toyConfig({
      lr: 0.5,
      clip: 0,
      warmup: 1000,
      steps: 400,
      validateEvery: 2,
      earlyStop: { patience: 3 },
      ema: 0,
    });
    const images = toyImages();
    const ruined: TrainingConfig = { ...config, warmup: 0, lr: 1 };
    const done = await trainPrior(options(join(folder, 'early'), { config: ruined, images }), quietContext());
    expect(done).toMatchObject({ stoppedEarly: true });
    expect(done.kept).toBeLessThan(done.steps);
    expect(done.steps - done.kept).toBe(6);
    expect(done.manifest.training).toMatchObject({ steps: done.kept });
  });
});

describe('starting from a prior', () => {
  const opened: InitialPrior[] = [];
  afterAll(() => Promise.all(opened.map(({ weights }) => weights.close())));
  const taken = async (stated: Partial<TrainingConfig>, names: string[], change: Record<string, unknown> = {}) => {
    const initial = await openInitialPrior(whole);
    opened.push(initial);
    return { initial, config: takeOver({ ...toyConfig(change), ...stated }, new Set(names), initial.manifest) };
  };

  test('takes over its architecture, convention and weights', async () => {
    const { initial, config } = await taken({}, [], {
      architecture: undefined,
      steps: 2,
      warmup: 0,
      lr: 1e-9,
      ema: 0,
      weightDecay: 0,
    });
    expect(config.architecture).toEqual(initial.manifest.architecture);
    const out = join(folder, 'tuned');
    const { manifest } = await trainPrior(options(out, { config, initial }), quietContext());
    expect(manifest).toMatchObject({
      sigmaData: 0.25,
      training: { initial: { id: 'my-prior', sha256: initial.manifest.weights.sha256 } },
    });
    const [old, tuned] = await Promise.all([whole, out].map((at) => openSafetensors(join(at, 'weights.safetensors'))));
    const [a, b] = [await old.read('head.weight'), await tuned.read('head.weight')];
    // Two steps of 1e-9 move float32 weights of order 0.1 by less than their roundoff.
    expect(Math.max(...a.map((value, i) => Math.abs(value - b[i])))).toBeLessThan(1e-7);
    await Promise.all([old.close(), tuned.close()]);
  });

  test('of another shape is refused by the tensor’s name', async () => {
    const wider = { kind: 'film-resunet', width: 8, mult: [1, 2], blocks: [1, 1], embedding: 8 };
    const { initial, config } = await taken({}, ['architecture'], { architecture: wider });
    await expect(trainPrior(options(join(folder, 'wider'), { config, initial }), quietContext())).rejects.toThrow(
      /tensor \S+ has shape \[.*\], the architecture needs \[.*\]/,
    );
  });

  test.each([
    [{ modality: 'ct' as const }, 'modality', /modality is "ct", prior my-prior has "mri"/],
    [{ complex: false }, 'complex', /complex is false, prior my-prior has true/],
    [{ sigmaData: 0.5 }, 'sigmaData', /sigmaData is 0.5, prior my-prior has 0.25/],
    [
      { image: { rule: 'quantile' as const, quantile: 0.9 } },
      'image',
      /image.quantile is 0.9, prior my-prior has 0.99/,
    ],
  ])('with %j stated is refused', async (stated, name, message) => {
    await expect(taken(stated, [name])).rejects.toThrow(message);
  });

  test('given as an ONNX file is refused', async () => {
    const { importPrior } = await import('../../../engine/prior/import-prior.ts');
    const file = join(folder, 'whole.onnx');
    await exportPrior(whole, file, { format: 'onnx' });
    const out = join(folder, 'as-onnx');
    await importPrior(file, { out, config: { modality: 'mri' } });
    const error = await openInitialPrior(out).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(EngineError);
    expect(error).toMatchObject({ code: 'unsupported' });
  });
});

describe('round trip', () => {
  test.each(['onnx', 'safetensors'] as const)('train, export to %s, import: the same outputs', async (format) => {
    const { importPrior } = await import('../../../engine/prior/import-prior.ts');
    const file = join(folder, `trip.${format}`);
    await exportPrior(whole, file, { format });
    const out = join(folder, `trip-${format}`);
    await importPrior(file, { out });
    const x = Float32Array.from({ length: 512 }, (_, i) => Math.sin(i));
    const outputs: Float32Array[] = [];
    for (const at of [whole, out]) {
      const prior = await loadPrior(at, { cache: join(folder, 'cache') });
      outputs.push(
        (await prior.predictNoise(x, { batch: 1, height: 16, width: 16 }, { t: 500, alphaBar: 0.0785872429 })).noise,
      );
      await prior.dispose();
    }
    expect(outputs[1]).toEqual(outputs[0]);
  });
});

test('there must be images to validate on', async () => {
  const images: TrainingImages = { ...toyImages(), validation: [] };
  await expect(trainPrior(options(join(folder, 'none'), { images }), quietContext())).rejects.toThrow(/held-out/);
});
