/**
 * From pixels of an image to the screen: M = T(middle + pan) · R(rotation) · S(scale) · F(flips) · T(−size/2).
 * Pixel coordinates put the corner of the first pixel at (0, 0) and its centre at (0.5, 0.5); measurements use centres
 * at whole numbers and are shifted by half a pixel where they are drawn.
 */
export interface Point {
  x: number;
  y: number;
}

export type QuarterTurn = 0 | 90 | 180 | 270;

/** x' = a·x + c·y + e, y' = b·x + d·y + f. */
export interface Matrix {
  a: number;
  b: number;
  c: number;
  d: number;
  e: number;
  f: number;
}

export interface Placement {
  /** Screen pixels per pixel along the axis with the finer spacing. */
  scale: number;
  /** Screen pixels from the middle. */
  pan: Point;
  rotation: QuarterTurn;
  hflip: boolean;
  vflip: boolean;
}

export interface Grid {
  rows: number;
  columns: number;
  /** mm; null when unknown. */
  rowSpacing: number | null;
  columnSpacing: number | null;
}

/** How much wider and taller than square a pixel is drawn: [x, y], the finer axis 1. */
export function pixelAspect({ rowSpacing, columnSpacing }: Grid): [number, number] {
  if (rowSpacing === null || columnSpacing === null || !(rowSpacing > 0) || !(columnSpacing > 0)) return [1, 1];
  return rowSpacing < columnSpacing ? [columnSpacing / rowSpacing, 1] : [1, rowSpacing / columnSpacing];
}

const cosines: Readonly<Record<QuarterTurn, [number, number]>> = {
  0: [1, 0],
  90: [0, 1],
  180: [-1, 0],
  270: [0, -1],
};

export function viewMatrix(place: Placement, grid: Grid, width: number, height: number): Matrix {
  const [ax, ay] = pixelAspect(grid);
  const [cos, sin] = cosines[place.rotation];
  const sx = place.scale * ax * (place.hflip ? -1 : 1);
  const sy = place.scale * ay * (place.vflip ? -1 : 1);
  const a = cos * sx;
  const b = sin * sx;
  const c = -sin * sy;
  const d = cos * sy;
  const cx = grid.columns / 2;
  const cy = grid.rows / 2;
  return {
    a,
    b,
    c,
    d,
    e: width / 2 + place.pan.x - a * cx - c * cy,
    f: height / 2 + place.pan.y - b * cx - d * cy,
  };
}

export const applyMatrix = (m: Matrix, { x, y }: Point): Point => ({
  x: m.a * x + m.c * y + m.e,
  y: m.b * x + m.d * y + m.f,
});

/** The matrix is never singular: scales are above zero. */
export function invertMatrix(m: Matrix): Matrix {
  const det = m.a * m.d - m.b * m.c;
  const [a, b, c, d] = [m.d / det, -m.b / det, -m.c / det, m.a / det];
  return { a, b, c, d, e: -(a * m.e + c * m.f), f: -(b * m.e + d * m.f) };
}

/** Scale at which the whole image is seen. */
export function fitScale(grid: Grid, rotation: QuarterTurn, width: number, height: number): number {
  const [ax, ay] = pixelAspect(grid);
  const wide = Math.max(1, grid.columns) * ax;
  const tall = Math.max(1, grid.rows) * ay;
  const [w, h] = rotation === 90 || rotation === 270 ? [tall, wide] : [wide, tall];
  return Math.max(1e-4, Math.min(width / w, height / h));
}

/** mm of the axis whose pixels are drawn `scale` wide; null when unknown. */
export function finerSpacing({ rowSpacing, columnSpacing }: Grid): number | null {
  if (rowSpacing === null || columnSpacing === null || !(rowSpacing > 0) || !(columnSpacing > 0)) return null;
  return Math.min(rowSpacing, columnSpacing);
}

/** The pan after a change of scale that keeps the point of the image under `at` where it is. */
export function panAboutPoint(pan: Point, at: Point, middle: Point, factor: number): Point {
  return {
    x: at.x - middle.x - (at.x - middle.x - pan.x) * factor,
    y: at.y - middle.y - (at.y - middle.y - pan.y) * factor,
  };
}
