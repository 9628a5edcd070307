/**
 * The combinatorics of Dual Marching Cubes on a grid of points: which cubes the surface s = 0 crosses (s < 0 inside, zero
 * outside), one vertex per patch of a cube, one quadrilateral per crossed grid edge with four cubes around it.
 * Points are numbered x + nx (y + ny z); a cube has the number of its lowest point. Positions come from elsewhere.
 */
import { checkpoint, type RunContext } from '../../context.ts';
import { edgeAt, edgeCorners } from './cube.ts';
import { flexicubesError } from './flexicubes-error.ts';
import { cubeTables } from './tables.ts';

/** Values at grid points. */
export type Field = Float64Array | Float32Array;

/** Points along x, y, z. */
export type GridSize = readonly [nx: number, ny: number, nz: number];

export interface DualSurface {
  size: GridSize;
  /** Steps from a point to the next along each axis. */
  strides: readonly [number, number, number];
  /** Crossed cubes, ascending. */
  cubes: Uint32Array;
  /** Their cases by sign, and those in use, which differ in replaced cubes. */
  signs: Uint8Array;
  cases: Uint8Array;
  /** Index among the crossed cubes of each cube, −1 elsewhere: [points]. */
  slot: Int32Array;
  /** First vertex of each crossed cube and, last, the number of vertices. */
  firstVertex: Uint32Array;
  /** Index among the crossed cubes: [vertices]. */
  vertexSlot: Uint32Array;
  /** Crossings of vertex i are entries crossingStart[i] … crossingStart[i + 1]: edge number within its cube. */
  crossingStart: Uint32Array;
  crossingEdge: Uint8Array;
  /** Vertices of each quadrilateral, counter-clockwise from outside: [quads, 4]. */
  quads: Uint32Array;
  /** Its grid edge: lower point and axis. */
  quadPoint: Uint32Array;
  quadAxis: Uint8Array;
  /** Pairs of replaced cubes: index of both among the crossed cubes (lower first), axis across. */
  replacedPairs: readonly (readonly [low: number, high: number, axis: number])[];
}

/** Crossed cubes beyond which the text of a mesh no longer fits one string. */
export const largestSurface = 4e6;

const pollEvery = 2 ** 20;

/** Offsets along (u, v) of the four cubes around an edge, counter-clockwise about its direction. */
export const aroundEdge = [
  [-1, -1],
  [0, -1],
  [0, 0],
  [-1, 0],
] as const;

function cornerOffsets(strides: readonly number[]): number[] {
  return Array.from(
    { length: 8 },
    (_, corner) => (corner & 1) * strides[0] + ((corner >> 1) & 1) * strides[1] + ((corner >> 2) & 1) * strides[2],
  );
}

export interface SurfaceOptions {
  /** Replace pairs of flagged cubes; default true. Off only to count what the rule repairs. */
  repair?: boolean;
}

/** Throws `E_TOO_LARGE` beyond `largestSurface` cubes. A surface without cubes is returned as such. */
export async function dualSurface(
  s: Field,
  size: GridSize,
  context: Pick<RunContext, 'signal'>,
  { repair = true }: SurfaceOptions = {},
): Promise<DualSurface> {
  const strides = [1, size[0], size[0] * size[1]] as const;
  const slot = new Int32Array(s.length).fill(-1);
  const { cubes, signs } = await crossedCubes(s, size, strides, slot, context);
  const cases = signs.slice();
  const replacedPairs = repair ? replaceFlagged(cubes, signs, cases, slot, size, strides) : [];
  const vertices = numberVertices(cases);
  const quads = await quadsOf({ cubes, signs, cases, slot, firstVertex: vertices.firstVertex }, size, strides, context);
  return { size, strides, cubes, signs, cases, slot, ...vertices, ...quads, replacedPairs };
}

async function crossedCubes(
  s: Field,
  [nx, ny, nz]: GridSize,
  strides: readonly number[],
  slot: Int32Array,
  context: Pick<RunContext, 'signal'>,
): Promise<{ cubes: Uint32Array; signs: Uint8Array }> {
  const offsets = cornerOffsets(strides);
  let capacity = 1024;
  let cubes = new Uint32Array(capacity);
  let signs = new Uint8Array(capacity);
  let count = 0;
  let sincePoll = 0;
  for (let z = 0; z < nz - 1; z++)
    for (let y = 0; y < ny - 1; y++) {
      const row = nx * (y + ny * z);
      // Signs of the left side of the cube at hand, moved along the row.
      let left = 0;
      for (let c = 0; c < 8; c += 2) if (s[row + offsets[c]] < 0) left |= 1 << c;
      for (let at = row; at < row + nx - 1; at++) {
        let right = 0;
        for (let c = 1; c < 8; c += 2) if (s[at + offsets[c]] < 0) right |= 1 << c;
        const code = left | right;
        left = right >> 1;
        if (code === 0 || code === 255) continue;
        if (count === capacity) {
          capacity *= 2;
          const [grownCubes, grownSigns] = [new Uint32Array(capacity), new Uint8Array(capacity)];
          grownCubes.set(cubes);
          grownSigns.set(signs);
          [cubes, signs] = [grownCubes, grownSigns];
        }
        cubes[count] = at;
        signs[count] = code;
        slot[at] = count++;
      }
      if (count > largestSurface)
        throw flexicubesError(
          'E_TOO_LARGE',
          `the surface crosses more than ${largestSurface} cubes`,
          'volume',
          'Smooth the volume, choose another iso, or use a coarser grid (placement=fit or adaptive=true).',
        );
      sincePoll += nx;
      if (sincePoll < pollEvery) continue;
      sincePoll = 0;
      await checkpoint(context);
    }
  return { cubes: cubes.slice(0, count), signs: signs.slice(0, count) };
}

