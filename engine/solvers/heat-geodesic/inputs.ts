/** From the files of a run to points or a graph, checked. */
import type { NdArray } from '../../arrays/ndarray.ts';
import type { CsrMatrix } from '../../linear/csr.ts';
import { type Artifact, isArrayArtifact } from '../artifact.ts';
import type { Inputs } from '../sdk.ts';
import { heatError } from './heat-error.ts';
import type { HeatParameters } from './manifest.ts';

export interface PointCloud {
  /** [count, dimensions]. */
  data: Float64Array;
  count: number;
  dimensions: number;
}

export interface Source {
  count: number;
  points?: PointCloud;
  affinity?: CsrMatrix;
  /** Rows and columns of patches. */
  grid?: readonly [rows: number, columns: number];
  /** [count, count]. */
  geodesic?: Float64Array;
  /** [count]. */
  labels?: Float64Array;
}

const kinds = ['points', 'volume', 'image', 'affinity'] as const;

/** Throws the errors of the specification's table. */
export function readSource(inputs: Inputs, parameters: HeatParameters): Source {
  const given = kinds.filter((name) => inputs[name] !== undefined);
  if (given.length === 0)
    throw heatError('E_INPUT_MISSING', `nothing to embed: expected one of ${kinds.join(', ')}`, kinds[0]);
  if (given.length > 1)
    throw heatError('E_INPUT_AMBIGUOUS', `${given.join(' and ')} were given, expected one of them`, given[1]);
  const [kind] = given;
  const array = real(inputs[kind] as Artifact, kind);
  const source = readers[kind](array, parameters);
  const { count } = source;
  if (count < 4 || (source.points !== undefined && count <= parameters.k + 1))
    throw heatError(
      'E_TOO_FEW_POINTS',
      `${count} points for k = ${parameters.k}, expected at least ${Math.max(4, parameters.k + 2)}`,
      kind,
      'Give more points, or a smaller k.',
    );
  if (parameters.dim >= count)
    throw heatError('E_PARAM', `dim is ${parameters.dim} for ${count} points, expected less than ${count}`, 'dim');
  if (source.points !== undefined) checkRange(source.points, kind);
  const geodesic = inputs.geodesic === undefined ? undefined : readGeodesic(inputs.geodesic, count);
  const labels = inputs.labels === undefined ? undefined : readLabels(inputs.labels, count);
  return { ...source, ...(geodesic && { geodesic }), ...(labels && { labels }) };
}

function real(artifact: Artifact, name: string): NdArray {
  if (!isArrayArtifact(artifact)) throw heatError('E_SHAPE', `${name} is not an array`, name);
  if (artifact.array.dtype === 'complex64')
    throw heatError('E_INPUT_VALUE', `${name} is complex, expected real numbers`, name, 'Give the magnitude.');
  return artifact.array;
}

/** [rows, columns] as float64. Throws E_INPUT_VALUE with row and column. */
function finite({ data }: NdArray, columns: number, name: string): Float64Array {
  const values = Float64Array.from(data);
  for (let i = 0; i < values.length; i++)
    if (!Number.isFinite(values[i]))
      throw heatError(
        'E_INPUT_VALUE',
        `${name} holds ${values[i]} at row ${Math.floor(i / columns)}, column ${i % columns}; expected a finite number`,
        name,
      );
  return values;
}

const wrongShape = (name: string, { shape }: NdArray, expected: string) =>
  heatError('E_SHAPE', `${name} is [${shape.join(', ')}], expected ${expected}`, name);

