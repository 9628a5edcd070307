/**
 * Triangles of the surface value = level through a volume [slices, rows, columns], by marching tetrahedra: every cell of
 * eight voxels is cut into six tetrahedra along one diagonal, so neighbours agree on their shared faces and no hole
 * opens (Doi, Koide 1991). Vertices lie where the value, linear along an edge, meets the level; in mm, (x, y, z).
 */
import type { TriangleMesh } from './obj-mesh.ts';

/** Corners of a cell: bit 0 = x, bit 1 = y, bit 2 = z. */
const tetrahedra: readonly (readonly [number, number, number, number])[] = [
  [0, 1, 3, 7],
  [0, 3, 2, 7],
  [0, 2, 6, 7],
  [0, 6, 4, 7],
  [0, 4, 5, 7],
  [0, 5, 1, 7],
];

/** `stride`: every how many voxels are taken, so that large volumes stay quick. Throws above `most` triangles. */
export function isoSurface(
  volume: ArrayLike<number>,
  [slices, rows, columns]: readonly [number, number, number],
  [dz, dy, dx]: readonly [number, number, number],
  level: number,
  stride = 1,
  most = 4_000_000,
): TriangleMesh {
  const [nz, ny, nx] = [slices, rows, columns].map((n) => Math.floor((n - 1) / stride) + 1);
  const value = (x: number, y: number, z: number) => volume[(z * stride * rows + y * stride) * columns + x * stride];
  const vertices: number[] = [];
  const faces: number[] = [];
  const known = new Map<number, number>();
  const grid = nx * ny * nz;
  const corner = (x: number, y: number, z: number) => (z * ny + y) * nx + x;
  /** Vertex on the edge between two grid points, made once. */
  const onEdge = (a: number, b: number, va: number, vb: number): number => {
    const key = a < b ? a * grid + b : b * grid + a;
    const old = known.get(key);
    if (old !== undefined) return old;
    const t = (level - va) / (vb - va);
    const [ax, ay, az] = [a % nx, Math.floor(a / nx) % ny, Math.floor(a / (nx * ny))];
    const [bx, by, bz] = [b % nx, Math.floor(b / nx) % ny, Math.floor(b / (nx * ny))];
    vertices.push(
      (ax + t * (bx - ax)) * stride * dx,
      (ay + t * (by - ay)) * stride * dy,
      (az + t * (bz - az)) * stride * dz,
    );
    const index = vertices.length / 3 - 1;
    known.set(key, index);
    return index;
  };
  const ids = new Float64Array(8);
  const values = new Float64Array(8);
  const at = (id: number) => [
    (id % nx) * stride * dx,
    (Math.floor(id / nx) % ny) * stride * dy,
    Math.floor(id / (nx * ny)) * stride * dz,
  ];
  /** Turned so that its normal points from the high side to the low one: outward of what is bright. */
  const triangle = (a: number, b: number, c: number, high: number, low: number) => {
    const side = (k: number, axis: number) => vertices[3 * k + axis] - vertices[3 * a + axis];
    const [from, to] = [at(high), at(low)];
    let outward = 0;
    for (let axis = 0; axis < 3; axis++) {
      const [u, v] = [(axis + 1) % 3, (axis + 2) % 3];
      outward += (side(b, u) * side(c, v) - side(b, v) * side(c, u)) * (to[axis] - from[axis]);
    }
    if (outward < 0) faces.push(a, c, b);
    else faces.push(a, b, c);
    if (faces.length > 3 * most) throw new Error(`the surface has more than ${most} triangles; choose another level`);
  };
  for (let z = 0; z + 1 < nz; z++)
    for (let y = 0; y + 1 < ny; y++)
      for (let x = 0; x + 1 < nx; x++) {
        let above = 0;
        for (let k = 0; k < 8; k++) {
          const [cx, cy, cz] = [x + (k & 1), y + ((k >> 1) & 1), z + (k >> 2)];
          ids[k] = corner(cx, cy, cz);
          values[k] = value(cx, cy, cz);
          if (values[k] >= level) above++;
        }
        if (above === 0 || above === 8) continue;
        for (const cell of tetrahedra) {
          const high = cell.filter((k) => values[k] >= level);
          if (high.length === 0 || high.length === 4) continue;
          const low = cell.filter((k) => !(values[k] >= level));
          const cut = (a: number, b: number) => onEdge(ids[a], ids[b], values[a], values[b]);
          const [top, bottom] = [ids[high[0]], ids[low[0]]];
          if (high.length === 1)
            triangle(cut(high[0], low[0]), cut(high[0], low[1]), cut(high[0], low[2]), top, bottom);
          else if (high.length === 3)
            triangle(cut(low[0], high[0]), cut(low[0], high[1]), cut(low[0], high[2]), top, bottom);
          else {
            const [p, q, r, s] = [
              cut(high[0], low[0]),
              cut(high[0], low[1]),
              cut(high[1], low[1]),
              cut(high[1], low[0]),
            ];
            triangle(p, q, r, top, bottom);
            triangle(p, r, s, top, bottom);
          }
        }
      }
  return { vertices: Float32Array.from(vertices), faces: Uint32Array.from(faces) };
}
