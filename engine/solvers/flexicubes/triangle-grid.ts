/**
 * Nearest point of a triangle mesh, exactly, with the normal of its triangle. Sides by the normal of the feature that holds
 * the nearest point: of a triangle, of an edge the sum of its triangles', of a corner their sum weighted by angle.
 * J. A. Bærentzen, H. Aanæs, "Signed distance computation using the angle weighted pseudonormal", 2005.
 */
import type { SidedSurface } from './closest.ts';
import type { TriangleMesh } from './mesh-measures.ts';
import { faceNormals } from './mesh-samples.ts';
import { type CellGrid, cellGrid, cellOf, ringSearch } from './ring-search.ts';

/**
 * out ← nearest point of triangle (a, b, c), which may be without area, to (x, y, z): position (0–2) and barycentric weights
 * of b and c (3, 4), exactly 0 or with sum 1 on edges. a, b, c: first entries in `vertices`.
 * C. Ericson, Real-Time Collision Detection, 2005, 5.1.5.
 */
export function closestOnTriangle(
  out: Float64Array,
  vertices: Float64Array,
  a: number,
  b: number,
  c: number,
  x: number,
  y: number,
  z: number,
): void {
  const abx = vertices[b] - vertices[a];
  const aby = vertices[b + 1] - vertices[a + 1];
  const abz = vertices[b + 2] - vertices[a + 2];
  const acx = vertices[c] - vertices[a];
  const acy = vertices[c + 1] - vertices[a + 1];
  const acz = vertices[c + 2] - vertices[a + 2];
  const apx = x - vertices[a];
  const apy = y - vertices[a + 1];
  const apz = z - vertices[a + 2];
  const d1 = abx * apx + aby * apy + abz * apz;
  const d2 = acx * apx + acy * apy + acz * apz;
  const abab = abx * abx + aby * aby + abz * abz;
  const abac = abx * acx + aby * acy + abz * acz;
  const acac = acx * acx + acy * acy + acz * acz;
  const square = abab * acac - abac * abac;
  let v = acac * d1 - abac * d2;
  let w = abab * d2 - abac * d1;
  if (square > 1e-12 * abab * acac && v > 0 && w > 0 && v + w < square) {
    v /= square;
    w /= square;
  } else {
    // On an edge: the nearest of three.
    const share = (along: number, length: number) => (length > 0 ? Math.min(1, Math.max(0, along / length)) : 0);
    const onB = share(d1, abab);
    const onC = share(d2, acac);
    const onBc = share(d2 - d1 + abab - abac, abab - 2 * abac + acac);
    const apart = (s: number, t: number) =>
      (apx - s * abx - t * acx) ** 2 + (apy - s * aby - t * acy) ** 2 + (apz - s * abz - t * acz) ** 2;
    const [alongB, alongC, alongBc] = [apart(onB, 0), apart(0, onC), apart(1 - onBc, onBc)];
    if (alongB <= alongC && alongB <= alongBc) {
      v = onB;
      w = 0;
    } else if (alongC <= alongBc) {
      v = 0;
      w = onC;
    } else {
      v = 1 - onBc;
      w = onBc;
    }
  }
  out[0] = vertices[a] + v * abx + w * acx;
  out[1] = vertices[a + 1] + v * aby + w * acy;
  out[2] = vertices[a + 2] + v * abz + w * acz;
  out[3] = v;
  out[4] = w;
}

function forCells(grid: CellGrid, mesh: TriangleMesh, k: number, visit: (cell: number) => void): void {
  const [nx, ny] = grid.counts;
  const range = [0, 1, 2].map((axis) => {
    const values = [0, 1, 2].map((c) => mesh.vertices[3 * mesh.faces[3 * k + c] + axis]);
    return [cellOf(grid, axis, Math.min(...values)), cellOf(grid, axis, Math.max(...values))];
  });
  for (let z = range[2][0]; z <= range[2][1]; z++)
    for (let y = range[1][0]; y <= range[1][1]; y++)
      for (let x = range[0][0]; x <= range[0][1]; x++) visit(x + nx * (y + ny * z));
}

function meanEdge({ vertices, faces }: TriangleMesh): number {
  let sum = 0;
  for (let at = 0; at < faces.length; at += 3) {
    const [a, b] = [3 * faces[at], 3 * faces[at + 1]];
    sum += Math.hypot(vertices[a] - vertices[b], vertices[a + 1] - vertices[b + 1], vertices[a + 2] - vertices[b + 2]);
  }
  return sum / (faces.length / 3);
}