const readers: Record<(typeof kinds)[number], (array: NdArray, parameters: HeatParameters) => Source> = {
  points(array) {
    const [count, dimensions = 1] = array.shape;
    if (array.shape.length === 0 || array.shape.length > 2 || dimensions === 0)
      throw wrongShape('points', array, '[N, d]');
    return { count, points: { data: finite(array, dimensions, 'points'), count, dimensions } };
  },
  volume(array) {
    const [count, rows, columns] = array.shape;
    if (array.shape.length !== 3 || rows * columns === 0) throw wrongShape('volume', array, '[frames, h, w]');
    const dimensions = rows * columns;
    return { count, points: { data: finite(array, dimensions, 'volume'), count, dimensions } };
  },
  image(array, { patch, stride }) {
    const shape = array.shape.filter((size, axis) => size !== 1 || axis >= array.shape.length - 2);
    if (shape.length !== 2) throw wrongShape('image', array, '[h, w]');
    const [height, width] = shape;
    const values = finite(array, width, 'image');
    const [rows, columns] = [height, width].map((size) => Math.max(0, Math.floor((size - patch) / stride) + 1));
    const dimensions = patch * patch;
    const count = rows * columns;
    const data = new Float64Array(count * dimensions);
    for (let p = 0; p < count; p++) {
      const corner = Math.floor(p / columns) * stride * width + (p % columns) * stride;
      const row = data.subarray(p * dimensions, (p + 1) * dimensions);
      let sum = 0;
      for (let i = 0; i < dimensions; i++) {
        row[i] = values[corner + Math.floor(i / patch) * width + (i % patch)];
        sum += row[i];
      }
      for (let i = 0; i < dimensions; i++) row[i] -= sum / dimensions;
    }
    return { count, points: { data, count, dimensions }, grid: [rows, columns] };
  },
  affinity(array, { maxPoints }) {
    const [count, columns] = array.shape;
    if (array.shape.length !== 2 || count !== columns)
      throw heatError('E_AFFINITY', `affinity is [${array.shape.join(', ')}], expected a square matrix`, 'affinity');
    if (count > maxPoints)
      throw heatError(
        'E_TOO_LARGE',
        `affinity has ${count} points, maxPoints is ${maxPoints}; landmarks need points`,
        'affinity',
        'Raise maxPoints (at most 4000), or give points.',
      );
    return { count, affinity: readAffinity(finite(array, count, 'affinity'), count) };
  },
};

function readAffinity(values: Float64Array, count: number): CsrMatrix {
  let largest = 0;
  for (const [at, value] of values.entries()) {
    if (value < 0)
      throw heatError(
        'E_AFFINITY',
        `affinity holds ${value} at row ${Math.floor(at / count)}, column ${at % count}; expected at least 0`,
        'affinity',
      );
    if (value > largest) largest = value;
  }
  const rowStart = new Uint32Array(count + 1);
  const [column, value]: [number[], number[]] = [[], []];
  for (let i = 0; i < count; i++) {
    let connected = false;
    for (let j = 0; j < count; j++) {
      const [there, back] = [values[i * count + j], values[j * count + i]];
      if (Math.abs(there - back) > 1e-8 * largest)
        throw heatError(
          'E_AFFINITY',
          `affinity is ${there} at row ${i}, column ${j} and ${back} at row ${j}, column ${i}; expected a symmetric matrix`,
          'affinity',
        );
      const weight = (there + back) / 2;
      if (weight === 0) continue;
      column.push(j);
      value.push(weight);
      if (j !== i) connected = true;
    }
    if (!connected) throw heatError('E_ISOLATED', `vertex ${i} of affinity has no neighbour`, 'affinity');
    rowStart[i + 1] = column.length;
  }
  return {
    rows: count,
    columns: count,
    rowStart,
    column: Uint32Array.from(column),
    value: Float64Array.from(value),
  };
}

function checkRange({ data, count, dimensions }: PointCloud, name: string): void {
  for (let i = dimensions; i < count * dimensions; i++) if (data[i] !== data[i % dimensions]) return;
  throw heatError('E_ZERO_RANGE', `all ${count} points of ${name} are equal`, name);
}

function readGeodesic(artifact: Artifact, count: number): Float64Array {
  const array = real(artifact, 'geodesic');
  if (array.shape.length !== 2 || array.shape[0] !== count || array.shape[1] !== count)
    throw wrongShape('geodesic', array, `[${count}, ${count}]`);
  return finite(array, count, 'geodesic');
}

function readLabels(artifact: Artifact, count: number): Float64Array {
  const array = real(artifact, 'labels');
  if (array.data.length !== count) throw wrongShape('labels', array, `[${count}]`);
  return finite(array, 1, 'labels');
}
