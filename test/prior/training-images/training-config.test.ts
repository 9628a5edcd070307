import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { architectureSchema } from '../../../engine/prior/architectures/architecture.ts';
import { parseTrainingConfig, trainingConfigSchema } from '../../../engine/prior/training/training-config.ts';
import { engineErrorOf } from '../../io/engine-error-of.ts';
import { makeConfig } from './make-config.ts';

describe('defaults', () => {
  test('of an mri prior', () => {
    const config = makeConfig();
    expect(config.architecture).toEqual({
      ...{ kind: 'film-resunet', channels: 2, width: 16, mult: [1, 2, 4], blocks: [1, 1, 1], embedding: 64 },
    });
    expect(config).toMatchObject({
      ...{ size: 64, complex: true, image: { rule: 'quantile', quantile: 0.99 }, augment: 'default', loss: 'edm' },
      ...{ lr: 4e-4, betas: [0.9, 0.99], weightDecay: 1e-4, ema: 0.9995, clip: 1, seed: 0 },
      noise: { kind: 'log-normal', mean: -2, std: 1.4, share: 0.8, low: 0.003, high: 160 },
    });
    expect(architectureSchema.safeParse(config.architecture).success).toBe(true);
  });

  test('of a ct prior: one channel, the window, no phase', () => {
    const config = makeConfig({ modality: 'ct' });
    expect(config.complex).toBe(false);
    expect(config.image).toEqual({ rule: 'window', window: [-1000, 1500], ceiling: 1.2 });
    expect(config.architecture).toMatchObject({ channels: 1 });
  });

  test('of a guided-diffusion network: eps loss, time indices, its own valid architecture', () => {
    const config = makeConfig({ architecture: { kind: 'guided-diffusion' }, complex: false });
    expect(config.architecture).toMatchObject({ imageSize: 64, inChannels: 1, outChannels: 1 });
    expect(architectureSchema.safeParse(config.architecture).success).toBe(true);
    expect([config.loss, config.noise]).toEqual(['eps', { kind: 'index' }]);
  });

  test('every field but groups carries a description', () => {
    for (const [name, field] of Object.entries(trainingConfigSchema.shape))
      if (!['phase', 'planes', 'augmentations', 'validation', 'earlyStop'].includes(name))
        expect(field.meta()?.description, name).toBeTypeOf('string');
  });
});

test.each<[Record<string, unknown>, RegExp]>([
  [{ size: 'x' }, /field size: expected number, found "x"/],
  [{ size: 62 }, /field size: expected a multiple of 4 for 3 stages, found 62/],
  [{ size: 8 }, /field size: expected at least 16, found 8/],
  [{ stepz: 1 }, /field stepz: there is no such field/],
  [{ augmentations: { gama: {} } }, /field augmentations\.gama: there is no such field/],
  [{ augmentations: { gamma: { exponent: [1, 'a'] } } }, /gamma\.exponent\.1: expected number, found "a"/],
  [{ augmentations: { zoom: { factor: [1.2, 0.9] } } }, /zoom\.factor: expected a lower end .*found \[1\.2,0\.9\]/],
  [{ architecture: { kind: 'vit' } }, /architecture\.kind: expected film-resunet or guided-diffusion, found "vit"/],
  [{ architecture: { kind: 'film-resunet', mult: [1, 2] } }, /architecture\.blocks: expected 2 entries.*found 3/],
  [{ modality: 'ct', complex: true }, /field complex: expected false for ct, found true/],
  [{ image: { rule: 'window' } }, /image\.rule: expected quantile or none for complex images, found window/],
  [{ planes: { axial: 0, coronal: 0, sagittal: 0 } }, /planes: expected a share above 0/],
  [{ noise: { kind: 'log-normal', low: 2, high: 1 } }, /noise: expected low not above high/],
  [{ data: { licence: ' ', provenance: 'p' } }, /data\.licence: expected at least 1 characters, found " "/],
  [{ data: { licence: 'x' } }, /data\.provenance: expected string, found nothing/],
  [{ seed: -1 }, /field seed: expected at least 0, found -1/],
  [{ validation: { share: 1 } }, /validation\.share: expected less than 1, found 1/],
])('%o is refused by field, found and expected value', (fields, message) => {
  const error = engineErrorOf(() => makeConfig(fields));
  expect([error.code, error.path]).toEqual(['bad-input', 'config.json']);
  expect(error.message).toMatch(message);
});

test('text that is not a configuration is refused', () => {
  expect(engineErrorOf(() => parseTrainingConfig('{', 'c.json')).message).toMatch(/not valid JSON/);
  expect(engineErrorOf(() => parseTrainingConfig('[]', 'c.json')).message).toMatch(/\(root\): expected object/);
  expect(engineErrorOf(() => parseTrainingConfig(' '.repeat(2 ** 20 + 1), 'c.json')).message).toMatch(
    /at most 1048576/,
  );
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(engineErrorOf(() => parseTrainingConfig(text, 'c.json')).code).toBe('bad-input');
    }),
  );
});
