/**
 * Tetrahedra of the inside of a dual surface. Vertices: those of the surface, inside grid points, centres of cubes with all
 * corners inside. rep(cube, face) is the centre of a fully inside cube, else the vertex of the patch that holds the face's
 * two crossed edges, or patch 0 where the face has none.
 *   (a) each surface triangle with the inside end of its grid edge;
 *   (b) each grid edge with both ends inside: (end, end, rep, rep') of each two consecutive cubes around it;
 *   in cubes with several patches, to close what (a) and (b) leave open:
 *   (c) an inside edge whose two faces have different representatives: (end, end, r, r');
 *   (d) an inside corner whose three faces have three: (corner, r, r', r'');
 *   (e) a pair of replaced cubes: the inside diagonal of their face with the ring of the four patches around it.
 * (a), (b): T. Shen et al., 2023, section 4.4; (c)–(e) as specified for this program.
 */
import { checkpoint, type RunContext } from '../../context.ts';
import { edgeBetween, edgeCorners, faceCorners, faceEdges } from './cube.ts';
import { aroundEdge, type DualSurface, type Field } from './dual-surface.ts';
import { cubeTables } from './tables.ts';

export interface TetMesh {
  /** [n, 3], those of the surface first, in the coordinates given. */
  vertices: Float64Array;
  /** [m, 4], positive volume by the right hand but for inverted ones. */
  tets: Uint32Array;
}

/** Four numbers at a time into one growing array. */
class TetList {
  private data = new Uint32Array(4096);
  private used = 0;

  push(a: number, b: number, c: number, d: number): void {
    if (this.used === this.data.length) {
      const grown = new Uint32Array(2 * this.data.length);
      grown.set(this.data);
      this.data = grown;
    }
    this.data[this.used++] = a;
    this.data[this.used++] = b;
    this.data[this.used++] = c;
    this.data[this.used++] = d;
  }

  done(): Uint32Array {
    return this.data.slice(0, this.used);
  }
}

/** Numbers of the grid points and cube centres that tetrahedra use, given out as they are met. */
class Numbering {
  readonly extra: number[] = [];
  private readonly of = new Map<number, number>();
  private readonly first: number;

  constructor(first: number) {
    this.first = first;
  }

  /** `key` is what `positions` is asked for later. */
  number(key: number): number {
    const known = this.of.get(key);
    if (known !== undefined) return known;
    const number = this.first + this.extra.length;
    this.extra.push(key);
    this.of.set(key, number);
    return number;
  }
}

/**
 * `vertices`: of the surface, `faces`: two triangles per quad in the order of the quads. `positionOf(out, point)`: of grid
 * points, in the same coordinates. Every surface edge is expected to have four cubes around it (a closed surface).
 */
