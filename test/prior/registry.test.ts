import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import { aapm256, fastmri320, guidedDiffusion } from '../../engine/prior/architectures/guided-diffusion.ts';
import { parameterShapes } from '../../engine/prior/graph.ts';
import { inferArchitecture } from '../../engine/prior/infer-architecture.ts';
import {
  evaluatePrior,
  exportPrior,
  importPrior,
  listPriors,
  loadManifest,
  loadPrior,
} from '../../engine/prior/registry.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { writeTinyPrior } from './tiny-prior.ts';

const root = temporaryFolder();
const cache = join(root, 'cache');
const roots = [join(root, 'user'), join(root, 'shipped')];
const x = ndarray(
  'float32',
  [2, 9, 12],
  Float32Array.from({ length: 216 }, (_, i) => Math.sin(i)),
);

describe('registry', () => {
  beforeAll(async () => {
    await writeTinyPrior(join(roots[1], 'tiny'));
    await writeTinyPrior(join(roots[0], 'mine'), { id: 'mine' });
    await writeTinyPrior(join(roots[0], 'other'));
    writeFileSync(join(roots[0], 'other', 'manifest.json'), '{"version": 1}');
    mkdirSync(join(roots[0], 'no-prior'));
  });

  it('lists what is there, and says what is wrong with the rest', async () => {
    const found = await listPriors(roots);
    expect(found.map((p) => [p.name, p.manifest?.id])).toEqual([
      ['mine', 'mine'],
      ['other', undefined],
      ['tiny', 'tiny'],
    ]);
    expect(found[1].problem).toMatch(/manifest field id/);
    expect(await listPriors([join(root, 'nowhere')])).toEqual([]);
  });

  it('finds a prior by name and by folder', async () => {
    expect((await loadManifest('tiny', roots)).folder).toBe(join(roots[1], 'tiny'));
    expect((await loadManifest(join(roots[0], 'mine'), roots)).manifest.id).toBe('mine');
    await expect(loadManifest('absent', roots)).rejects.toMatchObject({
      code: 'not-found',
      hint: 'installed: mine, other, tiny',
    });
  });

  it('gives the sampler what it must know', async () => {
    const prior = await loadPrior('tiny', { roots, cache });
    expect(prior).toMatchObject({ name: 'tiny', channels: 2, variance: 0.0625, scaleRule: 'quantile' });
    expect(prior.hash).toMatch(/^[0-9a-f]{64}$/);
    await prior.dispose();
    await prior.dispose();
    await expect(
      prior.predictNoise(x.data, { batch: 1, height: 9, width: 12 }, { t: 0, alphaBar: 0.5 }),
    ).rejects.toThrowError(/disposed/);
  });

  it('refuses weights whose hash or size is not the manifest’s', async () => {
    const folder = join(roots[0], 'changed');
    await writeTinyPrior(folder, { id: 'changed' });
    const file = join(folder, 'weights.safetensors');
    const bytes = readFileSync(file);
    bytes[bytes.length - 1] ^= 1;
    writeFileSync(file, bytes);
    await expect(loadPrior(folder, { cache })).rejects.toMatchObject({
      code: 'mismatch',
      path: file,
      message: expect.stringMatching(/prior changed have SHA-256/),
    });
    writeFileSync(file, bytes.subarray(1));
    await expect(loadPrior(folder, { cache })).rejects.toMatchObject({
      code: 'mismatch',
      message: expect.stringMatching(/the manifest says/),
    });
  });

  it('refuses weights that are missing, and a file name that leaves the folder', async () => {
    const folder = join(roots[0], 'outside');
    await writeTinyPrior(folder, {
      weights: { file: '../tiny/weights.safetensors', sha256: '0'.repeat(64), bytes: 1 },
    });
    await expect(loadPrior(folder, { cache })).rejects.toThrowError(/weights\.file/);
    await writeTinyPrior(folder, { weights: { file: 'gone.safetensors', sha256: '0'.repeat(64), bytes: 1 } });
    await expect(loadPrior(folder, { cache })).rejects.toMatchObject({ code: 'not-found' });
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['channels that differ from the network', { channels: 1 }, /field channels/],
    ['a preconditioned network without σ_data', { sigmaData: undefined }, /field sigmaData/],
    ['a field it does not know', { colour: 'red' }, /colour/],
    [
      'an absurd width',
      { architecture: { kind: 'film-resunet', channels: 2, width: 1e9, mult: [1, 2], blocks: [1, 1], embedding: 8 } },
      /architecture\.width/,
    ],
    [
      'stages without blocks',
      { architecture: { kind: 'film-resunet', channels: 2, width: 4, mult: [1, 2], blocks: [1, 1, 1], embedding: 8 } },
      /architecture\.blocks/,
    ],
  ])('refuses a manifest with %s', async (_, change, message) => {
    const folder = join(root, 'manifests');
    await writeTinyPrior(folder, change);
    await expect(loadManifest(folder)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(message),
    });
  });

  it('writes the cache once, and again when it was damaged', async () => {
    const fresh = join(root, 'fresh-cache');
    const first = await evaluatePrior('tiny', x, 500, { roots, cache: fresh });
    const names = readdirSync(join(fresh, 'onnx')).sort();
    expect(names.map((n) => n.replace(/^[0-9a-f]{32}/, 'key'))).toEqual(['key.onnx', 'key.onnx.sha256']);
    const file = join(fresh, 'onnx', names[0]);
    const good = readFileSync(file);
    writeFileSync(file, new Uint8Array(good.length));
    expect((await evaluatePrior('tiny', x, 500, { roots, cache: fresh })).data).toEqual(first.data);
    expect(readFileSync(file).equals(good)).toBe(true);
  });

  it('works from memory, with a warning, where the cache cannot be written', async () => {
    const blocked = join(root, 'a-file');
    writeFileSync(blocked, '');
    const warnings: string[] = [];
    const there = await evaluatePrior('tiny', x, 500, { roots, cache: blocked, warn: (m) => warnings.push(m) });
    expect(there.data).toEqual((await evaluatePrior('tiny', x, 500, { roots, cache })).data);
    expect(warnings).toEqual([expect.stringMatching(/cannot be written/)]);
  });
});

