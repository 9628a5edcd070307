/** The experiments of the paper on generated surfaces; each row of the table has its bar and the baseline of the same run. */
import { createRandom } from '../../arrays/random.ts';
import { checkpoint, type RunContext } from '../../context.ts';
import type { Artifact } from '../artifact.ts';
import type { SolverResult } from '../sdk.ts';
import { ambientField, inverseDistanceField } from './baselines.ts';
import { type Agreement, agreement, offTangent, projected } from './evaluate.ts';
import { buildGeometry, firstPairs, type Geometry, spectrum } from './geometry.ts';
import { type Eigenpairs, lowestEigenpairs } from './lowest-eigenpairs.ts';
import { meshTopology } from './mesh-topology.ts';
import { ellipsoid, hullOf, rotationField, type Shape, torus } from './shapes.ts';
import { singularities } from './singularities.ts';
import { type Observations, rootMeanSquare, tangentField } from './spectral-field.ts';
import { toAmbient, toLocal } from './tangent-frames.ts';
import { vectorDiffusion } from './vector-diffusion.ts';

interface Row {
  experiment: string;
  figure: string;
  value: number;
  baseline: string;
  baselineValue: number | null;
  bar: string;
  /** Null where there is no bar. */
  met: boolean | null;
}

/** A surface with what is the same for every field on it. */
interface Ground extends Shape {
  geometry: Geometry;
  /** All eigenpairs. */
  connection: Eigenpairs;
  diameter: number;
  /** Of the hull, where the surface is one. */
  faces?: Uint32Array;
}

const options = { neighbours: 10, dimension: 2, explainedVariance: 0.8 };
const start = { nu: 1.5, kappa: 5, signal: 1, noise: 1e-3 };
const axis = [0.3, 0.5, 0.81];
const ellipsoidAxes = [1, 0.7, 0.5];
const splits = 5;

async function ground(shape: Shape, diameter: number, context: RunContext, axes?: readonly number[]): Promise<Ground> {
  const faces = axes === undefined ? undefined : hullOf(shape.points, axes);
  const normals = shape.normals;
  const geometry = await buildGeometry(shape.points, { ...options, normals }, context);
  const { connection: matrix } = geometry;
  const connection = await lowestEigenpairs(matrix, matrix.rows, 2 * geometry.largestDegree, context);
  return { ...shape, geometry, connection, diameter, ...(faces === undefined ? {} : { faces }) };
}

/** The part of a field at some nodes. */
function observe(field: Float64Array, index: readonly number[]): Observations {
  const sorted = Uint32Array.from(index).sort();
  const vectors = new Float64Array(3 * sorted.length);
  for (const [k, i] of sorted.entries()) vectors.set(field.subarray(3 * i, 3 * i + 3), 3 * k);
  return { index: sorted, vectors };
}

async function predictOn(
  on: Ground,
  observed: Observations,
  eigenpairs: number,
  context: RunContext,
): Promise<{ field: Float64Array; local: Float64Array; std: Float64Array }> {
  const { frames } = on.geometry;
  let count = eigenpairs;
  const { values } = on.connection;
  while (values[count] - values[count - 1] < 1e-6 * values[count - 1]) count++;
  const flat = flattened(on, observed);
  const { values: local, covariance } = await tangentField(
    on.geometry,
    firstPairs(on.connection, count),
    flat,
    { kernel: 'matern', start, optimise: true },
    context,
  );
  const field = new Float64Array(local.length * 1.5);
  for (let i = 0; i < on.points.count; i++)
    toAmbient(field.subarray(3 * i, 3 * i + 3), frames.data, 6 * i, local.subarray(2 * i, 2 * i + 2));
  const std = Float64Array.from({ length: on.points.count }, (_, i) =>
    Math.sqrt(covariance[4 * i] + covariance[4 * i + 3]),
  );
  return { field, local, std };
}

