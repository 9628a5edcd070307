/** Numbers of a measurement: lengths and areas in mm when the spacing is known, else px; statistics from the floats. */

import { numberText } from '../maths/number-text.ts';
import { type Region, regionArea, regionStatistics } from '../maths/region-statistics.ts';
import type { Point } from '../maths/view-matrix.ts';
import type { MeasureTool } from '../view-state.ts';

export interface MeasuredValue {
  name: string;
  value: number;
  unit: string;
}

export interface MeasuredOn {
  values: ArrayLike<number> | null;
  rows: number;
  columns: number;
  /** mm; null when unknown. */
  rowSpacing: number | null;
  columnSpacing: number | null;
  unit: string;
}

export const pointCount: Readonly<Record<MeasureTool, number>> = {
  length: 2,
  angle: 3,
  cobb: 4,
  ellipse: 2,
  rectangle: 2,
  circle: 2,
  freehand: Number.POSITIVE_INFINITY,
  probe: 1,
};

const angleBetween = (a: Point, b: Point): number => {
  const cosine = (a.x * b.x + a.y * b.y) / (Math.hypot(a.x, a.y) * Math.hypot(b.x, b.y));
  return (Math.acos(Math.min(1, Math.max(-1, cosine))) * 180) / Math.PI;
};

const corner = ({ x, y }: Point): [number, number] => [x, y];

export function regionOf(kind: MeasureTool, points: readonly Point[]): Region | null {
  if (kind === 'freehand') return points.length < 3 ? null : { kind: 'polygon', corners: points.map(corner) };
  if (points.length < 2) return null;
  const [from, to] = points.map(corner);
  if (kind === 'circle') return { kind: 'circle', centre: from, edge: to };
  return kind === 'ellipse' || kind === 'rectangle' ? { kind, from, to } : null;
}

export function measuredValues(kind: MeasureTool, points: readonly Point[], on: MeasuredOn): MeasuredValue[] {
  if (points.length < Math.min(pointCount[kind], 3)) return [];
  const known = on.rowSpacing !== null && on.columnSpacing !== null && on.rowSpacing > 0 && on.columnSpacing > 0;
  const dx = known ? Number(on.columnSpacing) : 1;
  const dy = known ? Number(on.rowSpacing) : 1;
  const length = known ? 'mm' : 'px';
  const vector = (from: Point, to: Point): Point => ({ x: (to.x - from.x) * dx, y: (to.y - from.y) * dy });
  if (kind === 'length') {
    const { x, y } = vector(points[0], points[1]);
    return [{ name: 'Length', value: Math.hypot(x, y), unit: length }];
  }
  if (kind === 'angle')
    return [
      { name: 'Angle', value: angleBetween(vector(points[1], points[0]), vector(points[1], points[2])), unit: '°' },
    ];
  if (kind === 'cobb') {
    if (points.length < 4) return [];
    const angle = angleBetween(vector(points[0], points[1]), vector(points[2], points[3]));
    return [{ name: 'Cobb angle', value: Math.min(angle, 180 - angle), unit: '°' }];
  }
  if (kind === 'probe') {
    const [x, y] = [Math.round(points[0].x), Math.round(points[0].y)];
    if (on.values === null || x < 0 || y < 0 || x >= on.columns || y >= on.rows) return [];
    return [{ name: 'Value', value: on.values[y * on.columns + x], unit: on.unit }];
  }
  const region = regionOf(kind, points);
  if (region === null) return [];
  const found = on.values === null ? null : regionStatistics(on.values, on.rows, on.columns, region);
  const area = { name: 'Area', value: regionArea(region) * dx * dy, unit: `${length}²` };
  if (found === null) return [area, { name: 'n', value: 0, unit: '' }];
  return [
    { name: 'Mean', value: found.mean, unit: on.unit },
    { name: 'SD', value: found.sd, unit: on.unit },
    { name: 'Min', value: found.min, unit: on.unit },
    { name: 'Max', value: found.max, unit: on.unit },
    area,
    { name: 'n', value: found.count, unit: '' },
  ];
}

/** "Mean 0.0004 · SD 0.00012 …": what stands beside the drawing. */
export function valueLines(values: readonly MeasuredValue[]): string[] {
  const text = ({ name, value, unit }: MeasuredValue) =>
    `${name} ${numberText(value)}${unit === '' || unit === 'arbitrary' ? '' : unit === '°' ? '°' : ` ${unit}`}`;
  if (values.length <= 1) return values.map((one) => text(one).replace(/^(Length|Angle|Cobb angle|Value) /, ''));
  const lines: string[] = [];
  for (let i = 0; i < values.length; i += 2)
    lines.push(
      values
        .slice(i, i + 2)
        .map(text)
        .join('  '),
    );
  return lines;
}
