import { describe, expect, it } from 'vitest';
import type { DescribedArchitecture } from '../../../engine/prior/architectures/architecture.ts';
import { initialWeights } from '../../../engine/prior/training/initialise.ts';
import { tinyConfig } from '../reference-network.ts';

const film: DescribedArchitecture = {
  kind: 'film-resunet',
  channels: 2,
  width: 16,
  mult: [1, 2],
  blocks: [1, 1],
  embedding: 32,
};

async function read(architecture: DescribedArchitecture, seed: number): Promise<Map<string, Float32Array>> {
  const source = initialWeights(architecture, seed);
  const all = new Map<string, Float32Array>();
  for (const name of source.tensors.keys()) all.set(name, await source.read(name));
  return all;
}

/** Uniform in ±bound: within it, close to it, and of its variance (bound²/3, standard error 0.9/√n of it). */
function expectUniform(data: Float32Array | undefined, bound: number) {
  const values = data ?? new Float32Array(0);
  const largest = values.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  const power = values.reduce((sum, v) => sum + v * v, 0) / values.length;
  expect(largest).toBeLessThanOrEqual(bound * (1 + 1e-7));
  expect(Math.abs(power / (bound ** 2 / 3) - 1)).toBeLessThan((5 * 0.9) / Math.sqrt(values.length));
}

const zero = (data: Float32Array | undefined) => data?.every((v) => v === 0);

describe('first weights', () => {
  it('of film-resunet are uniform in ±1/√fan-in, conv2 a fifth of that, modulation and output zero', async () => {
    const all = await read(film, 0);
    expectUniform(all.get('head.weight'), 1 / Math.sqrt(18));
    expectUniform(all.get('head.bias'), 1 / Math.sqrt(18));
    expectUniform(all.get('time1.weight'), 1 / Math.sqrt(32));
    expectUniform(all.get('downs.0.weight'), 1 / Math.sqrt(64));
    expectUniform(all.get('middle.blocks.0.conv1.weight'), 1 / Math.sqrt(9 * 32));
    expectUniform(all.get('middle.blocks.0.conv2.weight'), 0.2 / Math.sqrt(9 * 32));
    expectUniform(all.get('middle.blocks.0.conv2.bias'), 1 / Math.sqrt(9 * 32));
    for (const [name, data] of all) expect(zero(data)).toBe(/\.film\.|^tail\./.test(name));
  });

  it('of guided-diffusion have identity normalisations and zero ends of residual blocks', async () => {
    const all = await read(tinyConfig, 0);
    expectUniform(all.get('time_embed.0.weight'), 1 / Math.sqrt(32));
    expectUniform(all.get('middle_block.1.qkv.weight'), 1 / Math.sqrt(64));
    expect(all.get('out.0.weight')?.every((v) => v === 1)).toBe(true);
    expect(zero(all.get('out.0.bias'))).toBe(true);
    for (const name of ['out.2.weight', 'middle_block.0.out_layers.3.weight', 'middle_block.1.proj_out.weight'])
      expect(zero(all.get(name))).toBe(true);
    const zeros = [...all].filter(([name, data]) => name.endsWith('.weight') && zero(data)).map(([name]) => name);
    expect(zeros.every((name) => /out_layers\.3|proj_out|^out\.2/.test(name))).toBe(true);
  });

  it('depend on the seed and on nothing else', async () => {
    expect(await read(film, 4)).toEqual(await read(film, 4));
    expect((await read(film, 4)).get('head.weight')).not.toEqual((await read(film, 5)).get('head.weight'));
  });
});