/** Observed vectors without their normal parts. */
function flattened({ geometry: { frames } }: Ground, observed: Observations): Observations {
  const own = new Float64Array(6 * observed.index.length);
  for (const [k, i] of observed.index.entries()) own.set(frames.data.subarray(6 * i, 6 * i + 6), 6 * k);
  return { ...observed, vectors: projected(observed.vectors, own, 3, 2) };
}

const methods = ['rvgp', 'idw', 'rbf'] as const;
type Comparison = Record<(typeof methods)[number], Agreement & { offTangent: number }>;

async function compare(on: Ground, truth: Float64Array, observed: Observations, context: RunContext) {
  const seen = new Set(observed.index);
  const unseen = Array.from({ length: on.points.count }, (_, i) => i).filter((i) => !seen.has(i));
  const { data } = on.geometry.frames;
  const judge = (field: Float64Array, std?: Float64Array) => {
    const found = agreement(field, truth, std, 3, unseen);
    if (found === null) throw new Error('every node was observed');
    return { ...found, offTangent: offTangent(field, data, 3, 2) };
  };
  const { field, std, local } = await predictOn(on, observed, 50, context);
  const idw = projected(await inverseDistanceField(on.points, observed, context), data, 3, 2);
  const rbf = await ambientField(on.points, observed, on.diameter, context);
  const comparison: Comparison = { rvgp: judge(field, std), idw: judge(idw), rbf: judge(rbf.values) };
  return { comparison, local };
}

/** Means over splits. */
function averaged(all: readonly Comparison[]): Comparison {
  const mean = (pick: (comparison: Comparison) => number) =>
    all.reduce((sum, comparison) => sum + pick(comparison) / all.length, 0);
  const of = (method: (typeof methods)[number]) => ({
    alignment: mean((c) => c[method].alignment),
    relativeError: mean((c) => c[method].relativeError),
    coverage: mean((c) => c[method].coverage ?? 0),
    offTangent: mean((c) => c[method].offTangent),
  });
  return { rvgp: of('rvgp'), idw: of('idw'), rbf: of('rbf') };
}

function randomSubset(count: number, share: number, seed: number, stream: number): number[] {
  const order = createRandom(seed, stream).shuffle(Array.from({ length: count }, (_, i) => i));
  return order.slice(0, Math.round(share * count));
}

async function overSplits(
  on: Ground,
  truth: Float64Array,
  { share, noise, seed, stream }: { share: number; noise: number; seed: number; stream: number },
  context: RunContext,
): Promise<Comparison> {
  const all: Comparison[] = [];
  const size = noise * rootMeanSquare(truth, 3);
  for (let split = 0; split < splits; split++) {
    await checkpoint(context);
    const random = createRandom(seed, stream + 100 + split);
    const measured = truth.map((value) => value + size * random.normal());
    const index = randomSubset(on.points.count, share, seed, stream + split);
    all.push((await compare(on, truth, observe(measured, index), context)).comparison);
  }
  return averaged(all);
}

/** White vectors on the tangent planes, diffused for a time t, in space. */
async function smoothedField(on: Ground, t: number, seed: number, context: RunContext): Promise<Float64Array> {
  const { geometry, connection } = on;
  const random = createRandom(seed, 7);
  const white = Float64Array.from({ length: 2 * on.points.count }, () => random.normal());
  const scalar = await lowestEigenpairs(geometry.scalar, on.points.count, 2 * geometry.largestDegree, context);
  const local = vectorDiffusion(connection, scalar, t, white, 2);
  const field = new Float64Array(3 * on.points.count);
  for (let i = 0; i < on.points.count; i++)
    toAmbient(field.subarray(3 * i, 3 * i + 3), geometry.frames.data, 6 * i, local.subarray(2 * i, 2 * i + 2));
  return field;
}

const place = (on: Shape, i: number) => on.points.data.subarray(3 * i, 3 * i + 3);
const apart = (a: ArrayLike<number>, b: ArrayLike<number>) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

