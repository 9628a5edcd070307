/** A field of vectors as grey pictures and triangles. */
import { type NdArray, ndarray } from '../../arrays/ndarray.ts';
import type { PointSet } from './point-set.ts';

/** Right, up and towards the viewer: from a little above and to the side. */
const [turn, tilt] = [0.6, 0.35];
const axes = [
  [Math.cos(turn), Math.sin(turn), 0],
  [Math.sin(tilt) * Math.sin(turn), -Math.sin(tilt) * Math.cos(turn), Math.cos(tilt)],
  [Math.cos(tilt) * Math.sin(turn), -Math.cos(tilt) * Math.cos(turn), -Math.sin(tilt)],
];

/** float32 [size, size]: triangles dim by their slope, vectors as lines that grow brighter to their tips. */
export function fieldPicture(
  points: PointSet,
  faces: Uint32Array | undefined,
  field: Float64Array,
  size = 640,
): NdArray<'float32'> {
  const { data, count, dimensions } = points;
  const project = (vector: ArrayLike<number>, at: number) =>
    dimensions === 3
      ? axes.map((axis) => axis[0] * vector[at] + axis[1] * vector[at + 1] + axis[2] * vector[at + 2])
      : [vector[at], vector[at + 1], 0];
  const seen = Array.from({ length: count }, (_, i) => project(data, i * dimensions));
  const [low, high] = [
    [Infinity, Infinity],
    [-Infinity, -Infinity],
  ];
  for (const place of seen)
    for (let k = 0; k < 2; k++) {
      low[k] = Math.min(low[k], place[k]);
      high[k] = Math.max(high[k], place[k]);
    }
  const scale = (0.88 * size) / Math.max(high[0] - low[0], high[1] - low[1], 1e-300);
  const onPage = (place: readonly number[]) => [
    size / 2 + scale * (place[0] - (low[0] + high[0]) / 2),
    size / 2 - scale * (place[1] - (low[1] + high[1]) / 2),
    scale * place[2],
  ];
  const page = seen.map(onPage);
  const picture = new Float32Array(size * size);
  const depth = new Float64Array(size * size).fill(-Infinity);
  if (faces !== undefined) drawFaces(picture, depth, size, page, faces);
  let largest = 0;
  for (let i = 0; i < count; i++) {
    const [x, y, z] = project(field, i * dimensions);
    largest = Math.max(largest, Math.hypot(x, y, z));
  }
  if (largest === 0) return ndarray('float32', [size, size], picture);
  const most = 1500;
  const length = (1.6 * size) / Math.sqrt(Math.min(count, most)) / largest / scale;
  for (let k = 0; k < Math.min(count, most); k++) {
    const i = Math.floor((k * count) / Math.min(count, most));
    const from = page[i];
    const [column, row] = [Math.round(from[0]), Math.round(from[1])];
    // Behind the surface by more than the pixels round the base allow.
    if (faces !== undefined && depth[size * row + column] > from[2] + 4) continue;
    const step = project(field, i * dimensions);
    const to = onPage(seen[i].map((value, c) => value + length * step[c]));
    const steps = Math.max(1, Math.ceil(2 * Math.hypot(to[0] - from[0], to[1] - from[1])));
    for (let s = 0; s <= steps; s++) {
      const [x, y] = [0, 1].map((c) => Math.round(from[c] + ((to[c] - from[c]) * s) / steps));
      if (x >= 0 && y >= 0 && x < size && y < size)
        picture[size * y + x] = Math.max(picture[size * y + x], 0.6 + (0.4 * s) / steps);
    }
  }
  return ndarray('float32', [size, size], picture);
}