describe('exportPrior', () => {
  it('writes files that import to the same prior', async () => {
    const config = { prediction: 'denoiser-edm', time_input: 'quarter-log-sigma', sigma_data: 0.25 };
    const expected = await evaluatePrior('tiny', x, 300, { roots, cache });
    for (const format of ['onnx', 'safetensors'] as const) {
      const file = join(root, `exported.${format}`);
      await exportPrior('tiny', file, { format, roots });
      const { folder } = await importPrior(file, { out: join(root, `again-${format}`), config });
      expect((await evaluatePrior(folder, x, 300, { cache })).data).toEqual(expected.data);
    }
    await expect(exportPrior(join(root, 'again-onnx'), join(root, 'no'), { format: 'onnx' })).rejects.toMatchObject({
      code: 'unsupported',
    });
  });
});

describe('evaluatePrior', () => {
  it('keeps the rank of its input and checks it', async () => {
    const options = { roots, cache };
    expect((await evaluatePrior('tiny', x, 10, options)).shape).toEqual([2, 9, 12]);
    const two = ndarray('float32', [2, 2, 4, 4], new Float32Array(64).fill(1));
    expect((await evaluatePrior('tiny', two, 10, options)).shape).toEqual([2, 2, 4, 4]);
    await expect(
      evaluatePrior('tiny', ndarray('float32', [3, 4, 4], new Float32Array(48)), 10, options),
    ).rejects.toThrowError(/needs an image \[batch, 2, y, x\], found \[3,4,4\]/);
    await expect(
      evaluatePrior('tiny', ndarray('float32', [2, 1, 1], Float32Array.of(1, Number.NaN)), 10, options),
    ).rejects.toThrowError(/number 1 of the image is NaN/);
    await expect(evaluatePrior('tiny', x, 1000, options)).rejects.toMatchObject({ code: 'bad-usage' });
    await expect(
      evaluatePrior('tiny', ndarray('complex64', [2, 1, 1], new Float32Array(4)), 10, options),
    ).rejects.toThrowError(/found complex64/);
  });
});

describe('inferArchitecture', () => {
  const shapesOnly = (config: typeof aapm256) => ({
    label: 'shapes',
    tensors: new Map(
      [...parameterShapes(guidedDiffusion(config))].map(([name, shape]) => [name, { dtype: 'F32', shape }] as const),
    ),
  });

  it('recognises the published networks from their shapes', () => {
    expect(inferArchitecture(shapesOnly(aapm256))).toEqual({ architecture: aapm256, known: 'AAPM-256', assumed: [] });
    const mri = inferArchitecture(shapesOnly(fastmri320));
    expect(mri).toEqual({ architecture: { ...fastmri320, attentionFactors: [] }, known: 'fastMRI-320', assumed: [] });
  });

  it('accepts the published configurations and names contradictions', () => {
    const config = {
      image_size: 320,
      in_channels: 2,
      num_channels: 256,
      channel_mult: [1, 1, 2, 2, 4, 4],
      num_res_blocks: 1,
      attention_resolutions: [16],
      num_head_channels: 64,
      learn_sigma: true,
    };
    expect(inferArchitecture(shapesOnly(fastmri320), config).known).toBe('fastMRI-320');
    expect(() => inferArchitecture(shapesOnly(aapm256), { ...config, in_channels: 1 })).toThrowError(
      /attention at resolutions 16 of 320, the weights at 1\/16/,
    );
  });

  it('refuses networks of another family', () => {
    const tensors = new Map([['conv1.weight', { dtype: 'F32', shape: [1] } as const]]);
    expect(() => inferArchitecture({ label: 'x', tensors })).toThrowError(/belong to no network this program knows/);
  });
});
