import { describe, expect, it } from 'vitest';
import { ndarray } from '../../../engine/arrays/ndarray.ts';
import { quietContext } from '../../../engine/context.ts';
import type { Artifact } from '../../../engine/solvers/artifact.ts';
import { meshTopology } from '../../../engine/solvers/rvgp/mesh-topology.ts';
import { neighbourGraph } from '../../../engine/solvers/rvgp/neighbour-graph.ts';
import { rvgp } from '../../../engine/solvers/rvgp/solver.ts';
import { arrayOf, ballMesh, bumpyPoints, columnOf, every, matrix, meshOf, organ, swirl } from './surfaces.ts';

const N = 120;
const x = bumpyPoints(N, 3);
const field = swirl(x);
const inputs = { points: matrix(N, 3, x), vectors: matrix(N, 3, every(field, 3)) };
const two = { dimension: 2, eigenpairs: 20 };
const solve = (given: Record<string, Artifact>, settings: Record<string, unknown> = {}) =>
  rvgp.run(given, settings, quietContext());

describe('bad input', () => {
  const changed = (data: Float64Array, at: number, value: number) => {
    const copy = Float64Array.from(data);
    copy[at] = value;
    return copy;
  };
  const index = (values: number[]): Artifact => ({
    type: 'labels',
    array: ndarray('float64', [values.length], Float64Array.from(values)),
  });
  const few = matrix(4, 3, field.slice(0, 12));
  const line = matrix(
    40,
    3,
    Float64Array.from({ length: 120 }, (_, at) => (1 + (at % 3)) * Math.floor(at / 3)),
  );
  const sparse = matrix(
    N,
    3,
    field.map((value, at) => (at < 6 ? value : Number.NaN)),
  );
  const cases: [string, Record<string, Artifact>, Record<string, unknown>, RegExp][] = [
    ['E_SHAPE', { ...inputs, vectors: matrix(N - 1, 3, field.slice(3)) }, two, /119, 3.*120, 3/],
    ['E_SHAPE', { ...inputs, vectors: matrix(N, 2, field.slice(N)) }, two, /120, 2/],
    ['E_SHAPE', { ...inputs, vectors: few, index: index([1, 2, 3]) }, two, /4, 3.*3, 3/],
    ['E_SHAPE', { ...inputs, truth: few }, two, /truth/],
    ['E_TOO_FEW_OBSERVATIONS', { ...inputs, vectors: sparse }, two, /2 observed.*3 are needed/],
    [
      'E_TOO_FEW_OBSERVATIONS',
      { ...inputs, vectors: matrix(N, 3, every(field, 1).fill(Number.NaN)) },
      {},
      /0 observed/,
    ],
    ['E_INDEX', { ...inputs, vectors: few, index: index([1, 2, 120, 4]) }, two, /120/],
    ['E_INDEX', { ...inputs, vectors: few, index: index([1, 2, 7, 2]) }, two, /index 2 is given twice/],
    ['E_INDEX', { ...inputs, vectors: few, index: index([1, 2, 7, 2.5]) }, two, /2\.5/],
    ['E_INDEX', { ...inputs, vectors: few, index: index([1, 2, 7, -1]) }, two, /-1/],
    ['E_INPUT_VALUE', { ...inputs, points: matrix(N, 3, changed(x, 5, Number.NaN)) }, two, /NaN at index 5/],
    ['E_INPUT_VALUE', { ...inputs, points: matrix(N, 3, changed(x, 5, -Infinity)) }, two, /-Infinity/],
    ['E_INPUT_VALUE', { ...inputs, vectors: matrix(N, 3, changed(field, 7, Number.NaN)) }, two, /vector 2 is NaN in 1/],
    ['E_INPUT_VALUE', { ...inputs, vectors: matrix(N, 3, changed(field, 7, Infinity)) }, two, /row 2/],
    ['E_ZERO_RANGE', { ...inputs, vectors: matrix(N, 3, new Float64Array(3 * N)) }, two, /zero/],
    ['E_DIMENSION', { points: line, vectors: matrix(40, 3, field.slice(0, 120)) }, two, /line/],
    ['E_DIMENSION', inputs, { dimension: 3 }, /dimension 3 in a space of 3/],
    ['E_TOO_FEW_POINTS', inputs, { neighbours: 50, maxNodes: 100, spacing: 0.2 }, /nodes for 50/],
    [
      'E_TOO_FEW_POINTS',
      { points: matrix(15, 3, x.slice(0, 45)), vectors: matrix(15, 3, field.slice(0, 45)) },
      two,
      /15/,
    ],
    ['E_PARAM', inputs, { dimension: 2, eigenpairs: 240 }, /240 eigenpairs/],
    ['E_PARAM', { vectors: inputs.vectors }, two, /neither/],
    ['E_PARAM', { ...inputs, surface: meshOf(organ(1)) }, two, /both/],
  ];
  it.each(cases)('%s', async (code, given, settings, message) => {
    const error = await solve(given, settings).then(
      () => new Error('accepted'),
      (refused: Error) => refused,
    );
    expect(error.message).toMatch(new RegExp(`^${code}:`));
    expect(error.message).toMatch(message);
  });

  it('refuses values out of range by name', async () => {
    for (const [name, value] of [
      ['neighbours', 3],
      ['eigenpairs', 301],
      ['spacing', 0.3],
      ['noise', 0],
      ['kernel', 'cubic'],
    ] as const)
      await expect(solve(inputs, { [name]: value })).rejects.toMatchObject({ code: 'bad-usage', path: name });
  });
});

