/** The surface a fit follows, from a mesh or from points. */
import type { Random } from '../../arrays/random.ts';
import type { RunContext } from '../../context.ts';
import type { Artifact } from '../artifact.ts';
import { isArrayArtifact } from '../artifact.ts';
import type { FitTarget } from './fit-surface.ts';
import { flexicubesError } from './flexicubes-error.ts';
import type { TriangleMesh } from './mesh-measures.ts';
import { faceNormals, sampleMesh } from './mesh-samples.ts';
import { pointSurface } from './point-grid.ts';
import { estimateNormals } from './point-normals.ts';
import { triangleSurface } from './triangle-grid.ts';
import type { Warnings } from './volume-field.ts';

/** In mm. */
export type TargetShape =
  | { kind: 'mesh'; mesh: TriangleMesh }
  | { kind: 'points'; points: Float64Array; normals: Float64Array };

const fewest = 100;

/** Throws E_SHAPE, E_INPUT_VALUE, E_TOO_FEW_POINTS. */
export async function readTarget(artifact: Artifact, warnings: Warnings, context: RunContext): Promise<TargetShape> {
  if (artifact.type === 'mesh') return readMesh(artifact.vertices.data, artifact.faces.data);
  if (!isArrayArtifact(artifact) || artifact.array.dtype === 'complex64')
    throw flexicubesError('E_SHAPE', 'the target is neither a mesh nor points', 'target');
  const { shape, data } = artifact.array;
  const [count, columns] = shape;
  if (shape.length !== 2 || (columns !== 3 && columns !== 6))
    throw flexicubesError(
      'E_SHAPE',
      `the target is [${shape.join(', ')}], expected [n, 6] (position in mm, normal) or [n, 3]`,
      'target',
    );
  checkFinite(data);
  if (count < fewest)
    throw flexicubesError(
      'E_TOO_FEW_POINTS',
      `the target has ${count} points, at least ${fewest} are needed`,
      'target',
    );
  const part = (first: number) =>
    Float64Array.from({ length: 3 * count }, (_, k) => data[columns * Math.floor(k / 3) + first + (k % 3)]);
  const points = part(0);
  if (columns === 6) return { kind: 'points', points, normals: unit(part(3)) };
  warnings.push({ code: 'normals-estimated', message: 'the target has no normals: estimated from 12 neighbours each' });
  return { kind: 'points', points, normals: await estimateNormals(points, context) };
}

function checkFinite(data: ArrayLike<number>): void {
  for (let i = 0; i < data.length; i++)
    if (!Number.isFinite(data[i]))
      throw flexicubesError('E_INPUT_VALUE', `the target holds ${data[i]} at index ${i}`, 'target');
}

function readMesh(vertices: ArrayLike<number>, faces: Uint32Array): TargetShape {
  checkFinite(vertices);
  if (faces.length === 0) throw flexicubesError('E_SHAPE', 'the target has no triangles', 'target');
  return { kind: 'mesh', mesh: { vertices: Float64Array.from(vertices), faces: faces.slice() } };
}

function unit(normals: Float64Array): Float64Array {
  for (let i = 0; i < normals.length; i += 3) {
    const length = Math.hypot(normals[i], normals[i + 1], normals[i + 2]);
    if (length === 0) throw flexicubesError('E_INPUT_VALUE', `the normal of target point ${i / 3} is zero`, 'target');
    for (let axis = 0; axis < 3; axis++) normals[i + axis] /= length;
  }
  return normals;
}

/** Positions, [n, 3]. */
export const targetPoints = (shape: TargetShape) => (shape.kind === 'mesh' ? shape.mesh.vertices : shape.points);

/** `toGrid` maps positions to grid coordinates by one scale and a shift: normals stay. */
export function fitTarget(shape: TargetShape, toGrid: (points: Float64Array) => Float64Array): FitTarget {
  if (shape.kind === 'mesh') {
    const mesh = { vertices: toGrid(shape.mesh.vertices), faces: shape.mesh.faces };
    const normals = faceNormals(mesh);
    return {
      ...triangleSurface(mesh),
      draw(count, random) {
        const { points, triangle } = sampleMesh(mesh, count, random);
        const drawn = new Float64Array(3 * count);
        for (let i = 0; i < count; i++) drawn.set(normals.subarray(3 * triangle[i], 3 * triangle[i] + 3), 3 * i);
        return { points, normals: drawn };
      },
    };
  }
  const points = toGrid(shape.points);
  const { normals } = shape;
  return { ...pointSurface(points, normals), draw: (count, random) => drawPoints(points, normals, count, random) };
}

function drawPoints(points: Float64Array, normals: Float64Array, count: number, random: Random) {
  const drawn = { points: new Float64Array(3 * count), normals: new Float64Array(3 * count) };
  for (let i = 0; i < count; i++) {
    const k = 3 * random.integer(points.length / 3);
    drawn.points.set(points.subarray(k, k + 3), 3 * i);
    drawn.normals.set(normals.subarray(k, k + 3), 3 * i);
  }
  return drawn;
}
