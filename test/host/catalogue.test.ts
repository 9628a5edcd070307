import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resolveParameters } from '../../engine/dds/parameters.ts';
import { presetNames } from '../../engine/dds/presets.ts';
import { calls } from '../../main/host/api/api.ts';
import { createCatalogue } from '../../main/host/catalogue.ts';
import { presetTitles } from '../../main/host/preset-titles.ts';
import { writeTinyScan } from '../cli/tiny-scan.ts';
import { fakeLibrary } from './jobs-queue/fake-surroundings.ts';

let folder: string;
const library = fakeLibrary();
const catalogue = createCatalogue({ library });
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tangent-catalogue-'));
  await writeTinyScan(join(folder, 'scan.npz'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('catalogue', () => {
  test('offers methods of the modality with schemas a form can be drawn from', async () => {
    const list = calls['catalogue.methods'].output.parse(
      await catalogue.methods(library.add(join(folder, 'scan.npz'))),
    );
    expect(list.methods.map(({ id }) => id)).toEqual(['dds', 'zero-filled', 'cg-sense', 'l1-wavelet', 'tv']);
    expect(list).toMatchObject({ defaultMethod: 'dds', defaultPrior: 'brain-mri', needsSimulation: false });
    expect(list.masks).toContain('uniform1d');
    const { properties } = list.methods[0].parameters as { properties: Record<string, Record<string, unknown>> };
    expect(properties.steps).toMatchObject({ minimum: 1, maximum: 1000, default: 50, description: expect.any(String) });
    expect(properties.sigmaY).toMatchObject({ unit: 'scaled units' });
    expect(properties.seed).toBeUndefined();
    expect(properties.preset.enum).toEqual(['none', ...list.methods[0].presets.map(({ id }) => id)]);
    expect(list.methods[1]).toMatchObject({ usesPrior: false, presets: [] });
  });

  test('every preset has a title, and each is one the sampler knows', () => {
    expect(presetTitles.map(({ id }) => id).sort()).toEqual([...presetNames].sort());
    for (const { id } of presetTitles) expect(resolveParameters({ preset: id }).preset).toBe(id);
  });

  test('cards of priors and forms of solvers fit the interface', async () => {
    const { priors } = calls['catalogue.priors'].output.parse(await catalogue.priors());
    const brain = priors.find(({ name }) => name === 'brain-mri');
    expect(brain).toMatchObject({ modality: 'mri', licenceKnown: true, channels: 2 });
    expect(brain?.parameters).toBeGreaterThan(1e6);
    expect(brain?.facts.map(({ name }) => name)).toEqual(expect.arrayContaining(['Intended use', 'Limit']));
    const { solvers } = calls['catalogue.solvers'].output.parse(await catalogue.solvers());
    expect(solvers.map(({ id }) => id)).toContain('dds');
  });

  test('an item that is not there is said to be so', async () => {
    await expect(catalogue.methods('0'.repeat(24))).rejects.toMatchObject({ code: 'not-found' });
  });
});
