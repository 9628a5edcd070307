/** Each warning of a run with a case that raises it and one that does not; the numbers are those of the message. */
import { describe, expect, test } from 'vitest';
import { ndarray } from '../../engine/arrays/ndarray.ts';
import { resolveParameters } from '../../engine/dds/parameters.ts';
import type { ResidualRow } from '../../engine/dds/residual.ts';
import type { DdsResult } from '../../engine/dds/sampler.ts';
import {
  mriDataWarnings,
  noisePower,
  priorWarnings,
  type ResultFacts,
  resultWarnings,
} from '../../engine/dds/warnings.ts';

const row = (step: number, before: number, power = 1): ResidualRow => ({
  ...{ step, t: 1000 - step, alphaBar: step / 100, before, after: before / 2, cgIterations: 5, cgResidual: 1e-3 },
  ...{ noisePower: power, images: 1 },
});
const falling = Array.from({ length: 12 }, (_, i) => row(i + 1, 1 / (i + 1)));
const dc = (kind: DdsResult['method']['dc']) => ({ dc: kind }) as DdsResult['method'];
function result(changes: Partial<DdsResult> = {}): DdsResult {
  return {
    image: Float32Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? 1 : 0)),
    ...{ samples: [], std: undefined, init: [], residualBySlice: [], nfe: 12, finishedEarly: false },
    ...{ residual: falling, scale: 1, sigmaY: 0, method: dc('posterior'), priorVariance: 0.25 },
    memory: { allocations: [], total: 0, batch: 1, slabSlices: 1 },
    ...changes,
  };
}
const facts = (changes: Partial<ResultFacts> = {}): ResultFacts => ({
  complex: true,
  scaleRule: 'quantile',
  parameters: resolveParameters({}),
  ...changes,
});
const found = (changes: Partial<DdsResult>, about: Partial<ResultFacts> = {}) =>
  resultWarnings(result(changes), facts(about));
const codes = (warnings: readonly { code: string }[]) => warnings.map(({ code }) => code);

test('a run as it should be raises none', () => {
  expect(found({})).toEqual([]);
});

describe('intensity range', () => {
  test.each([
    [2.5, ['intensity-range']],
    [0.4, ['intensity-range']],
    [1.9, []],
    [0.6, []],
  ])('a 0.99 quantile of %d', (scale, expected) => {
    const image = result().image.map((v) => scale * v);
    const warnings = found({ image });
    expect(codes(warnings)).toEqual(expected);
    if (warnings.length > 0) {
      expect(warnings[0].value).toBeCloseTo(scale, 5);
      expect(warnings[0].message).toContain(scale.toPrecision(3));
    }
  });
  test('the scale counts, and priors in the units of the data have no range', () => {
    const image = result().image.map((v) => 50 * v);
    expect(found({ image, scale: 50 })).toEqual([]);
    expect(found({ image }, { scaleRule: 'none' })).toEqual([]);
  });
});

describe('noise power', () => {
  test('the noisier half decides', () => {
    const loud = falling.map((r, i) => (i < 6 ? { ...r, noisePower: 2 } : r));
    expect(noisePower(loud)).toBe(2);
    expect(found({ residual: loud })[0]).toMatchObject({ code: 'noise-prediction', value: 2 });
    const late = falling.map((r, i) => (i < 6 ? r : { ...r, noisePower: 2 }));
    expect(noisePower(late)).toBe(1);
    expect(found({ residual: late })).toEqual([]);
  });
  test('samplers that add no noise find none, and are not warned about', () => {
    const quiet = falling.map((r) => ({ ...r, noisePower: 0.05 }));
    expect(codes(found({ residual: quiet }))).toEqual(['noise-prediction']);
    expect(found({ residual: quiet }, { parameters: resolveParameters({ noiseRule: 'none', eta: 0 }) })).toEqual([]);
  });
});

