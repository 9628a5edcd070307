/**
 * Dual surface of an octree. The boundary of a leaf is its faces, each replaced by four squares where the leaf across is
 * finer; around each square, hanging points included, every run of inside points links the two crossed minimal edges at
 * its ends; linked edges make a patch, which gives one vertex. Each crossed minimal edge gives a triangle or a
 * quadrilateral from the three or four leaves around it. Both leaves at a square see the same links: the mesh closes.
 */
import { checkpoint, type RunContext } from '../../context.ts';
import { faceCorners } from './cube.ts';
import { aroundEdge } from './dual-surface.ts';
import { type FixedPlacement, gradientAt, qefAnchor, qefShift } from './fixed-placement.ts';
import type { TriangleMesh } from './mesh-measures.ts';
import type { Octree } from './octree.ts';

/** A minimal edge has the key 3 · lower point + axis. */
interface Crossings {
  /** Key → length. */
  edges: Map<number, number>;
  /** leaf · span + key → vertex. */
  vertexOf: Map<number, number>;
  span: number;
}

/** Lattice coordinates. `s`: the field before hanging points were replaced, for gradients. */
export async function octreeSurface(
  octree: Octree,
  s: Float64Array,
  placement: FixedPlacement,
  context: Pick<RunContext, 'signal'>,
): Promise<TriangleMesh> {
  const crossings: Crossings = { edges: new Map(), vertexOf: new Map(), span: 3 * s.length };
  const vertices: number[] = [];
  const patches = await allPatches(octree, crossings.edges, context);
  for (let leaf = 0; leaf < octree.leafPoint.length; leaf++) {
    if (leaf % 5000 === 0) await checkpoint(context);
    for (const patch of patches[leaf]) {
      for (const key of patch) crossings.vertexOf.set(leaf * crossings.span + key, vertices.length / 3);
      vertices.push(...placed(octree, s, leaf, patch, crossings.edges, placement));
    }
  }
  return polygons(octree, Float64Array.from(vertices), crossings);
}

interface Square {
  /** In order from outside, counter-clockwise. */
  corners: number[];
  side: number;
  /** Across it. */
  axis: number;
}

function squaresOf({ corner, strides }: Octree, low: number, side: number): Square[] {
  const squares: Square[] = [];
  for (const [face, around] of faceCorners.entries()) {
    const axis = face >> 1;
    const corners = around.map(
      (c) => low + side * ((c & 1) * strides[0] + ((c >> 1) & 1) * strides[1] + ((c >> 2) & 1) * strides[2]),
    );
    const centre = (corners[0] + corners[2]) / 2;
    if (side === 1 || corner[centre] === 0) {
      squares.push({ corners, side, axis });
      continue;
    }
    const middles = corners.map((point, k) => (point + corners[(k + 1) % 4]) / 2);
    for (let k = 0; k < 4; k++)
      squares.push({ corners: [corners[k], middles[k], centre, middles[(k + 3) % 4]], side: side / 2, axis });
  }
  return squares;
}

interface LeafPatches {
  /** Keys of each patch, ascending; patches by smallest key. */
  patches: number[][];
  /** Squares with two runs of inside points: their name and their four crossed edges. */
  ambiguous: { square: number; keys: number[] }[];
}

/** Adds the edges to `edges`. On squares in `flipped` the runs of outside points are linked instead. */
function patchesOf(
  octree: Octree,
  leaf: number,
  edges: Map<number, number>,
  flipped: ReadonlySet<number>,
): LeafPatches {
  const { values, corner, strides, leafPoint, leafSide } = octree;
  const parent = new Map<number, number>();
  const ambiguous: LeafPatches['ambiguous'] = [];
  const root = (key: number): number => {
    const next = parent.get(key) ?? key;
    return next === key ? key : root(next);
  };
  const link = (first: number, second: number) => {
    const [a, b] = [root(first), root(second)];
    if (a !== b) parent.set(Math.max(a, b), Math.min(a, b));
  };
  const edgeKey = (from: number, to: number): number => {
    const step = Math.abs(to - from);
    const axis = step >= strides[2] ? 2 : step >= strides[1] ? 1 : 0;
    const key = 3 * Math.min(from, to) + axis;
    edges.set(key, step / strides[axis]);
    if (!parent.has(key)) parent.set(key, key);
    return key;
  };
  for (const { corners, side, axis } of squaresOf(octree, leafPoint[leaf], leafSide[leaf])) {
    const walk = corners.flatMap((point, k) => {
      const middle = (point + corners[(k + 1) % 4]) / 2;
      return side > 1 && corner[middle] === 1 ? [point, middle] : [point];
    });
    const n = walk.length;
    const runs: [first: number, last: number][] = [];
    for (let k = 0; k < n; k++) {
      const before = walk[(k + n - 1) % n];
      if (!(values[walk[k]] < 0) || values[before] < 0) continue;
      let last = k;
      while (values[walk[(last + 1) % n]] < 0) last++;
      runs.push([edgeKey(before, walk[k]), edgeKey(walk[last % n], walk[(last + 1) % n])]);
    }
    const square = 3 * Math.min(...corners) + axis;
    const shift = runs.length === 2 && flipped.has(square) ? 1 : 0;
    for (const [k, [first]] of runs.entries()) link(first, runs[(k + shift) % runs.length][1]);
    if (runs.length === 2) ambiguous.push({ square, keys: runs.flat() });
  }
  const patches = new Map<number, number[]>();
  for (const key of [...parent.keys()].sort((p, q) => p - q)) {
    const of = root(key);
    patches.set(of, [...(patches.get(of) ?? []), key]);
  }
  return { patches: [...patches.values()], ambiguous };
}

