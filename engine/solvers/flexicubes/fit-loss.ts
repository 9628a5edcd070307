/**
 * The loss of a fit and its gradient, in grid coordinates, with correspondences held fixed:
 *   L = 0.2 (mean |q − p|² both ways) + (mean (n·(q − p))² both ways) + 0.05 L_dev + 0.01 L_w + w L_sign.
 * q: points on the mesh, p: nearest target points with normals n, and the other way round.
 * L_dev: mean over vertices v and their crossings of | ‖u⁰ − v‖ − mean ‖u⁰ − v‖ |. L_w: mean |a|, |b| over crossed cubes.
 * L_sign: mean over crossed grid edges of BCE(σ(s_a), [s_b > 0]) + BCE(σ(s_b), [s_a > 0]).
 */
import type { FlexibleGrid, FlexibleSurface, Gradients } from './flexible-surface.ts';
import type { TriangleMesh } from './mesh-measures.ts';
import type { MeshSamples } from './mesh-samples.ts';

/** Point `sample` of the mesh belongs to the target point and normal of row i: [n], [n, 3], [n, 3]. */
export interface Correspondences {
  sample: Uint32Array;
  point: Float64Array;
  normal: Float64Array;
}

/** 0.2 |q − p|² + (n·(q − p))², mean over the correspondences; adds the gradient to that of the mesh's vertices. */
export function distanceLoss(
  ofMesh: Float64Array,
  { faces }: TriangleMesh,
  { points, triangle, weights }: MeshSamples,
  { sample, point, normal }: Correspondences,
): number {
  const count = sample.length;
  let loss = 0;
  for (let i = 0; i < count; i++) {
    const q = sample[i];
    let [square, along] = [0, 0];
    for (let axis = 0; axis < 3; axis++) {
      const r = points[3 * q + axis] - point[3 * i + axis];
      square += r * r;
      along += r * normal[3 * i + axis];
    }
    loss += 0.2 * square + along * along;
    for (let axis = 0; axis < 3; axis++) {
      const r = points[3 * q + axis] - point[3 * i + axis];
      const gradient = (0.4 * r + 2 * along * normal[3 * i + axis]) / count;
      for (let c = 0; c < 3; c++) ofMesh[3 * faces[3 * triangle[q] + c] + axis] += gradient * weights[3 * q + c];
    }
  }
  return loss / count;
}

/** L_dev; adds `scale` times its gradient. */
export function deviationLoss(
  ofVertices: Float64Array,
  ofPlain: Float64Array,
  { surface, vertices, plain }: FlexibleSurface,
  scale: number,
): number {
  const { crossingStart, crossingEdge } = surface;
  const total = crossingEdge.length;
  const distance = new Float64Array(12);
  let loss = 0;
  for (let vertex = 0; vertex + 1 < crossingStart.length; vertex++) {
    const first = crossingStart[vertex];
    const count = crossingStart[vertex + 1] - first;
    let mean = 0;
    for (let k = 0; k < count; k++) {
      let square = 0;
      for (let axis = 0; axis < 3; axis++) square += (plain[3 * (first + k) + axis] - vertices[3 * vertex + axis]) ** 2;
      distance[k] = Math.sqrt(square);
      mean += distance[k] / count;
    }
    let signs = 0;
    for (let k = 0; k < count; k++) {
      loss += Math.abs(distance[k] - mean);
      signs += Math.sign(distance[k] - mean) / count;
    }
    for (let k = 0; k < count; k++) {
      if (distance[k] === 0) continue;
      const ofDistance = (scale * (Math.sign(distance[k] - mean) - signs)) / total / distance[k];
      for (let axis = 0; axis < 3; axis++) {
        const gradient = ofDistance * (plain[3 * (first + k) + axis] - vertices[3 * vertex + axis]);
        ofPlain[3 * (first + k) + axis] += gradient;
        ofVertices[3 * vertex + axis] -= gradient;
      }
    }
  }
  return loss / total;
}

/** L_w; adds `scale` times its gradient. */
export function weightLoss(out: Gradients, grid: FlexibleGrid, { surface }: FlexibleSurface, scale: number): number {
  const count = 20 * surface.cubes.length;
  let loss = 0;
  for (const cube of surface.cubes)
    for (const [name, size] of [
      ['a', 8],
      ['b', 12],
    ] as const)
      for (let k = size * cube; k < size * (cube + 1); k++) {
        loss += Math.abs(grid[name][k]);
        out[name][k] += (scale * Math.sign(grid[name][k])) / count;
      }
  return loss / count;
}

/** L_sign; adds `scale` times its gradient. */
export function signLoss(out: Gradients, { s, size }: FlexibleGrid, scale: number): number {
  const strides = [1, size[0], size[0] * size[1]];
  const edges: [number, number][] = [];
  for (let point = 0; point < s.length; point++)
    for (let axis = 0; axis < 3; axis++) {
      if (Math.floor(point / strides[axis]) % size[axis] === size[axis] - 1) continue;
      if (s[point] < 0 !== s[point + strides[axis]] < 0) edges.push([point, point + strides[axis]]);
    }
  let loss = 0;
  for (const [a, b] of edges)
    for (const [from, other] of [
      [a, b],
      [b, a],
    ]) {
      const wanted = s[other] > 0 ? 1 : 0;
      // BCE(σ(x), y) = log(1 + eˣ) − x y, written so that it does not overflow.
      loss += Math.max(s[from], 0) + Math.log1p(Math.exp(-Math.abs(s[from]))) - s[from] * wanted;
      out.s[from] += (scale * (1 / (1 + Math.exp(-s[from])) - wanted)) / edges.length;
    }
  return edges.length === 0 ? 0 : loss / edges.length;
}
