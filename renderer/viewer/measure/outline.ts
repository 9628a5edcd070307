/** The lines a measurement is drawn with, and which of them a pointer touches. */
import type { Point } from '../maths/view-matrix.ts';
import type { MeasureTool } from '../view-state.ts';

const roundSteps = 64;

function ring(cx: number, cy: number, rx: number, ry: number): Point[] {
  return Array.from({ length: roundSteps + 1 }, (_, i) => {
    const t = (2 * Math.PI * i) / roundSteps;
    return { x: cx + rx * Math.cos(t), y: cy + ry * Math.sin(t) };
  });
}

/** Open lines through pixel coordinates. */
export function outline(kind: MeasureTool, points: readonly Point[]): readonly (readonly Point[])[] {
  const [a, b] = points;
  if (points.length < 2) return [];
  if (kind === 'rectangle') return [[a, { x: b.x, y: a.y }, b, { x: a.x, y: b.y }, a]];
  if (kind === 'ellipse')
    return [ring((a.x + b.x) / 2, (a.y + b.y) / 2, Math.abs(b.x - a.x) / 2, Math.abs(b.y - a.y) / 2)];
  if (kind === 'circle') {
    const r = Math.hypot(b.x - a.x, b.y - a.y);
    return [ring(a.x, a.y, r, r)];
  }
  if (kind === 'cobb')
    return points.length < 4
      ? [[a, b], points.slice(2)]
      : [
          [a, b],
          [points[2], points[3]],
        ];
  if (kind === 'freehand') return [[...points, points[0]]];
  return [points];
}

export function distanceToSegment(p: Point, a: Point, b: Point): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = dx * dx + dy * dy;
  const t = length === 0 ? 0 : Math.min(1, Math.max(0, ((p.x - a.x) * dx + (p.y - a.y) * dy) / length));
  return Math.hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
}

/** Screen points of a drawing; `handle`: index of a point within reach, −1: the line itself, null: neither. */
export function touched(
  at: Point,
  handles: readonly Point[],
  lines: readonly (readonly Point[])[],
  reach: number,
): number | null {
  const handle = handles.findIndex((point) => Math.hypot(point.x - at.x, point.y - at.y) <= reach);
  if (handle >= 0) return handle;
  for (const line of lines)
    for (let i = 1; i < line.length; i++) if (distanceToSegment(at, line[i - 1], line[i]) <= reach * 0.7) return -1;
  return null;
}
