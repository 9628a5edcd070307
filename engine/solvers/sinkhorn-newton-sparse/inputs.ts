/** From the files of task `transport` to a problem: cost or points, weights, zero weights dropped. */
import type { Artifact } from '../artifact.ts';
import { isArrayArtifact } from '../artifact.ts';
import type { Inputs } from '../sdk.ts';
import type { SinkhornParameters } from './manifest.ts';
import { checkPlanSize, checkValues, normalised, transportError } from './problem.ts';

export type Warnings = { code: string; message: string; value?: number }[];

export interface Sides {
  r: Float64Array;
  c: Float64Array;
  /** [n, m] in original units. */
  cost: Float64Array;
  /** Indices in the input of the rows and columns that carry mass, and how many the input has. */
  rowIndex: Uint32Array;
  columnIndex: Uint32Array;
  fullShape: readonly [rows: number, columns: number];
  /** Set where the cost is that of points. */
  points?: { source: PointSet; target: PointSet };
}

export interface PointSet {
  /** [count, dimensions]. */
  data: Float64Array;
  count: number;
  dimensions: number;
}

function real(artifact: Artifact, name: string): { data: Float64Array; shape: readonly number[] } {
  if (!isArrayArtifact(artifact)) {
    if (artifact.type !== 'table' && artifact.type !== 'curve')
      throw transportError('E_SHAPE', `${name} is not an array`, name);
    const columns = Object.values(artifact.columns);
    if (columns.length !== 1)
      throw transportError('E_SHAPE', `${name} has ${columns.length} columns, expected one`, name);
    const data = Float64Array.from([...columns[0]], (cell) => (typeof cell === 'number' ? cell : Number.NaN));
    return { data, shape: [data.length] };
  }
  if (artifact.array.dtype === 'complex64')
    throw transportError('E_INPUT_VALUE', `${name} is complex, expected real numbers`, name);
  return { data: Float64Array.from(artifact.array.data), shape: artifact.array.shape };
}

function pointSet(artifact: Artifact, name: string): PointSet {
  const { data, shape } = real(artifact, name);
  const [count, dimensions = 1] = shape;
  if (shape.length > 2 || count === 0)
    throw transportError('E_SHAPE', `${name} is [${shape.join(', ')}], expected [points, dimensions]`, name);
  const wrong = data.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw transportError('E_INPUT_VALUE', `${name} holds ${data[wrong]} at index ${wrong}`, name);
  return { data, count, dimensions };
}

/** ‖p_i − q_j‖^power, [n, m]. */
export function distanceCost(
  p: PointSet,
  q: PointSet,
  { ground, power }: Pick<SinkhornParameters, 'ground' | 'power'>,
): Float64Array {
  checkPlanSize(p.count, q.count);
  const cost = new Float64Array(p.count * q.count);
  for (let i = 0, at = 0; i < p.count; i++)
    for (let j = 0; j < q.count; j++, at++) {
      let sum = 0;
      for (let k = 0; k < p.dimensions; k++) {
        const difference = p.data[i * p.dimensions + k] - q.data[j * q.dimensions + k];
        sum += ground === 'l1' ? Math.abs(difference) : difference * difference;
      }
      const distance = ground === 'l1' ? sum : Math.sqrt(sum);
      cost[at] = power === 1 ? distance : distance * distance;
    }
  return cost;
}

function weightsOf(inputs: Inputs, name: string, count: number, warnings: Warnings): Float64Array {
  const given = inputs[name];
  if (given === undefined) return new Float64Array(count).fill(1 / count);
  const { data } = real(given, name);
  if (data.length !== count)
    throw transportError('E_SHAPE', `${name} has ${data.length} entries for a cost with ${count}`, name);
  checkValues(data, name);
  return normalised(data, name, warnings);
}

/** Indices with mass; the others are dropped with a warning. */
export function withMass(weights: Float64Array, name: string, warnings: Warnings): Uint32Array {
  const kept = Uint32Array.from(weights.keys()).filter((i) => weights[i] > 0);
  const dropped = weights.length - kept.length;
  if (dropped > 0)
    warnings.push({
      code: 'zero-weights',
      message: `${dropped} entries of ${name} carry no mass and were dropped`,
      value: dropped,
    });
  return kept;
}

const picked = (values: Float64Array, index: Uint32Array) => Float64Array.from(index, (i) => values[i]);

export function subset({ data, dimensions }: PointSet, index: Uint32Array): PointSet {
  const out = new Float64Array(index.length * dimensions);
  for (const [k, i] of index.entries()) out.set(data.subarray(i * dimensions, (i + 1) * dimensions), k * dimensions);
  return { data: out, count: index.length, dimensions };
}

export function readSides(inputs: Inputs, parameters: SinkhornParameters, warnings: Warnings): Sides {
  const { cost: given, sourcePoints, targetPoints } = inputs;
  const somePoints = sourcePoints !== undefined || targetPoints !== undefined;
  if (given !== undefined && somePoints)
    throw transportError('E_INPUT_AMBIGUOUS', 'both a cost and points were given', 'cost', 'Give one or the other.');
  if (given === undefined && (sourcePoints === undefined || targetPoints === undefined))
    throw transportError(
      'E_INPUT_MISSING',
      'neither a cost nor both sets of points were given',
      'cost',
      'Give cost, or sourcePoints and targetPoints.',
    );
  let full: Float64Array;
  let fullShape: [number, number];
  let points: Sides['points'];
  if (given !== undefined) {
    const { data, shape } = real(given, 'cost');
    if (shape.length !== 2 || data.length === 0)
      throw transportError('E_SHAPE', `cost is [${shape.join(', ')}], expected [n, m]`, 'cost');
    checkPlanSize(shape[0], shape[1]);
    checkValues(data, 'cost');
    full = data;
    fullShape = [shape[0], shape[1]];
  } else {
    const source = pointSet(sourcePoints as Artifact, 'sourcePoints');
    const target = pointSet(targetPoints as Artifact, 'targetPoints');
    if (source.dimensions !== target.dimensions)
      throw transportError(
        'E_SHAPE',
        `sourcePoints are [${source.count}, ${source.dimensions}], targetPoints [${target.count}, ${target.dimensions}]`,
        'targetPoints',
      );
    points = { source, target };
    full = distanceCost(source, target, parameters);
    fullShape = [source.count, target.count];
  }
  const allR = weightsOf(inputs, 'sourceWeights', fullShape[0], warnings);
  const allC = weightsOf(inputs, 'targetWeights', fullShape[1], warnings);
  const rowIndex = withMass(allR, 'sourceWeights', warnings);
  const columnIndex = withMass(allC, 'targetWeights', warnings);
  const whole = rowIndex.length === fullShape[0] && columnIndex.length === fullShape[1];
  const cost = whole ? full : new Float64Array(rowIndex.length * columnIndex.length);
  if (!whole)
    for (const [a, i] of rowIndex.entries())
      for (const [b, j] of columnIndex.entries()) cost[a * columnIndex.length + b] = full[i * fullShape[1] + j];
  return {
    r: picked(allR, rowIndex),
    c: picked(allC, columnIndex),
    cost,
    rowIndex,
    columnIndex,
    fullShape,
    ...(points === undefined
      ? {}
      : { points: { source: subset(points.source, rowIndex), target: subset(points.target, columnIndex) } }),
  };
}
