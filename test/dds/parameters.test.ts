import { describe, expect, test } from 'vitest';
import { ddsSchema, resolveMethod, resolveParameters } from '../../engine/dds/parameters.ts';
import { presetNames } from '../../engine/dds/presets.ts';
import { EngineError } from '../../engine/errors.ts';

function failure(run: () => unknown): EngineError {
  try {
    run();
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

test('the defaults are the documented ones', () => {
  expect(resolveParameters()).toMatchObject({
    steps: 50,
    spacing: 'leading',
    sampler: 'ddim',
    noiseRule: 'ddim',
    eta: 0.5,
    epsRule: 'keep',
    dc: 'auto',
    gamma: 1,
    cgIters: 5,
    cgTol: 1e-6,
    sigmaY: 0,
    param: 'vp',
    rho: 10,
    lambda: 0.04,
    admmIters: 1,
    zBoundary: 'neumann',
    scale: 'auto',
    legacyLast: false,
    kspaceFill: 'measured',
    samples: 1,
    batch: 'auto',
    seed: 0,
    earlyStop: 0,
    preset: 'none',
  });
});

test('every parameter says what it is', () => {
  for (const [name, field] of Object.entries(ddsSchema.shape))
    expect(String(field.meta()?.description ?? ''), name).toMatch(/^[A-Z0-9a-z].{15,}/);
});

describe('presets', () => {
  test.each(presetNames)('%s is valid, and an explicit value wins over it', (preset) => {
    const alone = resolveParameters({ preset });
    const mixed = resolveParameters({ preset, steps: 7, cgIters: 3 });
    expect(mixed).toMatchObject({
      ...alone,
      steps: 7,
      cgIters: 3,
      explicit: mixed.explicit,
      fromPreset: mixed.fromPreset,
    });
    expect(mixed.explicit.toSorted()).toEqual(['cgIters', 'preset', 'steps']);
  });
  test('only reference presets repeat the quirk of the reference code', () => {
    for (const preset of presetNames)
      expect(resolveParameters({ preset }).legacyLast).toBe(preset.startsWith('reference-'));
  });
  test('an explicit default value also wins', () => {
    expect(resolveParameters({ preset: 'posterior', sampler: 'ddim' }).sampler).toBe('ddim');
  });
});

describe('errors name parameter and range', () => {
  test.each([
    [{ steps: 0 }, 'steps'],
    [{ eta: 1.5 }, 'eta'],
    [{ spacing: 'sideways' }, 'spacing'],
    [{ scale: -1 }, 'scale'],
    [{ seed: 0.5 }, 'seed'],
  ])('%o', (input, path) => {
    const error = failure(() => resolveParameters(input as never));
    expect(error.code).toBe('bad-usage');
    expect(error.path).toBe(path);
  });
  test('an unknown name', () => {
    const error = failure(() => resolveParameters({ stepz: 5 } as never));
    expect(error.message).toContain('stepz');
    expect(error.hint).toContain('steps');
  });
});

describe('what auto means', () => {
  const mri = (input: Parameters<typeof resolveParameters>[0], sigmaY = 0) =>
    resolveMethod(resolveParameters(input), sigmaY, 1, true);
  test('nothing known: proximal with the given weight', () => expect(mri({}).dc).toBe('proximal'));
  test('sigmaY = 0 stated: noiseless', () => expect(mri({ sigmaY: 0 }).dc).toBe('noiseless'));
  test('noise known: posterior, with rederived noise', () =>
    expect(mri({ sigmaY: 0.05 }, 0.05)).toEqual({ dc: 'posterior', epsRule: 'rederive', coupled: false }));
  test('noise known and a weight chosen: proximal', () =>
    expect(mri({ sigmaY: 0.05, gamma: 2 }, 0.05).dc).toBe('proximal'));
  test('a chosen rule for the noise stays', () =>
    expect(mri({ sigmaY: 0.05, epsRule: 'keep' }, 0.05).epsRule).toBe('keep'));
  test('volumes couple for CT, not for MRI, unless told', () => {
    expect(resolveMethod(resolveParameters(), 0, 4, false)).toMatchObject({ coupled: true, dc: 'noiseless' });
    expect(resolveMethod(resolveParameters(), 0, 4, true).coupled).toBe(false);
    expect(resolveMethod(resolveParameters({ tv: true }), 0, 4, true).coupled).toBe(true);
    expect(resolveMethod(resolveParameters({ tv: false }), 0, 4, false)).toMatchObject({
      coupled: false,
      dc: 'proximal',
    });
    expect(resolveMethod(resolveParameters(), 0, 1, false).coupled).toBe(false);
  });
  test('the reference CT preset: proximal for a slice, plain ADMM for a volume', () => {
    const parameters = resolveParameters({ preset: 'reference-svct' });
    expect(resolveMethod(parameters, 0, 1, false).dc).toBe('proximal');
    expect(resolveMethod(parameters, 0, 8, false).dc).toBe('noiseless');
  });
  test('posterior without a noise level is refused', () => {
    const error = failure(() => mri({ preset: 'posterior' }));
    expect(error).toMatchObject({ code: 'bad-usage', path: 'sigmaY' });
  });
});
