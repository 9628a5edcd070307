/** Nearest of many points in three dimensions, exactly; among equals the first. */
import type { SidedSurface } from './closest.ts';
import { type CellGrid, cellGrid, cellOf, ringSearch } from './ring-search.ts';

export interface PointGrid {
  /** Index of the nearest point. */
  nearest(x: number, y: number, z: number): number;
  /** Indices of the k nearest points, nearest first. */
  nearestFew(x: number, y: number, z: number, k: number): number[];
}

/** Points of each cell: order[start[c]] … order[start[c + 1] − 1], ascending. */
function sortIntoCells(points: Float64Array, grid: CellGrid): { start: Uint32Array; order: Uint32Array } {
  const [nx, ny, nz] = grid.counts;
  const count = points.length / 3;
  const cell = new Uint32Array(count);
  const start = new Uint32Array(nx * ny * nz + 1);
  for (let i = 0; i < count; i++) {
    const [x, y, z] = [0, 1, 2].map((axis) => cellOf(grid, axis, points[3 * i + axis]));
    cell[i] = x + nx * (y + ny * z);
    start[cell[i] + 1]++;
  }
  for (let c = 0; c < nx * ny * nz; c++) start[c + 1] += start[c];
  const next = start.slice();
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[next[cell[i]]++] = i;
  return { start, order };
}

/** Side of a cell that holds about two points of a surface as large as the points' box. */
function sideFor(points: Float64Array): number {
  const grid = cellGrid(points, Number.POSITIVE_INFINITY);
  const extent = [0, 0, 0];
  for (let i = 0; i < points.length; i++) extent[i % 3] = Math.max(extent[i % 3], points[i] - grid.low[i % 3]);
  const [a, b, c] = extent;
  return Math.sqrt((4 * (a * b + b * c + c * a)) / (points.length / 3)) || Math.max(a, b, c) / 2 || 1;
}

/** points: [n, 3], at least one. */
export function pointGrid(points: Float64Array): PointGrid {
  const grid = cellGrid(points, sideFor(points));
  const { start, order } = sortIntoCells(points, grid);
  return {
    nearest(x, y, z) {
      let best = Number.POSITIVE_INFINITY;
      let found = 0;
      ringSearch(grid, x, y, z, (cell) => {
        for (let at = start[cell]; at < start[cell + 1]; at++) {
          const i = 3 * order[at];
          const square = (points[i] - x) ** 2 + (points[i + 1] - y) ** 2 + (points[i + 2] - z) ** 2;
          if (square < best || (square === best && order[at] < found)) {
            best = square;
            found = order[at];
          }
        }
        return Math.sqrt(best);
      });
      return found;
    },
    nearestFew(x, y, z, k) {
      const few: { square: number; index: number }[] = [];
      ringSearch(grid, x, y, z, (cell) => {
        for (let at = start[cell]; at < start[cell + 1]; at++) {
          const index = order[at];
          const i = 3 * index;
          const square = (points[i] - x) ** 2 + (points[i + 1] - y) ** 2 + (points[i + 2] - z) ** 2;
          const last = few.length === k ? few[k - 1] : undefined;
          if (last && (square > last.square || (square === last.square && index > last.index))) continue;
          few.push({ square, index });
          few.sort((p, q) => p.square - q.square || p.index - q.index);
          few.length = Math.min(few.length, k);
        }
        return few.length < k ? Number.POSITIVE_INFINITY : Math.sqrt(few[k - 1].square);
      });
      return few.map(({ index }) => index);
    },
  };
}

/** Points asked for their side: near an edge the nearest one alone may lie on the wrong face. */
const voters = 8;

/** The nearest point and its normal: points, normals [n, 3]. Sides by the sum of n·(x − p) over the nearest few. */
export function pointSurface(points: Float64Array, normals: Float64Array): SidedSurface {
  const grid = pointGrid(points);
  return {
    closest(out, x, y, z) {
      const i = 3 * grid.nearest(x, y, z);
      for (let axis = 0; axis < 3; axis++) {
        out[axis] = points[i + axis];
        out[3 + axis] = normals[i + axis];
      }
    },
    inside(x, y, z) {
      let sum = 0;
      for (const index of grid.nearestFew(x, y, z, voters)) {
        const i = 3 * index;
        sum +=
          (x - points[i]) * normals[i] + (y - points[i + 1]) * normals[i + 1] + (z - points[i + 2]) * normals[i + 2];
      }
      return sum < 0;
    },
  };
}
