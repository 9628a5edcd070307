import { describe, expect, it } from 'vitest';
import { quietContext } from '../../../engine/context.ts';
import { rvgp } from '../../../engine/solvers/rvgp/solver.ts';
import { reference } from './dense-reference.ts';
import { arrayOf, bumpyPoints, columnOf, every, matrix, meshOf, organ, swirl } from './surfaces.ts';

const fixed = { optimise: false, noise: 1e-3, kappa: 5, nu: 1.5, dimension: 2 };

const observedOf = (vectors: Float64Array, D: number) =>
  new Map(
    Array.from({ length: vectors.length / D }, (_, i): [number, number[]] => [
      i,
      [...vectors.subarray(i * D, (i + 1) * D)],
    ]).filter(([, row]) => row.every((value) => !Number.isNaN(value))),
  );

const size = (a: ArrayLike<number>) => Math.sqrt(Array.from(a).reduce((sum, value) => sum + value * value, 0));
const relative = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  size(Array.from(a, (value, i) => value - b[i])) / size(b);

describe('against dense matrices', () => {
  const N = 160;
  const x = bumpyPoints(N, 11);
  const vectors = every(swirl(x), 5);

  it('gives the eigenvalues, the mean, the covariance and the likelihood', async () => {
    const { artifacts, metrics } = await rvgp.run(
      { points: matrix(N, 3, x), vectors: matrix(N, 3, vectors) },
      { ...fixed, projectInput: false },
      quietContext(),
    );
    const expected = reference(x, 3, observedOf(vectors, 3), {
      k: 10,
      m: 2,
      nE: metrics.eigenpairs ?? 0,
      nu: 1.5,
      kappa: 5,
      signal: 1,
      noise: 1e-3,
    });
    expect(metrics.eigenpairs).toBeGreaterThanOrEqual(50);
    for (const name of ['connection', 'scalar'] as const)
      for (const [l, value] of columnOf(artifacts.eigenvalues, name).entries())
        expect(Math.abs(value - expected[name][l])).toBeLessThan(1e-8);
    expect(relative(arrayOf(artifacts.field).data, expected.field)).toBeLessThan(1e-6);
    for (const [at, value] of arrayOf(artifacts.covariance).data.entries())
      expect(Math.abs(value - expected.covariance[at])).toBeLessThan(1e-9 * expected.prior);
    const std = arrayOf(artifacts.std).data;
    for (let i = 0; i < N; i++)
      expect(std[i] ** 2).toBeCloseTo(
        [0, 4, 8].reduce((sum, at) => sum + expected.covariance[9 * i + at], 0),
        5,
      );
    expect((metrics.log_likelihood ?? 0) / expected.logLikelihood).toBeCloseTo(1, 8);
  });

  it('also in four dimensions with tangent spaces of three', async () => {
    const n = 90;
    const flat = bumpyPoints(n, 5);
    const four = Float64Array.from({ length: 4 * n }, (_, at) => {
      const [p, q, r] = flat.subarray(3 * Math.floor(at / 4), 3 * Math.floor(at / 4) + 3);
      return at % 4 < 3 ? [p, q, r][at % 4] : 0.02 * (p * q - r * r);
    });
    const v = every(
      four.map((value, at) => Math.sin(value / 20) + (at % 4)),
      3,
      4,
    );
    const { artifacts, metrics } = await rvgp.run(
      { points: matrix(n, 4, four), vectors: matrix(n, 4, v) },
      { ...fixed, dimension: 3, neighbours: 8, eigenpairs: 20 },
      quietContext(),
    );
    const given = { k: 8, m: 3, nE: metrics.eigenpairs ?? 0, nu: 1.5, kappa: 5, signal: 1, noise: 1e-3 };
    const expected = reference(four, 4, observedOf(v, 4), given);
    expect(relative(arrayOf(artifacts.field).data, expected.field)).toBeLessThan(1e-6);
    expect(arrayOf(artifacts.frames).shape).toEqual([n, 4, 3]);
  });

  it('turns with the points and the vectors', async () => {
    const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
    const turned = (data: Float64Array) =>
      data.map((_, at) => {
        const [p, q, r] = data.subarray(at - (at % 3), at - (at % 3) + 3);
        // About z, then about x.
        const [y, z] = [s * p + c * q, r];
        return [c * p - s * q, 0.6 * y - 0.8 * z, 0.8 * y + 0.6 * z][at % 3];
      });
    const solve = async (points: Float64Array, v: Float64Array) =>
      arrayOf(
        (await rvgp.run({ points: matrix(N, 3, points), vectors: matrix(N, 3, v) }, fixed, quietContext())).artifacts
          .field,
      ).data;
    const before = Float64Array.from(await solve(x, vectors));
    expect(relative(await solve(turned(x), turned(vectors)), turned(before))).toBeLessThan(1e-6);
  });
});

