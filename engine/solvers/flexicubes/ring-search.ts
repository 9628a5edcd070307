/** Cells over a box, and a walk through them in rings about a point until nothing nearer can follow. */

export interface CellGrid {
  low: readonly number[];
  /** Side of a cell. */
  side: number;
  counts: readonly [number, number, number];
}

/** Covers the box of `points` [n, 3]; cells of `side`, larger where there would be more than `most` of them. */
export function cellGrid(points: ArrayLike<number>, side: number, most = 4e6): CellGrid {
  const low = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const high = low.map((value) => -value);
  for (let i = 0; i < points.length; i++) {
    low[i % 3] = Math.min(low[i % 3], points[i]);
    high[i % 3] = Math.max(high[i % 3], points[i]);
  }
  const extent = high.map((value, axis) => value - low[axis]);
  let used = Math.max(side, Math.max(...extent) * 1e-6, Number.MIN_VALUE);
  const countsOf = () => extent.map((length) => Math.floor(length / used) + 1);
  while (countsOf().reduce((a, b) => a * b) > most) used *= 1.25;
  const [nx, ny, nz] = countsOf();
  return { low, side: used, counts: [nx, ny, nz] };
}

export function cellOf({ low, side, counts }: CellGrid, axis: number, coordinate: number): number {
  return Math.min(counts[axis] - 1, Math.max(0, Math.floor((coordinate - low[axis]) / side)));
}

/**
 * Calls `visit(cell)` for the cells in rings about (x, y, z); it returns the distance within which something was found so
 * far. Ends when all that has not been visited lies farther.
 */
export function ringSearch(grid: CellGrid, x: number, y: number, z: number, visit: (cell: number) => number): void {
  const { low, side, counts } = grid;
  const [cx, cy, cz] = [cellOf(grid, 0, x), cellOf(grid, 1, y), cellOf(grid, 2, z)];
  const [nx, ny, nz] = counts;
  let best = Number.POSITIVE_INFINITY;
  for (let ring = 0; ; ring++) {
    const [x0, x1] = [Math.max(0, cx - ring), Math.min(nx - 1, cx + ring)];
    const [y0, y1] = [Math.max(0, cy - ring), Math.min(ny - 1, cy + ring)];
    const [z0, z1] = [Math.max(0, cz - ring), Math.min(nz - 1, cz + ring)];
    for (let k = z0; k <= z1; k++)
      for (let j = y0; j <= y1; j++) {
        const row = nx * (j + ny * k);
        if (Math.abs(k - cz) === ring || Math.abs(j - cy) === ring)
          for (let i = x0; i <= x1; i++) best = visit(row + i);
        else {
          if (cx - ring >= 0) best = visit(row + cx - ring);
          if (ring > 0 && cx + ring < nx) best = visit(row + cx + ring);
        }
      }
    // Distance to what lies outside the box searched; infinite where the grid ends.
    let beyond = Number.POSITIVE_INFINITY;
    if (x0 > 0) beyond = Math.min(beyond, x - (low[0] + x0 * side));
    if (y0 > 0) beyond = Math.min(beyond, y - (low[1] + y0 * side));
    if (z0 > 0) beyond = Math.min(beyond, z - (low[2] + z0 * side));
    if (x1 < nx - 1) beyond = Math.min(beyond, low[0] + (x1 + 1) * side - x);
    if (y1 < ny - 1) beyond = Math.min(beyond, low[1] + (y1 + 1) * side - y);
    if (z1 < nz - 1) beyond = Math.min(beyond, low[2] + (z1 + 1) * side - z);
    // The small share keeps equally near points at the rim from being missed by rounding.
    if (beyond === Number.POSITIVE_INFINITY || best < beyond - 1e-9 * side) return;
  }
}
