import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type NdArray, ndarray } from '../../../engine/arrays/ndarray.ts';
import { createRandom } from '../../../engine/arrays/random.ts';
import { quietContext } from '../../../engine/context.ts';
import type { Artifact } from '../../../engine/solvers/artifact.ts';
import { assignmentCost } from '../../../engine/solvers/sinkhorn-newton-sparse/assignment.ts';
import { sinkhornNewtonSparse as solver } from '../../../engine/solvers/sinkhorn-newton-sparse/solver.ts';
import { kthLargest, sparsify } from '../../../engine/solvers/sinkhorn-newton-sparse/sparsify.ts';

const matrix = (rows: number, columns: number, data: Float64Array): Artifact => ({
  type: 'matrix',
  array: ndarray('float64', [rows, columns], data),
});
const vector = (data: Float64Array): Artifact => ({ type: 'matrix', array: ndarray('float64', [data.length], data) });
const random = (seed: number, count: number) => {
  const generator = createRandom(seed);
  return Float64Array.from({ length: count }, () => generator.uniform());
};
const weights = (seed: number, count: number) => {
  const raw = random(seed, count).map((value) => 0.2 + value);
  const sum = raw.reduce((a, b) => a + b);
  return raw.map((value) => value / sum);
};
const arrayOf = (artifact: Artifact): NdArray => {
  if (!('array' in artifact)) throw new Error('not an array');
  return artifact.array;
};

const [n, m] = [40, 55];
const inputs = {
  cost: matrix(n, m, random(1, n * m)),
  sourceWeights: vector(weights(2, n)),
  targetWeights: vector(weights(3, m)),
};
const cost = arrayOf(inputs.cost).data;

function marginalErrors(plan: ArrayLike<number>) {
  const [r, c] = [weights(2, n), weights(3, m)];
  const columns = new Float64Array(m);
  let worst = 0;
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < m; j++) {
      sum += plan[i * m + j];
      columns[j] += plan[i * m + j];
    }
    worst = Math.max(worst, Math.abs(sum - r[i]));
  }
  return Math.max(worst, ...columns.map((sum, j) => Math.abs(sum - c[j])));
}

