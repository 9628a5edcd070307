/** From the files to points, triangles and observed vectors. */
import type { RunContext } from '../../context.ts';
import { weldVertices } from '../../linear/weld-vertices.ts';
import { type Artifact, isArrayArtifact } from '../artifact.ts';
import type { Inputs } from '../sdk.ts';
import { type MeshTopology, meshTopology } from './mesh-topology.ts';
import { diameterOf, type PointSet } from './point-set.ts';
import { rvgpError } from './rvgp-error.ts';
import type { Observations } from './spectral-field.ts';

export type Warnings = { code: string; message: string; value?: number }[];

export interface Problem {
  points: PointSet;
  diameter: number;
  mesh?: MeshTopology;
  observed: Observations;
  /** [N, D] at `points`. */
  truth?: Float64Array;
  /** Of each row of the outputs its point: vertices of the file, of which several may have become one. */
  rowOf: Uint32Array;
}

function matrix(artifact: Artifact, name: string): { data: Float64Array; shape: readonly number[] } {
  if (!isArrayArtifact(artifact)) throw rvgpError('E_SHAPE', `${name} is not an array`, name);
  if (artifact.array.dtype === 'complex64')
    throw rvgpError('E_INPUT_VALUE', `${name} is complex, expected real numbers`, name);
  return { data: Float64Array.from(artifact.array.data), shape: artifact.array.shape };
}

function table(artifact: Artifact, name: string, rows: number | undefined, columns: number | undefined) {
  const { data, shape } = matrix(artifact, name);
  const fits =
    shape.length === 2 && (rows ?? shape[0]) === shape[0] && (columns ?? shape[1]) === shape[1] && data.length > 0;
  if (!fits)
    throw rvgpError(
      'E_SHAPE',
      `${name} is [${shape.join(', ')}], expected [${rows ?? 'n'}, ${columns ?? 'D'}]`,
      name,
      rows === undefined || name !== 'vectors'
        ? undefined
        : 'Give a row for every point, NaN where none was observed, or an index.',
    );
  return { data, count: shape[0], dimensions: shape[1] };
}

function checkFinite(data: Float64Array, name: string): void {
  const wrong = data.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw rvgpError('E_INPUT_VALUE', `${name} holds ${data[wrong]} at index ${wrong}`, name);
}

interface Shape {
  points: PointSet;
  diameter: number;
  mesh?: MeshTopology;
  /** Of each vertex of the file its point. */
  number: Uint32Array;
}

async function shapeOf({ surface, points: given }: Inputs, context: RunContext): Promise<Shape> {
  if ((surface === undefined) === (given === undefined))
    throw rvgpError(
      'E_PARAM',
      surface === undefined ? 'neither a surface nor points were given' : 'both a surface and points were given',
      'surface',
      'Give one or the other.',
    );
  if (given !== undefined) {
    const points = table(given, 'points', undefined, undefined);
    checkFinite(points.data, 'points');
    if (points.dimensions < 2)
      throw rvgpError('E_DIMENSION', 'points on a line have no tangent planes but the line itself', 'points');
    const diameter = await diameterOf(points, context);
    return { points, diameter, number: Uint32Array.from({ length: points.count }, (_, i) => i) };
  }
  if (surface?.type !== 'mesh') throw rvgpError('E_SHAPE', 'surface is not a mesh', 'surface');
  const vertices = Float64Array.from(surface.vertices.data);
  checkFinite(vertices, 'surface');
  const all = { data: vertices, count: vertices.length / 3, dimensions: 3 };
  const diameter = await diameterOf(all, context);
  const welded = weldVertices(vertices, 1e-6 * diameter);
  const faces = surface.faces.data.map((corner) => welded.number[corner]);
  return {
    points: { data: welded.vertices, count: welded.vertices.length / 3, dimensions: 3 },
    diameter,
    mesh: meshTopology(welded.vertices, faces),
    number: welded.number,
  };
}

