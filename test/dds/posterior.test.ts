/**
 * For a white Gaussian prior N(μ, cI), any linear A and known noise, the sampler draws from the true posterior as the
 * number of steps grows. It is affine in x_T, so mean and covariance follow exactly from runs started at 0 and at the unit
 * vectors; no random numbers are involved. A is given as a matrix, its eigenvectors turn the sampler into scalar recursions.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { ndarray, zeros } from '../../engine/arrays/ndarray.ts';
import { fillNormal } from '../../engine/arrays/random.ts';
import { quietContext } from '../../engine/context.ts';
import type { DdsInput } from '../../engine/dds/parameters.ts';
import { resolveParameters } from '../../engine/dds/parameters.ts';
import { denoisedVariance } from '../../engine/dds/posterior-variance.ts';
import { multistepWeight, stepCoefficients } from '../../engine/dds/renoise.ts';
import { sample } from '../../engine/dds/sampler.ts';
import { noiseLevels } from '../../engine/dds/time-steps.ts';
import type { LinearOperator } from '../../engine/linear/operator.ts';
import { uniformAngles } from '../../engine/physics/ct/geometry.ts';
import { parallelBeam } from '../../engine/physics/ct/parallel-beam.ts';
import { createSense } from '../../engine/physics/mri/sense.ts';
import { gaussianPrior } from '../../engine/prior/gaussian.ts';
import { vpSchedule } from '../../engine/prior/schedule.ts';
import { symmetricEigen } from './symmetric-eigen.ts';

const size = 8;
const variance = 0.25;
const level = 0.5;

interface Scene {
  name: string;
  operator: LinearOperator<Float32Array, Float32Array>;
  complex: boolean;
  sigmaSquared: number;
}

function coilOperator() {
  const maps = zeros('complex64', [3, size, size]);
  for (let i = 0; i < size * size; i++) {
    const angle = (Math.PI * ((i % size) + 0.5)) / (2 * size);
    const parts = [Math.cos(angle) * Math.SQRT1_2, Math.sin(angle), Math.cos(angle) * Math.SQRT1_2];
    parts.forEach((modulus, coil) => {
      maps.data[2 * (coil * size * size + i)] = modulus * Math.cos(0.4 * coil + 0.1 * Math.floor(i / size));
      maps.data[2 * (coil * size * size + i) + 1] = modulus * Math.sin(0.4 * coil + 0.1 * Math.floor(i / size));
    });
  }
  const columns = new Set([0, 3, 4, 6]);
  const mask = ndarray(
    'uint8',
    [size, size],
    Uint8Array.from({ length: size * size }, (_, i) => (columns.has(i % size) ? 1 : 0)),
  );
  return createSense({ maps, mask });
}

const scenes: Scene[] = [0.01, 0.25].flatMap((sigmaSquared) => [
  {
    name: `5 views, σ² = ${sigmaSquared}`,
    operator: parallelBeam({ size, anglesDeg: uniformAngles(5) }),
    complex: false,
    sigmaSquared,
  },
  { name: `3 coils, σ² = ${sigmaSquared}`, operator: coilOperator(), complex: true, sigmaSquared },
]);

/** A*A as a real symmetric matrix, from unit vectors; complex images are real vectors of twice the length. */
function normalMatrix(operator: LinearOperator<Float32Array, Float32Array>): Float64Array {
  const length = operator.domain.zeros().length;
  const matrix = new Float64Array(length * length);
  for (let j = 0; j < length; j++) {
    const unit = operator.domain.zeros();
    unit[j] = 1;
    const column = operator.adjoint(operator.apply(unit));
    for (let i = 0; i < length; i++) matrix[i * length + j] = column[i];
  }
  for (let i = 0; i < length; i++)
    for (let j = 0; j < i; j++) {
      const mean = 0.5 * (matrix[i * length + j] + matrix[j * length + i]);
      matrix[i * length + j] = mean;
      matrix[j * length + i] = mean;
    }
  return matrix;
}