export async function tetrahedralise(
  surface: DualSurface,
  s: Field,
  vertices: Float64Array,
  faces: Uint32Array,
  positionOf: (out: Float64Array, point: number) => void,
  context: Pick<RunContext, 'signal'>,
): Promise<TetMesh> {
  const { strides, size, slot, cubes, signs, cases, firstVertex, quadPoint, quadAxis, replacedPairs } = surface;
  const { patch, patchCount } = cubeTables;
  const tets = new TetList();
  const numbering = new Numbering(vertices.length / 3);
  const pointVertex = (point: number) => numbering.number(2 * point);
  const centreVertex = (cube: number) => numbering.number(2 * cube + 1);
  const patchVertex = (k: number, edge: number) => firstVertex[k] + patch[12 * cases[k] + edge];

  /** `corner`: an ambiguous face counts as the patch of its edges at this corner. */
  const rep = (cube: number, face: number, corner?: number): number => {
    const k = slot[cube];
    if (k < 0) return centreVertex(cube);
    const crossed = faceEdges[face].filter((edge) => patch[12 * cases[k] + edge] >= 0);
    if (crossed.length === 0) return firstVertex[k];
    if (crossed.length === 2 || corner === undefined) return patchVertex(k, crossed[0]);
    const at = crossed.find((edge) => edgeCorners[edge].includes(corner)) ?? crossed[0];
    return patchVertex(k, at);
  };

  // (a)
  for (let at = 0; at < faces.length; at += 3) {
    const quad = Math.floor(at / 6);
    const point = quadPoint[quad];
    const end = s[point] < 0 ? point : point + strides[quadAxis[quad]];
    tets.push(pointVertex(end), faces[at], faces[at + 1], faces[at + 2]);
  }

  // (b)
  const [nx, ny, nz] = size;
  for (let z = 0; z < nz; z++) {
    await checkpoint(context);
    for (let y = 0; y < ny; y++)
      for (let x = 0; x < nx; x++) {
        const point = x + nx * (y + ny * z);
        if (!(s[point] < 0)) continue;
        for (let axis = 0; axis < 3; axis++) {
          const at = [x, y, z];
          const [u, v] = [(axis + 1) % 3, (axis + 2) % 3];
          if (at[axis] === size[axis] - 1 || !(s[point + strides[axis]] < 0)) continue;
          if (at[u] === 0 || at[v] === 0 || at[u] === size[u] - 1 || at[v] === size[v] - 1) continue;
          const around = aroundEdge.map(([du, dv]) => point + du * strides[u] + dv * strides[v]);
          // Faces crossed from cube to cube around the edge: +u, +v, −u, −v.
          const leaving = [2 * u + 1, 2 * v + 1, 2 * u, 2 * v];
          const entering = [2 * u, 2 * v, 2 * u + 1, 2 * v + 1];
          for (let i = 0; i < 4; i++)
            tets.push(
              pointVertex(point),
              pointVertex(point + strides[axis]),
              rep(around[i], leaving[i]),
              rep(around[(i + 1) % 4], entering[i]),
            );
        }
      }
  }

  // (c), (d)
  for (let k = 0; k < cubes.length; k++) {
    if (k % 50_000 === 49_999) await checkpoint(context);
    if (patchCount[cases[k]] < 2) continue;
    const cube = cubes[k];
    const pointOf = (corner: number) =>
      cube + (corner & 1) * strides[0] + ((corner >> 1) & 1) * strides[1] + ((corner >> 2) & 1) * strides[2];
    const inside = (corner: number) => ((signs[k] >> corner) & 1) === 1;
    for (let edge = 0; edge < 12; edge++) {
      const [low, high] = edgeCorners[edge];
      if (!inside(low) || !inside(high)) continue;
      const axis = edge >> 2;
      const [u, v] = [(axis + 1) % 3, (axis + 2) % 3];
      const [bitU, bitV] = [(low >> u) & 1, (low >> v) & 1];
      const [faceU, faceV] = [rep(cube, 2 * u + bitU), rep(cube, 2 * v + bitV)];
      if (faceU === faceV) continue;
      // Around the edge a cube is entered through one of the faces and left through the other.
      const [enter, leave] = bitU === bitV ? [faceV, faceU] : [faceU, faceV];
      tets.push(pointVertex(pointOf(low)), pointVertex(pointOf(high)), enter, leave);
    }
    if (patchCount[cases[k]] < 3) continue;
    for (let corner = 0; corner < 8; corner++) {
      if (!inside(corner)) continue;
      const [x, y, z] = [0, 1, 2].map((axis) => rep(cube, 2 * axis + ((corner >> axis) & 1), corner));
      if (x === y || y === z || x === z) continue;
      const odd = ((corner ^ (corner >> 1) ^ (corner >> 2)) & 1) === 1;
      tets.push(pointVertex(pointOf(corner)), x, odd ? z : y, odd ? y : z);
    }
  }

  // (e)
  for (const [low, high, axis] of replacedPairs) {
    const [c, d, o1, o2] = splitFace(signs[low], 2 * axis + 1);
    const shift = 1 << axis;
    const around = (k: number, corner: number, side: number) => {
      // A crossed edge of the shared face at this outside corner, numbered within cube k.
      const neighbour = side === 1 ? c : c ^ shift;
      return patchVertex(k, edgeBetween(side === 1 ? corner : corner ^ shift, neighbour));
    };
    const ring = [around(low, o1, 1), around(low, o2, 1), around(high, o2, 0), around(high, o1, 0)];
    const point = (corner: number) =>
      cubes[low] + (corner & 1) * strides[0] + ((corner >> 1) & 1) * strides[1] + ((corner >> 2) & 1) * strides[2];
    const [from, to] = turnsRight(c, d, o1, o2, axis) ? [c, d] : [d, c];
    for (let i = 0; i < 4; i++) tets.push(pointVertex(point(from)), pointVertex(point(to)), ring[i], ring[(i + 1) % 4]);
  }

  const extra = new Float64Array(3 * numbering.extra.length);
  const found = new Float64Array(3);
  const offsets = [0, 1, 2, 3, 4, 5, 6, 7].map(
    (corner) => (corner & 1) * strides[0] + ((corner >> 1) & 1) * strides[1] + ((corner >> 2) & 1) * strides[2],
  );
  for (const [i, key] of numbering.extra.entries()) {
    const corners = key % 2 === 0 ? [0] : offsets;
    for (const offset of corners) {
      positionOf(found, Math.floor(key / 2) + offset);
      for (let axis = 0; axis < 3; axis++) extra[3 * i + axis] += found[axis] / corners.length;
    }
  }
  const all = new Float64Array(vertices.length + extra.length);
  all.set(vertices);
  all.set(extra, vertices.length);
  return { vertices: all, tets: tets.done() };
}

