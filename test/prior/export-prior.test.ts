/** Export, import, and the same network again. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import { embeddedConfig } from '../../engine/prior/embedded-config.ts';
import { parseManifest } from '../../engine/prior/manifest.ts';
import { readOnnx } from '../../engine/prior/onnx/read-onnx.ts';
import { describeWeights, evaluatePrior, exportPrior, importPrior } from '../../engine/prior/registry.ts';
import { openSafetensors, writeSafetensors } from '../../engine/prior/safetensors.ts';
import { memoryWeights } from '../../engine/prior/weights.ts';
import { tinyConfig, tinyImage, tinyReferenceConfig, tinyTensors } from './reference-network.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { writeTinyPrior } from './tiny-prior.ts';

const root = temporaryFolder();
const cache = join(root, 'cache');
const at = (name: string) => join(root, name);
const x = ndarray(
  'float32',
  [2, 8, 12],
  Float32Array.from({ length: 192 }, (_, i) => Math.sin(i)),
);
const image = ndarray('float32', [1, 8, 8], tinyImage());

/** A card whose every convention differs from what an import would assume. */
const unusual = {
  title: 'Unusual',
  prediction: 'x0',
  parametrisation: 've',
  timeInput: 'log-sigma',
  sigmaData: undefined,
  schedule: { kind: 'vp-linear', betaStart: 3e-4, betaEnd: 0.03, steps: 500 },
  scale: { rule: 'max' },
  priorVar: 0.125,
  size: [24, 40],
  licence: 'CC-BY-4.0',
  limits: ['one', 'two'],
  training: { summary: 'trained on noise', steps: 12, data: [{ name: 'noise', licence: 'CC0-1.0', source: 'here' }] },
};

beforeAll(async () => {
  await writeTinyPrior(at('edm'), { id: 'edm' });
  await writeTinyPrior(at('unusual'), { id: 'unusual', ...unusual });
  await writeSafetensors(at('guided.safetensors'), memoryWeights(tinyTensors()));
  await importPrior(at('guided.safetensors'), { out: at('guided'), config: tinyReferenceConfig, licence: 'MIT' });
});

let count = 0;
/** Exports, imports without any configuration, and opens the card. */
async function roundTrip(prior: string, file: string, options: Parameters<typeof exportPrior>[2]) {
  const out = at(`${count++}-${file}`);
  const done = await exportPrior(at(prior), out, options);
  const imported = await importPrior(out, { out: `${out}.prior` });
  return { out, done, ...imported };
}

function worst(a: ArrayLike<number>, b: ArrayLike<number>): { absolute: number; relative: number } {
  let absolute = 0;
  let size = 0;
  for (let i = 0; i < a.length; i++) {
    absolute = Math.max(absolute, Math.abs(a[i] - b[i]));
    size = Math.max(size, Math.abs(a[i]));
  }
  return { absolute, relative: absolute / size };
}

describe('export and import', () => {
  it.each([
    ['edm', x],
    ['unusual', x],
    ['guided', image],
  ] as const)('of the prior %s through safetensors gives the same card and the same bits', async (prior, input) => {
    const { folder, manifest, warnings, assumed } = await roundTrip(prior, 'w.safetensors', { format: 'safetensors' });
    const before = parseManifest(readFileSync(join(at(prior), 'manifest.json'), 'utf8'), prior);
    const { id, weights, provenance, ...card } = manifest;
    const { id: oldId, weights: oldWeights, provenance: oldProvenance, ...oldCard } = before;
    expect(card).toEqual(oldCard);
    expect([warnings, assumed]).toEqual([[], []]);
    expect(provenance).toMatchObject({ statedBy: 'file', format: 'safetensors' });
    expect(provenance?.source).toContain(oldWeights.sha256);
    for (const t of [0, 123, 499]) {
      const expected = await evaluatePrior(at(prior), input, t, { cache });
      expect((await evaluatePrior(folder, input, t, { cache })).data).toEqual(expected.data);
    }
  });

  it.each([
    ['edm', x, false],
    ['unusual', x, true],
    ['guided', image, false],
  ] as const)('of the prior %s through ONNX gives the same numbers', async (prior, input, external) => {
    const { folder, manifest, out } = await roundTrip(prior, 'n.onnx', { format: 'onnx', external });
    expect(manifest.weights.data?.length).toBe(external ? 1 : undefined);
    expect(readdirSync(root).includes(`${out.slice(root.length + 1)}.data`)).toBe(external);
    for (const t of [0, 123, 499]) {
      const expected = await evaluatePrior(at(prior), input, t, { cache });
      expect(worst(expected.data, (await evaluatePrior(folder, input, t, { cache })).data).absolute).toBeLessThan(1e-6);
    }
  });

  it.each([
    ['edm', x],
    ['unusual', x],
    ['guided', image],
  ] as const)('as a predictor of ε: the graph of %s takes x_t and the index itself', async (prior, input) => {
    const { folder, manifest, done } = await roundTrip(prior, 'eps.onnx', { format: 'onnx', as: 'eps' });
    expect(manifest).toMatchObject({ prediction: 'eps', parametrisation: 'vp', timeInput: 'index' });
    expect(manifest.sigmaData).toBeUndefined();
    expect(Object.fromEntries(done.conventions)).toMatchObject({
      x: expect.stringContaining('x_t = sqrt(abar) x0 + sqrt(1 - abar) eps'),
      t: expect.stringContaining('the time index'),
      output: expect.stringContaining('the noise eps'),
    });
    for (const t of [0, 1, 123, 499]) {
      const expected = await evaluatePrior(at(prior), input, t, { cache });
      const { data, shape } = await evaluatePrior(folder, input, t, { cache });
      expect(shape).toEqual(expected.shape);
      // float32 coefficients and sums of up to 1/√(1−ᾱ) times the image: a few units in the last place of the largest.
      expect(worst(expected.data, data).relative).toBeLessThan(1e-6);
    }
  });

  it('takes two images at two indices at once', async () => {
    const { folder } = await roundTrip('edm', 'two.onnx', { format: 'onnx', as: 'eps' });
    const { openSession } = await import('../../engine/prior/session.ts');
    const ends = { image: 'x', time: 't', output: 'eps_v', timeType: 'float32' } as const;
    const session = await openSession(join(folder, 'model.onnx'), ends, { device: 'cpu', threads: 1 }, 'test');
    const both = await session.run(Float32Array.from([...x.data, ...x.data]), [2, 2, 8, 12], Float32Array.of(77, 400));
    await session.release();
    for (const [i, t] of [77, 400].entries()) {
      const expected = await evaluatePrior(at('edm'), x, t, { cache });
      expect(worst(expected.data, both.data.subarray(i * 192, (i + 1) * 192)).relative).toBeLessThan(1e-6);
    }
  });

  it('float16 halves the file and stays near', async () => {
    const sizes = new Map<string, number>();
    for (const weights of ['float32', 'float16'] as const)
      for (const format of ['onnx', 'safetensors'] as const) {
        const { folder, done } = await roundTrip('guided', `half.${format}`, { format, weights });
        expect(done.weights).toBe(weights);
        sizes.set(`${format} ${weights}`, done.files[0].bytes);
        const expected = await evaluatePrior(at('guided'), image, 300, { cache });
        const { relative } = worst(expected.data, (await evaluatePrior(folder, image, 300, { cache })).data);
        expect(relative).toBeLessThan(weights === 'float16' ? 0.02 : 1e-6);
        if (weights === 'float16') expect(relative).toBeGreaterThan(0);
      }
    for (const format of ['onnx', 'safetensors'])
      expect(sizes.get(`${format} float16`)).toBeLessThan(0.6 * (sizes.get(`${format} float32`) ?? 0));
  });

  it('keeps the number type of the stored weights in safetensors unless told', async () => {
    const half = await roundTrip('edm', 'a.safetensors', { format: 'safetensors', weights: 'float16' });
    const again = await exportPrior(half.folder, at('b.safetensors'), { format: 'safetensors' });
    expect(again.weights).toBe('float16');
    const source = await openSafetensors(at('b.safetensors'));
    expect(new Set([...source.tensors.values()].map(({ dtype }) => dtype))).toEqual(new Set(['F16']));
    await source.close();
    expect((await exportPrior(half.folder, at('b.onnx'), { format: 'onnx' })).weights).toBe('float32');
  });
});