describe('forms of input', () => {
  it('takes observed vectors with their index in any order, giving the same as rows of NaN', async () => {
    const order = [9, 3, 60, 0, 42, 75, 30, 99, 18];
    const rows = Float64Array.from(order.flatMap((i) => [...field.subarray(3 * i, 3 * i + 3)]));
    const index: Artifact = { type: 'labels', array: ndarray('int32', [order.length], Int32Array.from(order)) };
    const whole = field.map((value, at) => (order.includes(Math.floor(at / 3)) ? value : Number.NaN));
    const a = await solve({ ...inputs, vectors: matrix(order.length, 3, rows), index }, two);
    const b = await solve({ ...inputs, vectors: matrix(N, 3, whole) }, two);
    expect(arrayOf(a.artifacts.field).data).toEqual(arrayOf(b.artifacts.field).data);
  });

  it('makes the seam of a mesh one and keeps the rows of the file', async () => {
    const mesh = organ(2);
    const count = mesh.vertices.length / 3;
    // Vertex 0 once more at the end, used by the first triangle that has it.
    const faces = Uint32Array.from(mesh.faces);
    faces[faces.indexOf(0)] = count;
    const torn = { vertices: Float64Array.from([...mesh.vertices, ...mesh.vertices.subarray(0, 3)]), faces };
    const vectors = every(swirl(torn.vertices), 4);
    const a = await solve({ surface: meshOf(torn), vectors: matrix(count + 1, 3, vectors) }, two);
    expect(a.metrics).toMatchObject({ nodes: count, euler_characteristic: 2, index_sum: 2 });
    const { data, shape } = arrayOf(a.artifacts.field);
    expect(shape).toEqual([count + 1, 3]);
    expect([...data.subarray(3 * count)]).toEqual([...data.subarray(0, 3)]);
    const b = await solve({ surface: meshOf(mesh), vectors: matrix(count, 3, vectors.slice(0, 3 * count)) }, two);
    for (let i = 0; i < 3 * count; i++) expect(data[i]).toBeCloseTo(arrayOf(b.artifacts.field).data[i], 10);
  });

  it('keeps neighbours on their own sheet of a thin mesh', async () => {
    const plate = ballMesh(3, ([p, q, r]) => [40 * p, 40 * q, 0.4 * r]);
    const count = plate.vertices.length / 3;
    // The sheets slide past each other; neighbours across would average that to nothing.
    const slide = plate.vertices.map((_, at) => (at % 3 === 0 ? Math.sign(plate.vertices[at + 2]) : 0));
    const truth = matrix(count, 3, slide);
    const vectors = matrix(count, 3, every(slide, 3));
    const { metrics } = await solve({ surface: meshOf(plate), vectors, truth });
    const cloud = await solve({ points: matrix(count, 3, plate.vertices), vectors, truth }, { dimension: 2 });
    expect(metrics.relative_error).toBeLessThan(0.7 * (cloud.metrics.relative_error ?? 0));
    const points = { data: plate.vertices, count, dimensions: 3 };
    const { start, neighbour } = meshTopology(plate.vertices, plate.faces);
    const touching = Array.from({ length: count }, (_, i) => [...neighbour.subarray(start[i], start[i + 1])]);
    const across = ({ neighbours }: { neighbours: readonly (readonly number[])[] }) =>
      neighbours.flatMap((list, i) =>
        list.filter(
          (j) => Math.hypot(plate.vertices[3 * i], plate.vertices[3 * i + 1]) < 15 && sheet(i) * sheet(j) < 0,
        ),
      ).length;
    const sheet = (i: number) => Math.sign(plate.vertices[3 * i + 2]);
    expect(across(await neighbourGraph(points, 10, touching, quietContext()))).toBe(0);
    expect(across(await neighbourGraph(points, 10, undefined, quietContext()))).toBeGreaterThan(50);
  });

  it('skips indices where three triangles share an edge, with a warning', async () => {
    const mesh = organ(2);
    const faces = Uint32Array.from([...mesh.faces, mesh.faces[0], mesh.faces[1], 40]);
    const count = mesh.vertices.length / 3;
    const { artifacts, metrics, warnings } = await solve(
      { surface: meshOf({ ...mesh, faces }), vectors: matrix(count, 3, every(swirl(mesh.vertices), 3)) },
      two,
    );
    expect(warnings.map(({ code }) => code)).toContain('non-manifold');
    expect(metrics.index_sum).toBeNull();
    expect(artifacts.singularities).toBeUndefined();
  });
});

