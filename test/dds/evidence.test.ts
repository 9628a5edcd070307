import { describe, expect, test } from 'vitest';
import { fft2 } from '../../engine/arrays/fft.ts';
import { ndarray, zeros } from '../../engine/arrays/ndarray.ts';
import { fillNormal } from '../../engine/arrays/random.ts';
import { norm } from '../../engine/arrays/statistics.ts';
import { quietContext } from '../../engine/context.ts';
import { kspaceConsistency, sinogramConsistency } from '../../engine/dds/consistency.ts';
import { evidence } from '../../engine/dds/evidence.ts';
import { modelKspace } from '../../engine/dds/model-kspace.ts';
import { realSpace } from '../../engine/linear/typed-space.ts';
import { createSense } from '../../engine/physics/mri/sense.ts';
import { matrixOperator } from './explicit-operators.ts';
import { goldenScene } from './golden-scene.ts';

const size = 16;
const scene = goldenScene();
const fullMask = ndarray('uint8', [size, size], new Uint8Array(size * size).fill(1));
const oneCoil = zeros('complex64', [1, size, size]);
for (let i = 0; i < oneCoil.data.length; i += 2) oneCoil.data[i] = 1;
const context = quietContext();

function normal(key: number, count: number, scale = 1): Float32Array {
  const out = new Float32Array(count);
  fillNormal(out, { seed: 21, sample: key, slice: 0, step: 0 });
  return out.map((value) => scale * value);
}

describe('evidence', () => {
  test('a fully measured image owes nothing to the prior', async () => {
    const operator = createSense({ maps: scene.maps, mask: fullMask });
    const split = await evidence(operator, scene.truth, { complex: true, regularisation: 0 }, context);
    expect(Math.max(...split.fraction)).toBeLessThan(1e-3);
    expect(split.inventedEnergy).toBeLessThan(1e-8);
  });

  test('one coil: the unmeasured part of k-space is the prior’s, pixel by pixel', async () => {
    const operator = createSense({ maps: oneCoil, mask: scene.mask });
    const split = await evidence(operator, scene.truth, { complex: true, regularisation: 0 }, context);
    const measured = fft2(scene.truth.slice(), [1, size, size], 'forward');
    for (let k = 0; k < size * size; k++) if (scene.mask.data[k] === 0) measured.fill(0, 2 * k, 2 * k + 2);
    fft2(measured, [1, size, size], 'inverse', measured);
    for (let pixel = 0; pixel < size * size; pixel++) {
      const at = 2 * pixel;
      const data = Math.hypot(measured[at], measured[at + 1]);
      const prior = Math.hypot(scene.truth[at] - measured[at], scene.truth[at + 1] - measured[at + 1]);
      expect(split.fraction[pixel]).toBeCloseTo(prior / (prior + data), 4);
    }
  });

  test('known noise: a direction of strength μ is supported by μ/(μ + σ²/v)', async () => {
    const strengths = [2, 1, 0.1, 0];
    const matrix = new Float64Array(16);
    strengths.forEach((s, i) => {
      matrix[5 * i] = s;
    });
    const operator = matrixOperator(matrix, 4, realSpace([2, 2]));
    const noise = { sigmaY: 0.1, priorVariance: 0.5 };
    const split = await evidence(operator, Float32Array.of(1, 1, 1, 1), { complex: false, noise }, context);
    strengths.forEach((s, i) => {
      expect(split.fraction[i]).toBeCloseTo(1 - s ** 2 / (s ** 2 + 0.02), 4);
    });
  });

  test('unknown noise: directions below 3 % of the largest count mostly as unmeasured', async () => {
    const matrix = Float64Array.of(1, 0, 0, 0.003);
    const operator = matrixOperator(matrix, 2, realSpace([1, 2]));
    const { fraction } = await evidence(operator, Float32Array.of(1, 1), { complex: false }, context);
    expect(fraction[0]).toBeLessThan(0.01);
    expect(fraction[1]).toBeGreaterThan(0.98);
  });
});

describe('consistency', () => {
  const sigma = 0.02;
  const shape = [2, size, size] as const;
  const operator = createSense({ maps: scene.maps, mask: scene.mask });
  const clean = operator.apply(scene.truth);
  const noise = normal(1, clean.length, sigma);
  const measurement = clean.map((value, i) => (value === 0 ? 0 : value + noise[i]));

  test('the truth explains noisy data, in every part', () => {
    const report = kspaceConsistency(clean, measurement, shape, sigma);
    expect(report.verdict).toBe('consistent');
    expect(report.parts.map(({ part }) => part).toSorted()).toEqual(['centre', 'coil 0', 'coil 1', 'edge', 'middle']);
    expect(report.all.residual / Number(report.all.expected)).toBeCloseTo(1, 1);
    expect(report.parts.slice(0, 2).reduce((sum, { measured }) => sum + measured, 0)).toBeGreaterThan(0);
  });
  test('the data themselves reproduce the noise', () => {
    expect(kspaceConsistency(measurement, measurement, shape, sigma).verdict).toBe('overfits');
  });
  test('a wrong image contradicts them, and one bad coil is named', () => {
    expect(kspaceConsistency(new Float32Array(clean.length), measurement, shape, sigma).verdict).toBe('contradicts');
    const bad = clean.slice();
    const half = bad.length / 2;
    const edge = normal(2, half, 2.9 * sigma);
    for (let i = 0; i < half; i++) if (measurement[half + i] !== 0) bad[half + i] = measurement[half + i] + edge[i];
    for (let i = 0; i < half; i++) bad[i] = measurement[i];
    const report = kspaceConsistency(bad, measurement, shape, 0.72 * sigma);
    expect(report.verdict).toBe('contradicts');
  });
  test('without a noise level it says so', () => {
    const report = kspaceConsistency(clean, measurement, shape, 0);
    expect(report.verdict).toBe('unknown-noise');
    expect(report.all.expected).toBeNull();
  });
  test('a sinogram is judged view by view', () => {
    const y = normal(3, 60).map((value) => value + 5);
    const bad = y.map((value, i) => value + (i >= 40 ? 1 : 0.01));
    const report = sinogramConsistency(bad, y, 20, 0.5);
    expect(report.parts.map(({ part }) => part)).toEqual(['view 0', 'view 1', 'view 2']);
    expect(report.parts[2].residual).toBeGreaterThan(50 * report.parts[0].residual);
  });
});

describe('k-space of a result', () => {
  const acquired = {
    kspace: ndarray('complex64', [2, size, size], normal(4, 4 * size * size)),
    mask: scene.mask,
  };
  const full = createSense({ maps: scene.maps, mask: fullMask }).apply(scene.truth);

  test('model: F(S x) everywhere', () => {
    const { data, shape } = modelKspace(scene.truth, scene.maps, acquired, 'model');
    expect(shape).toEqual([2, size, size]);
    expect(norm(data.map((value, i) => value - full[i]))).toBeLessThan(1e-6 * norm(full));
  });
  test('measured: the acquired samples in their places', () => {
    const { data } = modelKspace(scene.truth, scene.maps, acquired, 'measured');
    for (let i = 0; i < data.length; i++) {
      const inside = scene.mask.data[Math.floor(i / 2) % (size * size)] === 1;
      if (inside) expect(data[i]).toBe(acquired.kspace.data[i]);
      else expect(data[i]).toBeCloseTo(full[i], 5);
    }
  });
});