/** Hides all nodes round a vortex of the rotation field, which has one where the axis leaves the ellipsoid. */
async function inpaint(on: Ground, truth: Float64Array, sign: number, context: RunContext) {
  const reach = Math.sqrt(axis.reduce((sum, value, c) => sum + (value / ellipsoidAxes[c]) ** 2, 0));
  const vortex = axis.map((value) => (sign * value) / reach);
  const nodes = Array.from({ length: on.points.count }, (_, i) => i);
  const radius = 0.25 * on.diameter;
  const visible = nodes.filter((i) => apart(place(on, i), vortex) > radius);
  const { comparison, local } = await compare(on, truth, observe(truth, visible), context);
  const faces = on.faces ?? new Uint32Array();
  const inside = singularities(faces, on.geometry.frames.data, local)
    .map(({ triangle, index }) => {
      const corners = faces.subarray(3 * triangle, 3 * triangle + 3);
      const centre = [0, 1, 2].map((c) => corners.reduce((sum, v) => sum + on.points.data[3 * v + c] / 3, 0));
      return { index, offset: apart(centre, vortex) / on.diameter };
    })
    .filter(({ offset }) => offset <= 0.25);
  const one = inside.length === 1 && inside[0].index === 1;
  return { comparison, hidden: nodes.length - visible.length, offset: one ? inside[0].offset : Number.NaN };
}