describe('the conventions in an export', () => {
  it('stand in the metadata of ONNX and safetensors in the words of a configuration', async () => {
    await exportPrior(at('guided'), at('m.onnx'), { format: 'onnx' });
    const { metadata } = await readOnnx(at('m.onnx'));
    expect(embeddedConfig(metadata, 'm.onnx')).toMatchObject({
      prediction: 'eps',
      time_input: 'index',
      num_head_channels: tinyConfig.headWidth,
      licence: 'MIT',
      size_multiple: 2,
    });
    expect(await describeWeights(at('m.onnx'))).toMatchObject({ licence: 'MIT', problems: [] });
  });

  it('go before what an import assumes; a configuration that contradicts them is refused by name', async () => {
    await exportPrior(at('unusual'), at('c.safetensors'), { format: 'safetensors' });
    const again = (config: Record<string, unknown>) => importPrior(at('c.safetensors'), { out: at('c'), config });
    for (const [config, message] of [
      [{ prediction: 'eps' }, /says prediction = eps, the file's own metadata say x0/],
      [{ num_diffusion_timesteps: 1000 }, /num_diffusion_timesteps = 1000, .* say 500/],
      [{ sigma_data: 0.5, parametrisation: 'vp' }, /parametrisation = vp/],
    ] as const)
      await expect(again(config)).rejects.toMatchObject({ code: 'mismatch', message: expect.stringMatching(message) });
    const { manifest } = await again({ title: 'Mine', licence: 'none of yours' });
    expect(manifest).toMatchObject({ title: 'Mine', licence: 'none of yours', provenance: { statedBy: 'user' } });
  });
});

describe('exportPrior', () => {
  it('never overwrites unasked, leaves nothing of a failure, and refuses a graph in safetensors', async () => {
    writeFileSync(at('taken.onnx'), 'mine');
    writeFileSync(at('free.onnx.data'), 'mine');
    const before = readdirSync(root).sort();
    const run = (name: string, options: Parameters<typeof exportPrior>[2]) => exportPrior(at('edm'), at(name), options);
    await expect(run('taken.onnx', { format: 'onnx' })).rejects.toMatchObject({
      code: 'bad-usage',
      path: at('taken.onnx'),
    });
    await expect(run('free.onnx', { format: 'onnx', external: true })).rejects.toMatchObject({
      code: 'bad-usage',
      path: at('free.onnx.data'),
    });
    await expect(run('no.onnx', { format: 'onnx', signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'cancelled',
    });
    await expect(run('no.safetensors', { format: 'safetensors', as: 'eps' })).rejects.toMatchObject({
      code: 'bad-usage',
    });
    await expect(run('no/t/a/folder.onnx', { format: 'safetensors', external: true })).rejects.toMatchObject({
      code: 'bad-usage',
    });
    expect(readdirSync(root).sort()).toEqual(before);
    expect(readFileSync(at('taken.onnx'), 'utf8')).toBe('mine');
    await run('taken.onnx', { format: 'onnx', force: true });
    expect((await describeWeights(at('taken.onnx'))).problems).toEqual([]);
  });
});
