/**
 * Statistics of the float values inside a region, accumulated in float64. A pixel belongs to a region when its centre
 * lies inside; pixel centres are at whole numbers. SD divides by n − 1.
 */
export interface RegionStatistics {
  /** Finite values counted. */
  count: number;
  mean: number;
  sd: number;
  min: number;
  max: number;
}

export type Corner = readonly [number, number];

export type Region =
  | { kind: 'rectangle'; from: Corner; to: Corner }
  | { kind: 'ellipse'; from: Corner; to: Corner }
  | { kind: 'circle'; centre: Corner; edge: Corner }
  | { kind: 'polygon'; corners: readonly Corner[] };

/** [x0, y0, x1, y1]. */
export function regionBounds(region: Region): [number, number, number, number] {
  if (region.kind === 'circle') {
    const r = Math.hypot(region.edge[0] - region.centre[0], region.edge[1] - region.centre[1]);
    return [region.centre[0] - r, region.centre[1] - r, region.centre[0] + r, region.centre[1] + r];
  }
  const corners = region.kind === 'polygon' ? region.corners : [region.from, region.to];
  const xs = corners.map(([x]) => x);
  const ys = corners.map(([, y]) => y);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

/** By the even–odd rule. */
function insidePolygon(corners: readonly Corner[], x: number, y: number): boolean {
  let inside = false;
  for (let i = 0, j = corners.length - 1; i < corners.length; j = i++) {
    const [xi, yi] = corners[i];
    const [xj, yj] = corners[j];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

export function contains(region: Region, x: number, y: number): boolean {
  if (region.kind === 'polygon') return insidePolygon(region.corners, x, y);
  const [x0, y0, x1, y1] = regionBounds(region);
  if (region.kind === 'rectangle') return x >= x0 && x <= x1 && y >= y0 && y <= y1;
  const [rx, ry] = [(x1 - x0) / 2, (y1 - y0) / 2];
  if (rx === 0 || ry === 0) return false;
  return ((x - (x0 + x1) / 2) / rx) ** 2 + ((y - (y0 + y1) / 2) / ry) ** 2 <= 1;
}

/** Area in pixels of the drawn shape, not of the pixels counted. */
export function regionArea(region: Region): number {
  if (region.kind === 'polygon') {
    let twice = 0;
    region.corners.forEach(([x, y], i) => {
      const [nx, ny] = region.corners[(i + 1) % region.corners.length];
      twice += x * ny - nx * y;
    });
    return Math.abs(twice) / 2;
  }
  const [x0, y0, x1, y1] = regionBounds(region);
  const box = (x1 - x0) * (y1 - y0);
  return region.kind === 'rectangle' ? box : (Math.PI / 4) * box;
}

/** `values` [rows, columns]. Null when no finite value lies inside. Two passes: the mean first, then squares about it. */
export function regionStatistics(
  values: ArrayLike<number>,
  rows: number,
  columns: number,
  region: Region,
): RegionStatistics | null {
  const [bx0, by0, bx1, by1] = regionBounds(region);
  const x0 = Math.max(0, Math.ceil(bx0));
  const y0 = Math.max(0, Math.ceil(by0));
  const x1 = Math.min(columns - 1, Math.floor(bx1));
  const y1 = Math.min(rows - 1, Math.floor(by1));
  const found: number[] = [];
  for (let y = y0; y <= y1; y++)
    for (let x = x0; x <= x1; x++) {
      const value = values[y * columns + x];
      if (Number.isFinite(value) && contains(region, x, y)) found.push(value);
    }
  if (found.length === 0) return null;
  let sum = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const value of found) {
    sum += value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const mean = sum / found.length;
  let squares = 0;
  for (const value of found) squares += (value - mean) ** 2;
  return { count: found.length, mean, sd: found.length > 1 ? Math.sqrt(squares / (found.length - 1)) : 0, min, max };
}
