/** Arrow keys and Enter in a viewport: a cursor that sets points, a grabbed point that moves, or else scrolling. */
import { announce } from '../../app/announce.ts';
import { probeText } from '../display/probe-text.ts';
import { numberText } from '../maths/number-text.ts';
import { regionWindow } from '../maths/window-level.ts';
import { addPoint, cancelDraft, moveDraft } from '../measure/draft.ts';
import { measuredValues, valueLines } from '../measure/measurement-values.ts';
import { finishMove, movePoints, select, useMeasurements } from '../measure/measurements.ts';
import { isMeasureTool, useViewState } from '../view-state.ts';
import { controllerOf } from './controllers.ts';
import { activeIndex, setWindow } from './view-actions.ts';

const selectedMeasurement = () => {
  const { list, selected } = useMeasurements.getState();
  return list.find(({ id }) => id === selected);
};

export const cursorInUse = (): boolean => {
  const { tool, grabbed } = useViewState.getState();
  return grabbed !== null || isMeasureTool(tool) || tool === 'region';
};

/** Puts the cursor in the middle of what is seen. */
function startCursor() {
  const controller = controllerOf(activeIndex());
  const source = controller?.source();
  if (source == null) return null;
  const cursor = { x: Math.floor(source.shape[2] / 2), y: Math.floor(source.shape[1] / 2) };
  useViewState.setState({ cursor });
  return cursor;
}

export function moveCursor(dx: number, dy: number): void {
  const { grabbed, cursor } = useViewState.getState();
  const measurement = selectedMeasurement();
  if (grabbed !== null && measurement !== undefined) {
    const before = useMeasurements.getState().list;
    movePoints(
      measurement.id,
      measurement.points.map((point, i) => (i === grabbed ? { x: point.x + dx, y: point.y + dy } : point)),
    );
    finishMove(before);
    return;
  }
  const source = controllerOf(activeIndex())?.source();
  const from = cursor ?? startCursor();
  if (from === null || source == null) return;
  const next = {
    x: Math.min(source.shape[2] - 1, Math.max(0, from.x + dx)),
    y: Math.min(source.shape[1] - 1, Math.max(0, from.y + dy)),
  };
  useViewState.setState({ cursor: next });
  moveDraft(next);
}

/** Sets a point, ends a window region, or takes the next point of the selected measurement. */
export function enter(): void {
  const state = useViewState.getState();
  const index = activeIndex();
  const controller = controllerOf(index);
  const source = controller?.source();
  const values = controller?.values();
  if (source == null) return;
  const { tool, draft } = state;
  if (tool === 'region' && values != null && source.kind !== 'colour') {
    const cursor = state.cursor ?? startCursor();
    if (cursor === null) return;
    const [from] = draft?.points ?? [];
    if (from === undefined) {
      useViewState.setState({ draft: { viewport: index, kind: 'rectangle', points: [cursor], next: cursor } });
      announce('First corner set');
      return;
    }
    const window = regionWindow(values, source.shape[2], [from.x, from.y], [cursor.x, cursor.y]);
    useViewState.setState({ draft: null, tool: 'window', cursor: null });
    if (window !== null) setWindow(index, window);
    return;
  }
  if (isMeasureTool(tool) && state.grabbed === null) {
    const cursor = state.cursor ?? startCursor();
    if (cursor === null) return;
    if (tool === 'probe' && values != null)
      announce(probeText(source, state.views[index].shown, values, cursor).join(', '));
    const done = addPoint(index, tool, cursor);
    const made = selectedMeasurement();
    if (!done)
      announce(
        `Point ${useViewState.getState().draft?.points.length ?? 1} set at column ${numberText(cursor.x)}, row ${numberText(cursor.y)}`,
      );
    else if (made !== undefined && tool !== 'probe') {
      const [, rows, columns] = source.shape;
      const on = {
        values: values ?? null,
        rows,
        columns,
        rowSpacing: source.spacing[1],
        columnSpacing: source.spacing[2],
        unit: source.unit,
      };
      announce(`${made.label}: ${valueLines(measuredValues(made.kind, made.points, on)).join(', ')}`);
    }
    return;
  }
  const measurement = selectedMeasurement();
  if (measurement === undefined) return;
  const next = (state.grabbed ?? -1) + 1;
  useViewState.setState({ grabbed: next < measurement.points.length ? next : null });
  announce(
    next < measurement.points.length
      ? `Point ${next + 1} of ${measurement.label}: move it with the arrow keys`
      : 'Point released',
  );
}

/** Out of what is going on, one step at a time. */
export function leave(): void {
  const { draft, grabbed, cursor, tool, mpr, surface } = useViewState.getState();
  if (mpr !== null || surface !== null) useViewState.setState({ mpr: null, surface: null });
  else if (draft !== null) cancelDraft();
  else if (grabbed !== null) useViewState.setState({ grabbed: null });
  else if (cursor !== null || tool !== 'window') useViewState.setState({ cursor: null, tool: 'window' });
  else select(null);
}

/** Takes the next measurement on the slice in hand. */
export function selectNext(): void {
  const index = activeIndex();
  const item = controllerOf(index)?.source()?.description?.id;
  const { shown } = useViewState.getState().views[index];
  const { list, selected } = useMeasurements.getState();
  const here = list.filter((one) => one.item === item && one.slice === shown);
  if (here.length === 0) {
    announce('No measurement on this slice');
    return;
  }
  const next = here[(here.findIndex(({ id }) => id === selected) + 1) % here.length];
  select(next.id);
  useViewState.setState({ grabbed: null, tool: 'window', cursor: null });
  announce(`${next.label} selected; Enter takes its points`);
}
