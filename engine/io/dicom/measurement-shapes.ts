/** The shapes of measurements as graphics of spatial coordinates. */
import { check } from '../../errors.ts';
import type { Measurement } from './measurement-report.ts';
import type { GraphicType } from './sr-content.ts';

type Point = readonly [number, number];

export interface DrawnShape {
  readonly type: GraphicType;
  /** The upper left corner of the first pixel at 0. */
  readonly points: readonly Point[];
  /** Encloses the pixels that were counted. */
  readonly closed: boolean;
}

const COUNTS: Readonly<Record<Measurement['kind'], readonly [least: number, most: number]>> = {
  length: [2, 2],
  angle: [3, 3],
  cobb: [4, 4],
  ellipse: [2, 2],
  rectangle: [2, 2],
  circle: [2, 2],
  freehand: [3, 4096],
  probe: [1, 1],
};

/** Ends of the longer axis first, as DICOM wants them. */
function ellipseAxes([a, b]: readonly Point[]): Point[] {
  const [x, y] = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  const [rx, ry] = [Math.abs(a[0] - b[0]) / 2, Math.abs(a[1] - b[1]) / 2];
  const across: Point[] = [
    [x - rx, y],
    [x + rx, y],
  ];
  const down: Point[] = [
    [x, y - ry],
    [x, y + ry],
  ];
  return rx >= ry ? [...across, ...down] : [...down, ...across];
}

/** `points` as measured, the centre of the first pixel at 0. Throws `bad-usage` when there are too few or too many. */
export function drawnShapes(kind: Measurement['kind'], points: readonly Point[]): DrawnShape[] {
  const [least, most] = COUNTS[kind];
  check(
    points.length >= least && points.length <= most,
    () => `${kind} of ${points.length} points, expected ${least}${most === least ? '' : ' or more'}`,
    {
      code: 'bad-usage',
    },
  );
  const moved = points.map(([column, row]): Point => [column + 0.5, row + 0.5]);
  switch (kind) {
    case 'length':
    case 'angle':
      return [{ type: 'POLYLINE', points: moved, closed: false }];
    case 'cobb':
      return [moved.slice(0, 2), moved.slice(2)].map((line) => ({ type: 'POLYLINE', points: line, closed: false }));
    case 'probe':
      return [{ type: 'POINT', points: moved, closed: false }];
    case 'circle':
      return [{ type: 'CIRCLE', points: moved, closed: true }];
    case 'ellipse':
      return [{ type: 'ELLIPSE', points: ellipseAxes(moved), closed: true }];
    case 'rectangle': {
      const [[left, top], [right, bottom]] = moved;
      const corners: Point[] = [
        [left, top],
        [right, top],
        [right, bottom],
        [left, bottom],
        [left, top],
      ];
      return [{ type: 'POLYLINE', points: corners, closed: true }];
    }
    case 'freehand':
      return [{ type: 'POLYLINE', points: [...moved, moved[0]], closed: true }];
  }
}
