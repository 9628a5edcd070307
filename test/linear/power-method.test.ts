import { describe, expect, it } from 'vitest';
import { fillNormal } from '../../engine/arrays/random.ts';
import { finiteDifference } from '../../engine/linear/finite-difference.ts';
import { largestEigenvalue, powerMethod } from '../../engine/linear/power-method.ts';
import { realSpace } from '../../engine/linear/typed-space.ts';

describe('power method', () => {
  it('finds the largest eigenvalue of DᵀD, 4 sin²(π (n−1)/(2n)) with Neumann ends', async () => {
    const n = 12;
    const exact = 4 * Math.sin((Math.PI * (n - 1)) / (2 * n)) ** 2;
    const found = await largestEigenvalue(finiteDifference([n, 3], 0), 1, { iterations: 2000, tolerance: 1e-8 });
    expect(Math.abs(found / exact - 1)).toBeLessThan(1e-4);
    const periodic = await largestEigenvalue(finiteDifference([n], 0, 'periodic'), 1, {
      iterations: 2000,
      tolerance: 1e-8,
    });
    expect(Math.abs(periodic / 4 - 1)).toBeLessThan(1e-4);
  });

  it('returns the unit eigenvector, leaves the start alone, says why it stopped', async () => {
    const space = realSpace([5]);
    const diagonal = [1, 7, 2, 3, 0];
    const start = space.zeros();
    fillNormal(start, { seed: 3, sample: 0, slice: 0, step: 0 });
    const held = start.slice();
    const apply = (x: Float32Array) => x.map((v, i) => v * diagonal[i]);
    const result = await powerMethod(apply, start, space, { tolerance: 1e-9 });
    expect(result.reason).toBe('converged');
    expect(result.eigenvalue).toBeCloseTo(7, 5);
    expect(Math.abs(result.vector[1])).toBeCloseTo(1, 4);
    expect(start).toEqual(held);
    const short = await powerMethod(apply, start, space, { iterations: 2, tolerance: 0 });
    expect(short).toMatchObject({ reason: 'iterations', iterations: 2 });
  });

  it('gives 0 for the zero map and refuses non-finite numbers', async () => {
    const space = realSpace([3]);
    const start = Float32Array.from([1, 2, 3]);
    expect((await powerMethod((x) => x.map(() => 0), start, space)).eigenvalue).toBe(0);
    await expect(powerMethod((x) => x.map(() => Number.NaN), start, space)).rejects.toMatchObject({
      code: 'numerical',
    });
  });
});
