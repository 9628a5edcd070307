/** The two triangles of each quadrilateral of a dual surface. */
import type { DualSurface, Field } from './dual-surface.ts';
import { gradientAt } from './fixed-placement.ts';

/** Above zero: split from corner 0 to 2; below: from 1 to 3; zero: along the shorter diagonal. */
export type DiagonalRule = (a: number, b: number, c: number, d: number) => number;

/** [2 · quads, 3]. `scale`: length of a step along each axis, to compare diagonals. */
export function triangulate(
  quads: Uint32Array,
  vertices: Float64Array,
  rule: DiagonalRule,
  scale: readonly number[],
): Uint32Array {
  const faces = new Uint32Array((quads.length / 4) * 6);
  const square = (i: number, j: number) => {
    let sum = 0;
    for (let axis = 0; axis < 3; axis++) sum += ((vertices[3 * i + axis] - vertices[3 * j + axis]) * scale[axis]) ** 2;
    return sum;
  };
  for (let q = 0, at = 0; q < quads.length; q += 4) {
    const [a, b, c, d] = [quads[q], quads[q + 1], quads[q + 2], quads[q + 3]];
    const preferred = rule(a, b, c, d);
    const first = preferred === 0 ? square(a, c) <= square(b, d) : preferred > 0;
    const corners = first ? [a, b, c, a, c, d] : [a, b, d, b, c, d];
    for (const corner of corners) faces[at++] = corner;
  }
  return faces;
}

export const shorterDiagonal: DiagonalRule = () => 0;

/** Unit field gradients at the vertices, interpolated within their cubes: the diagonal whose ends agree better. */
export function gradientDiagonal(surface: DualSurface, s: Field, vertices: Float64Array): DiagonalRule {
  const normals = new Float64Array(vertices.length);
  const g = new Float64Array(3);
  const { cubes, vertexSlot, strides, size } = surface;
  for (let i = 0; i < vertexSlot.length; i++) {
    const cube = cubes[vertexSlot[i]];
    const origin = [cube % size[0], Math.floor(cube / size[0]) % size[1], Math.floor(cube / strides[2])];
    for (let corner = 0; corner < 8; corner++) {
      let weight = 1;
      let point = cube;
      for (let axis = 0; axis < 3; axis++) {
        const t = vertices[3 * i + axis] - origin[axis];
        const bit = (corner >> axis) & 1;
        weight *= bit === 1 ? t : 1 - t;
        point += bit * strides[axis];
      }
      if (weight === 0) continue;
      gradientAt(g, s, point, surface);
      for (let axis = 0; axis < 3; axis++) normals[3 * i + axis] += weight * g[axis];
    }
    const length = Math.hypot(normals[3 * i], normals[3 * i + 1], normals[3 * i + 2]) || 1;
    for (let axis = 0; axis < 3; axis++) normals[3 * i + axis] /= length;
  }
  const agreement = (i: number, j: number) =>
    normals[3 * i] * normals[3 * j] + normals[3 * i + 1] * normals[3 * j + 1] + normals[3 * i + 2] * normals[3 * j + 2];
  return (a, b, c, d) => {
    const difference = agreement(a, c) - agreement(b, d);
    return Math.abs(difference) < 1e-9 ? 0 : difference;
  };
}