function drawFaces(
  picture: Float32Array,
  depth: Float64Array,
  size: number,
  page: readonly (readonly number[])[],
  faces: Uint32Array,
): void {
  for (let f = 0; f < faces.length; f += 3) {
    const [a, b, c] = [page[faces[f]], page[faces[f + 1]], page[faces[f + 2]]];
    const [px, py, pz] = [b[0] - a[0], b[1] - a[1], b[2] - a[2]];
    const [qx, qy, qz] = [c[0] - a[0], c[1] - a[1], c[2] - a[2]];
    const nz = px * qy - py * qx;
    if (nz === 0) continue;
    const light = 0.08 + (0.3 * Math.abs(nz)) / Math.hypot(py * qz - pz * qy, pz * qx - px * qz, nz);
    const bottom = Math.min(size - 1, Math.max(a[1], b[1], c[1]));
    const right = Math.min(size - 1, Math.max(a[0], b[0], c[0]));
    for (let y = Math.max(0, Math.ceil(Math.min(a[1], b[1], c[1]))); y <= bottom; y++)
      for (let x = Math.max(0, Math.ceil(Math.min(a[0], b[0], c[0]))); x <= right; x++) {
        const [dx, dy] = [x - a[0], y - a[1]];
        const v = (dx * qy - dy * qx) / nz;
        const w = (px * dy - py * dx) / nz;
        if (v < 0 || w < 0 || v + w > 1) continue;
        const z = a[2] + v * pz + w * qz;
        if (z <= depth[size * y + x]) continue;
        depth[size * y + x] = z;
        picture[size * y + x] = light;
      }
  }
}

/**
 * The mesh and, of each vector, a slim triangle from its vertex to vertex + scale · vector. `scale` makes the root mean square
 * vector as long as the mean edge.
 */
export function fieldMesh(
  vertices: Float64Array,
  faces: Uint32Array,
  field: Float64Array,
  frames: Float64Array,
): { vertices: NdArray<'float32'>; faces: NdArray<'uint32'>; scale: number } {
  const count = vertices.length / 3;
  let [edges, squares] = [0, 0];
  for (let at = 0; at < faces.length; at++) {
    const [i, j] = [3 * faces[at], 3 * faces[at % 3 === 2 ? at - 2 : at + 1]];
    edges +=
      Math.hypot(vertices[i] - vertices[j], vertices[i + 1] - vertices[j + 1], vertices[i + 2] - vertices[j + 2]) /
      faces.length;
  }
  for (const value of field) squares += (value * value) / count;
  const scale = squares > 0 ? edges / Math.sqrt(squares) : 1;
  const m = frames.length / vertices.length;
  const corners = [...vertices];
  const triangles = [...faces];
  for (let i = 0; i < count; i++) {
    const at = 3 * i;
    const vector = [0, 1, 2].map((c) => scale * field[at + c]);
    const length = Math.hypot(...vector);
    if (length === 0) continue;
    const side = sideways(vector, length, frames, at * m, m).map((value) => 0.06 * edges * value);
    const first = corners.length / 3;
    for (const sign of [-1, 1]) corners.push(...[0, 1, 2].map((c) => vertices[at + c] + sign * side[c]));
    corners.push(...[0, 1, 2].map((c) => vertices[at + c] + vector[c]));
    triangles.push(first, first + 1, first + 2);
  }
  return {
    vertices: ndarray('float32', [corners.length / 3, 3], Float32Array.from(corners)),
    faces: ndarray('uint32', [triangles.length / 3, 3], Uint32Array.from(triangles)),
    scale,
  };
}

/** Unit vector across `vector`, in the tangent plane where there is one. */
function sideways(vector: readonly number[], length: number, frames: Float64Array, at: number, m: number): number[] {
  const axis = (q: number) => [0, 1, 2].map((c) => frames[at + c * m + q]);
  const cross = (a: readonly number[], b: readonly number[]) => [
    a[1] * b[2] - a[2] * b[1],
    a[2] * b[0] - a[0] * b[2],
    a[0] * b[1] - a[1] * b[0],
  ];
  const normal = m === 2 ? cross(axis(0), axis(1)) : [0, 0, 1];
  const side = cross(normal, vector);
  const size = Math.hypot(...side);
  return size > 1e-9 * length ? side.map((value) => value / size) : [1, 0, 0];
}