describe('on a closed mesh', () => {
  const mesh = organ(3);
  const N = mesh.vertices.length / 3;
  const field = swirl(mesh.vertices);
  // One half of the organ was seen, and there every fourth vertex.
  const vectors = every(field, 4).map((value, at) => (mesh.vertices[at - (at % 3)] > 0 ? value : Number.NaN));

  it('is tangent, surer where it was observed, and its indices sum to V − E + F', async () => {
    const { artifacts, metrics, warnings } = await rvgp.run(
      { surface: meshOf(mesh), vectors: matrix(N, 3, vectors) },
      {},
      quietContext(),
    );
    const found = arrayOf(artifacts.field).data;
    const frames = arrayOf(artifacts.frames).data;
    for (let i = 0; i < N; i++) {
      const v = [...found.subarray(3 * i, 3 * i + 3)];
      expect(v.every(Number.isFinite)).toBe(true);
      const [a, b] = [0, 1].map((q) => [0, 1, 2].map((c) => frames[6 * i + 2 * c + q]));
      const normal = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
      expect(Math.abs(v.reduce((sum, value, c) => sum + value * normal[c], 0))).toBeLessThan(1e-9 * (1 + size(v)));
      // Oriented outward: the organ is star-shaped about the origin.
      expect(normal.reduce((sum, value, c) => sum + value * mesh.vertices[3 * i + c], 0)).toBeGreaterThan(0);
    }
    const std = arrayOf(artifacts.std).data;
    const mean = (keep: (i: number) => boolean) => {
      const kept = Array.from({ length: N }, (_, i) => i).filter(keep);
      return kept.reduce((sum, i) => sum + std[i] / kept.length, 0);
    };
    const seen = mean((i) => !Number.isNaN(vectors[3 * i]));
    expect(mean((i) => mesh.vertices[3 * i] < -20)).toBeGreaterThan(2 * seen);
    expect(metrics.euler_characteristic).toBe(2);
    expect(metrics.index_sum).toBe(2);
    expect(columnOf(artifacts.singularities, 'index').reduce((a, b) => a + b, 0)).toBe(2);
    expect(metrics.off_tangent).toBeLessThan(1e-14);
    expect(warnings).toEqual([]);
  });

  it('does so too when most vertices are not nodes, close to what all of them would give', async () => {
    const fine = organ(4);
    const count = fine.vertices.length / 3;
    const inputs = { surface: meshOf(fine), vectors: matrix(count, 3, every(swirl(fine.vertices), 20)) };
    const sampled = await rvgp.run(inputs, { maxNodes: 400 }, quietContext());
    expect(sampled.metrics).toMatchObject({ nodes: 400, index_sum: 2, euler_characteristic: 2 });
    expect(sampled.metrics.off_tangent).toBeLessThan(1e-14);
    expect(sampled.warnings.map(({ code }) => code)).toContain('sampled');
    const whole = await rvgp.run(inputs, {}, quietContext());
    expect(whole.metrics.nodes).toBe(count);
    const difference = relative(arrayOf(sampled.artifacts.field).data, arrayOf(whole.artifacts.field).data);
    expect(difference).toBeLessThan(0.15);
  });
});
