/** Drawing a measurement point by point, the same for pointer and keyboard. */
import { controllerOf } from '../actions/controllers.ts';
import type { Point } from '../maths/view-matrix.ts';
import { type Draft, type MeasureTool, useViewState } from '../view-state.ts';
import { pointCount } from './measurement-values.ts';
import { addMeasurement } from './measurements.ts';

const set = (draft: Draft | null) => useViewState.setState({ draft });

export const cancelDraft = () => set(null);

export function moveDraft(next: Point): void {
  const { draft } = useViewState.getState();
  if (draft !== null) set({ ...draft, next });
}

/** Sets a point; the last one a kind needs makes the measurement. Returns whether it is finished. */
export function addPoint(viewport: number, kind: MeasureTool, point: Point): boolean {
  const { draft, views } = useViewState.getState();
  const own = draft !== null && draft.viewport === viewport && draft.kind === kind ? draft : null;
  const points = [...(own?.points ?? []), point];
  const before = own?.points.at(-1);
  // Freehand ends where a point is set twice, or back at the start.
  const ends = kind === 'freehand' && points.length > 3 && (near(before, point) || near(points[0], point));
  if (points.length < pointCount[kind] && !ends) {
    set({ viewport, kind, points, next: point });
    return false;
  }
  set(null);
  finish(viewport, kind, ends ? points.slice(0, -1) : points, views[viewport].shown);
  return true;
}

const near = (a: Point | undefined, b: Point) => a !== undefined && Math.hypot(a.x - b.x, a.y - b.y) < 0.5;

/** A freehand line drawn in one go. */
export function closeFreehand(): void {
  const { draft, views } = useViewState.getState();
  if (draft === null) return;
  set(null);
  if (draft.points.length > 2) finish(draft.viewport, 'freehand', draft.points, views[draft.viewport].shown);
}

function finish(viewport: number, kind: MeasureTool, points: readonly Point[], slice: number): void {
  const source = controllerOf(viewport)?.source();
  const item = source?.description?.id;
  if (source == null || item === undefined || slice < 0) return;
  addMeasurement({
    kind,
    item,
    component: source.component?.name ?? source.image?.component?.name ?? 'image',
    slice,
    points,
  });
}
