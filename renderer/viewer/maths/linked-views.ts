/** What one viewport's scrolling and zooming mean for another's. */
import type { Vector } from './orientation-letters.ts';

export interface SlicePlane {
  position: Vector;
  rowCosines: Vector;
  columnCosines: Vector;
}

export interface Stack {
  slices: number;
  planes: readonly SlicePlane[];
  frameOfReference: string | null;
}

export const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
export const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const normalOf = (plane: SlicePlane): Vector => cross(plane.rowCosines, plane.columnCosines);

export type ScrollPolicy = 'position' | 'index';

/** By position when both say the same frame of reference, where every slice lies, and the normals are within 15°. */
export function scrollPolicy(a: Stack, b: Stack): ScrollPolicy {
  if (a.frameOfReference === null || a.frameOfReference !== b.frameOfReference) return 'index';
  if (a.planes.length !== a.slices || b.planes.length !== b.slices || a.slices === 0 || b.slices === 0) return 'index';
  return Math.abs(dot(normalOf(a.planes[0]), normalOf(b.planes[0]))) > Math.cos(Math.PI / 12) ? 'position' : 'index';
}

/** The slice of `to` that shows what `slice` of `from` shows; beyond an end stands for that end. */
export function linkedSlice(from: Stack, slice: number, to: Stack): number {
  const last = Math.max(0, to.slices - 1);
  if (scrollPolicy(from, to) === 'index') return Math.min(last, Math.max(0, slice));
  const plane = from.planes[Math.min(from.slices - 1, Math.max(0, slice))];
  const normal = normalOf(plane);
  const place = dot(plane.position, normal);
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let index = 0; index < to.slices; index++) {
    const distance = Math.abs(dot(to.planes[index].position, normal) - place);
    if (distance < least) {
      least = distance;
      best = index;
    }
  }
  return best;
}

/** Screen pixels per pixel that show the same mm; per field of view when a spacing is unknown. */
export function linkedScale(
  scale: number,
  from: { spacing: number | null; columns: number },
  to: { spacing: number | null; columns: number },
): number {
  if (from.spacing !== null && to.spacing !== null) return (scale / from.spacing) * to.spacing;
  return (scale * from.columns) / Math.max(1, to.columns);
}

/** Where `plane` cuts another slice of [rows, columns]: two points in its pixel coordinates, or null. */
export function referenceLine(
  plane: SlicePlane,
  on: SlicePlane,
  size: { rows: number; columns: number; rowSpacing: number; columnSpacing: number },
): [[number, number], [number, number]] | null {
  const normal = normalOf(plane);
  const along = dot(on.rowCosines, normal) * size.columnSpacing;
  const down = dot(on.columnCosines, normal) * size.rowSpacing;
  const offset = dot(plane.position, normal) - dot(on.position, normal);
  // All pixels (x, y) with along·x + down·y = offset; nearly parallel planes have no line.
  if (Math.hypot(along, down) < 0.05 * Math.max(size.columnSpacing, size.rowSpacing)) return null;
  const [w, h] = [size.columns - 1, size.rows - 1];
  const found: [number, number][] = [];
  const add = (x: number, y: number) => {
    if (x < -1e-6 || y < -1e-6 || x > w + 1e-6 || y > h + 1e-6) return;
    if (found.every(([px, py]) => Math.hypot(px - x, py - y) > 1e-3)) found.push([x, y]);
  };
  if (Math.abs(down) > 1e-12) {
    add(0, offset / down);
    add(w, (offset - along * w) / down);
  }
  if (Math.abs(along) > 1e-12) {
    add(offset / along, 0);
    add((offset - down * h) / along, h);
  }
  return found.length >= 2 ? [found[0], found[1]] : null;
}

/** Pixel (column, row), centres at whole numbers, to patient mm. */
export function pixelToPatient(
  plane: SlicePlane,
  x: number,
  y: number,
  rowSpacing: number,
  columnSpacing: number,
): Vector {
  const at = (axis: 0 | 1 | 2) =>
    plane.position[axis] + plane.rowCosines[axis] * x * columnSpacing + plane.columnCosines[axis] * y * rowSpacing;
  return [at(0), at(1), at(2)];
}

/** The nearest pixel of a slice to a place in the patient. */
export function patientToPixel(
  plane: SlicePlane,
  place: Vector,
  rowSpacing: number,
  columnSpacing: number,
): [number, number] {
  const offset: Vector = [place[0] - plane.position[0], place[1] - plane.position[1], place[2] - plane.position[2]];
  return [dot(offset, plane.rowCosines) / columnSpacing, dot(offset, plane.columnCosines) / rowSpacing];
}
