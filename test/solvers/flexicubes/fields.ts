/** Fields and checks shared by the tests of the surface solver. */

import { ndarray } from '../../../engine/arrays/ndarray.ts';
import { createRandom } from '../../../engine/arrays/random.ts';
import type { ArrayArtifact, Artifact } from '../../../engine/solvers/artifact.ts';

export type Point = readonly [x: number, y: number, z: number];

/** A volume [nz, ny, nx] of f(x, y, z) at voxel indices. */
export function volumeOf(size: Point, f: (x: number, y: number, z: number) => number): ArrayArtifact {
  const [nx, ny, nz] = size;
  const data = Float64Array.from({ length: nx * ny * nz }, (_, i) =>
    f(i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))),
  );
  return { type: 'volume', array: ndarray('float64', [nz, ny, nx], data) };
}

export function whiteNoise(size: Point, seed: number): ArrayArtifact {
  const random = createRandom(seed);
  return volumeOf(size, () => random.normal());
}

/** Corners and triangles of a mesh artifact. */
export function meshOf(artifact: Artifact | undefined): { points: Point[]; triangles: Point[] } {
  if (artifact?.type !== 'mesh') throw new Error('no mesh');
  const rows = (data: ArrayLike<number>) =>
    Array.from({ length: data.length / 3 }, (_, i): Point => [data[3 * i], data[3 * i + 1], data[3 * i + 2]]);
  return { points: rows(artifact.vertices.data), triangles: rows(artifact.faces.data) };
}

/** How often each directed edge "a>b" is used. */
export function directedEdges(triangles: readonly Point[]): Map<string, number> {
  const edges = new Map<string, number>();
  for (const [a, b, c] of triangles)
    for (const key of [`${a}>${b}`, `${b}>${c}`, `${c}>${a}`]) edges.set(key, (edges.get(key) ?? 0) + 1);
  return edges;
}

/** Edges that are not used exactly once in each direction. */
export function badEdges(triangles: readonly Point[]): string[] {
  const edges = directedEdges(triangles);
  return [...edges.entries()]
    .filter(([key, count]) => count !== 1 || edges.get(key.split('>').reverse().join('>')) !== 1)
    .map(([key]) => key);
}

export const minus = (a: Point, b: Point): Point => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
export const dot = (a: Point, b: Point) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const cross = (a: Point, b: Point): Point => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

export function signedVolume(points: readonly Point[], triangles: readonly Point[]): number {
  let sum = 0;
  for (const [a, b, c] of triangles) sum += dot(points[a], cross(points[b], points[c])) / 6;
  return sum;
}

export function surfaceArea(points: readonly Point[], triangles: readonly Point[]): number {
  let sum = 0;
  for (const [a, b, c] of triangles)
    sum += Math.hypot(...cross(minus(points[b], points[a]), minus(points[c], points[a]))) / 2;
  return sum;
}
