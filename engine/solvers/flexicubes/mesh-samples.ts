/** Points drawn evenly over a mesh by area, each with its triangle and fixed barycentric weights. */
import type { Random } from '../../arrays/random.ts';
import type { TriangleMesh } from './mesh-measures.ts';

export interface MeshSamples {
  /** [count]. */
  triangle: Uint32Array;
  /** Weights of its corners: [count, 3]. */
  weights: Float64Array;
  /** [count, 3]. */
  points: Float64Array;
}

/** Twice the area of each triangle, summed up: [m + 1]. */
function cumulativeArea({ vertices, faces }: TriangleMesh): Float64Array {
  const sums = new Float64Array(faces.length / 3 + 1);
  for (let k = 0; k < faces.length / 3; k++) {
    const [a, b, c] = [3 * faces[3 * k], 3 * faces[3 * k + 1], 3 * faces[3 * k + 2]];
    const [px, py, pz] = [
      vertices[b] - vertices[a],
      vertices[b + 1] - vertices[a + 1],
      vertices[b + 2] - vertices[a + 2],
    ];
    const [qx, qy, qz] = [
      vertices[c] - vertices[a],
      vertices[c + 1] - vertices[a + 1],
      vertices[c + 2] - vertices[a + 2],
    ];
    sums[k + 1] = sums[k] + Math.hypot(py * qz - pz * qy, pz * qx - px * qz, px * qy - py * qx);
  }
  return sums;
}

/** One point in each of `count` equal shares of the area, so that none is left bare. The mesh must have some area. */
export function sampleMesh(mesh: TriangleMesh, count: number, random: Random): MeshSamples {
  const { vertices, faces } = mesh;
  const sums = cumulativeArea(mesh);
  const total = sums[sums.length - 1];
  const triangle = new Uint32Array(count);
  const weights = new Float64Array(3 * count);
  const points = new Float64Array(3 * count);
  for (let i = 0, k = 0; i < count; i++) {
    const share = ((i + random.uniform()) / count) * total;
    while (k < sums.length - 2 && sums[k + 1] <= share) k++;
    const root = Math.sqrt(random.uniform());
    const v = random.uniform();
    triangle[i] = k;
    weights[3 * i] = 1 - root;
    weights[3 * i + 1] = root * (1 - v);
    weights[3 * i + 2] = root * v;
    for (let c = 0; c < 3; c++)
      for (let axis = 0; axis < 3; axis++)
        points[3 * i + axis] += weights[3 * i + c] * vertices[3 * faces[3 * k + c] + axis];
  }
  return { triangle, weights, points };
}

/** Unit normals of triangles, zero of one without area: [m, 3]. */
export function faceNormals({ vertices, faces }: TriangleMesh): Float64Array {
  const normals = new Float64Array(faces.length);
  for (let at = 0; at < faces.length; at += 3) {
    const [a, b, c] = [3 * faces[at], 3 * faces[at + 1], 3 * faces[at + 2]];
    const [px, py, pz] = [
      vertices[b] - vertices[a],
      vertices[b + 1] - vertices[a + 1],
      vertices[b + 2] - vertices[a + 2],
    ];
    const [qx, qy, qz] = [
      vertices[c] - vertices[a],
      vertices[c + 1] - vertices[a + 1],
      vertices[c + 2] - vertices[a + 2],
    ];
    const [x, y, z] = [py * qz - pz * qy, pz * qx - px * qz, px * qy - py * qx];
    const length = Math.hypot(x, y, z) || 1;
    normals[at] = x / length;
    normals[at + 1] = y / length;
    normals[at + 2] = z / length;
  }
  return normals;
}
