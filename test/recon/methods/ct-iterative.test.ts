import { describe, expect, test } from 'vitest';
import { ndarray } from '../../../engine/arrays/ndarray.ts';
import { fillNormal } from '../../../engine/arrays/random.ts';
import { type Progress, quietContext } from '../../../engine/context.ts';
import { fista } from '../../../engine/linear/fista.ts';
import { totalVariationProx } from '../../../engine/linear/total-variation-prox.ts';
import { volumeTotalVariation } from '../../../engine/linear/volume-gradient.ts';
import type { CtData } from '../../../engine/physics/ct/ct-data.ts';
import { fanBeamGeometry } from '../../../engine/physics/ct/fan-geometry.ts';
import { parallelBeamGeometry, uniformAngles } from '../../../engine/physics/ct/geometry.ts';
import { type CtGeometry, createProjector } from '../../../engine/physics/ct/projector.ts';
import { psnr } from '../../../engine/recon/metrics.ts';
import { clampNegative, normSquaredOf, openCt } from '../../../engine/recon/open-ct.ts';
import { ctMethod, parseParameters } from '../../../engine/recon/registry.ts';
import { viewSubset } from '../../../engine/recon/view-subset.ts';

const parallel = (size: number, views: number) =>
  parallelBeamGeometry({ size, anglesDeg: uniformAngles(views), detectors: Math.ceil(1.5 * size) });

/** An ellipse with a hole and a bar, the same in every slice; line integrals with noise of `sigma` drawn for every ray. */
function scan(geometry: CtGeometry, slices: number, sigma: number): { data: CtData; truth: Float32Array } {
  const n = geometry.size;
  const projector = createProjector(geometry, slices);
  const truth = projector.domain.zeros();
  for (let i = 0; i < truth.length; i++) {
    const x = ((i % n) + 0.5) / n - 0.5;
    const y = ((Math.floor(i / n) % n) + 0.5) / n - 0.5;
    const body = (x / 0.34) ** 2 + (y / 0.42) ** 2 < 1;
    const hole = ((x - 0.08) / 0.1) ** 2 + ((y + 0.1) / 0.14) ** 2 < 1;
    truth[i] = body ? (hole ? 0.3 : 1) : 0;
    if (Math.abs(x) < 0.2 && Math.abs(y - 0.2) < 0.05) truth[i] = 1.5;
  }
  const sinogram = projector.apply(truth);
  const noise = projector.range.zeros();
  fillNormal(noise, { seed: 7, sample: 0, slice: 0, step: 0 });
  for (let i = 0; i < sinogram.length; i++) sinogram[i] = sinogram[i] / projector.scaling + sigma * noise[i];
  projector.dispose();
  return { data: { geometry, slices, sigma, sinogram: ndarray('float32', projector.range.shape, sinogram) }, truth };
}

const run = async (id: string, data: CtData, parameters: unknown = {}, context = quietContext()) =>
  (await ctMethod(id).run(data, parseParameters(ctMethod(id), parameters), context)).data;

const score = (image: Float32Array, truth: Float32Array, { slices, geometry: { size } }: CtData) =>
  psnr(ndarray('float32', [slices, size, size], image), ndarray('float32', [slices, size, size], truth));

/** Columns of A, by unit images. */
function denseColumns(data: CtData): Float64Array[] {
  const projector = createProjector(data.geometry, data.slices);
  const columns = Array.from({ length: projector.domain.length }, (_, j) => {
    const unit = projector.domain.zeros();
    unit[j] = 1;
    return Float64Array.from(projector.apply(unit));
  });
  projector.dispose();
  return columns;
}

/** Solves the symmetric positive definite system by elimination. */
function solve(matrix: Float64Array[], right: Float64Array): Float64Array {
  const n = right.length;
  const x = right.slice();
  for (let c = 0; c < n; c++)
    for (let r = c + 1; r < n; r++) {
      const factor = matrix[r][c] / matrix[c][c];
      for (let k = c; k < n; k++) matrix[r][k] -= factor * matrix[c][k];
      x[r] -= factor * x[c];
    }
  for (let r = n - 1; r >= 0; r--) {
    for (let k = r + 1; k < n; k++) x[r] -= matrix[r][k] * x[k];
    x[r] /= matrix[r][r];
  }
  return x;
}