describe('what comes out', () => {
  it('leaves a component that was not observed at the prior', async () => {
    const both = Float64Array.from([...x, ...x.map((value) => value + 1000)]);
    const vectors = Float64Array.from([...every(field, 2), ...new Float64Array(3 * N).fill(Number.NaN)]);
    const { artifacts, metrics, warnings } = await solve(
      { points: matrix(2 * N, 3, both), vectors: matrix(2 * N, 3, vectors) },
      { ...two, eigenpairs: 40 },
    );
    expect(metrics.components).toBe(2);
    expect(warnings.map(({ code }) => code)).toContain('unseen-components');
    expect(arrayOf(artifacts.field).data.slice(3 * N)).toEqual(new Float64Array(3 * N));
    const std = arrayOf(artifacts.std).data;
    const [seen, unseen] = [std.slice(0, N), std.slice(N)];
    expect(Math.min(...unseen)).toBeGreaterThan(Math.max(...seen));
  });

  it('scales with the vectors when optimising', async () => {
    const big = matrix(
      N,
      3,
      every(field, 3).map((value) => 1000 * value),
    );
    const [a, b] = [await solve(inputs, two), await solve({ ...inputs, vectors: big }, two)];
    const [small, large] = [arrayOf(a.artifacts.field).data, arrayOf(b.artifacts.field).data];
    for (let i = 0; i < small.length; i++) expect(Math.abs(large[i] - 1000 * small[i])).toBeLessThan(1e-3);
    expect((b.metrics.noise ?? 0) / (a.metrics.noise ?? 1)).toBeCloseTo(1e6, -4);
    expect(b.metrics.nu).toBeCloseTo(a.metrics.nu ?? 0, 4);
    expect(b.metrics.kappa).toBeCloseTo(a.metrics.kappa ?? 0, 3);
  });

  it('fits better by likelihood than the values it starts from', async () => {
    const given = { ...two, optimise: false };
    const [fitted, exact] = [await solve(inputs, two), await solve(inputs, given)];
    expect(fitted.metrics.log_likelihood ?? 0).toBeGreaterThan((exact.metrics.log_likelihood ?? 0) + 10);
    expect(exact.metrics).toMatchObject({ nu: 1.5, kappa: 5, signal: 1, noise: 1e-3 });
  });

  it('predicts by every method; those on tangent planes are tangent, and agreement is told', async () => {
    const flat = arrayOf((await solve(inputs, two)).artifacts.field);
    const truth: Artifact = { type: 'field', array: flat };
    const observed = every(Float64Array.from(flat.data), 3);
    for (const method of ['rvgp', 'scalar-gp', 'rbf', 'idw'] as const) {
      const { artifacts, metrics } = await solve(
        { points: inputs.points, vectors: matrix(N, 3, observed), truth },
        { ...two, method },
      );
      expect(metrics.relative_error).toBeLessThan(method === 'rvgp' ? 0.1 : 0.6);
      expect(metrics.alignment).toBeGreaterThan(0.8);
      if (method === 'rvgp' || method === 'idw') expect(metrics.off_tangent).toBeLessThan(1e-14);
      else expect(metrics.off_tangent).toBeGreaterThan(1e-4);
      expect(artifacts.std === undefined).toBe(method === 'idw');
      if (method !== 'idw') expect(metrics.coverage_2sigma).toBeGreaterThan(0.1);
    }
  });

  it('takes the normal part off first, and says how large it was', async () => {
    const { metrics } = await solve(inputs, two);
    expect(metrics.removed_fraction).toBeGreaterThan(0.1);
    expect(metrics.removed_fraction).toBeLessThan(1);
    const left = await solve(inputs, { ...two, projectInput: false, optimise: false });
    const taken = await solve(inputs, { ...two, optimise: false });
    const [a, b] = [arrayOf(left.artifacts.field).data, arrayOf(taken.artifacts.field).data];
    // The mean never sees the normal part; the likelihood does.
    for (let i = 0; i < a.length; i++) expect(a[i]).toBeCloseTo(b[i], 9);
    expect(left.metrics.log_likelihood).toBeLessThan(taken.metrics.log_likelihood ?? 0);
  });

  it('keeps observed points as nodes, at the spacing asked for between the others', async () => {
    const { metrics, artifacts } = await solve(inputs, { ...two, spacing: 0.12 });
    expect(metrics.nodes).toBeGreaterThanOrEqual(40);
    expect(metrics.nodes).toBeLessThan(N);
    expect(arrayOf(artifacts.field).data.every(Number.isFinite)).toBe(true);
  });

  it('estimates the dimension of a surface and of a curve', async () => {
    const { metrics } = await solve(inputs, { eigenpairs: 20 });
    expect(metrics.dimension).toBe(2);
    const knot = Float64Array.from({ length: 3 * 200 }, (_, at) => {
      const t = (2 * Math.PI * Math.floor(at / 3)) / 200;
      return [Math.sin(t) + 2 * Math.sin(2 * t), Math.cos(t) - 2 * Math.cos(2 * t), -Math.sin(3 * t)][at % 3];
    });
    const curve = await solve(
      { points: matrix(200, 3, knot), vectors: matrix(200, 3, every(swirl(knot), 4)) },
      { eigenpairs: 20, neighbours: 4 },
    );
    expect(curve.metrics.dimension).toBe(1);
  });

  it('ends the eigenvectors at a gap: those of an oriented surface come in pairs', async () => {
    const { metrics, artifacts } = await solve(inputs, { ...two, eigenpairs: 7 });
    expect(metrics.eigenpairs).toBe(8);
    const values = columnOf(artifacts.eigenvalues, 'connection');
    expect(values).toHaveLength(8);
    for (let l = 0; l < 8; l += 2) expect(Math.abs(values[l] - values[l + 1])).toBeLessThan(1e-10);
  });
});

it('stops when cancelled and repeats itself bit for bit; progress never falls', async () => {
  const abort = new AbortController();
  abort.abort();
  await expect(rvgp.run(inputs, two, quietContext({ signal: abort.signal }))).rejects.toMatchObject({
    code: 'cancelled',
  });
  let last = 0;
  const watching = quietContext({
    progress: ({ fraction }) => {
      expect(fraction).toBeGreaterThanOrEqual(last);
      last = fraction;
    },
  });
  const [a, b] = [await rvgp.run(inputs, two, watching), await solve(inputs, two)];
  expect(last).toBeGreaterThan(0.9);
  for (const name of ['field', 'std', 'covariance'])
    expect(arrayOf(a.artifacts[name]).data).toEqual(arrayOf(b.artifacts[name]).data);
});
