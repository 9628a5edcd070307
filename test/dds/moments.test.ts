/**
 * Moments of the sampler with fresh noise: one white-prior image of 256² is 65 536 independent pixels with known mean and
 * variance. Tolerances: mean ± 0.01 (5 standard errors at variance 0.25), variance ± 3 % (5 standard errors).
 */
import { describe, expect, test } from 'vitest';
import { mean, variance } from '../../engine/arrays/statistics.ts';
import { quietContext } from '../../engine/context.ts';
import type { DdsInput } from '../../engine/dds/parameters.ts';
import { resolveParameters } from '../../engine/dds/parameters.ts';
import { sample } from '../../engine/dds/sampler.ts';
import { realSpace } from '../../engine/linear/typed-space.ts';
import { gaussianPrior } from '../../engine/prior/gaussian.ts';
import { identityOperator } from './explicit-operators.ts';

const size = 256;
const prior = gaussianPrior({ channels: 1, mean: 0.5, spectrum: 0.25 });
const operator = identityOperator(realSpace([size, size]));
const measurement = new Float32Array(size * size).fill(0.8);

const cases: { name: string; input: DdsInput; mean: number; variance: number }[] = [
  { name: 'ddim η = 0.5, N = 20', input: { dc: 'none', eta: 0.5, steps: 20 }, mean: 0.499176, variance: 0.181203 },
  { name: 'ddim η = 0.5, N = 50', input: { dc: 'none', eta: 0.5, steps: 50 }, mean: 0.499475, variance: 0.217764 },
  { name: 'ddim η = 1, N = 20', input: { dc: 'none', eta: 1, steps: 20 }, mean: 0.499987, variance: 0.153244 },
  { name: 'ddim η = 1, N = 50', input: { dc: 'none', eta: 1, steps: 50 }, mean: 0.499993, variance: 0.197245 },
  {
    name: 'fraction η = 0.85, N = 20',
    input: { dc: 'none', noiseRule: 'fraction', eta: 0.85, steps: 20 },
    mean: 0.5,
    variance: 0.143953,
  },
  {
    name: 'fraction η = 0.85, N = 50',
    input: { dc: 'none', noiseRule: 'fraction', eta: 0.85, steps: 50 },
    mean: 0.5,
    variance: 0.166601,
  },
  {
    name: 'data, ddim η = 0.85, N = 50',
    input: { dc: 'proximal', gamma: 1, eta: 0.85, steps: 50 },
    mean: 0.801582,
    variance: 0.000407,
  },
  {
    name: 'data, fraction η = 0.85, N = 50',
    input: { dc: 'proximal', gamma: 1, noiseRule: 'fraction', eta: 0.85, steps: 50 },
    mean: 0.795671,
    variance: 0.000662,
  },
];

describe.each(cases)('$name', ({ input, mean: expectedMean, variance: expectedVariance }) => {
  test('mean and variance', async () => {
    const problem = { slices: [{ operator, measurement }], height: size, width: size, complex: false };
    const parameters = resolveParameters({ spacing: 'leading', seed: 1, ...input });
    const { image } = await sample(problem, prior, parameters, quietContext());
    expect(Math.abs(mean(image) - expectedMean)).toBeLessThan(0.01);
    expect(Math.abs(variance(image) / expectedVariance - 1)).toBeLessThan(0.03);
  });
});