/** argmin Σ w (Ax − y)² + shift‖x‖², densely. */
function denseLeastSquares(columns: Float64Array[], y: Float32Array, weights: Float64Array, shift: number) {
  const weighted = (a: Float64Array, b: ArrayLike<number>) =>
    a.reduce((sum, value, i) => sum + weights[i] * value * b[i], 0);
  const matrix = columns.map((a, i) => Float64Array.from(columns, (b, j) => weighted(a, b) + (i === j ? shift : 0)));
  return solve(
    matrix,
    Float64Array.from(columns, (a) => weighted(a, y)),
  );
}

function weightedError(columns: Float64Array[], x: ArrayLike<number>, y: Float32Array, weights: Float64Array): number {
  let total = 0;
  for (let i = 0; i < y.length; i++) {
    let sum = -y[i];
    for (let j = 0; j < columns.length; j++) sum += columns[j][i] * x[j];
    total += weights[i] * sum * sum;
  }
  return total;
}

describe('iterative CT methods against dense algebra', () => {
  const { data } = scan(parallel(6, 12), 1, 0.1);
  const { scaled, projector } = openCt(data, 1);
  const columns = denseColumns(data);

  test('one subset of SIRT converges to weighted least squares with the reciprocal ray lengths', async () => {
    const lengths = projector.apply(projector.domain.zeros().fill(1));
    const longest = Math.max(...lengths);
    const weights = Float64Array.from(lengths, (length) => (length > 1e-3 * longest ? 1 / length : 0));
    const best = denseLeastSquares(columns, scaled, weights, 1e-9);
    const least = weightedError(columns, best, scaled, weights);
    const settings = { subsets: 1, nonNegative: false, relaxation: 1.8 };
    const early = weightedError(columns, await run('sirt', data, { ...settings, iterations: 20 }), scaled, weights);
    const late = weightedError(columns, await run('sirt', data, { ...settings, iterations: 8000 }), scaled, weights);
    expect(least).toBeGreaterThan(0);
    expect(early).toBeGreaterThan(1.05 * least);
    expect(late).toBeLessThan(1.002 * least);
    expect(late).toBeGreaterThan(0.9999 * least);
  });

  test('conjugate gradients end at the Tikhonov solution', async () => {
    const lambda = 0.003;
    const shift = lambda * (await normSquaredOf(projector));
    const expected = denseLeastSquares(columns, scaled, new Float64Array(scaled.length).fill(1), shift);
    const found = await run('cg', data, { iterations: 200, lambda, tolerance: 1e-7, nonNegative: false });
    found.forEach((value, j) => {
      expect(value).toBeCloseTo(expected[j], 3);
    });
    const clipped = await run('cg', data, { iterations: 200, lambda, tolerance: 1e-7 });
    expect(clipped).toEqual(clampNegative(found.slice()));
  });
});

describe('total variation', () => {
  test('primal-dual iterations reach the objective of FISTA', async () => {
    const { data } = scan(parallel(32, 12), 1, 0.05);
    const { projector, scaled, rhs, peak } = openCt(data, 1);
    const lambda = 0.001;
    const objective = (x: Float32Array) => {
      const error = projector.apply(x).reduce((sum, value, i) => sum + (value - scaled[i]) ** 2, 0);
      return error / 2 + lambda * peak * volumeTotalVariation(x, [1, 32, 32], 0);
    };
    const shrink = totalVariationProx({ rows: 32, columns: 32, field: 'real', iterations: 40 });
    const { x: peer } = await fista({
      ...{ space: projector.domain, normal: projector.normal, rhs, iterations: 600 },
      step: 1 / (await normSquaredOf(projector)),
      prox: (v, step) => clampNegative(shrink(v, step * lambda * peak)),
    });
    const ours = objective(await run('tv', data, { lambda, iterations: 3000, tolerance: 0 }));
    expect(ours).toBeLessThan(objective(peer) * 1.0005);
    expect(ours).toBeGreaterThan(objective(peer) * 0.99);
    const standard = objective(await run('tv', data, { lambda }));
    expect(standard).toBeLessThan(ours * 1.005);
  });

  test('with the same data in every slice the third dimension changes nothing; a stack is its slices', async () => {
    const one = scan(parallel(24, 10), 1, 0);
    const three = scan(parallel(24, 10), 3, 0);
    const settings = { lambda: 0.001, iterations: 1500, tolerance: 0 };
    const single = await run('tv', one.data, settings);
    for (const [id, extra] of [
      ['tv', {}],
      ['tv3d', { zWeight: 0.5 }],
      ['tv3d', { zWeight: 2 }],
    ] as const) {
      const stack = await run(id, three.data, { ...settings, ...extra });
      stack.forEach((value, i) => {
        expect(Math.abs(value - single[i % single.length])).toBeLessThan(2e-3);
      });
    }
  });

  test('few noisy views of a volume: tv3d beats tv, which beats sirt, which beats fbp', async () => {
    const { data, truth } = scan(parallel(40, 12), 6, 1);
    const by: Record<string, number> = {};
    for (const [id, parameters] of [
      ['fbp', { nonNegative: true }],
      ['sirt', { iterations: 20, subsets: 4 }],
      ['tv', { lambda: 0.005 }],
      ['tv3d', { lambda: 0.005 }],
    ] as const)
      by[id] = score(await run(id, data, parameters), truth, data);
    expect(by.sirt).toBeGreaterThan(by.fbp + 1);
    expect(by.tv).toBeGreaterThan(by.sirt + 1);
    expect(by.tv3d).toBeGreaterThan(by.tv + 0.7);
  });
});

