import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import { guidedDiffusion } from '../../engine/prior/architectures/guided-diffusion.ts';
import { fileSha256 } from '../../engine/prior/digest.ts';
import { importedManifest } from '../../engine/prior/imported-manifest.ts';
import { parseManifest } from '../../engine/prior/manifest.ts';
import { collect, emitOnnx } from '../../engine/prior/onnx/emit-onnx.ts';
import { describeWeights, evaluatePrior, importPrior } from '../../engine/prior/registry.ts';
import { writeSafetensors } from '../../engine/prior/safetensors.ts';
import { memoryWeights } from '../../engine/prior/weights.ts';
import { checkpointFile } from './checkpoint-writer.ts';
import {
  type NamedTensor,
  tinyConfig,
  tinyExpected,
  tinyImage,
  tinyReferenceConfig,
  tinyTensors,
} from './reference-network.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();
const cache = join(folder, 'cache');
const file = (name: string) => join(folder, name);
const tensors = tinyTensors();
const image = ndarray('float32', [1, 1, 8, 8], tinyImage());

function put(name: string, bytes: Uint8Array): string {
  writeFileSync(file(name), bytes);
  return file(name);
}

async function expectReference(prior: string): Promise<void> {
  for (const t of [500, 0] as const) {
    const { data, shape } = await evaluatePrior(prior, image, t, { cache });
    const { first, last, norm } = tinyExpected[t];
    expect(shape).toEqual([1, 2, 8, 8]);
    for (const [i, v] of first.entries()) expect(Math.abs(data[i] - v)).toBeLessThan(1e-4);
    for (const [i, v] of (last ?? []).entries()) expect(Math.abs(data[64 + 56 + 4 + i] - v)).toBeLessThan(1e-4);
    expect(Math.abs(Math.hypot(...data) - norm)).toBeLessThan(1e-4);
  }
}

describe('importPrior', () => {
  beforeAll(async () => {
    await writeSafetensors(file('tiny.safetensors'), memoryWeights(tensors));
    put('tiny.pt', checkpointFile(tensors));
    put('tiny.onnx', await collect(emitOnnx(guidedDiffusion(tinyConfig), memoryWeights(tensors)).model));
  });

  it.each(['tiny.pt', 'tiny.safetensors', 'tiny.onnx'])('reproduces the reference values through %s', async (name) => {
    const { manifest } = await importPrior(file(name), { out: file(`from-${name}`), config: tinyReferenceConfig });
    expect(manifest.prediction).toBe('eps');
    await expectReference(file(`from-${name}`));
  });

  it.each([
    ['module prefix in a state_dict wrapper', { prefix: 'module.', wrapper: 'state_dict' }],
    ['model prefix in an ema wrapper, 64-bit ZIP', { prefix: 'model.', wrapper: 'ema', wide: true }],
    ['one shared storage with offsets and strides', { shared: true, wrapper: 'model' }],
  ])('reads a checkpoint with %s', async (what, options) => {
    const path = put(`${what.replaceAll(' ', '-').replaceAll(',', '')}.pt`, checkpointFile(tensors, options));
    await importPrior(path, { out: `${path}.prior`, config: tinyReferenceConfig });
    await expectReference(`${path}.prior`);
  });

  it('reads the configuration from a file with sections', async () => {
    const { image_size, beta_start, ...model } = tinyReferenceConfig;
    writeFileSync(
      file('config.json'),
      JSON.stringify({ data: { image_size }, diffusion: { beta_start }, model, training: { lr: 1 } }),
    );
    const { manifest, assumed } = await importPrior(file('tiny.pt'), {
      out: file('sections'),
      config: file('config.json'),
    });
    expect(manifest.architecture).toEqual(tinyConfig);
    expect(assumed).toEqual([]);
  });

  it('says what it assumed without a configuration', async () => {
    const { assumed } = await importPrior(file('tiny.pt'), { out: file('bare'), config: { num_head_channels: 16 } });
    expect(assumed).toEqual(['image size 256', 'new attention order false']);
  });

  it('refuses a configuration that contradicts the weights, by name', async () => {
    const cases: [Record<string, unknown>, RegExp][] = [
      [{ channel_mult: '1,2,2' }, /channel_mult = \[1,2,2\], the weights say \[1,2\]/],
      [{ in_channels: 2 }, /in_channels = 2, the weights say 1/],
      [{ num_channels: 64 }, /num_channels = 64, the weights say 32/],
      [{ attention_resolutions: '8' }, /attention at resolutions 8 of 8/],
      [{ learn_sigma: false }, /learn_sigma = false/],
      [{ use_scale_shift_norm: false }, /use_scale_shift_norm = false/],
      [{ num_head_channels: 48 }, /64 channels .* do not divide into heads of 48/],
    ];
    for (const [change, message] of cases) {
      const config = { ...tinyReferenceConfig, ...change };
      await expect(importPrior(file('tiny.pt'), { out: file('refused'), config })).rejects.toMatchObject({
        code: 'mismatch',
        message: expect.stringMatching(message),
      });
    }
  });

  it('refuses unknown and missing tensors by name', async () => {
    const without = new Map(tensors);
    without.delete('middle_block.2.out_layers.3.bias');
    const extra = new Map<string, NamedTensor>([
      ...tensors,
      ['classifier.weight', { shape: [2], data: new Float32Array(2) }],
    ]);
    const missing = importPrior(put('missing.pt', checkpointFile(without)), {
      out: file('m'),
      config: tinyReferenceConfig,
    });
    await expect(missing).rejects.toThrowError(/lack middle_block\.2\.out_layers\.3\.bias/);
    const unknown = importPrior(put('extra.pt', checkpointFile(extra)), {
      out: file('u'),
      config: tinyReferenceConfig,
    });
    await expect(unknown).rejects.toThrowError(/hold classifier\.weight/);
  });

  it('never replaces a folder unasked, nor one that is not a prior', async () => {
    const again = { out: file('from-tiny.pt'), config: tinyReferenceConfig };
    await expect(importPrior(file('tiny.pt'), again)).rejects.toMatchObject({
      code: 'bad-usage',
      path: file('from-tiny.pt'),
    });
    await expect(importPrior(file('tiny.pt'), { ...again, out: folder, force: true })).rejects.toThrowError(
      /exists already/,
    );
    await importPrior(file('tiny.pt'), { ...again, force: true });
    await expectReference(file('from-tiny.pt'));
  });

  it('writes a manifest that says where the weights came from', () => {
    const manifest = JSON.parse(readFileSync(file('from-tiny.pt/manifest.json'), 'utf8'));
    expect(manifest).toMatchObject({
      id: 'from-tiny.pt',
      channels: 1,
      size: [8, 8],
      modality: 'ct',
      timeInput: 'index',
      schedule: { steps: 1000 },
    });
    expect(manifest.training.summary).toContain('tiny.pt');
  });
});