export async function demo(seed: number, context: RunContext): Promise<Omit<SolverResult, 'parameters'>> {
  const rows: Row[] = [];
  const metrics: Record<string, number | null> = {};
  const add = (
    experiment: string,
    figure: string,
    value: number,
    baseline: string,
    baselineValue: number | null,
    bar: string,
    met: boolean | null,
  ) => {
    rows.push({ experiment, figure, value, baseline, baselineValue, bar, met });
  };
  const progress = (fraction: number, stage: string) => context.progress({ fraction, stage });
  const record = (name: string, { rvgp, idw, rbf }: Comparison) => {
    for (const [method, { relativeError }] of Object.entries({ rvgp, idw, rbf }))
      metrics[`${name}_${method}_error`] = relativeError;
    metrics[`${name}_alignment`] = rvgp.alignment;
    metrics[`${name}_coverage_2sigma`] = rvgp.coverage;
  };
  const error = 'relative error';
  const tangency: Comparison[] = [];

  progress(0, 'torus');
  const ring = await ground(await torus([1, 0.4], 400, seed, context), 2.8, context);
  progress(0.15, 'super-resolution');
  {
    const truth = await smoothedField(ring, 100, seed, context);
    const found = await overSplits(ring, truth, { share: 0.1, noise: 0, seed, stream: 1000 }, context);
    tangency.push(found);
    record('torus_smoothed', found);
    const name = 'super-resolution, torus, smoothed field, 10 % observed';
    const { rvgp, idw, rbf } = found;
    add(name, error, rvgp.relativeError, 'rbf', rbf.relativeError, 'at most 0.06', rvgp.relativeError <= 0.06);
    const ratio = rvgp.relativeError / idw.relativeError;
    add(name, error, rvgp.relativeError, 'idw', idw.relativeError, 'at most 0.4 of idw', ratio <= 0.4);
    add(name, 'alignment', rvgp.alignment, 'idw', idw.alignment, 'at least 0.995', rvgp.alignment >= 0.995);
  }
  progress(0.25, 'super-resolution');
  {
    const truth = rotationField(ring, axis);
    const found = await overSplits(ring, truth, { share: 0.1, noise: 0.05, seed, stream: 2000 }, context);
    tangency.push(found);
    record('torus_rotation', found);
    const name = 'super-resolution, torus, rotation field, 10 % observed, 5 % noise';
    const { rvgp, idw, rbf } = found;
    const byIdw = rvgp.relativeError / idw.relativeError;
    const byRbf = rvgp.relativeError / rbf.relativeError;
    add(name, error, rvgp.relativeError, 'idw', idw.relativeError, 'at most 0.7 of idw', byIdw <= 0.7);
    add(name, error, rvgp.relativeError, 'rbf', rbf.relativeError, 'at most 0.8 of rbf', byRbf <= 0.8);
  }
  progress(0.35, 'ellipsoid');
  const egg = await ground(await ellipsoid(ellipsoidAxes, 400, seed, context), 2, context, ellipsoidAxes);
  const rotation = rotationField(egg, axis);
  progress(0.5, 'super-resolution');
  {
    const found = await overSplits(egg, rotation, { share: 0.1, noise: 0.05, seed, stream: 3000 }, context);
    tangency.push(found);
    record('ellipsoid_rotation', found);
    const name = 'super-resolution, ellipsoid, rotation field, 10 % observed, 5 % noise';
    const { rvgp, idw, rbf } = found;
    const ratio = rvgp.relativeError / idw.relativeError;
    add(name, error, rvgp.relativeError, 'idw', idw.relativeError, 'at most 0.6 of idw', ratio <= 0.6);
    const better = rvgp.relativeError <= rbf.relativeError;
    add(name, error, rvgp.relativeError, 'rbf', rbf.relativeError, 'at most that of rbf', better);
    add(name, 'alignment', rvgp.alignment, 'idw', idw.alignment, 'at least 0.985', rvgp.alignment >= 0.985);
  }
  progress(0.6, 'inpainting');
  for (const sign of [1, -1]) {
    const found = await inpaint(egg, rotation, sign, context);
    tangency.push(found.comparison);
    const side = sign > 0 ? 'first' : 'second';
    record(`inpainting_${side}`, found.comparison);
    const name = `inpainting, ${side} vortex of the ellipsoid, ${found.hidden} of 400 nodes hidden`;
    const bar = 'one +1 singularity in the hole, within 0.15 diameters';
    add(name, 'offset of the vortex in diameters', found.offset, 'hole', 0.25, bar, found.offset <= 0.15);
    const { rvgp, idw, rbf } = found.comparison;
    const worse = idw.relativeError / rvgp.relativeError;
    add(name, error, rvgp.relativeError, 'idw', idw.relativeError, 'idw at least twice', worse >= 2);
    add(name, error, rvgp.relativeError, 'rbf', rbf.relativeError, 'table only', null);
  }
  progress(0.66, 'eigenvectors');
  const ablation: { eigenpairs: number; alignment: number }[] = [];
  for (const eigenpairs of [2, 5, 10, 25, 50]) {
    let alignment = 0;
    for (let split = 0; split < splits; split++) {
      const index = randomSubset(400, 0.2, seed, 4000 + split);
      const seen = new Set(index);
      const unseen = Array.from({ length: 400 }, (_, i) => i).filter((i) => !seen.has(i));
      const { field, std } = await predictOn(egg, observe(rotation, index), eigenpairs, context);
      alignment += (agreement(field, rotation, std, 3, unseen)?.alignment ?? 0) / splits;
    }
    ablation.push({ eigenpairs, alignment });
    const small = eigenpairs === 2;
    const bar = small ? 'below 0.5' : eigenpairs < 10 ? 'table only' : 'at least 0.98';
    const met = small ? alignment < 0.5 : eigenpairs < 10 ? null : alignment >= 0.98;
    const name = `eigenvector ablation, ellipsoid, rotation field, 20 % observed, n_e ${eigenpairs}`;
    add(name, 'alignment', alignment, 'n_e 2', ablation[0].alignment, bar, met);
  }
  progress(0.72, 'sphere');
  const ball = await ground(await ellipsoid([1, 1, 1], 400, seed, context), 2, context, [1, 1, 1]);
  progress(0.85, 'where it does not win');
  {
    const smooth = await smoothedField(ball, 100, seed, context);
    const truth = smooth.map((value, at) => value / Math.hypot(...smooth.subarray(at - (at % 3), at - (at % 3) + 3)));
    const found = await overSplits(ball, truth, { share: 0.5, noise: 0, seed, stream: 5000 }, context);
    tangency.push(found);
    record('sphere_unit', found);
    const { rvgp, rbf } = found;
    const name = 'where it does not win: sphere, unit vectors, 50 % observed';
    add(name, error, rvgp.relativeError, 'rbf', rbf.relativeError, 'table only', null);
  }
  {
    const worst = Math.max(...tangency.map(({ rvgp }) => rvgp.offTangent));
    const most = Math.max(...tangency.map(({ rbf }) => rbf.offTangent));
    add('tangency, all above', 'off_tangent', worst, 'rbf', most, 'at most 1e-10', worst <= 1e-10);
  }
  progress(0.9, 'spectrum of the sphere');
  const eigenvalues = await sphereSpectrum(seed, context, add);
  progress(0.98, 'indices');
  for (const [name, on] of [
    ['sphere', ball],
    ['ellipsoid', egg],
  ] as const) {
    const field = rotationField(on, axis);
    const local = new Float64Array(2 * on.points.count);
    for (let i = 0; i < on.points.count; i++)
      toLocal(local.subarray(2 * i, 2 * i + 2), on.geometry.frames.data, 6 * i, field.subarray(3 * i, 3 * i + 3));
    const faces = on.faces ?? new Uint32Array();
    const sum = singularities(faces, on.geometry.frames.data, local).reduce((total, { index }) => total + index, 0);
    const { eulerCharacteristic } = meshTopology(on.points.data, faces);
    add(`Poincaré-Hopf, ${name}`, 'sum of indices', sum, 'V − E + F', eulerCharacteristic, '2', sum === 2);
  }
  metrics.bars_met = rows.filter(({ met }) => met).length;
  metrics.bars = rows.filter(({ met }) => met !== null).length;
  return { artifacts: { table: tableOf(rows), eigenvalues }, metrics, warnings: [] };
}