/** True for a whole vector, false for one of NaN. Throws E_INPUT_VALUE for anything between. */
function isObserved(row: Float64Array, at: number): boolean {
  const missing = row.reduce((count, value) => count + (Number.isNaN(value) ? 1 : 0), 0);
  if (missing === row.length) return false;
  if (missing > 0)
    throw rvgpError('E_INPUT_VALUE', `vector ${at} is NaN in ${missing} of ${row.length} components`, 'vectors');
  const infinite = row.find((value) => !Number.isFinite(value));
  if (infinite !== undefined) throw rvgpError('E_INPUT_VALUE', `vectors hold ${infinite} in row ${at}`, 'vectors');
  return true;
}

function checkedIndex(artifact: Artifact, count: number): Float64Array {
  const { data, shape } = matrix(artifact, 'index');
  if (shape.filter((size) => size !== 1).length > 1)
    throw rvgpError('E_SHAPE', `index is [${shape.join(', ')}], expected [n]`, 'index');
  const seen = new Set<number>();
  for (const value of data) {
    if (!Number.isInteger(value) || value < 0 || value >= count)
      throw rvgpError('E_INDEX', `index ${value} is not a whole number from 0 to ${count - 1}`, 'index');
    if (seen.has(value)) throw rvgpError('E_INDEX', `index ${value} is given twice`, 'index');
    seen.add(value);
  }
  return data;
}

/** Reads and checks everything. Vectors of vertices that were made one are averaged. */
export async function readProblem(inputs: Inputs, context: RunContext): Promise<Problem> {
  const { points, diameter, mesh, number } = await shapeOf(inputs, context);
  const { dimensions } = points;
  const { vectors: given, index: givenIndex, truth: givenTruth } = inputs;
  const index = givenIndex === undefined ? undefined : checkedIndex(givenIndex, number.length);
  const vectors = table(given, 'vectors', index?.length ?? rowsOf(given, number.length, points.count), dimensions);
  // Rows in the numbering of the file, or, where that fits alone, of the welded vertices.
  const rowOf =
    index === undefined && vectors.count !== number.length
      ? Uint32Array.from({ length: points.count }, (_, i) => i)
      : number;
  const sums = new Map<number, { sum: Float64Array; count: number }>();
  for (let k = 0; k < vectors.count; k++) {
    const row = vectors.data.subarray(k * dimensions, (k + 1) * dimensions);
    if (!isObserved(row, k)) continue;
    const point = rowOf[index === undefined ? k : index[k]];
    const entry = sums.get(point) ?? { sum: new Float64Array(dimensions), count: 0 };
    for (let a = 0; a < dimensions; a++) entry.sum[a] += row[a];
    entry.count++;
    sums.set(point, entry);
  }
  const observed: Observations = {
    index: Uint32Array.from(sums.keys()).sort(),
    vectors: new Float64Array(sums.size * dimensions),
  };
  for (const [k, point] of observed.index.entries()) {
    const { sum, count } = sums.get(point) ?? { sum: [], count: 1 };
    for (let a = 0; a < dimensions; a++) observed.vectors[k * dimensions + a] = sum[a] / count;
  }
  if (observed.index.length > 0 && observed.vectors.every((value) => value === 0))
    throw rvgpError('E_ZERO_RANGE', 'all observed vectors are zero', 'vectors');
  return {
    points,
    diameter,
    observed,
    rowOf,
    ...(mesh === undefined ? {} : { mesh }),
    ...(givenTruth === undefined ? {} : { truth: truthAt(givenTruth, rowOf, points) }),
  };
}

const rowsOf = (artifact: Artifact, file: number, welded: number) =>
  isArrayArtifact(artifact) && artifact.array.shape[0] === welded ? welded : file;

function truthAt(artifact: Artifact, rowOf: Uint32Array, { count, dimensions }: PointSet): Float64Array {
  const { data } = table(artifact, 'truth', rowOf.length, dimensions);
  checkFinite(data, 'truth');
  const out = new Float64Array(count * dimensions);
  for (let k = rowOf.length - 1; k >= 0; k--)
    out.set(data.subarray(k * dimensions, (k + 1) * dimensions), rowOf[k] * dimensions);
  return out;
}
