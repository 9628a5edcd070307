/** Surfaces and fields for the experiments. */
import { createRandom } from '../../arrays/random.ts';
import type { RunContext } from '../../context.ts';
import { farthestPoints, type PointSet, subset } from './point-set.ts';

export interface Shape {
  points: PointSet;
  /** Unit outward normals [n, 3]. */
  normals: Float64Array;
}

/** `count` of 20 times as many random points, by farthest-point sampling. */
async function sampled(all: Shape, count: number, context: RunContext): Promise<Shape> {
  let taken = 0;
  const index = await farthestPoints(all.points, 0, () => taken++ >= count, context);
  const normals = { data: all.normals, count: all.points.count, dimensions: 3 };
  return { points: subset(all.points, index), normals: subset(normals, index).data };
}

export function ellipsoid(axes: readonly number[], count: number, seed: number, context: RunContext): Promise<Shape> {
  const random = createRandom(seed, 1);
  const many = 20 * count;
  const [data, normals] = [new Float64Array(3 * many), new Float64Array(3 * many)];
  for (let i = 0; i < many; i++) {
    const direction = [random.normal(), random.normal(), random.normal()];
    const length = Math.hypot(...direction);
    const normal = direction.map((value, c) => value / length / axes[c]);
    const size = Math.hypot(...normal);
    for (let c = 0; c < 3; c++) {
      data[3 * i + c] = (axes[c] * direction[c]) / length;
      normals[3 * i + c] = normal[c] / size;
    }
  }
  return sampled({ points: { data, count: many, dimensions: 3 }, normals }, count, context);
}

/** Radii of the ring and of the tube. */
export function torus(
  [ring, tube]: readonly number[],
  count: number,
  seed: number,
  context: RunContext,
): Promise<Shape> {
  const random = createRandom(seed, 2);
  const many = 20 * count;
  const [data, normals] = [new Float64Array(3 * many), new Float64Array(3 * many)];
  for (let i = 0; i < many; i++) {
    const [u, v] = [2 * Math.PI * random.uniform(), 2 * Math.PI * random.uniform()];
    const normal = [Math.cos(v) * Math.cos(u), Math.cos(v) * Math.sin(u), Math.sin(v)];
    const centre = [ring * Math.cos(u), ring * Math.sin(u), 0];
    for (let c = 0; c < 3; c++) {
      normals[3 * i + c] = normal[c];
      data[3 * i + c] = centre[c] + tube * normal[c];
    }
  }
  return sampled({ points: { data, count: many, dimensions: 3 }, normals }, count, context);
}

/** axis × x less its normal part. */
export function rotationField({ points, normals }: Shape, axis: readonly number[]): Float64Array {
  const field = new Float64Array(points.data.length);
  for (let at = 0; at < field.length; at += 3) {
    const [x, y, z] = points.data.subarray(at, at + 3);
    const turned = [axis[1] * z - axis[2] * y, axis[2] * x - axis[0] * z, axis[0] * y - axis[1] * x];
    const inner = turned.reduce((sum, value, c) => sum + value * normals[at + c], 0);
    for (let c = 0; c < 3; c++) field[at + c] = turned[c] - inner * normals[at + c];
  }
  return field;
}

/**
 * Triangles [f, 3], counter-clockwise from outside, of the convex hull of points with one inside at the origin, each point a
 * corner of it: scaled onto the unit sphere first, where hull and Delaunay triangulation are the same. One point after another.
 */
export function hullOf({ data, count }: PointSet, axes: readonly number[]): Uint32Array {
  const p = data.map((value, at) => value / axes[at % 3]);
  /** Six times the signed volume of the tetrahedron of a triangle and a point; positive when the point is outside. */
  const outside = ([a, b, c]: readonly number[], q: number) => {
    const [u, v, w] = [b, c, q].map((i) => [0, 1, 2].map((k) => p[3 * i + k] - p[3 * a + k]));
    return (u[1] * v[2] - u[2] * v[1]) * w[0] + (u[2] * v[0] - u[0] * v[2]) * w[1] + (u[0] * v[1] - u[1] * v[0]) * w[2];
  };
  const flipped = outside([0, 1, 2], 3) > 0;
  const [a, b] = flipped ? [1, 0] : [0, 1];
  let faces: number[][] = [
    [a, b, 2],
    [b, a, 3],
    [2, b, 3],
    [a, 2, 3],
  ];
  for (let q = 4; q < count; q++) {
    const seen = faces.filter((face) => outside(face, q) > 0);
    const edges = new Set(seen.flatMap((face) => face.map((from, k) => `${from},${face[(k + 1) % 3]}`)));
    const rim = [...edges]
      .map((edge) => edge.split(',').map(Number))
      .filter(([from, to]) => !edges.has(`${to},${from}`));
    const gone = new Set(seen);
    faces = [...faces.filter((face) => !gone.has(face)), ...rim.map(([from, to]) => [from, to, q])];
  }
  return Uint32Array.from(faces.flat());
}