describe('residual', () => {
  const rising = Array.from({ length: 12 }, (_, i) => row(i + 1, 0.2 + 0.01 * i));
  test('that does not fall over the first ten steps', () => {
    const [warning] = found({ residual: rising });
    expect(warning.code).toBe('residual-not-falling');
    expect(warning.value).toBeCloseTo(0.29 / 0.2, 10);
    expect(warning.message).toContain('from 0.200 to 0.290');
  });
  test('a fall within ten steps is enough; without data, or at zero, there is nothing to fall', () => {
    expect(found({ residual: rising.map((r, i) => (i === 9 ? { ...r, before: 0.19 } : r)) })).toEqual([]);
    expect(found({ residual: rising, method: dc('none') })).toEqual([]);
    expect(found({ residual: rising.map((r) => ({ ...r, before: 1e-9 })) })).toEqual([]);
    expect(found({ residual: rising.slice(0, 1) })).toEqual([]);
  });
});

describe('weight of the data', () => {
  test('a gamma far from what the noise calls for', () => {
    const proximal = { method: dc('proximal'), sigmaY: 0.001 };
    // v/σ² = 250,000.
    expect(found(proximal)[0]).toMatchObject({ code: 'gamma-scale' });
    expect(found({ ...proximal, sigmaY: 0.2 })).toEqual([]);
  });
  test('a gamma that an operator of small norm makes nothing of', () => {
    const proximal = { method: dc('proximal') };
    expect(found(proximal, { largestEigenvalue: 0.01 })[0]).toMatchObject({ code: 'gamma-scale', value: 0.01 });
    expect(found(proximal, { largestEigenvalue: 1 })).toEqual([]);
  });
});

describe('prior against image', () => {
  const brain = { id: 'brain', modality: 'mri', channels: 2, size: [128, 128], licence: 'MIT' } as const;
  test('the same kind, up to three times the size', () => {
    expect(priorWarnings(brain, [4, 256, 320], 'mri')).toEqual([]);
    expect(priorWarnings({ ...brain, modality: 'any' }, [128, 128], 'mri')).toEqual([]);
  });
  test('much larger or smaller than the training, with both sizes', () => {
    const [large] = priorWarnings(brain, [4, 512, 300], 'mri');
    expect(large).toMatchObject({ code: 'prior-size', value: 4 });
    expect(large.message).toContain('512 × 300');
    expect(large.message).toContain('128 × 128');
    expect(priorWarnings(brain, [32, 30], 'mri')[0]).toMatchObject({ code: 'prior-size', value: 0.25 });
  });
  test('another modality, other channels', () => {
    expect(codes(priorWarnings({ ...brain, modality: 'ct', channels: 1 }, [128, 128], 'mri'))).toEqual([
      'prior-modality',
      'prior-channels',
    ]);
    expect(codes(priorWarnings({ ...brain, licence: 'not stated' }, [128, 128], 'mri'))).toEqual(['prior-licence']);
    expect(codes(priorWarnings({ ...brain, channels: 4 }, [128, 128], 'mri'))).toEqual(['prior-channels']);
  });
});

describe('data', () => {
  const [n, coils] = [16, 2];
  const ones = (count: number) => Float32Array.from({ length: count }, (_, i) => (i % 2 === 0 ? 1 : 0));
  const data = (measured: (k: number) => boolean, masked = measured, energy = 0.5) => {
    const kspace = ones(2 * coils * n * n);
    for (let i = 0; i < kspace.length; i += 2) if (!measured((i / 2) % (n * n))) kspace[i] = 0;
    const maps = ones(2 * coils * n * n).map((v) => v * Math.sqrt(energy));
    return mriDataWarnings({
      kspace: ndarray('complex64', [coils, n, n], kspace),
      mask: ndarray(
        'uint8',
        [n, n],
        Uint8Array.from({ length: n * n }, (_, k) => (masked(k) ? 1 : 0)),
      ),
      maps: ndarray('complex64', [coils, n, n], maps),
    });
  };
  const columns = (pitch: number) => (k: number) => (k % n) % pitch === 0;
  test('matching data raise none', () => {
    expect(data(columns(4))).toEqual([]);
  });
  test('a mask that hides data, one without data, too few samples, maps of another scale', () => {
    expect(data(columns(2), columns(4))[0]).toMatchObject({ code: 'mask-hides-data', value: 64 });
    expect(data(columns(4), columns(2))[0]).toMatchObject({ code: 'mask-without-data', value: 64 });
    expect(data(columns(16))[0]).toMatchObject({ code: 'high-acceleration', value: 16 });
    expect(data(columns(4), columns(4), 1)[0]).toMatchObject({ code: 'maps-not-normalised' });
  });
});