/** Of an ambiguous face: its two inside corners, then its two outside ones. */
function splitFace(code: number, face: number): readonly [number, number, number, number] {
  const inside = faceCorners[face].filter((corner) => ((code >> corner) & 1) === 1);
  const outside = faceCorners[face].filter((corner) => ((code >> corner) & 1) === 0);
  return [inside[0], inside[1], outside[0], outside[1]];
}

/** Whether the ring (low, o1), (low, o2), (high, o2), (high, o1) runs counter-clockwise about c → d. */
function turnsRight(c: number, d: number, o1: number, o2: number, axis: number): boolean {
  const step = (from: number, to: number) => [0, 1, 2].map((k) => ((to >> k) & 1) - ((from >> k) & 1));
  const along = step(c, d);
  const e = step(o1, o2);
  const n = [0, 1, 2].map((k) => (k === axis ? 1 : 0));
  const cross = [e[1] * n[2] - e[2] * n[1], e[2] * n[0] - e[0] * n[2], e[0] * n[1] - e[1] * n[0]];
  return along[0] * cross[0] + along[1] * cross[1] + along[2] * cross[2] > 0;
}

export interface TetFigures {
  count: number;
  inverted: number;
  /** Sum of signed and of absolute volumes. */
  volume: number;
  absolute: number;
}

export function tetFigures({ vertices, tets }: TetMesh): TetFigures {
  let [inverted, volume, absolute] = [0, 0, 0];
  for (let at = 0; at < tets.length; at += 4) {
    const a = 3 * tets[at];
    const edge = (k: number) => [0, 1, 2].map((axis) => vertices[3 * tets[at + k] + axis] - vertices[a + axis]);
    const [p, q, r] = [edge(1), edge(2), edge(3)];
    const six =
      p[0] * (q[1] * r[2] - q[2] * r[1]) + p[1] * (q[2] * r[0] - q[0] * r[2]) + p[2] * (q[0] * r[1] - q[1] * r[0]);
    volume += six / 6;
    absolute += Math.abs(six) / 6;
    if (six < 0) inverted++;
  }
  return { count: tets.length / 4, inverted, volume, absolute };
}

/** Faces of tetrahedra by use: in two of them, in one and on the surface, anything else. */
export function tetConformity(
  { tets }: TetMesh,
  faces: Uint32Array,
): { shared: number; boundary: number; missing: number; wrong: number } {
  const use = new Map<string, number>();
  const key = (...corners: number[]) => corners.sort((a, b) => a - b).join();
  for (let at = 0; at < tets.length; at += 4)
    for (let k = 0; k < 4; k++) {
      const face = key(...[0, 1, 2, 3].filter((i) => i !== k).map((i) => tets[at + i]));
      use.set(face, (use.get(face) ?? 0) + 1);
    }
  const surface = new Set<string>();
  for (let at = 0; at < faces.length; at += 3) surface.add(key(faces[at], faces[at + 1], faces[at + 2]));
  let [shared, boundary, wrong] = [0, 0, 0];
  for (const [face, count] of use)
    if (count === 2 && !surface.has(face)) shared++;
    else if (count === 1 && surface.has(face)) boundary++;
    else wrong++;
  let missing = 0;
  for (const face of surface) if (!use.has(face)) missing++;
  return { shared, boundary, missing, wrong };
}