/** Whether all four edges of the square lie in one patch. */
function touchesItself({ patches, ambiguous }: LeafPatches, square: number): boolean {
  const keys = ambiguous.find((entry) => entry.square === square)?.keys ?? [];
  return keys.length > 0 && patches.some((patch) => keys.every((key) => patch.includes(key)));
}

/**
 * Patches of every leaf. Where the four edges of an ambiguous square lie in one patch on both its sides, the surface would
 * touch itself along an edge used four times: the links of that square are exchanged, which parts the patch in two on
 * either side. One square after the other, each by the state it finds, so that no exchange undoes another.
 */
async function allPatches(
  octree: Octree,
  edges: Map<number, number>,
  context: Pick<RunContext, 'signal'>,
): Promise<number[][][]> {
  const found: LeafPatches[] = [];
  const flipped = new Set<number>();
  const leavesAt = new Map<number, number[]>();
  for (let leaf = 0; leaf < octree.leafPoint.length; leaf++) {
    if (leaf % 5000 === 0) await checkpoint(context);
    found.push(patchesOf(octree, leaf, edges, flipped));
    for (const { square } of found[leaf].ambiguous) leavesAt.set(square, [...(leavesAt.get(square) ?? []), leaf]);
  }
  for (const [square, leaves] of [...leavesAt].sort(([p], [q]) => p - q)) {
    if (leaves.length < 2 || !leaves.every((leaf) => touchesItself(found[leaf], square))) continue;
    flipped.add(square);
    for (const leaf of leaves) found[leaf] = patchesOf(octree, leaf, edges, flipped);
  }
  return found.map(({ patches }) => patches);
}

function placed(
  octree: Octree,
  s: Float64Array,
  leaf: number,
  patch: readonly number[],
  edges: Map<number, number>,
  placement: FixedPlacement,
): number[] {
  const { values, strides, size, leafPoint, leafSide } = octree;
  const count = patch.length;
  const side = leafSide[leaf];
  const origin = coordinates(leafPoint[leaf], octree);
  const [u, n] = [new Float64Array(3 * count), new Float64Array(3 * count)];
  const [low, high, shift] = [0, 1, 2].map(() => new Float64Array(3));
  const mean = [0, 0, 0];
  for (const [k, key] of patch.entries()) {
    const [point, axis] = [Math.floor(key / 3), key % 3];
    const length = edges.get(key) ?? 1;
    const end = point + length * strides[axis];
    const t = values[point] / (values[point] - values[end]);
    const at = coordinates(point, octree);
    at[axis] += t * length;
    gradientAt(low, s, point, { size, strides });
    gradientAt(high, s, end, { size, strides });
    const g = [0, 1, 2].map((c) => (1 - t) * low[c] + t * high[c]);
    g[axis] = (values[end] - values[point]) / length;
    const norm = Math.hypot(...g) || 1;
    for (let c = 0; c < 3; c++) {
      // In units of the leaf, as in a cube.
      u[3 * k + c] = (at[c] - origin[c]) / side;
      n[3 * k + c] = g[c] / norm;
      mean[c] += u[3 * k + c] / count;
    }
  }
  if (placement === 'qef') qefShift(shift, u, n, count, mean, qefAnchor.sampled);
  return mean.map((value, c) => origin[c] + side * Math.min(1, Math.max(0, value + shift[c])));
}

function coordinates(point: number, { size, strides }: Pick<Octree, 'size' | 'strides'>): number[] {
  return [point % size[0], Math.floor(point / size[0]) % size[1], Math.floor(point / strides[2])];
}

function polygons(octree: Octree, vertices: Float64Array, { edges, vertexOf, span }: Crossings): TriangleMesh {
  const { values, strides, size, leafOf } = octree;
  const faces: number[] = [];
  const square = (i: number, j: number) =>
    [0, 1, 2].reduce((sum, axis) => sum + (vertices[3 * i + axis] - vertices[3 * j + axis]) ** 2, 0);
  for (const key of [...edges.keys()].sort((a, b) => a - b)) {
    const [point, axis] = [Math.floor(key / 3), key % 3];
    const [u, v] = [(axis + 1) % 3, (axis + 2) % 3];
    const at = coordinates(point, octree);
    if (at[u] === 0 || at[v] === 0 || at[u] === size[u] - 1 || at[v] === size[v] - 1) continue;
    const around = aroundEdge.map(([du, dv]) => {
      const leaf = leafOf[point + du * strides[u] + dv * strides[v]];
      return vertexOf.get(leaf * span + key) ?? -1;
    });
    const distinct = around.filter((vertex, i) => vertex !== around[(i + 1) % 4]);
    if (!(values[point] < 0)) distinct.reverse();
    const [a, b, c, d] = distinct;
    if (distinct.length === 3) faces.push(a, b, c);
    else if (square(a, c) <= square(b, d)) faces.push(a, b, c, a, c, d);
    else faces.push(a, b, d, b, c, d);
  }
  return { vertices, faces: Uint32Array.from(faces) };
}