describe('task transport', () => {
  it('gives a plan with exact marginals whose cost, potentials and plan agree', async () => {
    const result = await solver.run(inputs, { eta: 200, tol: 1e-12 }, quietContext());
    const plan = arrayOf(result.artifacts.plan).data;
    expect(marginalErrors(plan)).toBeLessThan(1e-12);
    let sum = 0;
    for (let k = 0; k < plan.length; k++) sum += plan[k] * cost[k];
    expect(Math.abs(sum - (result.metrics.transport_cost ?? 0))).toBeLessThan(1e-10 * sum);
    const { potentials } = result.artifacts;
    if (potentials.type !== 'model' || potentials.arrays === undefined) throw new Error('no potentials');
    const [x, y] = [potentials.arrays.x.data, potentials.arrays.y.data];
    const own = Float64Array.from(cost, (value, k) => Math.exp(200 * (x[Math.floor(k / m)] + y[k % m] - value) - 1));
    expect(marginalErrors(own)).toBeLessThan(1e-12);
    for (let k = 0; k < own.length; k++) expect(Math.abs(own[k] - plan[k])).toBeLessThan(1e-12);
    expect(result.metrics.duality_gap).toBeLessThan(1e-10);
    expect(result.metrics.duality_gap).toBeGreaterThan(-1e-12);
  });

  it('leaves log P + ηC a sum of a row and a column term when not rounded', async () => {
    const eta = 100;
    const result = await solver.run(inputs, { eta, tol: 1e-12, round: false }, quietContext());
    const plan = arrayOf(result.artifacts.plan).data;
    const at = (i: number, j: number) => Math.log(plan[i * m + j]) + eta * cost[i * m + j];
    for (let i = 1; i < n; i++)
      for (let j = 1; j < m; j++)
        if (Math.min(plan[i * m + j], plan[j], plan[i * m], plan[0]) > 1e-30)
          expect(Math.abs(at(i, j) - at(i, 0) - at(0, j) + at(0, 0))).toBeLessThan(1e-8);
  });

  it('reaches the cost of plain Sinkhorn in fewer iterations', async () => {
    const settings = { eta: 400, tol: 1e-11 };
    const fast = await solver.run(inputs, settings, quietContext());
    const plain = await solver.run(inputs, { ...settings, method: 'sinkhorn', maxIterations: 100_000 }, quietContext());
    expect(Math.abs((fast.metrics.transport_cost ?? 0) - (plain.metrics.transport_cost ?? 1))).toBeLessThan(1e-8);
    expect(fast.metrics.iterations_total ?? 0).toBeLessThan((plain.metrics.iterations_total ?? 0) / 2);
  });

  it('lies within log(n)/η of the exact assignment', async () => {
    const side = 30;
    const square = random(9, side * side);
    const { metrics } = await solver.run(
      { cost: matrix(side, side, square) },
      { eta: 600, tol: 1e-10 },
      quietContext(),
    );
    const excess = (metrics.transport_cost ?? 0) - assignmentCost(square, side);
    expect(excess).toBeGreaterThan(-1e-12);
    expect(excess).toBeLessThan(Math.log(side) / 600);
  });

  it('drops entries without mass and gives them empty rows', async () => {
    const r = weights(2, n);
    r[7] = 0;
    const result = await solver.run({ ...inputs, sourceWeights: vector(r) }, { eta: 100 }, quietContext());
    const plan = arrayOf(result.artifacts.plan).data;
    expect([...plan.subarray(7 * m, 8 * m)].every((value) => value === 0)).toBe(true);
    expect(result.warnings.map(({ code }) => code)).toContain('zero-weights');
  });

  it('measures the distance of points and a divergence of zero between equal sets', async () => {
    const points: Artifact = { type: 'points', array: ndarray('float64', [20, 3], random(4, 60)) };
    const { metrics } = await solver.run(
      { sourcePoints: points, targetPoints: points },
      { eta: 300, debias: true, tol: 1e-11 },
      quietContext(),
    );
    expect(Math.abs(metrics.sinkhorn_divergence ?? 1)).toBeLessThan(1e-8);
    // Two single points: no choice, so the distance itself.
    const one = (x: number): Artifact => ({
      type: 'points',
      array: ndarray('float64', [1, 2], new Float64Array([x, 0])),
    });
    const far = await solver.run({ sourcePoints: one(0), targetPoints: one(3) }, { eta: 2, power: 1 }, quietContext());
    expect(far.metrics.distance).toBeCloseTo(3, 12);
  });
});

describe('images', () => {
  const bell = (centre: number, size = 24): Artifact => {
    const data = new Float32Array(size * size);
    for (let k = 0; k < data.length; k++)
      data[k] = Math.exp(-(((Math.floor(k / size) - 12) / 3) ** 2 + (((k % size) - centre) / 3) ** 2) / 2);
    return { type: 'image', array: ndarray('float32', [size, size], data) };
  };

  it('finds how far and where to a picture moved', async () => {
    const result = await solver.run(
      { source: bell(9), target: bell(14) },
      { task: 'image-distance', massFloor: 0, spacing: [2, 2], eta: 3000 },
      quietContext(),
    );
    // Five pixels of 2 mm; regularisation adds a little.
    expect(result.metrics.distance).toBeGreaterThan(9.9);
    expect(result.metrics.distance).toBeLessThan(10.5);
    const { data } = arrayOf(result.artifacts.displacement);
    const centre = 2 * (12 * 24 + 9);
    expect(data[centre]).toBeCloseTo(0, 1);
    expect(data[centre + 1]).toBeCloseTo(10, 0);
  });

  it('maps grey levels onto those of another picture, keeps shape and NaN, never falls', async () => {
    const generator = createRandom(5);
    const grey = (shift: number, gain: number) =>
      Float32Array.from({ length: 4096 }, () => shift + gain * (generator.normal() + 0.3 * generator.normal() ** 2));
    const source = grey(100, 10);
    source[17] = Number.NaN;
    const image = (data: Float32Array): Artifact => ({ type: 'image', array: ndarray('float32', [64, 64], data) });
    const result = await solver.run(
      { source: image(source), target: image(grey(3, 0.4)) },
      { task: 'harmonise' },
      quietContext(),
    );
    const mapped = arrayOf(result.artifacts.harmonised);
    expect(mapped.shape).toEqual([64, 64]);
    expect(Number.isNaN(mapped.data[17])).toBe(true);
    expect(mapped.data.filter((value) => Number.isNaN(value)).length).toBe(1);
    const { histogram_w1_before: before, histogram_w1_after: after } = result.metrics;
    expect(after ?? 1).toBeLessThan(0.1 * (before ?? 0));
    const { transfer } = result.artifacts;
    if (transfer.type !== 'curve') throw new Error('no curve');
    const levels = transfer.columns.mapped as number[];
    expect(levels.every((value, k) => k === 0 || value >= levels[k - 1])).toBe(true);
  });
});