/** Sums of unit normals at every corner, weighted by angle, and over every edge k (from corner k) of every triangle. */
function pseudoNormals({ vertices, faces }: TriangleMesh, normals: Float64Array) {
  const corners = new Float64Array(vertices.length);
  const edges = new Float64Array(3 * faces.length);
  const first = new Map<number, number>();
  const count = vertices.length / 3;
  const add = (out: Float64Array, at: number, k: number, weight: number) => {
    for (let axis = 0; axis < 3; axis++) out[at + axis] += weight * normals[3 * k + axis];
  };
  // An edge's sum is kept where it is met first; `home` of every edge says where.
  const home = new Uint32Array(faces.length);
  for (let at = 0; at < faces.length; at++) {
    const k = Math.floor(at / 3);
    const [i, j, l] = [faces[at], faces[3 * k + ((at + 1) % 3)], faces[3 * k + ((at + 2) % 3)]];
    const key = Math.min(i, j) * count + Math.max(i, j);
    home[at] = first.get(key) ?? at;
    if (home[at] === at) first.set(key, at);
    add(edges, 3 * home[at], k, 1);
    const [p, q] = [j, l].map((other) => [0, 1, 2].map((axis) => vertices[3 * other + axis] - vertices[3 * i + axis]));
    const cosine = (p[0] * q[0] + p[1] * q[1] + p[2] * q[2]) / (Math.hypot(...p) * Math.hypot(...q));
    add(corners, 3 * i, k, Math.acos(Math.min(1, Math.max(-1, cosine))) || 0);
  }
  return { corners, edges, home };
}

/** At least one triangle. */
export function triangleSurface(mesh: TriangleMesh): SidedSurface {
  const { vertices, faces } = mesh;
  const count = faces.length / 3;
  const normals = faceNormals(mesh);
  const grid = cellGrid(vertices, 1.5 * meanEdge(mesh));
  const start = new Uint32Array(grid.counts[0] * grid.counts[1] * grid.counts[2] + 1);
  for (let k = 0; k < count; k++) forCells(grid, mesh, k, (cell) => start[cell + 1]++);
  for (let c = 1; c < start.length; c++) start[c] += start[c - 1];
  const next = start.slice();
  const entries = new Uint32Array(start[start.length - 1]);
  for (let k = 0; k < count; k++)
    forCells(grid, mesh, k, (cell) => {
      entries[next[cell]++] = k;
    });
  // Last query each triangle was looked at in.
  const seen = new Float64Array(count);
  const [point, nearest] = [new Float64Array(5), new Float64Array(5)];
  let query = 0;
  /** nearest ← nearest point; returns its triangle. */
  const search = (x: number, y: number, z: number): number => {
    query++;
    let best = Number.POSITIVE_INFINITY;
    let found = 0;
    ringSearch(grid, x, y, z, (cell) => {
      for (let at = start[cell]; at < start[cell + 1]; at++) {
        const k = entries[at];
        if (seen[k] === query) continue;
        seen[k] = query;
        closestOnTriangle(point, vertices, 3 * faces[3 * k], 3 * faces[3 * k + 1], 3 * faces[3 * k + 2], x, y, z);
        const square = (x - point[0]) ** 2 + (y - point[1]) ** 2 + (z - point[2]) ** 2;
        if (!(square < best)) continue;
        best = square;
        found = k;
        nearest.set(point);
      }
      return Math.sqrt(best);
    });
    return found;
  };
  let features: ReturnType<typeof pseudoNormals> | undefined;
  return {
    closest(out, x, y, z) {
      const k = search(x, y, z);
      for (let axis = 0; axis < 3; axis++) {
        out[axis] = nearest[axis];
        out[3 + axis] = normals[3 * k + axis];
      }
    },
    inside(x, y, z) {
      features ??= pseudoNormals(mesh, normals);
      const k = search(x, y, z);
      const weights = [1 - nearest[3] - nearest[4], nearest[3], nearest[4]];
      const present = [0, 1, 2].filter((corner) => weights[corner] > 1e-12);
      const absent = [0, 1, 2].find((corner) => weights[corner] <= 1e-12) ?? 0;
      const [from, at] =
        present.length === 3
          ? [normals, 3 * k]
          : present.length === 2
            ? [features.edges, 3 * features.home[3 * k + ((absent + 1) % 3)]]
            : [features.corners, 3 * faces[3 * k + present[0]]];
      return (x - nearest[0]) * from[at] + (y - nearest[1]) * from[at + 1] + (z - nearest[2]) * from[at + 2] < 0;
    },
  };
}