/** Multiplicities 6, 10, 14 of the connection Laplacian of a sphere, whose smooth limits are as 1 : 5 : 11. */
async function sphereSpectrum(
  seed: number,
  context: RunContext,
  add: (
    experiment: string,
    figure: string,
    value: number,
    baseline: string,
    baselineValue: number | null,
    bar: string,
    met: boolean | null,
  ) => void,
): Promise<Artifact> {
  const { points } = await ellipsoid([1, 1, 1], 500, seed, context);
  const geometry = await buildGeometry(points, options, context);
  const bound = 2 * geometry.largestDegree;
  const connection = await spectrum(geometry.connection, 50, bound, context);
  const scalar = await spectrum(geometry.scalar, 50, bound, context);
  const mean = (from: number, to: number) =>
    connection.values.subarray(from, to).reduce((sum, value) => sum + value / (to - from), 0);
  const name = 'sphere spectrum, N 500, k 10';
  const spread = connection.values[5] / connection.values[0] - 1;
  add(name, 'spread of the lowest 6', spread, 'smooth limit', 0, 'at most 0.1', spread <= 0.1);
  const second = mean(6, 16) / mean(0, 6);
  add(name, 'next 10 over lowest 6', second, 'smooth limit', 5, '4.6 to 5.2', second >= 4.6 && second <= 5.2);
  const third = mean(16, 30) / mean(0, 6);
  add(name, 'following 14 over lowest 6', third, 'smooth limit', 11, '9.8 to 11.2', third >= 9.8 && third <= 11.2);
  return {
    type: 'table',
    columns: {
      index: Array.from({ length: 50 }, (_, l) => l),
      connection: [...connection.values.subarray(0, 50)],
      scalar: [...scalar.values.subarray(0, 50)],
    },
  };
}

function tableOf(rows: readonly Row[]): Artifact {
  return {
    type: 'table',
    columns: {
      experiment: rows.map((row) => row.experiment),
      figure: rows.map((row) => row.figure),
      value: rows.map((row) => (Number.isFinite(row.value) ? row.value : null)),
      baseline: rows.map((row) => row.baseline),
      baseline_value: rows.map((row) => row.baselineValue),
      bar: rows.map((row) => row.bar),
      met: rows.map((row) => (row.met === null ? '–' : row.met ? 'yes' : 'no')),
    },
  };
}