function replaceFlagged(
  cubes: Uint32Array,
  signs: Uint8Array,
  cases: Uint8Array,
  slot: Int32Array,
  size: GridSize,
  strides: readonly number[],
): [number, number, number][] {
  const { flaggedFace } = cubeTables;
  const pairs: [number, number, number][] = [];
  for (let k = 0; k < cubes.length; k++) {
    const face = flaggedFace[signs[k]];
    // Each pair is found from its lower cube, through the face on its upper side.
    if (face < 0 || (face & 1) === 0) continue;
    const axis = face >> 1;
    const coordinate = Math.floor(cubes[k] / strides[axis]) % size[axis];
    if (coordinate >= size[axis] - 2) continue;
    const other = slot[cubes[k] + strides[axis]];
    if (other < 0 || flaggedFace[signs[other]] !== face - 1) continue;
    cases[k] = 255 - signs[k];
    cases[other] = 255 - signs[other];
    pairs.push([k, other, axis]);
  }
  return pairs;
}

function numberVertices(cases: Uint8Array) {
  const { patchCount, loops } = cubeTables;
  const firstVertex = new Uint32Array(cases.length + 1);
  let crossings = 0;
  for (let k = 0; k < cases.length; k++) {
    firstVertex[k + 1] = firstVertex[k] + patchCount[cases[k]];
    for (const loop of loops[cases[k]]) crossings += loop.length;
  }
  const count = firstVertex[cases.length];
  const vertexSlot = new Uint32Array(count);
  const crossingStart = new Uint32Array(count + 1);
  const crossingEdge = new Uint8Array(crossings);
  for (let k = 0, at = 0, vertex = 0; k < cases.length; k++)
    for (const loop of loops[cases[k]]) {
      vertexSlot[vertex] = k;
      for (const edge of loop) crossingEdge[at++] = edge;
      crossingStart[++vertex] = at;
    }
  return { firstVertex, vertexSlot, crossingStart, crossingEdge };
}

async function quadsOf(
  { cubes, signs, cases, slot, firstVertex }: Pick<DualSurface, 'cubes' | 'signs' | 'cases' | 'slot' | 'firstVertex'>,
  size: GridSize,
  strides: readonly number[],
  context: Pick<RunContext, 'signal'>,
) {
  const { patch } = cubeTables;
  const crosses = (k: number, axis: number) => (signs[k] & 1) !== ((signs[k] >> (1 << axis)) & 1);
  let count = 0;
  const hasFour = (point: number, axis: number) => {
    const [u, v] = [(axis + 1) % 3, (axis + 2) % 3];
    return Math.floor(point / strides[u]) % size[u] > 0 && Math.floor(point / strides[v]) % size[v] > 0;
  };
  for (let k = 0; k < cubes.length; k++)
    for (let axis = 0; axis < 3; axis++) if (crosses(k, axis) && hasFour(cubes[k], axis)) count++;
  const quads = new Uint32Array(4 * count);
  const quadPoint = new Uint32Array(count);
  const quadAxis = new Uint8Array(count);
  let quad = 0;
  for (let k = 0; k < cubes.length; k++) {
    if (k % 100_000 === 99_999) await checkpoint(context);
    const point = cubes[k];
    const inside = (signs[k] & 1) === 1;
    for (let axis = 0; axis < 3; axis++) {
      if (!crosses(k, axis) || !hasFour(point, axis)) continue;
      const [strideU, strideV] = [strides[(axis + 1) % 3], strides[(axis + 2) % 3]];
      for (let i = 0; i < 4; i++) {
        const [du, dv] = aroundEdge[i];
        const cube = slot[point + du * strideU + dv * strideV];
        const vertex = firstVertex[cube] + patch[12 * cases[cube] + edgeAt(axis, -du, -dv)];
        quads[4 * quad + (inside ? i : 3 - i)] = vertex;
      }
      quadPoint[quad] = point;
      quadAxis[quad++] = axis;
    }
  }
  return { quads, quadPoint, quadAxis };
}

/** Grid points at the ends of a crossing's edge. */
export function crossingEnds(surface: DualSurface, vertex: number, edge: number): [low: number, high: number] {
  const cube = surface.cubes[surface.vertexSlot[vertex]];
  const [a, b] = edgeCorners[edge];
  const at = (corner: number) =>
    cube +
    (corner & 1) * surface.strides[0] +
    ((corner >> 1) & 1) * surface.strides[1] +
    ((corner >> 2) & 1) * surface.strides[2];
  return [at(a), at(b)];
}