describe('licence and source', () => {
  const run = (out: string, options: Partial<Parameters<typeof importPrior>[1]> = {}) =>
    importPrior(file('tiny.pt'), { out: file(out), config: tinyReferenceConfig, ...options });

  it('are recorded as not stated, with a warning, where nobody says', async () => {
    const { manifest, warnings } = await run('nobody');
    expect(manifest).toMatchObject({
      licence: 'not stated',
      provenance: {
        source: 'not stated',
        statedBy: 'nobody',
        file: 'tiny.pt',
        format: 'pt',
        sha256: await fileSha256(file('tiny.pt')),
      },
    });
    expect(warnings).toEqual(['the licence and source of the weights are recorded as "not stated"']);
  });

  it('are the user’s: options before the configuration', async () => {
    const config = { ...tinyReferenceConfig, licence: 'MIT', source: 'a paper' };
    const both = await run('config', { config });
    expect(both.warnings).toEqual([]);
    expect(both.manifest).toMatchObject({ licence: 'MIT', provenance: { source: 'a paper', statedBy: 'user' } });
    const mixed = await run('options', { config, licence: ' CC0-1.0 ', source: '' });
    expect(mixed.manifest).toMatchObject({ licence: 'CC0-1.0', provenance: { source: 'a paper' } });
    const half = await run('half', { licence: 'MIT' });
    expect(half.warnings).toEqual(['the source of the weights is recorded as "not stated"']);
  });

  it('carry a date only where the build clock gives one', async () => {
    expect((await run('no-date')).manifest.provenance).not.toHaveProperty('importedAt');
    vi.stubEnv('SOURCE_DATE_EPOCH', '1700000000');
    const { manifest } = await run('date').finally(() => vi.unstubAllEnvs());
    expect(manifest.provenance?.importedAt).toBe('2023-11-14T22:13:20.000Z');
  });

  it('of the published checkpoints: said to be unlicensed', () => {
    const card = importedManifest(
      {
        id: 'x',
        title: 'x',
        architecture: { ...tinyConfig },
        weights: { file: 'w', sha256: '0'.repeat(64), bytes: 1 },
        size: [8, 8],
        fixedSize: false,
        provenance: { source: 'not stated', statedBy: 'nobody', file: 'w.pt', format: 'pt', sha256: '0'.repeat(64) },
        known: 'AAPM-256',
      },
      {},
    );
    const manifest = parseManifest(JSON.stringify(card), 'manifest.json');
    expect(manifest.limits.at(-1)).toMatch(/carries no licence/);
    expect(manifest.training.summary).toContain('AAPM-256');
  });
});

describe('describeWeights', () => {
  it('counts tensors and names the network', async () => {
    const { list, ...rest } = await describeWeights(file('tiny.pt'), { image_size: 8, num_head_channels: 16 });
    expect(rest).toMatchObject({
      format: 'pt',
      tensors: 144,
      parameters: 826_626,
      dtypes: { F32: 144 },
      problems: [],
      architecture: tinyConfig,
    });
    expect(list).toHaveLength(144);
  });

  it('finds the ends of an ONNX file by loading it', async () => {
    const found = await describeWeights(file('tiny.onnx'));
    expect(found.architecture).toMatchObject({
      kind: 'onnx',
      image: 'x',
      time: 't',
      output: 'eps_v',
      inChannels: 1,
      outChannels: 2,
      multiple: 2,
    });
    expect(found.problems).toEqual([]);
  });

  it('lists contradictions instead of failing', async () => {
    const found = await describeWeights(file('tiny.safetensors'), { in_channels: 3 });
    expect(found.problems).toEqual(['the configuration says in_channels = 3, the weights say 1']);
  });
});