describe.each(scenes)('$name', ({ operator, complex, sigmaSquared }) => {
  const length = operator.domain.zeros().length;
  const sigma = Math.sqrt(sigmaSquared);
  const mean = new Float64Array(length);
  for (let i = 0; i < length; i++) mean[i] = complex && i % 2 === 1 ? 0 : level;
  const prior = gaussianPrior({ channels: complex ? 2 : 1, mean: level, spectrum: variance });
  const truth = new Float32Array(length);
  fillNormal(truth, { seed: 4, sample: 0, slice: 0, step: 0 });
  for (let i = 0; i < length; i++) truth[i] = mean[i] + Math.sqrt(variance) * truth[i];
  const measurement = operator.apply(truth);
  const noise = new Float32Array(measurement.length);
  fillNormal(noise, { seed: 4, sample: 1, slice: 0, step: 0 });
  for (let i = 0; i < measurement.length; i++) measurement[i] += measurement[i] === 0 ? 0 : sigma * noise[i];
  const backProjected = operator.adjoint(measurement);
  let values: Float64Array;
  let vectors: Float64Array;

  const along = (x: ArrayLike<number>, k: number) => {
    let sum = 0;
    for (let i = 0; i < length; i++) sum += vectors[i * length + k] * x[i];
    return sum;
  };
  const engine = async (init: Float32Array, input: DdsInput) =>
    (
      await sample(
        { slices: [{ operator, measurement }], height: size, width: size, complex, init },
        prior,
        resolveParameters({
          dc: 'posterior',
          spacing: 'logsnr',
          sigmaY: sigma,
          eta: 0,
          cgIters: 200,
          cgTol: 1e-7,
          ...input,
        }),
        quietContext(),
      )
    ).image;

  beforeAll(() => {
    ({ values, vectors } = symmetricEigen(normalMatrix(operator), length));
  });

  /** The recursion of one eigen-direction in float64. */
  function direction(start: number, k: number, input: DdsInput): number {
    const parameters = resolveParameters({ spacing: 'logsnr', eta: 0, ...input });
    const schedule = vpSchedule();
    const levels = noiseLevels(parameters.steps, parameters.spacing, schedule);
    const mu = along(mean, k);
    const datum = along(backProjected, k);
    let x = start;
    let estimate = 0;
    for (let n = 0; n < levels.length; n++) {
      const here = levels[n];
      const next = levels[n + 1] ?? schedule.level(-1);
      const c = stepCoefficients(here, next, parameters);
      const e =
        (Math.sqrt(1 - here.alphaBar) * (x - Math.sqrt(here.alphaBar) * mu)) /
        (here.alphaBar * variance + 1 - here.alphaBar);
      const previous = estimate;
      const gamma = denoisedVariance(variance, here.alphaBar) / sigmaSquared;
      estimate = (c.fromState * x + c.fromNoise * e + gamma * datum) / (1 + gamma * values[k]);
      if (next.t === -1) break;
      if (parameters.sampler === 'dpm2m')
        x = c.carry * x + c.push * (estimate + multistepWeight(levels[n - 1], here, next) * (estimate - previous));
      else x = c.signal * estimate + (c.kept * (x - c.stateSignal * estimate)) / c.stateNoise;
    }
    return estimate;
  }

  const inputs: DdsInput[] = [
    { sampler: 'ddim', epsRule: 'rederive', steps: 20 },
    { sampler: 'dpm2m', steps: 20 },
  ];
  test.each(inputs)('the engine equals the assembled eigen-directions: %o', async (input) => {
    const init = new Float32Array(length);
    fillNormal(init, { seed: 5, sample: 0, slice: 0, step: 0 });
    const found = await engine(init, input);
    const expected = new Float64Array(length);
    for (let k = 0; k < length; k++) {
      const value = direction(along(init, k), k, input);
      for (let i = 0; i < length; i++) expected[i] += value * vectors[i * length + k];
    }
    let error = 0;
    let norm = 0;
    for (let i = 0; i < length; i++) {
      error += (found[i] - expected[i]) ** 2;
      norm += expected[i] ** 2;
    }
    expect(Math.sqrt(error / norm)).toBeLessThan(1e-4);
  });

  test('mean within 1 % and covariance within 2 % of the true posterior', async () => {
    const input: DdsInput = { sampler: 'dpm2m', steps: 50 };
    const mid = await engine(new Float32Array(length), input);
    // Posterior mean (A*A/σ² + I/c)⁻¹ (A*y/σ² + μ/c), covariance (A*A/σ² + I/c)⁻¹, both in eigen-directions.
    const precision = (k: number) => values[k] / sigmaSquared + 1 / variance;
    let error = 0;
    let norm = 0;
    for (let k = 0; k < length; k++) {
      const expected = (along(backProjected, k) / sigmaSquared + along(mean, k) / variance) / precision(k);
      error += (along(mid, k) - expected) ** 2;
      norm += expected ** 2;
    }
    expect(Math.sqrt(error / norm)).toBeLessThan(0.01);

    const columns: Float64Array[] = [];
    for (let j = 0; j < length; j++) {
      const unit = new Float32Array(length);
      unit[j] = 1;
      const image = await engine(unit, input);
      columns.push(Float64Array.from({ length }, (_, k) => along(image, k) - along(mid, k)));
    }
    // In eigen-coordinates the true covariance is diagonal.
    let difference = 0;
    let size2 = 0;
    for (let a = 0; a < length; a++)
      for (let b = 0; b < length; b++) {
        let found = 0;
        for (const column of columns) found += column[a] * column[b];
        const expected = a === b ? 1 / precision(a) : 0;
        difference += (found - expected) ** 2;
        size2 += expected ** 2;
      }
    expect(Math.sqrt(difference / size2)).toBeLessThan(0.02);
  });
});