describe('every iterative method', () => {
  const iterative = ['cg', 'sirt', 'tv', 'tv3d'];

  test('ordered subsets go further in as many passes', async () => {
    const { data, truth } = scan(parallel(40, 16), 2, 0);
    const at = async (subsets: number) => score(await run('sirt', data, { iterations: 4, subsets }), truth, data);
    expect(await at(8)).toBeGreaterThan((await at(1)) + 3);
  });

  test.each(iterative)('%s shows its iterates, reports rising progress and can be cancelled', async (id) => {
    const { data } = scan(parallel(16, 8), 2, 0.1);
    const events: Progress[] = [];
    const seen: number[] = [];
    const settings = parseParameters(ctMethod(id), { iterations: 7 });
    const context = quietContext({ progress: (event) => events.push(event) });
    const { data: last } = await ctMethod(id).run(data, settings, context, (k, image) => {
      seen.push(k);
      expect(image).toHaveLength(2 * 16 * 16);
    });
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(Math.min(...last)).toBeGreaterThanOrEqual(0);
    expect(events.map(({ step }) => step?.index)).toEqual(seen);
    expect(events.at(-1)?.fraction).toBe(1);
    const controller = new AbortController();
    const stopping = quietContext({ signal: controller.signal, progress: () => controller.abort() });
    await expect(ctMethod(id).run(data, settings, stopping)).rejects.toMatchObject({ code: 'cancelled' });
  });

  test.each(iterative)('%s inverts a fan beam as well', async (id) => {
    const geometry = fanBeamGeometry({
      ...{ size: 32, anglesDeg: uniformAngles(24, 360), detectors: 61, detectorSpacing: 1.4 },
      ...{ detector: 'flat', sourceOrigin: 60, sourceDetector: 90 },
    });
    const { data, truth } = scan(geometry, 2, 0.02);
    const image = await run(id, data, id === 'cg' ? { iterations: 12 } : {});
    expect(score(image, truth, data)).toBeGreaterThan(21);
  });

  test.each(iterative)('%s refuses a sinogram of another geometry and one of zeros', async (id) => {
    const { data } = scan(parallel(16, 8), 2, 0);
    const other = { ...data, slices: 1 };
    await expect(run(id, other)).rejects.toMatchObject({ code: 'mismatch' });
    const nothing = ndarray('float32', data.sinogram.shape, new Float32Array(data.sinogram.data.length));
    await expect(run(id, { ...data, sinogram: nothing })).rejects.toMatchObject({ code: 'bad-input' });
  });
});

test('some of the views are a measurement of their own', () => {
  const { data, truth } = scan(parallel(12, 9), 2, 0);
  const part = viewSubset(data, [7, 2]);
  expect([...part.geometry.anglesDeg]).toEqual([140, 40]);
  const projector = createProjector(part.geometry, 2);
  const expected = projector.apply(truth);
  part.sinogram.data.forEach((value, i) => {
    expect(value * projector.scaling).toBeCloseTo(expected[i], 4);
  });
});
