/** Total variation along z: the closed-form solution of a six-pixel column, and what the coupling must reduce to. */
import { describe, expect, test } from 'vitest';
import { quietContext } from '../../engine/context.ts';
import { type DdsInput, resolveParameters } from '../../engine/dds/parameters.ts';
import type { DdsSlice } from '../../engine/dds/problem.ts';
import { sample } from '../../engine/dds/sampler.ts';
import type { ZBoundary } from '../../engine/dds/volume.ts';
import { VolumeTv } from '../../engine/dds/volume.ts';
import { complexSpace, realSpace } from '../../engine/linear/typed-space.ts';
import { gaussianPrior } from '../../engine/prior/gaussian.ts';
import { ctVolumeScene } from './ct-volume-scene.ts';
import { identityOperator } from './explicit-operators.ts';

const column = [0, 0, 0, 1, 1, 1];

function columnSlices(values: readonly number[]): DdsSlice[] {
  const operator = identityOperator(realSpace([1, 1]));
  return values.map((value) => ({ operator, measurement: Float32Array.of(value) }));
}

function columnSolver(boundary: ZBoundary, admmIterations: number, lambda: number, rho: number): VolumeTv {
  return new VolumeTv(columnSlices(column), 1, realSpace([6, 1, 1]), {
    rho,
    lambda,
    admmIterations,
    boundary,
    complex: false,
    iterations: 6,
    tolerance: 0,
  });
}

async function denoiseColumn(boundary: ZBoundary, admmIterations: number, lambda = 0.2, rho = 1): Promise<number[]> {
  const volume = new Float32Array(6);
  const tv = columnSolver(boundary, admmIterations, lambda, rho);
  await tv.makeConsistent(volume, Float32Array.from(column), Number.POSITIVE_INFINITY, quietContext());
  return [...volume];
}

function expectClose(found: readonly number[], expected: readonly number[], tolerance: number): void {
  found.forEach((value, i) => {
    expect(Math.abs(value - expected[i])).toBeLessThan(tolerance);
  });
  expect(found.length).toBe(expected.length);
}

describe('A = I, one pixel column, λ = 0.2', () => {
  test('Neumann: both plateaus move by λ/3', async () => {
    expectClose(
      await denoiseColumn('neumann', 300),
      [1, 1, 1, 14, 14, 14].map((n) => n / 15),
      1e-6,
    );
  });
  test('periodic: two edges, twice the shift', async () => {
    expectClose(
      await denoiseColumn('periodic', 300),
      [2, 2, 2, 13, 13, 13].map((n) => n / 15),
      1e-6,
    );
  });
  test('first Neumann iterate from w = u = 0', async () => {
    const expected = [0.0555556, 0.1111111, 0.2777778, 0.7222222, 0.8888889, 0.9444444];
    expectClose(await denoiseColumn('neumann', 1), expected, 1e-6);
  });
  test('first periodic iterate: (I + ρ D*D) x = y on a ring', async () => {
    const found = await denoiseColumn('periodic', 1);
    for (let z = 0; z < 6; z++) {
      const [below, above] = [found[(z + 5) % 6], found[(z + 1) % 6]];
      expect(3 * found[z] - below - above).toBeCloseTo(column[z], 5);
    }
  });
  test.each(['neumann', 'periodic'] as const)('%s: λ → 0 or ρ → 0 leaves the slices independent', async (boundary) => {
    // λ = 0: the penalty on D x = w vanishes with its iterations. ρ → 0: in the first one already.
    expectClose(await denoiseColumn(boundary, 300, 0, 1), column, 1e-6);
    expectClose(await denoiseColumn(boundary, 1, 0.2, 1e-9), column, 1e-6);
    expectClose(await denoiseColumn(boundary, 1, 0, 1e-9), column, 1e-6);
  });
  test('with the estimate first, one that is already right is left so', async () => {
    // With w = u = 0 the same call smooths the edge; y agrees with the estimate, and λ is small.
    const start = async (estimateFirst: boolean) => {
      const options = { rho: 1, lambda: 1e-6, admmIterations: 1, boundary: 'neumann', complex: false } as const;
      const solver = { ...options, iterations: 6, tolerance: 0, estimateFirst };
      const tv = new VolumeTv(columnSlices(column), 1, realSpace([6, 1, 1]), solver);
      const volume = Float32Array.from(column);
      await tv.makeConsistent(volume, Float32Array.from(column), Number.POSITIVE_INFINITY, quietContext());
      return [...volume];
    };
    expectClose(await start(true), column, 1e-5);
    expect((await start(false))[2]).toBeGreaterThan(0.2);
  });
  test('with the estimate first the limit is the same', async () => {
    const options = { rho: 1, lambda: 0.2, admmIterations: 300, boundary: 'neumann', complex: false } as const;
    const solver = { ...options, iterations: 6, tolerance: 0, estimateFirst: true };
    const tv = new VolumeTv(columnSlices(column), 1, realSpace([6, 1, 1]), solver);
    const volume = new Float32Array(6);
    await tv.makeConsistent(volume, Float32Array.from(column), Number.POSITIVE_INFINITY, quietContext());
    expectClose(
      [...volume],
      [1, 1, 1, 14, 14, 14].map((n) => n / 15),
      1e-6,
    );
  });
  test('w and u are kept from call to call: ten calls of one iteration are one call of ten', async () => {
    const tv = columnSolver('neumann', 1, 0.2, 1);
    const volume = new Float32Array(6);
    const data = Float32Array.from(column);
    for (let k = 0; k < 10; k++) await tv.makeConsistent(volume, data, Number.POSITIVE_INFINITY, quietContext());
    expectClose([...volume], await denoiseColumn('neumann', 10), 1e-6);
  });
});

