/**
 * An octree of three levels over a lattice of finest cells: leaves of side 4, 2 and 1. A cell that the surface crosses is
 * split while the field in it departs from linear interpolation between its corners by more than a tolerance; a leaf never
 * touches one of a quarter of its side, over faces, edges or corners. Points in the middle of a larger leaf's edge or face
 * take the mean of its ends, so that every leaf sees the same values.
 */
import type { GridSize } from './dual-surface.ts';

/** Side of the largest leaf. */
export const rootSide = 4;

export interface Octree {
  /** Lattice points along each axis; one more than a multiple of `rootSide`. */
  size: GridSize;
  strides: readonly [number, number, number];
  /** Values at lattice points, hanging ones replaced: [points]. */
  values: Float64Array;
  /** Whether a point is the corner of a leaf: [points]. */
  corner: Uint8Array;
  /** Lowest point and side of each leaf, by lowest point. */
  leafPoint: Uint32Array;
  leafSide: Uint8Array;
  /** Leaf of each finest cell, by its lowest point: [points]. */
  leafOf: Int32Array;
}

function eachPoint(low: number, side: number, strides: readonly number[], visit: (point: number) => void): void {
  for (let z = 0; z <= side; z++)
    for (let y = 0; y <= side; y++) for (let x = 0; x <= side; x++) visit(low + x + strides[1] * y + strides[2] * z);
}

/** Largest |s − linear interpolation from the corners| in a cell the surface crosses, else 0. */
function departure(s: Float64Array, low: number, side: number, strides: readonly number[]): number {
  let crossed = false;
  eachPoint(low, side, strides, (point) => {
    if (s[point] < 0 !== s[low] < 0) crossed = true;
  });
  if (!crossed) return 0;
  let worst = 0;
  for (let z = 0; z <= side; z++)
    for (let y = 0; y <= side; y++)
      for (let x = 0; x <= side; x++) {
        let value = 0;
        for (let c = 0; c < 8; c++) {
          const [i, j, k] = [c & 1, (c >> 1) & 1, (c >> 2) & 1];
          const weight = ((i === 1 ? x : side - x) * (j === 1 ? y : side - y) * (k === 1 ? z : side - z)) / side ** 3;
          value += weight * s[low + side * (i + strides[1] * j + strides[2] * k)];
        }
        worst = Math.max(worst, Math.abs(s[low + x + strides[1] * y + strides[2] * z] - value));
      }
  return worst;
}

/** `s` and `tolerance` in one unit; size: one more than a multiple of `rootSide` along every axis. */
export function buildOctree(s: Float64Array, size: GridSize, tolerance: number): Octree {
  const strides = [1, size[0], size[0] * size[1]] as const;
  const side = new Uint8Array(s.length);
  const setCell = (low: number, width: number, value: number) => {
    eachPoint(low, width - 1, strides, (cell) => {
      side[cell] = value;
    });
  };
  const roots: number[] = [];
  for (let z = 0; z < size[2] - 1; z += rootSide)
    for (let y = 0; y < size[1] - 1; y += rootSide)
      for (let x = 0; x < size[0] - 1; x += rootSide) roots.push(x + strides[1] * y + strides[2] * z);
  const halves = (low: number) =>
    [0, 1, 2, 3, 4, 5, 6, 7].map(
      (c) => low + 2 * ((c & 1) + strides[1] * ((c >> 1) & 1) + strides[2] * ((c >> 2) & 1)),
    );
  for (const root of roots) {
    setCell(root, 4, 4);
    if (departure(s, root, 4, strides) <= tolerance) continue;
    for (const half of halves(root)) setCell(half, 2, departure(s, half, 2, strides) > tolerance ? 1 : 2);
  }
  // Leaves of side 4 that touch one of side 1.
  for (const root of roots) {
    if (side[root] !== 4) continue;
    const at = [root % size[0], Math.floor(root / size[0]) % size[1], Math.floor(root / strides[2])];
    const range = at.map((low, axis) => [Math.max(0, low - 1), Math.min(size[axis] - 2, low + rootSide)]);
    let touches = false;
    for (let z = range[2][0]; z <= range[2][1]; z++)
      for (let y = range[1][0]; y <= range[1][1]; y++)
        for (let x = range[0][0]; x <= range[0][1]; x++)
          if (side[x + strides[1] * y + strides[2] * z] === 1) touches = true;
    if (touches) setCell(root, 4, 2);
  }
  return { ...leavesOf(side, size, strides), ...cornersAndValues(s, side, size, strides), size, strides };
}

function eachLeaf(
  side: Uint8Array,
  size: GridSize,
  strides: readonly number[],
  visit: (low: number, width: number) => void,
): void {
  for (let z = 0; z < size[2] - 1; z++)
    for (let y = 0; y < size[1] - 1; y++)
      for (let x = 0; x < size[0] - 1; x++) {
        const low = x + strides[1] * y + strides[2] * z;
        const width = side[low];
        if (x % width === 0 && y % width === 0 && z % width === 0) visit(low, width);
      }
}

function leavesOf(side: Uint8Array, size: GridSize, strides: readonly number[]) {
  const points: number[] = [];
  const sides: number[] = [];
  const leafOf = new Int32Array(side.length).fill(-1);
  eachLeaf(side, size, strides, (low, width) => {
    eachPoint(low, width - 1, strides, (cell) => {
      leafOf[cell] = points.length;
    });
    points.push(low);
    sides.push(width);
  });
  return { leafPoint: Uint32Array.from(points), leafSide: Uint8Array.from(sides), leafOf };
}

function cornersAndValues(s: Float64Array, side: Uint8Array, size: GridSize, strides: readonly number[]) {
  const corner = new Uint8Array(s.length);
  const values = s.slice();
  for (const width of [4, 2, 1])
    eachLeaf(side, size, strides, (low, own) => {
      if (own !== width) return;
      const at = (x: number, y: number, z: number) => low + x + strides[1] * y + strides[2] * z;
      const ends = [0, width];
      for (const z of ends) for (const y of ends) for (const x of ends) corner[at(x, y, z)] = 1;
      if (width === 1) return;
      const middle = width / 2;
      for (const a of ends)
        for (const b of ends) {
          values[at(middle, a, b)] = (values[at(0, a, b)] + values[at(width, a, b)]) / 2;
          values[at(a, middle, b)] = (values[at(a, 0, b)] + values[at(a, width, b)]) / 2;
          values[at(a, b, middle)] = (values[at(a, b, 0)] + values[at(a, b, width)]) / 2;
        }
      for (const a of ends) {
        let [x, y, z] = [0, 0, 0];
        for (const b of ends)
          for (const c of ends) {
            x += values[at(a, b, c)] / 4;
            y += values[at(b, a, c)] / 4;
            z += values[at(b, c, a)] / 4;
          }
        values[at(a, middle, middle)] = x;
        values[at(middle, a, middle)] = y;
        values[at(middle, middle, a)] = z;
      }
    });
  return { corner, values };
}
