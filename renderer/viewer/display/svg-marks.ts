/** Draws measurements, the cursor, reference lines and the scale bar as SVG over the picture; built anew when they change. */
import { applyMatrix, type Matrix, type Point } from '../maths/view-matrix.ts';
import { outline } from '../measure/outline.ts';
import type { MeasureTool } from '../view-state.ts';

export interface Mark {
  kind: MeasureTool;
  /** Pixel coordinates, centres at whole numbers. */
  points: readonly Point[];
  lines: readonly string[];
  selected: boolean;
  grabbed: number | null;
  draft: boolean;
}

export interface Marks {
  marks: readonly Mark[];
  cursor: Point | null;
  /** Pixel coordinates. */
  crosshair: Point | null;
  referenceLines: readonly { from: Point; to: Point; strong: boolean }[];
  scaleBar: { pixels: number; text: string } | null;
}

const space = 'http://www.w3.org/2000/svg';

function add(parent: Element, name: string, attributes: Readonly<Record<string, string | number>>): Element {
  const element = document.createElementNS(space, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  parent.append(element);
  return element;
}

/** Screen position of a pixel's centre. */
export const onScreen = (matrix: Matrix, { x, y }: Point): Point => applyMatrix(matrix, { x: x + 0.5, y: y + 0.5 });

const pathOf = (points: readonly Point[]) =>
  points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');

function text(parent: Element, at: Point, lines: readonly string[], className: string, anchor = 'start'): void {
  lines.forEach((line, i) => {
    add(parent, 'text', {
      x: at.x.toFixed(1),
      y: (at.y + i * 15).toFixed(1),
      class: className,
      'text-anchor': anchor,
    }).textContent = line;
  });
}

/** A white line on a dark edge, seen on every grey. */
function line(parent: Element, points: readonly Point[], className: string): void {
  const d = pathOf(points);
  add(parent, 'path', { d, class: 'mark-edge' });
  add(parent, 'path', { d, class: className });
}

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

const meet = (a: Box, b: Box) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/** Moves a label down, then up, until it lies on no other; it stays where it was when there is no room. */
function clearOf(taken: readonly Box[], box: Box, height: number): Box {
  const tall = box.bottom - box.top;
  for (const direction of [1, -1])
    for (let top = box.top; top >= 0 && top + tall <= height; top += 5 * direction) {
      const moved = { ...box, top, bottom: top + tall };
      if (!taken.some((other) => meet(other, moved))) return moved;
    }
  return box;
}

/** `taken`: labels drawn before; this one's is added. */
function drawMark(
  svg: Element,
  matrix: Matrix,
  mark: Mark,
  { width, height }: { width: number; height: number },
  taken: Box[],
): void {
  const group = add(svg, 'g', {
    class: `mark ${mark.selected ? 'mark-selected' : ''} ${mark.draft ? 'mark-draft' : ''}`,
  });
  const points = mark.points.map((point) => onScreen(matrix, point));
  for (const part of outline(mark.kind, mark.points))
    line(
      group,
      part.map((point) => onScreen(matrix, point)),
      'mark-line',
    );
  if (mark.kind === 'cobb' && points.length === 4) {
    const middle = (a: Point, b: Point) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
    line(group, [middle(points[0], points[1]), middle(points[2], points[3])], 'mark-line mark-dashed');
  }
  if (mark.kind === 'probe' && points.length === 1) {
    const [{ x, y }] = points;
    line(
      group,
      [
        { x: x - 7, y },
        { x: x + 7, y },
      ],
      'mark-line',
    );
    line(
      group,
      [
        { x, y: y - 7 },
        { x, y: y + 7 },
      ],
      'mark-line',
    );
  }
  const handles = mark.kind === 'freehand' && !mark.selected ? [] : mark.kind === 'probe' ? [] : points;
  if (mark.kind !== 'freehand' || points.length < 40 || mark.selected)
    handles.forEach(({ x, y }, i) => {
      if (mark.kind === 'freehand' && points.length > 60 && i % Math.ceil(points.length / 30) !== 0) return;
      add(group, 'circle', {
        cx: x.toFixed(1),
        cy: y.toFixed(1),
        r: mark.grabbed === i ? 6.5 : mark.selected ? 4.5 : 3,
        class: mark.grabbed === i ? 'mark-handle mark-grabbed' : 'mark-handle',
      });
    });
  if (mark.lines.length === 0 || points.length === 0) return;
  const right = points.reduce((best, point) => (point.x > best.x ? point : best));
  const longest = Math.max(...mark.lines.map(({ length }) => length)) * 6.6;
  const outside = right.x + 12 + longest > width;
  const left = points.reduce((best, point) => (point.x < best.x ? point : best));
  const at = outside ? { x: left.x - 12, y: left.y } : { x: right.x + 12, y: right.y };
  const tall = mark.lines.length * 15;
  if (outside) at.x = Math.max(at.x, longest);
  const top = Math.min(Math.max(2, at.y - tall / 2), Math.max(2, height - tall));
  const from = outside ? at.x - longest : at.x;
  const box = clearOf(taken, { left: from, right: from + longest, top, bottom: top + tall }, height);
  taken.push(box);
  at.y = box.top + 12;
  text(group, at, mark.lines, 'mark-text', outside ? 'end' : 'start');
}

export function drawMarks(svg: SVGSVGElement, matrix: Matrix, shown: Marks, width: number, height: number): void {
  svg.replaceChildren();
  for (const { from, to, strong } of shown.referenceLines)
    add(svg, 'path', {
      d: pathOf([onScreen(matrix, from), onScreen(matrix, to)]),
      class: strong ? 'reference-line reference-strong' : 'reference-line',
    });
  if (shown.crosshair !== null) {
    const { x, y } = onScreen(matrix, shown.crosshair);
    const gap = 10;
    for (const points of [
      [
        { x: 0, y },
        { x: x - gap, y },
      ],
      [
        { x: x + gap, y },
        { x: width, y },
      ],
      [
        { x, y: 0 },
        { x, y: y - gap },
      ],
      [
        { x, y: y + gap },
        { x, y: height },
      ],
    ])
      add(svg, 'path', { d: pathOf(points), class: 'crosshair' });
  }
  const taken: Box[] = [];
  for (const mark of shown.marks) drawMark(svg, matrix, mark, { width, height }, taken);
  if (shown.cursor !== null) {
    const { x, y } = onScreen(matrix, shown.cursor);
    const group = add(svg, 'g', { class: 'keyboard-cursor' });
    for (const [dx, dy] of [
      [14, 0],
      [-14, 0],
      [0, 14],
      [0, -14],
    ])
      line(
        group,
        [
          { x: x + dx / 4, y: y + dy / 4 },
          { x: x + dx, y: y + dy },
        ],
        'mark-line',
      );
  }
  if (shown.scaleBar !== null) {
    const { pixels, text: label } = shown.scaleBar;
    const [x0, y] = [width / 2 - pixels / 2, height - 30];
    const d = `M${x0} ${y - 5}V${y}H${x0 + pixels}V${y - 5}M${x0 + pixels / 2} ${y - 3}V${y}`;
    add(svg, 'path', { d, class: 'mark-edge' });
    add(svg, 'path', { d, class: 'scale-bar' });
    text(svg, { x: width / 2, y: y - 8 }, [label], 'scale-text', 'middle');
  }
}