test('a complex column solves its real and imaginary parts when only one of them varies', async () => {
  const tv = new VolumeTv(
    column.map((value) => ({
      operator: identityOperator(complexSpace([1, 1])),
      measurement: Float32Array.of(0, value),
    })),
    2,
    complexSpace([6, 1, 1]),
    { rho: 1, lambda: 0.2, admmIterations: 300, boundary: 'neumann', complex: true, iterations: 6, tolerance: 0 },
  );
  const volume = new Float32Array(12);
  const data = Float32Array.from({ length: 12 }, (_, i) => (i % 2 === 1 ? column[(i - 1) / 2] : 0));
  await tv.makeConsistent(volume, data, Number.POSITIVE_INFINITY, quietContext());
  expectClose(
    [...volume],
    [1, 1, 1, 14, 14, 14].flatMap((n) => [0, n / 15]),
    1e-6,
  );
});

describe('a weight γ pulls toward the starting estimate', () => {
  test('λ = 0, ρ → 0: (x̂0 + γ y)/(1 + γ)', async () => {
    const options = {
      rho: 1e-9,
      lambda: 0,
      admmIterations: 1,
      boundary: 'neumann' as const,
      complex: false,
      iterations: 6,
      tolerance: 0,
    };
    const tv = new VolumeTv(columnSlices(column), 1, realSpace([6, 1, 1]), options);
    const volume = new Float32Array(6).fill(0.5);
    await tv.makeConsistent(volume, Float32Array.from(column), 3, quietContext());
    expectClose(
      [...volume],
      column.map((y) => (0.5 + 3 * y) / 4),
      1e-6,
    );
  });
});

describe('the noisy variant on a small CT volume', () => {
  test('converged ADMM minimises ½‖A x − y‖² + λ‖D x‖₁ + ‖x − x̂0‖²/2γ: no neighbour is lower', async () => {
    const { problem } = ctVolumeScene(4, 6, 3);
    const { slices, volumeOperator } = problem;
    if (volumeOperator === undefined) throw new Error('the scene has a volume operator');
    const [gamma, lambda] = [0.7, 0.05];
    const options = { rho: 0.5, lambda, admmIterations: 400, boundary: 'neumann', complex: false } as const;
    const tv = new VolumeTv(slices, 36, realSpace([4, 6, 6]), { ...options, iterations: 20, tolerance: 0 });
    const y = Float32Array.from(slices.flatMap(({ measurement }) => [...measurement]));
    const prior = Float32Array.from({ length: 144 }, (_, i) => 0.3 + 0.1 * Math.sin(i));
    const x = prior.slice();
    await tv.makeConsistent(x, volumeOperator.adjoint(y), gamma, quietContext());
    const objective = (v: Float32Array) => {
      const residual = volumeOperator.apply(v);
      let sum = 0;
      for (let i = 0; i < y.length; i++) sum += 0.5 * (residual[i] - y[i]) ** 2;
      for (let i = 0; i < v.length; i++) sum += (v[i] - prior[i]) ** 2 / (2 * gamma);
      for (let i = 36; i < v.length; i++) sum += lambda * Math.abs(v[i] - v[i - 36]);
      return sum;
    };
    const least = objective(x);
    for (let k = 0; k < 60; k++) {
      // Single pixels, and whole columns, which the total variation does not see.
      const moved = x.map((v, i) => v + (k % 2 ? 0.01 : -0.01) * (k < 40 ? Number(i === 3 * k) : Number(i % 36 === k)));
      expect(objective(moved)).toBeGreaterThan(least - 1e-6);
    }
    expect(objective(prior)).toBeGreaterThan(least + 1e-3);
  });

  test('posterior data consistency couples slices with γ = r²/σ², and its γ → ∞ is the noiseless one', async () => {
    const { problem } = ctVolumeScene(6, 12, 5);
    const prior = gaussianPrior({ channels: 1, mean: 0.3, spectrum: 0.1 });
    const run = async (input: DdsInput) =>
      (await sample(problem, prior, resolveParameters({ steps: 5, eta: 0, epsRule: 'keep', ...input }), quietContext()))
        .image;
    const noiseless = await run({ dc: 'noiseless' });
    const exact = await run({ dc: 'posterior', sigmaY: 1e-5 });
    const noisy = await run({ dc: 'posterior', sigmaY: 0.3 });
    const far = (a: Float32Array, b: Float32Array) => Math.max(...a.map((v, i) => Math.abs(v - b[i])));
    expect(far(exact, noiseless)).toBeLessThan(1e-4);
    expect(far(noisy, noiseless)).toBeGreaterThan(1e-2);
  });
});

describe('the whole sampler on a volume', () => {
  const prior = gaussianPrior({ channels: 1, mean: 0.5, spectrum: 0.25 });
  const run = (values: readonly number[], tv: boolean, lambda: number, rho: number) =>
    sample(
      { slices: columnSlices(values), height: 1, width: 1, complex: false },
      prior,
      resolveParameters({ steps: 10, tv, lambda, rho, dc: 'noiseless', seed: 3 }),
      quietContext(),
    );

  test('with λ = 0 and ρ → 0 it equals the slices reconstructed alone', async () => {
    expectClose([...(await run(column, true, 0, 1e-9)).image], [...(await run(column, false, 0, 1)).image], 1e-5);
  });
  test('one slice with total variation equals the 2D sampler', async () => {
    expect([...(await run([0.3], true, 0.2, 1)).image]).toEqual([...(await run([0.3], false, 0.2, 1)).image]);
  });
  test('coupling flattens the column', async () => {
    const { image, method } = await run(column, true, 0.2, 1);
    expect(method.coupled).toBe(true);
    expect(image[3] - image[2]).toBeLessThan(0.99);
    expect(image[3] - image[2]).toBeGreaterThan(0.5);
  });
});