describe('bad input', () => {
  const refusal = async (given: Record<string, Artifact>, settings: Record<string, unknown> = {}) =>
    solver.run(given, settings, quietContext()).then(
      () => 'accepted',
      (error: Error) => error.message,
    );
  it.each([
    ['E_INPUT_MISSING', {}, {}],
    [
      'E_INPUT_AMBIGUOUS',
      { cost: inputs.cost, sourcePoints: vector(random(1, 4)), targetPoints: vector(random(1, 4)) },
      {},
    ],
    ['E_INPUT_VALUE', { cost: matrix(1, 2, new Float64Array([1, -1])) }, {}],
    ['E_SHAPE', { cost: inputs.cost, sourceWeights: vector(weights(1, 3)) }, {}],
    ['E_ZERO_MASS', { cost: matrix(2, 1, new Float64Array(2)), sourceWeights: vector(new Float64Array(2)) }, {}],
    ['E_PARAM', { cost: inputs.cost }, { debias: true }],
    [
      'E_ZERO_RANGE',
      { source: matrix(2, 2, new Float64Array(4)), target: matrix(2, 2, new Float64Array(4)) },
      { task: 'harmonise' },
    ],
  ])('%s', async (code, given, settings) => {
    const images = Object.fromEntries(
      Object.entries(given).map(([name, artifact]) => [
        name,
        name === 'source' || name === 'target' ? { ...artifact, type: 'image' as const } : artifact,
      ]),
    ) as Record<string, Artifact>;
    expect(await refusal(images, settings)).toMatch(new RegExp(`^${code}:`));
  });

  it('refuses a plan that would not fit, before it is allocated', async () => {
    const many: Artifact = { type: 'points', array: ndarray('float64', [6000, 1], new Float64Array(6000)) };
    expect(await refusal({ sourcePoints: many, targetPoints: many })).toMatch(/^E_TOO_LARGE/);
  });

  it('refuses values out of range by name', async () => {
    for (const [name, value] of [
      ['eta', 0],
      ['sparsity', 2],
      ['tol', 0],
      ['task', 'other'],
    ] as const)
      await expect(solver.run(inputs, { [name]: value }, quietContext())).rejects.toMatchObject({
        code: 'bad-usage',
        path: name,
      });
  });
});

describe('selection of large entries', () => {
  it('finds the k-th largest of anything', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, min: 0, max: 5 }), { minLength: 1, maxLength: 60 }),
        fc.nat(),
        (values, pick) => {
          const k = (pick % values.length) + 1;
          const sorted = [...values].sort((a, b) => b - a);
          expect(kthLargest(Float64Array.from(values), k)).toBe(sorted[k - 1]);
        },
      ),
    );
  });

  it('keeps exactly k of equal entries', () => {
    const kept = sparsify(new Float64Array(12).fill(1), 3, 4, 0.5);
    expect(kept.value.length).toBe(6);
    expect(kept.rowStart[3]).toBe(6);
  });
});

it('stops when cancelled and repeats itself bit for bit', async () => {
  const abort = new AbortController();
  abort.abort();
  await expect(solver.run(inputs, {}, quietContext({ signal: abort.signal }))).rejects.toMatchObject({
    code: 'cancelled',
  });
  const [a, b] = [await solver.run(inputs, {}, quietContext()), await solver.run(inputs, {}, quietContext())];
  expect(arrayOf(a.artifacts.plan).data).toEqual(arrayOf(b.artifacts.plan).data);
});
